package dev.corten.build.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corten.build.dockerfile.Dockerfile;
import dev.corten.build.dockerfile.DockerfileException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What BuildKit 0.25 says of the same files.
class FileChecksTest {
    private static List<String> check(String text) throws DockerfileException {
        Dockerfile file = Dockerfile.parse(text.getBytes(StandardCharsets.UTF_8));
        var warnings = new Warnings(CheckOptions.parse(file.directive("check")));
        FileChecks.run(file, warnings);
        return warnings.list().stream()
                .map(w -> w.firstLine() + " " + w.rule().label() + ": " + w.message())
                .toList();
    }

    @Test
    void namesOfStages() throws Exception {
        assertThat(check("FROM a AS One\nfrom b as one\nFROM c AS scratch\n"))
                .containsExactly(
                        "1 StageNameCasing: Stage name 'One' should be lowercase",
                        "2 DuplicateStageName: Duplicate stage name \"one\", stage names should"
                                + " be unique",
                        "2 ConsistentInstructionCasing: Command 'from' should match the case of"
                                + " the command majority (uppercase)",
                        "3 ReservedStageName: Stage name should not use the same name as reserved"
                                + " stage \"scratch\"");
        assertThat(check("from a AS x\n"))
                .containsExactly("1 FromAsCasing: 'AS' and 'from' keywords' casing do not match");
    }

    @Test
    void casingOfTheMajority() throws Exception {
        assertThat(check("from a\nrun true\nCMD [\"a\"]\n"))
                .containsExactly(
                        "3 ConsistentInstructionCasing: Command 'CMD' should match the case of"
                                + " the command majority (lowercase)");
    }

    @Test
    void commands() throws Exception {
        assertThat(check("FROM a\nCMD echo\nENTRYPOINT x\nENTRYPOINT [\"y\"]\n"))
                .containsExactly(
                        "2 JSONArgsRecommended: JSON arguments recommended for CMD to prevent"
                                + " unintended behavior related to OS signals",
                        "3 JSONArgsRecommended: JSON arguments recommended for ENTRYPOINT to"
                                + " prevent unintended behavior related to OS signals",
                        "3 MultipleInstructionsDisallowed: Multiple ENTRYPOINT instructions"
                                + " should not be used in the same stage because only the last"
                                + " one will be used");
        assertThat(check("FROM a AS b\nSHELL [\"bash\"]\nCMD x\nFROM b\nCMD x\n")).isEmpty();
    }

    @Test
    void platforms() throws Exception {
        assertThat(
                        check(
                                "FROM --platform=$TARGETPLATFORM a\nFROM --platform=linux/arm64 a\n"
                                        + "FROM --platform=$BUILDPLATFORM a\n"))
                .containsExactly(
                        "1 RedundantTargetPlatform: Setting platform to predefined"
                                + " $TARGETPLATFORM in FROM is redundant as this is the default"
                                + " behavior",
                        "2 FromPlatformFlagConstDisallowed: FROM --platform flag should not use"
                                + " constant value \"linux/arm64\"");
    }

    @Test
    void secrets() throws Exception {
        assertThat(
                        check(
                                "FROM a\nARG AWS_SECRET_ACCESS_KEY\nENV MY_TOKEN=x TOKEN_PUBLIC=1"
                                        + " monkey=1 apikey=1\n"))
                .containsExactly(
                        "2 SecretsUsedInArgOrEnv: Do not use ARG or ENV instructions for sensitive"
                                + " data (ARG \"AWS_SECRET_ACCESS_KEY\")",
                        "3 SecretsUsedInArgOrEnv: Do not use ARG or ENV instructions for sensitive"
                                + " data (ENV \"MY_TOKEN\")",
                        "3 SecretsUsedInArgOrEnv: Do not use ARG or ENV instructions for sensitive"
                                + " data (ENV \"apikey\")");
    }

    @Test
    void oldForms() throws Exception {
        assertThat(
                        check(
                                "FROM a\nMAINTAINER me\nLABEL a b\nEXPOSE 80/TCP 127.0.0.1:80:80\n"
                                        + "RUN true \\\n\n && true\n"))
                .containsExactly(
                        "2 MaintainerDeprecated: Maintainer instruction is deprecated in favor of"
                                + " using label",
                        "3 LegacyKeyValueFormat: \"LABEL key=value\" should be used instead of"
                                + " legacy \"LABEL key value\" format",
                        "4 ExposeInvalidFormat: EXPOSE instruction should not define an IP"
                                + " address or host-port mapping, found '127.0.0.1:80:80'",
                        "4 ExposeProtoCasing: Defined protocol '80/TCP' in EXPOSE instruction"
                                + " should be lowercase",
                        "7 NoEmptyContinuation: Empty continuation line");
    }

    @Test
    void rulesAreChosenByTheDirective() throws Exception {
        assertThat(check("# check=skip=StageNameCasing,jsonargsrecommended\nFROM a AS X\nCMD a\n"))
                .isEmpty();
        assertThat(check("# check=skip=all\nFROM a as X\n")).isEmpty();
        assertThat(check("# check=experimental=all\n# bad\nARG foo=1\nFROM a\n"))
                .containsExactly(
                        "3 InvalidDefinitionDescription: Comment for ARG should follow the"
                                + " format: `# foo <description>`");
        assertThat(CheckOptions.parse("skip=A;error=true").error()).isTrue();
        assertThatThrownBy(() -> CheckOptions.parse("bogus=all"))
                .hasMessage("failed to parse check options: invalid check option \"bogus\"");
    }
}
