package dev.corten.build.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corten.model.InvalidParameter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What BuildKit 0.25 made of the same modes.
class ChmodTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            value = {
                "u+x 644 744",
                "go=rX 644 644",
                "go=rX 755 755",
                "+w 644 666",
                "a+w 755 777",
                "= 644 0",
                "a= 1644 1000",
                "g=u,o=g 644 666",
                "u+t,g+s,+x 644 3755",
                "u=rwx-w+w,o=u 644 747",
                "u+ 644 644",
                "+t 644 1644",
                "ug+rwxst 644 7774",
                "-w 755 555",
                "=rw 755 666",
                "u+xg 755 755",
                "go-u 755 700",
                "0 644 0",
                "00644 600 644",
                "4755 600 4755",
                "u=rwx 4755 755",
                "u=rwx 2711 2711",
                "=rwx 2711 777",
                "=rwx 1644 1777",
                "g=rx 2711 751",
                "g=rx 4755 4755",
                "u-s 4755 755",
                "a-s 2711 711",
                "o+s 4755 4755",
                "-t 1644 644",
                "o=t 1644 1640",
                "o=t 4755 4750",
                "+s 711 6711",
                "a=rX 1644 1444",
                "a=rX 2711 555",
                "a=rX 0 444",
                "u=s 2711 6011",
                "a-x,a+X 4755 4755",
                "a-x,a+X 644 644",
                "u=g 4755 4555",
                "g=o-x 4755 4745",
                "ug=rw,o= 2711 660",
                "+X 0 0",
                "o+u 644 646",
                "=t 4755 5755",
                "u=u 4755 4755",
                "g-u 2711 2701",
                "ogu=r 2711 444",
            })
    void files(String text, String before, String after) {
        int mode = Chmod.parse(text).apply(Integer.parseInt(before, 8), false);
        assertThat(Integer.toOctalString(mode)).isEqualTo(after);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            value = {
                "go=rX 711 755",
                "u+X,g+X 600 710",
                "=rwx 2775 777",
                "g=rx 2775 755",
                "a=rX 1777 1555",
                "u=s 2775 6075",
                "=t 2775 3775",
                "o=t 2775 2770",
                "g=o-x 2775 2745",
            })
    void directories(String text, String before, String after) {
        int mode = Chmod.parse(text).apply(Integer.parseInt(before, 8), true);
        assertThat(Integer.toOctalString(mode)).isEqualTo(after);
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "u+q", "u+x,", ",u+x", "-1", "u", "ux", "++x?"})
    void noSymbols(String text) {
        assertThatThrownBy(() -> Chmod.parse(text))
                .isInstanceOf(InvalidParameter.class)
                .hasMessageEndingWith("invalid syntax");
    }

    @ParameterizedTest
    @ValueSource(strings = {"99", "77777", "0o644", "644x", "10000"})
    void noOctalDigits(String text) {
        assertThatThrownBy(() -> Chmod.parse(text))
                .isInstanceOf(InvalidParameter.class)
                .hasMessage(
                        "invalid chmod parameter: '"
                                + text
                                + "'. it should be octal string and between 0 and 07777");
    }

    @Test
    void nothingChangesNothing() {
        assertThat(Chmod.parse("").apply(06755, false)).isEqualTo(06755);
    }
}
