package dev.corten.systests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// `docker build` without BuildKit: what the recorded sessions do not have.
@ExtendWith(PrivateEngine.class)
@Shows("BLD-32")
class ClassicBuildTest {
    private Path context;

    @BeforeEach
    void makeContext(Engine engine) throws IOException {
        context = engine.scratch("context");
        Files.createDirectories(context);
        Files.writeString(context.resolve("f"), "content\n");
    }

    private String dockerfile(String text) throws IOException {
        Files.writeString(context.resolve("Dockerfile"), text);
        return context.toString();
    }

    @Test
    @Shows({"BLD-23", "BLD-24"})
    void limitsApplyToSteps(Client docker) throws IOException {
        String steps =
                dockerfile(
                        """
                        FROM busybox
                        RUN cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory/memory.limit_in_bytes \
                        2>/dev/null; cat /sys/fs/cgroup/cpu.max /sys/fs/cgroup/cpu/cpu.cfs_quota_us \
                        2>/dev/null; ulimit -n; df -k /dev/shm | tail -1; cat /etc/hosts
                        """);
        String said =
                docker.ok(
                        "build",
                        "--memory=64m",
                        "--memory-swap=64m",
                        "--cpu-period=100000",
                        "--cpu-quota=50000",
                        "--cpu-shares=512",
                        "--cpuset-cpus=0",
                        "--ulimit=nofile=333:333",
                        "--shm-size=8m",
                        "--add-host=there:192.0.2.7",
                        "--compress",
                        "--force-rm",
                        "--rm",
                        "--isolation=default",
                        steps);
        assertThat(said).contains("67108864", "50000", "\n333\n", "8192", "192.0.2.7\tthere");
    }

    @Test
    void failedStepCanBeLookedInto(Client docker) throws IOException {
        String steps = dockerfile("FROM busybox\nENV A=b\nRUN echo $A > /left; exit 3\n");
        Finished failed = docker.run("build", steps);
        assertThat(failed.status()).isEqualTo(3);
        String id = docker.ok("ps", "-aq", "--no-trunc");
        assertThat(failed.out()).contains("Running in " + id.substring(0, 12));
        assertThat(docker.ok("inspect", "-f", "{{.State.Status}} {{.State.ExitCode}}", id))
                .isEqualTo("exited 3");
        assertThat(docker.ok("diff", id)).isEqualTo("A /left");
        docker.ok("commit", id, "looked:1");
        assertThat(docker.ok("run", "--rm", "looked:1", "cat", "/left")).isEqualTo("b");
        docker.ok("rm", id);
        assertThat(docker.ok("ps", "-aq")).isEmpty();
        assertThat(docker.run("build", "--force-rm", steps).status()).isEqualTo(3);
        assertThat(docker.ok("ps", "-aq")).isEmpty();
    }

    @Test
    @Shows("BLD-27")
    void stepsStayAsContainersIfAskedTo(Client docker) throws IOException {
        String steps =
                dockerfile(
                        """
                        FROM busybox
                        LABEL kept=yes
                        RUN : kept
                        WORKDIR /made
                        RUN echo content > /made/file
                        COPY f /f
                        """);
        docker.ok("build", "--rm=false", "-t", "kept:1", steps);
        assertThat(docker.ok("ps", "-a", "--format", "{{.Command}} {{.State}}", "--no-trunc"))
                .isEqualTo(
                        """
                        "/bin/sh -c 'echo content > /made/file'" exited
                        "/bin/sh -c '#(nop) WORKDIR /made'" created
                        "/bin/sh -c ': kept'" exited
                        "/bin/sh -c '#(nop) ' 'LABEL kept=yes'" created\
                        """);
        String id = docker.ok("ps", "-lq");
        assertThat(docker.ok("diff", id)).contains("A /made/file");
        assertThat(docker.ok("inspect", "-f", "{{.Image}} {{.Config.Labels.kept}}", id))
                .isEqualTo(docker.ok("inspect", "-f", "{{.Parent}} yes", parent(docker)));
        assertThat(docker.run("logs", id).err())
                .contains("configured logging driver does not support reading");
        docker.ok("commit", id, "taken:1");
        assertThat(docker.ok("run", "--rm", "taken:1", "cat", "/made/file")).isEqualTo("content");
        for (String each : docker.ok("ps", "-aq").split("\n")) {
            docker.ok("rm", each);
        }
    }

    /// The image that the last `RUN` has come to: the one before `COPY`.
    private static String parent(Client docker) {
        return docker.ok("inspect", "-f", "{{.Parent}}", "kept:1");
    }

    @Test
    void stepsAreHeardOf(Client docker) throws IOException {
        String steps = dockerfile("FROM busybox\nLABEL heard=yes\nRUN : heard\nCOPY f /f\n");
        docker.ok("build", steps);
        // The command line counts in whole seconds: this one has to be over.
        String heard =
                docker.ok(
                        "events",
                        "--since=1",
                        "--until=-1s",
                        "--filter=type=container",
                        "--filter=label=heard",
                        "--format={{.Action}}");
        assertThat(heard.split("\n"))
                .containsExactly(
                        "create", "destroy", "create", "attach", "start", "die", "destroy");
    }

    @Test
    void eachStepIsAnImage(Client docker) throws IOException {
        String steps = dockerfile("FROM busybox\nCOPY f /f\nRUN rm /f\nCMD cat /f\n");
        String before = docker.ok("images", "-aq");
        docker.ok("build", "-t", "made:1", steps);
        List<String> history = docker.ok("history", "-q", "--no-trunc", "made:1").lines().toList();
        assertThat(history).hasSize(3);
        assertThat(docker.ok("run", "--rm", history.get(2), "cat", "/f")).isEqualTo("content");
        assertThat(docker.ok("images", "-q")).doesNotContain(history.get(2).substring(7, 19));
        assertThat(docker.ok("images", "-aq")).contains(history.get(2).substring(7, 19));
        docker.ok("rmi", "made:1");
        assertThat(docker.ok("images", "-aq")).isEqualTo(before);
        // The files are still known, if not the images.
        assertThat(docker.ok("build", "-t", "made:1", steps)).contains(" ---> Using cache");
        docker.ok("builder", "prune", "-af");
        docker.ok("rmi", "made:1");
        docker.ok("builder", "prune", "-af");
        assertThat(docker.ok("system", "df", "--format", "{{.Type}} {{.TotalCount}}"))
                .contains("Build Cache 0");
        assertThat(docker.ok("build", "-t", "made:1", steps)).contains(" ---> Running in");
    }

    /// A stage fails while the one that people are told of still runs.
    @Test
    void failureElsewhereKeepsNothing(Client docker) throws IOException {
        String steps =
                dockerfile(
                        "FROM busybox AS long\nRUN exec sleep 987653\n"
                                + "FROM busybox\nRUN exit 5\nCOPY --from=long /f /\n");
        assertThat(docker.run("build", steps).status()).isEqualTo(5);
        // The same layer as that of the step that failed.
        docker.ok("build", "-q", dockerfile("FROM busybox\nRUN true\n"));
        docker.ok("builder", "prune", "-af");
        assertThat(docker.ok("system", "df", "--format", "{{.Type}} {{.TotalCount}}"))
                .contains("Build Cache 0");
    }

    @Test
    void touchedFileIsTheSameFile(Client docker) throws IOException {
        String steps = dockerfile("FROM busybox\nCOPY f /f\nRUN cat /f\n");
        String first = docker.ok("build", "-q", steps);
        Files.setLastModifiedTime(
                context.resolve("f"), java.nio.file.attribute.FileTime.fromMillis(1_000_000_000));
        assertThat(docker.ok("build", "-q", steps)).isEqualTo(first);
        Files.writeString(context.resolve("f"), "other\n");
        String third = docker.ok("build", steps);
        assertThat(third).contains("other").doesNotContain("Using cache");
    }

    @Test
    void clientThatLeavesEndsTheStep(Client docker, Engine engine) throws IOException {
        String steps = dockerfile("FROM busybox\nRUN echo waits; exec sleep 987654\n");
        try (Running build = docker.start("build", steps)) {
            build.out().await("waits");
        }
        Eventually.holds(
                "the step has ended",
                () ->
                        ProcessHandle.allProcesses()
                                .noneMatch(process ->
                                        process.info()
                                                .arguments()
                                                .map(List::of)
                                                .orElse(List.of())
                                                .contains("987654")));
        assertThat(docker.ok("ps", "-aq")).isEmpty();
    }

    @Test
    void dockerfileOnStandardInputAndFloodOfOutput(Client docker) {
        assertThat(
                        docker.runWithInput(
                                        "FROM busybox\nRUN echo in\n".getBytes(UTF_8), "build", "-")
                                .out())
                .contains("Step 2/2 : RUN echo in", "\nin\n");
        Finished flood =
                docker.runWithInput(
                        "FROM busybox\nRUN yes | head -c 60000000; echo; echo end\n"
                                .getBytes(UTF_8),
                        "build",
                        "-");
        assertThat(flood.status()).isZero();
        assertThat(flood.out()).contains("\nend\n", "Successfully built");
    }
}
