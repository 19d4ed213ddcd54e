package dev.corten.registry.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corten.model.Internal;
import dev.corten.model.InvalidParameter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What Docker 28.5.2 says of addresses to import from.
final class DownloadTest {
    @ParameterizedTest
    @CsvSource({"'', http:", "http://, http:", "http:///y, http:///y", "https://, https:"})
    void anAddressWithoutAHostFailsAsOneThatDoesNotAnswer(String text, String shown) {
        assertThatThrownBy(() -> Download.address(text))
                .isInstanceOf(Internal.class)
                .hasMessage("Get \"" + shown + "\": http: no Host in request URL");
    }

    @Test
    void whatIsNoAddressIsRefused() {
        assertThat(Download.address("x/y")).hasToString("http://x/y");
        assertThatThrownBy(() -> Download.address("http://%zz/"))
                .isInstanceOf(InvalidParameter.class);
    }
}
