package dev.corten.build.dockerfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class GoDurationTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "+0, 0",
        "1s, 1000000000",
        "1h2m0.5s, 3720500000000",
        "1.s, 1000000000",
        ".5ms, 500000",
        "-1s, -1000000000",
        "+7ns, 7",
        "2µs, 2000",
    })
    void reads(String text, long nanos) {
        assertThat(GoDuration.parse(text)).isEqualTo(nanos);
    }

    @ParameterizedTest
    @CsvSource({
        "1, missing unit in duration",
        "1s2, missing unit in duration",
        "0.1, missing unit in duration",
        "x, invalid duration",
        ".s, invalid duration",
        "-, invalid duration",
        "99999999999999s, invalid duration",
    })
    void refuses(String text, String why) {
        assertThatThrownBy(() -> GoDuration.parse(text))
                .hasMessage("time: " + why + " \"" + text + "\"");
    }

    @Test
    void namesUnitsThatItDoesNotKnow() {
        assertThatThrownBy(() -> GoDuration.parse("1.5ss"))
                .hasMessage("time: unknown unit \"ss\" in duration \"1.5ss\"");
    }
}
