package dev.corten.api.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

final class ImageMakerTest {
    @Test
    void isWhatTheDocumentSays() {
        var maker =
                ImageJson.Maker.of(
                        "{\"container\":\"c1\",\"container_config\":{\"Hostname\":\"h\"}}"
                                .getBytes(UTF_8));
        assertThat(maker.container()).isEqualTo("c1");
        assertThat(maker.config()).isEqualTo(Map.of("Hostname", "h"));
    }

    @Test
    void isNobodyElse() {
        assertThat(ImageJson.Maker.of("{\"os\":\"linux\"}".getBytes(UTF_8)))
                .isEqualTo(ImageJson.Maker.NOBODY);
        assertThat(ImageJson.Maker.of("{\"container\":7}".getBytes(UTF_8)))
                .isEqualTo(ImageJson.Maker.NOBODY);
    }
}
