package dev.corten.systests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// The daemon is killed; containers, their logs and who is attached to them go on.
@ExtendWith(PrivateEngine.class)
class DaemonDeathTest {
    private static final int LINES = 10_000;

    /// Takes about a second.
    private static final String WRITER =
            "i=0; while [ $i -lt 10000 ]; do i=$((i + 1)); echo line $i;"
                    + " [ $((i % 100)) -eq 0 ] && usleep 10000; done; read x; exit 4";

    private static final String ATTACH = "/containers/c1/attach?stream=1&stdin=1&stdout=1&stderr=1";

    @Test
    void noLineIsLostInLogOrAttachedStream(Engine engine, Client docker, Api api) {
        String expected =
                IntStream.rangeClosed(1, LINES)
                        .mapToObj(i -> "line " + i + "\n")
                        .collect(Collectors.joining());
        docker.ok("create", "-i", "--name", "c1", "busybox", "sh", "-c", WRITER);
        try (var attached = api.hijack(ATTACH, "")) {
            docker.ok("start", "c1");
            attached.awaitPayload("the first lines", text -> text.contains("line 1000\n"));
            engine.kill();
            assertThat(new String(Api.Connection.payload(attached.received().bytes()), UTF_8))
                    .as("killed in the middle")
                    .doesNotContain("line " + LINES);
            byte[] all =
                    attached.awaitPayload("the last line", text -> text.contains("line 10000\n"));
            assertThat(new String(all, UTF_8)).isEqualTo(expected);
            engine.open();
            assertThat(docker.run("logs", "c1").out()).isEqualTo(expected);
            assertThat(docker.ok("inspect", "-f", "{{.State.Status}}", "c1")).isEqualTo("running");
            attached.send("go\n");
            assertThat(docker.ok("wait", "c1")).isEqualTo("4");
            assertThat(attached.received().awaitEnd()).isNotEmpty();
        }
        docker.ok("rm", "c1");
    }

    @Test
    void containerIsUsedAsBeforeAfterTheRestart(Engine engine, Client docker, Api api) {
        String loop =
                "trap 'echo bye; exit 3' TERM; echo ready; while :; do read x && echo got $x; done";
        docker.ok("run", "-d", "-i", "--name", "c1", "busybox", "sh", "-c", loop);
        Eventually.get("the log", () -> docker.ok("logs", "c1"), "ready"::equals);
        engine.kill();
        engine.open();
        assertThat(docker.ok("exec", "c1", "echo", "inside")).isEqualTo("inside");
        try (var attached = api.hijack(ATTACH, "");
                Running logs = docker.start("logs", "-f", "c1")) {
            attached.send("word\n");
            attached.awaitPayload("an answer", text -> text.equals("got word\n"));
            logs.out().await("ready\ngot word\n");
            assertThat(docker.ok("stop", "c1")).isEqualTo("c1");
            assertThat(logs.await().out()).isEqualTo("ready\ngot word\nbye\n");
        }
        assertThat(docker.ok("inspect", "-f", "{{.State.Status}} {{.State.ExitCode}}", "c1"))
                .isEqualTo("exited 3");
        docker.ok("start", "c1");
        docker.ok("rm", "-f", "c1");
    }

    @Test
    void exitDuringTheAbsenceIsRecorded(Engine engine, Client docker, Api api) {
        docker.ok("create", "-i", "--name", "c1", "busybox", "sh", "-c", "read x; echo $x; exit 5");
        try (var attached = api.hijack(ATTACH, "")) {
            docker.ok("start", "c1");
            engine.kill();
            attached.send("alone\n");
            attached.awaitPayload("its last word", text -> text.equals("alone\n"));
            attached.received().awaitEnd();
        }
        engine.open();
        assertThat(docker.ok("inspect", "-f", "{{.State.Status}} {{.State.ExitCode}}", "c1"))
                .isEqualTo("exited 5");
        assertThat(docker.ok("logs", "c1")).isEqualTo("alone");
        assertThat(docker.ok("wait", "c1")).isEqualTo("5");
    }

    @Test
    void whatRemovesItselfIsRemovedAtTheRestart(Engine engine, Client docker) {
        docker.ok("run", "-d", "--rm", "--name", "c1", "busybox", "sleep", "1000");
        docker.ok("run", "-d", "--name", "c2", "busybox", "sleep", "1000");
        String first = docker.ok("inspect", "-f", "{{.State.Pid}}", "c1");
        String second = docker.ok("inspect", "-f", "{{.State.Pid}}", "c2");
        engine.kill();
        Running.run("kill", "-9", first, second).ok();
        Eventually.holds("they end", () -> Belongings.commandLine(Long.parseLong(first)).isEmpty());
        engine.open();
        Eventually.get(
                "what is left",
                () -> docker.ok("ps", "-a", "--format", "{{.Names}} {{.Status}}"),
                list -> list.startsWith("c2 Exited (137)") && !list.contains("c1"));
    }

    @Test
    void publishedPortWorksDuringTheAbsence(Engine engine, Client docker) throws IOException {
        // Not one that the engine chooses: with the daemon dead, nothing holds it, and other
        // engines of this machine choose by the same rule.
        int port = NetworkTest.freePort();
        docker.ok(
                "run",
                "-d",
                "--name",
                "web",
                "-p",
                port + ":80",
                "busybox",
                "sh",
                "-c",
                "while :; do echo served | nc -l -p 80 >/dev/null 2>&1; done");
        engine.kill();
        assertThat(NetworkTest.talk("127.0.0.1", port)).isEqualTo("served\n");
        assertThat(NetworkTest.talk(engine.bridgeAddress(), port)).isEqualTo("served\n");
        engine.open();
        assertThat(NetworkTest.talk("127.0.0.1", port)).isEqualTo("served\n");
        Finished taken = docker.run("run", "-p", port + ":80", "busybox", "true");
        assertThat(taken.err()).contains("port is already allocated");
        docker.ok("rm", "-f", "web");
        assertThat(docker.ok("run", "--rm", "-p", port + ":80", "busybox", "echo", "free"))
                .isEqualTo("free");
    }

    @Test
    void stoppedDaemonLeavesContainersRunning(Engine engine, Client docker) {
        docker.ok("run", "-d", "--name", "c1", "busybox", "sleep", "1000");
        long pid = Long.parseLong(docker.ok("inspect", "-f", "{{.State.Pid}}", "c1"));
        engine.terminate();
        assertThat(Belongings.commandLine(pid)).isEqualTo("sleep 1000");
        engine.open();
        assertThat(docker.ok("ps", "--format", "{{.Names}}")).isEqualTo("c1");
        assertThat(docker.ok("exec", "c1", "echo", "in")).isEqualTo("in");
    }

    @Test
    void twoDaemonsAreSideBySide(Engine engine, Client docker) {
        Engine other = Engine.start();
        try {
            Image.busybox().load(other);
            Client second = other.docker();
            docker.ok("run", "-d", "--name", "same", "-p", "80", "busybox", "sleep", "1000");
            second.ok("run", "-d", "--name", "same", "-p", "80", "busybox", "sleep", "1001");
            assertThat(docker.ok("exec", "same", "cat", "/proc/1/cmdline")).contains("1000");
            assertThat(second.ok("exec", "same", "cat", "/proc/1/cmdline")).contains("1001");
            other.kill();
            assertThat(docker.ok("run", "--rm", "busybox", "echo", "on")).isEqualTo("on");
            other.open();
            assertThat(second.ok("ps", "--format", "{{.Names}}")).isEqualTo("same");
        } finally {
            other.closeCleanly();
        }
        assertThat(docker.ok("exec", "same", "echo", "still")).isEqualTo("still");
    }

    @Test
    void dataRootHasOneDaemon(Engine engine) {
        assertThat(engine.docker().ok("run", "--rm", "busybox", "echo", "on")).isEqualTo("on");
        try (Running second =
                Running.start(
                        java.util.List.of(
                                Engine.program("cortend").toString(),
                                "-H",
                                "unix://" + engine.scratch("second.sock"),
                                "--data-root",
                                engine.dataRoot().toString(),
                                "--exec-root",
                                engine.scratch("second").toString(),
                                "--pidfile",
                                engine.scratch("second.pid").toString()),
                        java.util.Map.of())) {
            Finished end = second.await();
            assertThat(end.status()).isEqualTo(1);
            assertThat(end.err()).contains(engine.dataRoot().toString());
        }
        assertThat(engine.docker().ok("run", "--rm", "busybox", "echo", "on")).isEqualTo("on");
    }
}
