package dev.corten.build.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.corten.build.check.CheckOptions;
import dev.corten.build.check.Warnings;
import dev.corten.build.dockerfile.Dockerfile;
import dev.corten.build.dockerfile.DockerfileException;
import dev.corten.build.front.BuildArguments;
import dev.corten.build.front.Evaluation;
import dev.corten.build.front.StageOrder;
import dev.corten.build.solve.Vertex;
import dev.corten.build.step.StackOperation;
import dev.corten.build.work.Session;
import dev.corten.build.work.TreeSource;
import dev.corten.model.Digest;
import dev.corten.model.Forbidden;
import dev.corten.model.Platform;
import dev.corten.model.container.HostConfig;
import dev.corten.model.image.Image;
import dev.corten.model.image.ImageConfig;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

/// What is expected here is what BuildKit 0.25 printed and stored for the same file.
class PlannerTest {
    private static final TreeSource CONTEXT =
            (wanted, output) -> {
                throw new java.io.IOException("nobody reads it here");
            };

    private static final String EVERYTHING =
            """
            ARG G=1
            FROM busybox AS base
            ARG X=arg
            ARG Y
            ENV A=b C="d e"
            LABEL l=m "n o"=p
            MAINTAINER me
            RUN echo hi $i > /h
            RUN ["echo","x y"]
            RUN --mount=type=cache,target=/c --network=none echo z
            RUN <<EOF
            echo one
            echo two
            EOF
            COPY --chown=1:2 --chmod=u+x f g /dst/
            COPY <<EOF <<"E2" /inl/
            text $A
            EOF
            raw $A
            E2
            ADD a.tar /un/
            ADD --chmod=600 d /dd
            WORKDIR /w
            WORKDIR rel
            WORKDIR /
            COPY --link f /l
            EXPOSE 80 53/udp 90-92
            VOLUME /v /x
            USER 1:2
            STOPSIGNAL SIGQUIT
            SHELL ["/bin/ash","-c"]
            HEALTHCHECK --interval=5s --retries=2 CMD true
            ONBUILD RUN echo trig
            CMD echo $A
            ENTRYPOINT ["e","f"]
            FROM base
            COPY --from=base /h /dst/./f /p/
            CMD ["a","b"]
            """;

    private static BuildPlan plan(String file, String target, boolean classic) throws Exception {
        Dockerfile parsed = Dockerfile.parse(file.getBytes(StandardCharsets.UTF_8));
        var arguments = new BuildArguments(Map.of(), Platform.host(), Platform.host(), "default");
        var evaluation =
                new Evaluation(
                        parsed,
                        arguments,
                        new Warnings(CheckOptions.DEFAULT),
                        signal -> true,
                        classic);
        var options =
                new PlanOptions(
                        classic,
                        false,
                        Optional.of(CONTEXT),
                        Map.of(),
                        Map.of(),
                        false,
                        Set.of(),
                        "",
                        HostConfig.DEFAULT,
                        Set.of(),
                        false,
                        Optional.empty(),
                        Session.NONE,
                        "test");
        return new Planner(
                        parsed,
                        Platform.host(),
                        StageOrder.of(parsed, target),
                        evaluation,
                        (name, platform) -> () -> image(name),
                        (address, checksum, keep) -> Optional.empty(),
                        options,
                        Map.of())
                .plan();
    }

    private static Image image(String name) {
        var config = ImageConfig.EMPTY.edit();
        config.env = List.of("PATH=/bin");
        Digest layer = Digest.of(name.getBytes(StandardCharsets.UTF_8));
        return new Image(
                layer,
                List.of(),
                List.of(),
                Optional.empty(),
                "",
                Optional.empty(),
                "",
                "",
                Platform.host(),
                "",
                0,
                List.of(layer),
                Optional.of(layer),
                config.done(),
                List.of(),
                Optional.empty());
    }

    private static List<String> names(BuildPlan plan) {
        Set<Vertex> all = new LinkedHashSet<>();
        for (PlannedStage stage : plan.stages()) {
            stage.root().filter(root -> stage.base().isPresent()).ifPresent(all::add);
            for (PlannedStep step : stage.steps()) {
                step.vertex().ifPresent(all::add);
            }
        }
        return all.stream().map(Vertex::name).toList();
    }

    private static List<String> history(BuildPlan plan) {
        var all = new ArrayList<String>();
        for (PlannedStage stage : plan.stages()) {
            stage.steps().stream()
                    .map(PlannedStep::createdBy)
                    .filter(text -> !text.isEmpty())
                    .forEach(all::add);
        }
        return all;
    }

    @Test
    void stepsAreCalledAsBuildKitCallsThem() throws Exception {
        assertEquals(
                List.of(
                        "[base  1/13] FROM docker.io/library/busybox:latest",
                        "[base  2/13] RUN echo hi $i > /h",
                        "[base  3/13] RUN [\"echo\",\"x y\"]",
                        "[base  4/13] RUN --mount=type=cache,target=/c --network=none echo z",
                        "[base  5/13] RUN <<EOF (echo one...)",
                        "[base  6/13] COPY --chown=1:2 --chmod=u+x f g /dst/",
                        "[base  7/13] COPY <<EOF <<E2 /inl/",
                        "[base  8/13] ADD a.tar /un/",
                        "[base  9/13] ADD --chmod=600 d /dd",
                        "[base 10/13] WORKDIR /w",
                        "[base 11/13] WORKDIR rel",
                        "[merge] [base 12/13] COPY --link f /l",
                        "[stage-1 1/2] ONBUILD RUN echo trig",
                        "[stage-1 2/2] COPY --from=base /h /dst/./f /p/"),
                names(plan(EVERYTHING, "", false)));
    }

    @Test
    void historyIsAsBuildKitWritesIt() throws Exception {
        assertEquals(
                List.of(
                        "ARG X=arg",
                        "ARG Y",
                        "ENV A=b C=d e",
                        "LABEL l=m n o=p",
                        "MAINTAINER me",
                        "RUN |2 X=arg Y= /bin/sh -c echo hi $i > /h # buildkit",
                        "RUN |2 X=arg Y= echo x y # buildkit",
                        "RUN |2 X=arg Y= /bin/sh -c echo z # buildkit",
                        "RUN |2 X=arg Y= /bin/sh -c echo one\necho two\n # buildkit",
                        "COPY --chown=1:2 --chmod=u+x f g /dst/ # buildkit",
                        "COPY <<EOF <<E2 /inl/ # buildkit",
                        "ADD a.tar /un/ # buildkit",
                        "ADD --chmod=600 d /dd # buildkit",
                        "WORKDIR /w",
                        "WORKDIR /w/rel",
                        "WORKDIR /",
                        "COPY f /l # buildkit",
                        "EXPOSE [53/udp 80/tcp 90/tcp 91/tcp 92/tcp]",
                        "VOLUME [/v /x]",
                        "USER 1:2",
                        "STOPSIGNAL SIGQUIT",
                        "SHELL [/bin/ash -c]",
                        "HEALTHCHECK &{[\"CMD-SHELL\" \"true\"] \"5s\" \"0s\" \"0s\" \"0s\" '\\x02'}",
                        "CMD [\"/bin/ash\" \"-c\" \"echo $A\"]",
                        "ENTRYPOINT [\"e\" \"f\"]",
                        "RUN |2 X=arg Y= /bin/ash -c echo trig # buildkit",
                        "COPY /h /dst/./f /p/ # buildkit",
                        "CMD [\"a\" \"b\"]"),
                history(plan(EVERYTHING, "", false)));
    }

    @Test
    void configurationOfTheResult() throws Exception {
        ImageConfig config = plan(EVERYTHING, "", false).target().config();
        assertEquals(List.of("PATH=/bin", "A=b", "C=d e"), config.env());
        assertEquals(List.of("a", "b"), config.cmd());
        assertEquals(List.of("e", "f"), config.entrypoint());
        assertTrue(config.argsEscaped());
        assertEquals("/", config.workingDir());
    }

    @Test
    void scratchHasAPath() throws Exception {
        String file = "FROM scratch\nCMD [\"/x\"]\n";
        for (boolean classic : new boolean[] {false, true}) {
            assertEquals(
                    List.of("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
                    plan(file, "", classic).target().config().env());
        }
        assertEquals(Optional.empty(), plan(file, "", false).target().tree());
    }

    @Test
    void aDeviceIsRefusedUnlessItMayBeAbsent() throws Exception {
        plan("FROM busybox\nRUN --device=a.b/c=d,required=false x\n", "", false);
        assertThrows(
                DockerfileException.class,
                () -> plan("FROM busybox\nRUN --device=a.b/c=d x\n", "", false));
    }

    @Test
    void aLaterStageCanBeCopiedFrom() throws Exception {
        String file = "FROM busybox AS a\nCOPY --from=b /x /\nFROM busybox AS b\nRUN make\n";
        BuildPlan plan = plan(file, "a", false);
        assertEquals(List.of("a", "b"), plan.stages().stream().map(PlannedStage::label).toList());
        Vertex copy = plan.target().tree().orElseThrow();
        assertEquals("[b 2/2] RUN make", copy.inputs().getLast().name());
    }

    private static String complaint(String instruction) {
        return assertThrows(
                        DockerfileException.class,
                        () -> plan("FROM busybox\n" + instruction + "\n", "", false))
                .getMessage();
    }

    @Test
    void whatCannotBeDoneIsSeenBeforehand() {
        assertEquals(
                "invalid chmod parameter: '999'. it should be octal string and between 0 and 07777",
                complaint("COPY --chmod=999 a /a"));
        String add = "ADD --checksum=";
        String to = " https://127.0.0.1:1/x /";
        assertEquals("invalid checksum digest length", complaint(add + "sha256:1" + to));
        assertEquals("invalid checksum digest format", complaint(add + "foo" + to));
        assertEquals("unsupported digest algorithm", complaint(add + "md5:00" + to));
        assertEquals(
                "checksum requires HTTP(S) or Git sources",
                complaint(add + "sha256:" + "0".repeat(64) + " f /"));
        assertEquals(
                "failed to parse stage name \"Base\": invalid reference format: repository name"
                        + " (library/Base) must be lowercase",
                complaint("COPY --from=Base a /b"));
    }

    @Test
    void aStageIsNamedIfSomethingElseIsMountedOrCopiedFrom() throws Exception {
        for (String step :
                List.of("RUN --mount=type=tmpfs,target=/t x", "COPY --from=busybox a b")) {
            List<String> names = names(plan("FROM busybox\n" + step + "\n", "", false));
            assertTrue(names.contains("[stage-0 2/2] " + step), names.toString());
        }
    }

    @Test
    void theHostsNetworkWantsAnEntitlement() {
        var refused =
                assertThrows(
                        Forbidden.class,
                        () -> plan("FROM busybox\nRUN --network=host true\n", "", false));
        assertEquals("network.host is not allowed", refused.message());
    }

    @Test
    void noFileOfTheClassicBuilderGivesItselfRights() {
        for (String flag : List.of("--security=insecure", "--network=host")) {
            assertThrows(
                    Forbidden.class, () -> plan("FROM busybox\nRUN " + flag + " true\n", "", true));
        }
    }

    @Test
    void aLayerIsNotStackedOnFilesOfOtherTimes() {
        var one = new StackOperation(Optional.empty(), false);
        var other = new StackOperation(Optional.of(Instant.EPOCH), false);
        Assertions.assertNotEquals(one.definition(), other.definition());
        Assertions.assertFalse(one.alwaysRuns());
        Assertions.assertTrue(new StackOperation(Optional.empty(), true).alwaysRuns());
    }
}
