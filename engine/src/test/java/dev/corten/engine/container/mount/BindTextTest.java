package dev.corten.engine.container.mount;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corten.model.Internal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What Docker 28.5.2 says to the same texts.
class BindTextTest {
    private static final String INVALID = "invalid volume specification: '%s'";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a:b:c:d | | ",
                ":/x | | ",
                "'' | | ",
                "/tmp:ro | | ",
                "/a:x | bind | invalid mount path: 'x' mount path must be absolute",
                "x | volume | invalid mount path: 'x' mount path must be absolute",
                "/a:/ | bind | invalid specification: destination can't be '/'",
                "/a:/../:ro | bind | invalid specification: destination can't be '/'",
                "/a:/x:nocopy | bind | field VolumeOptions must not be specified",
                "vol:/x:rshared | volume | field BindOptions must not be specified",
            })
    void wrongTexts(String text, String type, String why) {
        String expected = INVALID.formatted(text);
        if (type != null) {
            expected += ": invalid mount config for type \"" + type + "\": " + why;
        }
        assertThatThrownBy(() -> BindText.parse(text, ""))
                .isInstanceOf(Internal.class)
                .hasMessage(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "bogus",
                "ro,rw",
                "ro,ro",
                "z,Z",
                "rshared,rslave",
                "nocopy,nocopy",
                "consistent,cached",
                "U"
            })
    void wrongModes(String mode) {
        assertThatThrownBy(() -> BindText.parse("/a:/x:" + mode, ""))
                .isInstanceOf(Internal.class)
                .hasMessage("invalid mode: " + mode);
    }

    @Test
    void aPathAloneIsAnAnonymousVolume() {
        BindText bind = BindText.parse("/x", "");
        assertThat(bind.request().type()).isEqualTo("volume");
        assertThat(bind.request().source()).isEmpty();
        assertThat(bind.request().target()).isEqualTo("/x");
    }

    @Test
    void whatIsNoPathIsAVolumesName() {
        BindText bind = BindText.parse("data:/x:ro,nocopy,z", "local");
        assertThat(bind.mode()).isEqualTo("ro,nocopy,z");
        assertThat(bind.request().type()).isEqualTo("volume");
        assertThat(bind.request().readOnly()).isTrue();
        assertThat(bind.request().volume().noCopy()).isTrue();
        assertThat(bind.request().volume().driver().name()).isEqualTo("local");
        assertThat(bind.request().bind()).isNull();
    }

    @Test
    void aPathIsBound() {
        BindText bind = BindText.parse("/a:/x:rslave", "local");
        assertThat(bind.request().type()).isEqualTo("bind");
        assertThat(bind.request().readOnly()).isFalse();
        assertThat(bind.request().bind().propagation()).isEqualTo("rslave");
        assertThat(bind.request().volume()).isNull();
        assertThat(BindText.parse("/a:/x:", "").mode()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "/a/../b/./c//d/, /b/c/d",
        "/.., /",
        "/, /",
        "a/../../b, ../b",
        "./a/.., .",
        "/x/../y/, /y"
    })
    void pathsAreCleaned(String path, String clean) {
        assertThat(MountChecks.clean(path)).isEqualTo(clean);
    }
}
