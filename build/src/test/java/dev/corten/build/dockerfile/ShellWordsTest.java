package dev.corten.build.dockerfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ShellWordsTest {
    private static final Map<String, String> VARIABLES =
            Map.of(
                    "a",
                    "one",
                    "e",
                    "",
                    "p",
                    "foobarbaz",
                    "w",
                    "x  y",
                    "path",
                    "/usr/local/lib.so.1");

    private static ShellWords.Expanded expand(String text) throws ShellWords.Malformed {
        return new ShellWords('\\', VARIABLES::get).word(text);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    $a              | one
                    ${a}b           | oneb
                    $ab             | ``
                    \\$a             | $a
                    '$a'            | $a
                    "$a"            | one
                    "\\$a \\n"        | $a \\n
                    a\\ b            | a b
                    $               | $
                    ${a:-x}         | one
                    ${e:-x}         | x
                    ${e-x}          | ``
                    ${u-x}          | x
                    ${u:-$a}        | one
                    ${u:-${e:-y}}   | y
                    ${a:+x}         | x
                    ${e:+x}         | ``
                    ${e+x}          | x
                    ${u+x}          | ``
                    ${p#f*b}        | arbaz
                    ${p##*b}        | az
                    ${p%b*}         | foobar
                    ${p%%b*}        | foo
                    ${p%?}          | foobarba
                    ${p#x}          | foobarbaz
                    ${p/ba/BA}      | fooBArbaz
                    ${p//ba/BA}     | fooBArBAz
                    ${path##*/}     | lib.so.1
                    ${path%.*}      | /usr/local/lib.so
                    ${path//\\//_}   | _usr_local_lib.so.1
                    ${path/\\/usr*l/x} | xib.so.1
                    $1x             | x
                    """)
    void expands(String text, String expected) throws Exception {
        assertThat(expand(text).text()).isEqualTo(expected);
    }

    @Test
    void wordsAreSplitAfterVariablesButNotWithinQuotes() throws Exception {
        assertThat(expand("$w \"$w\" 'q r'").words()).containsExactly("x", "y", "x  y", "q r");
    }

    @Test
    void tellsWhichVariablesHaveNoValue() throws Exception {
        ShellWords.Expanded expanded = expand("$a ${u:-x} ${v}");
        assertThat(expanded.used()).containsExactly("a");
        assertThat(expanded.unset()).containsExactlyInAnyOrder("u", "v");
    }

    @Test
    void nestingHasAnEnd() throws Exception {
        String nested = "${u:-".repeat(90) + "x" + "}".repeat(90);
        assertThat(expand(nested).text()).isEqualTo("x");
        assertThatThrownBy(() -> expand("${u:-".repeat(1_000_000)))
                .hasMessageEndingWith("variables are nested too deeply");
    }

    @Test
    void documentsKeepTheirQuotes() throws Exception {
        assertThat(new ShellWords('\\', VARIABLES::get).withoutQuotes().word("it's \"$a\"").text())
                .isEqualTo("it's \"one\"");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    ${a          | syntax error: missing '}'
                    ${           | syntax error: missing '}'
                    ${}          | syntax error: bad substitution
                    ${:a}        | syntax error: bad substitution
                    ${a!b}       | unsupported modifier (!) in substitution
                    ${a:!b}      | unsupported modifier (:!) in substitution
                    ${u:?}       | u: is not allowed to be unset
                    ${e:?}       | e: is not allowed to be empty
                    ${u?no u}    | u: no u
                    'a           | unexpected end of statement while looking for matching single-quote
                    "a           | unexpected end of statement while looking for matching double-quote
                    ${p/x}       | syntax error: missing '/' in ${}
                    ${p#\\x}      | invalid pattern (\\x) in substitution: invalid escape '\\x'
                    """)
    void refuses(String text, String complaint) {
        assertThatThrownBy(() -> expand(text))
                .hasMessageStartingWith("failed to process \"")
                .hasMessageEndingWith(": " + complaint);
    }
}
