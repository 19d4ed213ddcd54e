package dev.corten.systests;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// The orderly end of the daemon, with the containers and without.
class DaemonEndTest {
    private static final String POLITE =
            "trap 'echo bye; exit 3' TERM; echo ready; while :; do usleep 10000; done";
    private static final String STATE = "{{.State.Status}} {{.State.ExitCode}} {{.RestartCount}}";

    private Engine engine;
    private Client docker;

    @AfterEach
    void close() {
        engine.closeCleanly();
    }

    private void start(String... options) {
        Machine.hasRoot();
        Machine.hasProgram("docker");
        engine = Engine.start(options);
        docker = engine.docker();
        if (!Limits.againstStub()) {
            Image.busybox().load(engine);
        }
    }

    private void run(String name, String... options) {
        var command = new ArrayList<String>(List.of("run", "-d", "--name"));
        command.add(name);
        command.addAll(List.of(options));
        command.addAll(List.of("busybox", "sh", "-c", POLITE));
        docker.ok(command.toArray(String[]::new));
        Eventually.get("the log", () -> docker.ok("logs", name), "ready"::equals);
    }

    @Test
    @Shows({"DMN-11", "HST-05"})
    void containersGoOnUnlessSaidOtherwise() {
        start();
        run("c1");
        String pid = docker.ok("inspect", "-f", "{{.State.Pid}}", "c1");
        engine.terminate();
        assertThat(Files.exists(Path.of("/proc", pid))).isTrue();
        assertThat(Files.exists(engine.socket())).isFalse();
        assertThat(Files.exists(engine.root().resolve("pid"))).isFalse();
        engine.open();
        assertThat(docker.ok("inspect", "-f", STATE, "c1")).isEqualTo("running 0 0");
        assertThat(docker.ok("info", "-f", "{{.LiveRestoreEnabled}}")).isEqualTo("true");
    }

    @Test
    @Shows("DMN-11")
    void withoutLiveRestoreContainersEndWithTheDaemonAndPoliciesStartThemAgain() {
        start("--live-restore=false", "--shutdown-timeout", "3");
        assertThat(docker.ok("info", "-f", "{{.LiveRestoreEnabled}}")).isEqualTo("false");
        run("plain");
        run("always", "--restart", "always");
        run("unless", "--restart", "unless-stopped");
        run("stopped", "--restart", "unless-stopped");
        docker.ok("stop", "stopped");
        try (var waiting = engine.api().connect()) {
            waiting.send(
                    Api.head("POST", "/containers/plain/wait", 0, "application/json", "close"));
            waiting.awaitHead();
            engine.terminate();
            waiting.received().awaitEnd();
            assertThat(waiting.received().text()).contains("{\"StatusCode\":3}");
        }
        engine.open();
        assertThat(docker.ok("inspect", "-f", STATE, "plain")).isEqualTo("exited 3 0");
        assertThat(docker.ok("logs", "plain")).isEqualTo("ready\nbye");
        for (String name : List.of("always", "unless")) {
            Eventually.get(
                    name + " runs again",
                    () -> docker.ok("inspect", "-f", "{{.State.Status}}", name),
                    "running"::equals);
            Eventually.get(
                    "the log of both runs",
                    () -> docker.ok("logs", name),
                    "ready\nbye\nready"::equals);
        }
        assertThat(docker.ok("inspect", "-f", "{{.State.Status}}", "stopped")).isEqualTo("exited");
    }

    /// One that does not listen is killed when its time is over.
    @Test
    @Shows("DMN-11")
    void aDeafContainerIsKilledInTheEnd() {
        start("--live-restore=false");
        docker.ok(
                "run",
                "-d",
                "--name",
                "c1",
                "--stop-timeout",
                "1",
                "busybox",
                "sh",
                "-c",
                "trap '' TERM; echo ready; while :; do usleep 10000; done");
        Eventually.get("the log", () -> docker.ok("logs", "c1"), "ready"::equals);
        engine.terminate();
        engine.open();
        assertThat(docker.ok("inspect", "-f", STATE, "c1")).isEqualTo("exited 137 0");
    }

    /// The second signal is one too many, the third is an order.
    @Test
    void theThirdSignalEndsTheDaemonAtOnce() {
        start("--live-restore=false");
        docker.ok(
                "run",
                "-d",
                "--name",
                "c1",
                "--stop-timeout",
                "600",
                "busybox",
                "sh",
                "-c",
                "trap '' TERM; echo ready; while :; do usleep 10000; done");
        Eventually.get("the log", () -> docker.ok("logs", "c1"), "ready"::equals);
        for (int i = 1; i <= 3; i++) {
            int count = i;
            engine.signal("TERM");
            Eventually.holds(
                    "signal " + i + " is heard",
                    () ->
                            engine.logText()
                                            .lines()
                                            .filter(line -> line.contains("Processing signal 15"))
                                            .count()
                                    >= count);
        }
        engine.awaitEnd();
        assertThat(engine.logText()).contains("Forcing daemon shutdown without cleanup");
        engine.open();
        assertThat(docker.ok("inspect", "-f", "{{.State.Status}}", "c1")).isEqualTo("running");
    }
}
