package dev.corten.cli.text;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corten.model.Elapsed;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QuantityTest {
    @ParameterizedTest
    @CsvSource({
        "0,Less than a second", "1,1 second", "59,59 seconds", "60,About a minute",
        "119,About a minute", "120,2 minutes", "3599,59 minutes", "3600,About an hour",
        "5399,About an hour", "5400,2 hours", "172799,2 days", "172800,2 days",
        "1209600,2 weeks", "5184000,2 months", "63072000,2 years"
    })
    void durationsAsDockerPrintsThem(long seconds, String text) {
        assertThat(Elapsed.words(seconds)).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({
        "0,0B",
        "999,999B",
        "1240000,1.24MB",
        "4261502,4.26MB",
        "1000,1kB",
        "999999,1e+03kB"
    })
    void sizesAsDockerPrintsThem(long bytes, String text) {
        // Go prints 999999 as 1e+03kB; we do not copy that.
        String expected = text.equals("1e+03kB") ? "1000kB" : text;
        assertThat(Quantity.size(bytes, 3)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "64m,67108864",
        "1g,1073741824",
        "1024,1024",
        "1.5k,1536",
        "512MiB,536870912",
        "10b,10",
        "1 gb,1073741824",
        "abc,-1",
        "'',-1",
        "1x,-1",
        "-1,-1",
        "1.,-1",
        "9999999999p,-1"
    })
    void sizesAsDockerReadsThem(String text, long bytes) {
        assertThat(Quantity.parseBytes(text)).isEqualTo(bytes);
    }

    @ParameterizedTest
    @CsvSource({
        "5s,5000000000",
        "1h30m,5400000000000",
        "1.5s,1500000000",
        "100ms,100000000",
        "-2s,-2000000000",
        "0,0"
    })
    void durationsAsGoReadsThem(String text, long nanos) {
        assertThat(Quantity.parseDuration(text)).isEqualTo(nanos);
    }

    @ParameterizedTest
    @CsvSource({"5", "s", "1x", "''", "1s2", "-"})
    void malformedDurations(String text) {
        assertThat(Quantity.parseDuration(text)).isEqualTo(Quantity.INVALID);
    }
}
