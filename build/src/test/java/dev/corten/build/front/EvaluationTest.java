package dev.corten.build.front;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corten.build.check.CheckOptions;
import dev.corten.build.check.Warning;
import dev.corten.build.check.Warnings;
import dev.corten.build.dockerfile.Dockerfile;
import dev.corten.build.dockerfile.DockerfileException;
import dev.corten.build.dockerfile.Instruction;
import dev.corten.model.Platform;
import dev.corten.model.image.ImageConfig;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// What BuildKit 0.25 makes of the same files.
class EvaluationTest {
    private static final Platform AMD64 = new Platform("linux", "amd64", "");

    private final Warnings warnings = new Warnings(CheckOptions.DEFAULT);

    private Evaluation evaluation(String text, Map<String, String> given)
            throws DockerfileException {
        return new Evaluation(
                parse(text),
                new BuildArguments(given, AMD64, AMD64, "default"),
                warnings,
                name -> name.startsWith("SIG"),
                false);
    }

    private static Dockerfile parse(String text) throws DockerfileException {
        return Dockerfile.parse(text.getBytes(StandardCharsets.UTF_8));
    }

    private StageSteps last(String text, Map<String, String> given) throws DockerfileException {
        Evaluation evaluation = evaluation(text, given);
        return evaluation.steps(parse(text).stages().getLast(), ImageConfig.EMPTY, null);
    }

    private List<String> said() {
        return warnings.list().stream().map(Warning::message).toList();
    }

    @Test
    void argumentsAndVariables() throws Exception {
        String text =
                """
                ARG G=global
                ARG H
                FROM busybox AS a
                ENV X=env
                ARG X=arg
                ARG G
                ARG H=${G}h
                ARG T=$TARGETARCH
                ARG TARGETARCH
                ARG U=$TARGETARCH
                RUN true
                ENV G=fromenv
                FROM a
                RUN true
                """;
        Evaluation evaluation = evaluation(text, Map.of("H", "hh"));
        Dockerfile file = parse(text);
        StageSteps first = evaluation.steps(file.stages().getFirst(), ImageConfig.EMPTY, null);
        Step run =
                first.steps().stream()
                        .filter(s -> s.instruction() instanceof Instruction.Run)
                        .findFirst()
                        .orElseThrow();
        assertThat(run.arguments())
                .containsExactly("X=arg", "G=global", "H=hh", "T=", "TARGETARCH=amd64", "U=amd64");
        assertThat(run.environment()).containsEntry("X", "arg").containsEntry("U", "amd64");
        StageSteps second =
                evaluation.steps(file.stages().get(1), first.config(), first.variables());
        assertThat(second.steps().getFirst().arguments())
                .containsExactly("X=env", "G=fromenv", "H=hh", "T=", "TARGETARCH=amd64", "U=amd64");
        assertThat(said()).containsExactly("Usage of undefined variable '$TARGETARCH'");
    }

    @Test
    void entrypointTakesTheCommandOfTheBaseAway() throws Exception {
        String text = "FROM a\nENTRYPOINT e\nFROM b\nCMD c\nENTRYPOINT e\n";
        var edit = ImageConfig.EMPTY.edit();
        edit.cmd = List.of("base");
        ImageConfig base = edit.done();
        Evaluation evaluation = evaluation(text, Map.of());
        Dockerfile file = parse(text);
        assertThat(evaluation.steps(file.stages().getFirst(), base, null).config().cmd()).isNull();
        assertThat(evaluation.steps(file.stages().get(1), base, null).config().cmd())
                .containsExactly("/bin/sh", "-c", "c");
    }

    @Test
    void basesAreMadeOfGlobalArguments() throws Exception {
        String text = "ARG V=1\nARG W=${V}2\nFROM --platform=$BUILDPLATFORM b:$W\n";
        assertThat(evaluation(text, Map.of("V", "3")).base(parse(text).stages().getFirst()))
                .isEqualTo(new Evaluation.Base("b:32", java.util.Optional.of(AMD64)));
        assertThat(said()).isEmpty();
    }

    @Test
    void basesThatAreNotThere() throws Exception {
        String nothing = "FROM $NOPE\n";
        Evaluation evaluation = evaluation(nothing, Map.of());
        assertThatThrownBy(() -> evaluation.base(parse(nothing).stages().getFirst()))
                .hasMessageContaining("base name ($NOPE) should not be blank");
        assertThat(said())
                .containsExactlyInAnyOrder(
                        "FROM argument 'NOPE' is not declared",
                        "Default value for ARG $NOPE results in empty or invalid base image name");
        String platform = "FROM --platform=$FOO busybox\n";
        Evaluation second = evaluation(platform, Map.of());
        assertThatThrownBy(() -> second.base(parse(platform).stages().getFirst()))
                .hasMessageContaining("empty platform value from expression $FOO");
    }

    @Test
    void aNameThatIsNearlyRightIsSuggested() throws Exception {
        String text = "ARG VERSIO=1\nFROM busybox:$VERSION\nENV foo=1 bar=$fooo\nENV b=$fo\n";
        evaluation(text, Map.of("VERSIO", "2")).base(parse(text).stages().getFirst());
        last(text, Map.of());
        assertThat(said())
                .contains(
                        "FROM argument 'VERSION' is not declared (did you mean VERSIO?)",
                        "Usage of undefined variable '$fooo'",
                        "Usage of undefined variable '$fo' (did you mean $foo?)");
    }

    @Test
    void triggersComeFirstAndAreGoneAfterwards() throws Exception {
        var editor = ImageConfig.EMPTY.edit();
        editor.onBuild = List.of("ENV a=1", "COPY . /app");
        String text = "FROM base\nENV b=$a\n";
        StageSteps steps =
                evaluation(text, Map.of())
                        .steps(parse(text).stages().getFirst(), editor.done(), null);
        assertThat(steps.steps()).extracting(Step::triggered).containsExactly(true, true, false);
        assertThat(steps.config().env()).containsExactly("a=1", "b=1");
        assertThat(steps.config().onBuild()).isNull();
    }

    @Test
    void relativeDirectoriesAndSignals() throws Exception {
        last("FROM a\nWORKDIR a\nWORKDIR b\n", Map.of());
        assertThat(said())
                .containsExactly(
                        "Relative workdir \"a\" can have unexpected results if the base image"
                                + " changes");
        assertThatThrownBy(() -> last("FROM a\nSTOPSIGNAL NOPE\n", Map.of()))
                .hasMessage("invalid signal: NOPE");
    }
}
