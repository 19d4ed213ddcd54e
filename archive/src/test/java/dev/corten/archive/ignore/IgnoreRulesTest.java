package dev.corten.archive.ignore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corten.model.InvalidParameter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IgnoreRulesTest {
    private static IgnoreRules read(String text) {
        return IgnoreRules.read(text.getBytes(StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    **            | a/b         | true
                    **/           | a           | true
                    a/**          | a/b/c       | true
                    a/**          | a           | false
                    **/b          | b           | true
                    **/b          | a/b         | true
                    **/b          | a/xb        | false
                    a/**/c        | a/c         | true
                    a/**/c        | a/b/b/c     | true
                    a/**/c        | a/b/cc      | false
                    *.md          | x.md        | true
                    *.md          | d/x.md      | false
                    **/*.md       | d/x.md      | true
                    */x           | d/x         | true
                    */x           | x           | false
                    x?            | xy          | true
                    x?            | x           | false
                    x?            | x/          | false
                    [a-c]x        | bx          | true
                    [^a-c]x       | bx          | false
                    a[b-d]e       | ae          | false
                    a\\*b          | a*b         | true
                    a\\*b          | axb         | false
                    /a            | a           | true
                    ./a/../b/     | b           | true
                    node_modules  | node_modules/x/y | true
                    node_modules  | a/node_modules   | false
                    .git          | .gitignore  | false
                    a.c           | abc         | false
                    한*           | 한글        | true
                    dir**/f       | dirx/f      | true
                    """)
    void onePattern(String pattern, String path, boolean ignored) {
        assertThat(IgnoreRules.of(List.of(pattern)).ignores(path)).isEqualTo(ignored);
    }

    @Test
    void theLastThatMatchesCounts() {
        IgnoreRules rules = read("# comment\n*.md\n\n!README*.md\r\nREADME-secret.md\n");
        assertThat(rules.ignores("x.md")).isTrue();
        assertThat(rules.ignores("README.md")).isFalse();
        assertThat(rules.ignores("README-secret.md")).isTrue();
    }

    @Test
    void filesAreTakenBackOutOfAnIgnoredDirectory() {
        IgnoreRules rules = read("dist\n!dist/keep/**\n!**/*.map\n");
        assertThat(rules.ignores("dist/a")).isTrue();
        assertThat(rules.ignores("dist/keep/a")).isFalse();
        assertThat(rules.ignores("dist/b.map")).isFalse();
        assertThat(rules.ignoresAllIn("dist")).isFalse();
        assertThat(read("a\n!b/c\n").ignoresAllIn("a")).isTrue();
        assertThat(read("a\n!a/b/c\n").ignoresAllIn("a/b")).isFalse();
        assertThat(read("a\n").ignoresAllIn("a")).isTrue();
    }

    @Test
    void spacesAndMarksDoNotCount() {
        IgnoreRules rules = read("\uFEFF  a  \n ! b\n#c\n #d\n");
        assertThat(rules.ignores("a")).isTrue();
        assertThat(rules.ignores("#c")).isFalse();
        assertThat(rules.ignores("#d")).isTrue();
    }

    @Test
    void malformedPatternsAreRefused() {
        for (String pattern : List.of("[", "[]", "[a", "a[b-]", "x\\")) {
            assertThatThrownBy(() -> IgnoreRules.of(List.of(pattern)))
                    .isInstanceOf(InvalidParameter.class)
                    .hasMessage("syntax error in pattern");
        }
        assertThatThrownBy(() -> read("!\n")).hasMessage("illegal exclusion pattern: \"!\"");
    }

    @Test
    void timeDoesNotGrowWithTheWildcards() {
        String pattern = "*a".repeat(500) + "b";
        assertThat(IgnoreRules.of(List.of(pattern)).ignores("a".repeat(5000))).isFalse();
    }
}
