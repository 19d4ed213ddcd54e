package dev.corten.api.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corten.model.Digest;
import dev.corten.model.InvalidParameter;
import dev.corten.model.Platform;
import dev.corten.model.Reference;
import dev.corten.model.image.Image;
import dev.corten.model.image.ImageConfig;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImageFilterTest {
    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");

    private static Image image(String name, Instant created) {
        return new Image(
                Digest.of(name.getBytes(java.nio.charset.StandardCharsets.UTF_8)),
                List.of(Reference.parse(name)),
                List.of(),
                Optional.empty(),
                "",
                Optional.of(created),
                "",
                "",
                Platform.host(),
                "",
                0,
                List.of(),
                Optional.empty(),
                ImageConfig.EMPTY,
                List.of(),
                Optional.empty());
    }

    private static boolean passes(String filters, Image image) {
        return ImageFilter.parse(Filters.parse(filters), _ -> image, NOW).apply(image).isPresent();
    }

    @ParameterizedTest
    @CsvSource({
        "local/*, true",
        "local, false",
        "local/r:*, true",
        "local/r:[0-9], true",
        "local/r:[^0-9], false",
        "**/r, true",
        "[l]ocal/r, true",
        "local/?, true",
        "local?r, false",
        "docker.io/local/r, false",
        "local/\\\\r, true"
    })
    void namesAreMatchedAsGoDoes(String pattern, boolean expected) {
        assertThat(passes("{\"reference\":[\"" + pattern + "\"]}", image("local/r:1", NOW)))
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({"[", "[]", "a[b", "[^]", "[z-a]"})
    void patternsThatAreNoneAreRefused(String pattern) {
        assertThatThrownBy(() ->
                        passes("{\"reference\":[\"" + pattern + "\"]}", image("local/r:1", NOW)))
                .isInstanceOf(InvalidParameter.class)
                .hasMessage("syntax error in pattern");
    }

    @Test
    void untilIsWhatIsOlder() {
        assertThat(passes("{\"until\":[\"5m\"]}", image("a:1", NOW.minusSeconds(301)))).isTrue();
        assertThat(passes("{\"until\":[\"5m\"]}", image("a:1", NOW.minusSeconds(299)))).isFalse();
    }
}
