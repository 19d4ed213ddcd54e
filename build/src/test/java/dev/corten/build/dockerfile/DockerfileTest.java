package dev.corten.build.dockerfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corten.model.container.HealthConfig;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DockerfileTest {
    private static Dockerfile parse(String text) {
        try {
            return Dockerfile.parse(text.getBytes(StandardCharsets.UTF_8));
        } catch (DockerfileException e) {
            throw new AssertionError(e);
        }
    }

    private static <T extends Instruction> T first(String text, Class<T> kind) {
        Stage stage = parse("FROM scratch\n" + text).stages().getFirst();
        return kind.cast(stage.instructions().getFirst());
    }

    private static void refused(String text, String place, String complaint) {
        assertThatThrownBy(() -> Dockerfile.parse(text.getBytes(StandardCharsets.UTF_8)))
                .isInstanceOfSatisfying(
                        DockerfileException.class,
                        e -> {
                            assertThat(e.complaint()).isEqualTo(complaint);
                            assertThat(e.position()).hasToString(place);
                        });
    }

    @Test
    void stagesHaveNamesAndInstructions() {
        Dockerfile file =
                parse(
                        """
                        ARG BASE=alpine
                        FROM --platform=$BUILDPLATFORM ${BASE}:3 AS Build
                        RUN make
                        # of the end
                        FROM scratch
                        COPY --from=build /a /b
                        """);
        assertThat(file.globals().getFirst().assignments())
                .containsExactly(new Assignment("BASE", "alpine", ""));
        assertThat(file.stages()).hasSize(2);
        Instruction.From from = file.stages().getFirst().from();
        assertThat(from.base()).isEqualTo("${BASE}:3");
        assertThat(from.platform()).hasValue("$BUILDPLATFORM");
        assertThat(from.name()).hasValue("build");
        assertThat(from.writtenName()).isEqualTo("Build");
        assertThat(file.stages().get(1).label()).isEqualTo("1");
        var copy = (Instruction.Copy) file.stages().get(1).instructions().getFirst();
        assertThat(copy.from()).isEqualTo("build");
        assertThat(copy.sources()).isEqualTo(new Sources(List.of("/a"), List.of(), "/b"));
        assertThat(copy.statement().firstLine()).isEqualTo(6);
    }

    @Test
    void linesAreJoinedWithoutCommentsAndEmptyOnes() {
        var run =
                first(
                        """
                        RUN echo a \\
                          # nothing
                          && echo b \\

                          && echo c\\\\
                        """,
                        Instruction.Run.class);
        assertThat(run.command())
                .isEqualTo(new CommandLine(List.of("echo a   && echo b   && echo c\\\\"), true));
        assertThat(run.statement().emptyContinuation()).isTrue();
        assertThat(run.statement().firstLine()).isEqualTo(2);
        assertThat(run.statement().lastLine()).isEqualTo(6);
    }

    @Test
    void theEscapeCanBeChosen() {
        Dockerfile file = parse("# escape=`\nFROM a\nRUN dir C:\\ `\n  D:\\\n");
        assertThat(file.escape()).isEqualTo('`');
        var run = (Instruction.Run) file.stages().getFirst().instructions().getFirst();
        assertThat(run.command().words()).containsExactly("dir C:\\   D:\\");
    }

    @Test
    void directivesEndAtTheFirstOtherLine() {
        Dockerfile file =
                parse("#syntax=docker/dockerfile:1\n# check=skip=all\n# any\n# escape=`\nFROM a\n");
        assertThat(file.directives())
                .containsExactly(
                        new Directive("syntax", "docker/dockerfile:1", 1),
                        new Directive("check", "skip=all", 2));
        assertThat(file.escape()).isEqualTo('\\');
        refused(
                "# escape=`\n# escape=`\nFROM a",
                "2:1",
                "only one escape parser directive can be used");
        refused("# escape=x\nFROM a", "1:1", "invalid escape token 'x' does not match ` or \\");
    }

    @Test
    void documentsFollowTheirLine() {
        var run =
                first(
                        """
                        RUN <<EOF cat > /x; <<-'B' cat
                        $a
                        EOF
                        \t\tb
                        \tB
                        ENV a=b
                        """,
                        Instruction.Run.class);
        assertThat(run.statement().heredocs())
                .containsExactly(
                        new Heredoc("EOF", true, false, -1, "$a\n"),
                        new Heredoc("B", false, true, -1, "\t\tb\n"));
        assertThat(run.statement().heredocs().get(1).fileContent()).isEqualTo("b\n");
        assertThat(run.statement().lastLine()).isEqualTo(6);
        var copy =
                first("COPY <<one.txt <<\"two\" /d/\n1\none.txt\n2\ntwo\n", Instruction.Copy.class);
        assertThat(copy.sources().documents())
                .extracting(Heredoc::name)
                .containsExactly("one.txt", "two");
        assertThat(copy.sources().documents())
                .extracting(Heredoc::expand)
                .containsExactly(true, false);
        refused("FROM a\nRUN <<EOF\nx\n", "2:1", "unterminated heredoc");
        refused(
                "FROM a\nCOPY x <<EOF\nEOF\n",
                "2:1",
                "COPY cannot accept a heredoc as a destination");
    }

    @Test
    void shiftsAreNoDocuments() {
        assertThat(
                        first("RUN echo $((1 << 2)) <<< word", Instruction.Run.class)
                                .statement()
                                .heredocs())
                .isEmpty();
        assertThat(first("RUN [\"sh\", \"<<EOF\"]", Instruction.Run.class).statement().heredocs())
                .isEmpty();
    }

    @Test
    void jsonFormOrShellForm() {
        assertThat(first("CMD [\"a\", \"b c\"]", Instruction.Cmd.class).command())
                .isEqualTo(new CommandLine(List.of("a", "b c"), false));
        assertThat(first("CMD ['a']", Instruction.Cmd.class).command())
                .isEqualTo(new CommandLine(List.of("['a']"), true));
        assertThat(first("CMD [\"a\" \"b\"]", Instruction.Cmd.class).command().shell()).isTrue();
        assertThat(first("ENTRYPOINT []", Instruction.Entrypoint.class).command())
                .isEqualTo(new CommandLine(List.of(), false));
        refused(
                "FROM a\nCMD [\"a\", 1]",
                "2:1",
                "when using JSON array syntax, arrays must be comprised of strings only");
        assertThat(first("COPY [\"a b\", \"/c d/\"]", Instruction.Copy.class).sources())
                .isEqualTo(new Sources(List.of("a b"), List.of(), "/c d/"));
    }

    @Test
    void variablesAreAssignedInTwoForms() {
        assertThat(first("ENV a=b c=\"d e\" f=g\\ h", Instruction.Env.class).assignments())
                .containsExactly(
                        new Assignment("a", "b", ""),
                        new Assignment("c", "\"d e\"", ""),
                        new Assignment("f", "g\\ h", ""));
        var old = first("ENV a b  c=d", Instruction.Env.class);
        assertThat(old.old()).isTrue();
        assertThat(old.assignments()).containsExactly(new Assignment("a", "b  c=d", ""));
        refused("FROM a\nENV a", "2:1", "ENV must have two arguments");
        refused("FROM a\nENV =b", "2:1", "ENV names can not be blank");
        refused(
                "FROM a\nLABEL a=b c",
                "2:1",
                "Syntax error - can't find = in \"c\". Must be of the form: name=value");
    }

    @Test
    void healthchecks() {
        assertThat(
                        first(
                                        "HEALTHCHECK --interval=1m30s --retries=3 CMD curl x",
                                        Instruction.Healthcheck.class)
                                .check())
                .isEqualTo(
                        new HealthConfig(
                                List.of("CMD-SHELL", "curl x"), 90_000_000_000L, 0, 0, 0, 3));
        assertThat(first("HEALTHCHECK NONE", Instruction.Healthcheck.class).check().test())
                .containsExactly("NONE");
        refused("FROM a\nHEALTHCHECK NONE x", "2:1", "HEALTHCHECK NONE takes no arguments");
        refused(
                "FROM a\nHEALTHCHECK --interval=1us CMD x",
                "2:13",
                "Interval \"interval\" cannot be less than 1ms");
    }

    @Test
    void triggersAreReadAtOnceAndKeptAsWritten() throws Exception {
        var trigger = first("ONBUILD RUN <<EOF\nx\nEOF\n", Instruction.OnBuild.class);
        assertThat(trigger.trigger()).isEqualTo("RUN <<EOF\nx\nEOF");
        var run = (Instruction.Run) Dockerfile.trigger(trigger.trigger());
        assertThat(run.statement().heredocs().getFirst().content()).isEqualTo("x\n");
        refused(
                "FROM a\nONBUILD ONBUILD RUN x",
                "2:1",
                "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed");
        refused("FROM a\nONBUILD FROM x", "2:1", "FROM isn't allowed as an ONBUILD trigger");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    BOGUS x                  | 1:1  | unknown instruction: BOGUS
                    FORM x                   | 1:1  | unknown instruction: FORM (did you mean FROM?)
                    RUN x                    | 1:1  | no build stage in current context
                    FROM a b                 | 1:1  | FROM requires either one or three arguments
                    FROM a AS 1              | 1:1  | invalid name for build stage: "1", name can't start with a number or contain symbols
                    FROM --platfrom=x a      | 1:6  | unknown flag: --platfrom (did you mean platform?)
                    FROM a\\nCOPY --link --link x y | 2:13 | duplicate flag specified: --link
                    FROM a\\nCOPY --chown x y        | 2:6  | missing a value on flag: --chown
                    FROM a\\nCOPY --link=maybe x y   | 2:6  | expecting boolean value for flag --link, not: maybe
                    FROM a\\nCOPY x                  | 2:1  | COPY requires at least two arguments, but only one was provided. Destination could not be determined
                    FROM a\\nADD                     | 2:1  | ADD requires at least two arguments, but only one was provided. Destination could not be determined
                    FROM a\\nSHELL bash              | 2:1  | SHELL requires the arguments to be in JSON form
                    FROM a\\nSHELL []                | 2:1  | SHELL requires at least one argument
                    FROM a\\nVOLUME [" "]            | 2:1  | VOLUME specified can not be an empty string
                    FROM a\\nEXPOSE                  | 2:1  | EXPOSE requires at least one argument
                    FROM a\\nUSER                    | 2:1  | USER requires exactly one argument
                    FROM a\\nRUN --mount=from=$x y   | 2:5  | 'from' doesn't support variable expansion, define alias stage instead
                    ARG a=b                  | 1:1  | no build stage in current context
                    """)
    void complaintsSayWhatAndWhere(String text, String place, String complaint) {
        refused(text.replace("\\n", "\n"), place, complaint);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n\n", "# only a comment\n"})
    void nothingIsNoDockerfile(String text) {
        assertThatThrownBy(() -> Dockerfile.parse(text.getBytes(StandardCharsets.UTF_8)))
                .hasMessageContaining("file with no instructions");
    }

    @Test
    void columnsCountInTheirOwnLine() {
        refused(
                "FROM a\nCOPY \\\n   --lnk \\\n x y",
                "3:4",
                "unknown flag: --lnk (did you mean link?)");
    }
}
