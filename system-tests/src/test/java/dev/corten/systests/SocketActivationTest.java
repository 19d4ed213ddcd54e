package dev.corten.systests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The daemon as a service of systemd, whose part is played by a program of a page.
@Shows({"DMN-04", "API-09", "HST-02"})
class SocketActivationTest {
    @TempDir Path directory;
    private Path notes;
    private Engine engine;

    @BeforeEach
    void prepare() throws IOException {
        Machine.hasRoot();
        Machine.hasProgram("gcc");
        notes = directory.resolve("notes");
    }

    @AfterEach
    void close() {
        if (engine != null) {
            engine.closeCleanly();
        }
    }

    /// The fixture's own `-H unix://PATH` becomes the address of the socket that is handed over.
    private void start(String host, String... options) throws IOException {
        Path source = directory.resolve("activate.c");
        try (var in = SocketActivationTest.class.getResourceAsStream("activate.c")) {
            Files.write(source, in.readAllBytes());
        }
        Path program = directory.resolve("activate");
        Running.run("gcc", "-o", program.toString(), source.toString()).ok();
        Path script = directory.resolve("cortend");
        Files.writeString(
                script,
                """
                #!/bin/sh
                socket=${2#unix://}
                shift 2
                rm -f "$socket"
                exec %s "$socket" %s %s -H %s "$@"
                """
                        .formatted(program, notes, Engine.program("cortend"), host));
        assertThat(script.toFile().setExecutable(true)).isTrue();
        engine = Engine.start(script, options);
    }

    private String noted() {
        try {
            return Files.exists(notes) ? Files.readString(notes) : "";
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void theSocketIsTheServiceManagersAndItHearsHowTheDaemonIs() throws IOException {
        start("fd://api");
        Eventually.holds("it is told of readiness", () -> noted().contains("READY=1"));
        assertThat(engine.api().get("/version").json().path("ApiVersion").asString())
                .isEqualTo("1.51");
        engine.signal("HUP");
        Eventually.holds(
                "it is told of the reload",
                () ->
                        noted().matches(
                                        "(?s).*READY=1\nRELOADING=1\nMONOTONIC_USEC=\\d+\nREADY=1\n"));
        engine.terminate();
        assertThat(noted()).endsWith("READY=1\nSTOPPING=1\n");
        // Not the daemon's to remove: clients may be waiting there.
        assertThat(engine.socket()).exists();
        Files.delete(engine.socket());
    }

    @Test
    void streamsAreTakenFromItAsFromAnyOther() throws IOException {
        start("fd://3");
        Image.busybox().load(engine);
        Client docker = engine.docker();
        assertThat(
                        docker.runWithInput(
                                        "abc".getBytes(UTF_8),
                                        "run",
                                        "-i",
                                        "--rm",
                                        "busybox",
                                        "rev")
                                .out())
                .isEqualTo("cba");
    }

    @Test
    void tcpFromTheServiceManagerMustBeMeantToo() throws IOException {
        start("fd://", "--tls=false");
        String port = noted().lines().findFirst().orElseThrow().substring("port ".length());
        assertThat(Running.run("curl", "-s", "http://127.0.0.1:" + port + "/_ping").out())
                .isEqualTo("OK");
    }

    /// The unit has the kernel spare the daemon where memory is short; it must not spare containers.
    /// A higher score than 0 shows the same as a lower one, which not every machine lets a test set.
    @Test
    void containersDoNotInheritTheServicesScore() throws IOException {
        Path script = directory.resolve("cortend");
        Files.writeString(
                script,
                "#!/bin/sh\necho 300 > /proc/self/oom_score_adj\nexec "
                        + Engine.program("cortend")
                        + " \"$@\"\n");
        assertThat(script.toFile().setExecutable(true)).isTrue();
        engine = Engine.start(script);
        if (!Limits.againstStub()) {
            Image.busybox().load(engine);
        }
        Client docker = engine.docker();
        docker.ok("run", "-d", "--name", "c1", "busybox", "sleep", "1000");
        assertThat(Files.readString(Path.of("/proc/" + engine.pid() + "/oom_score_adj")).strip())
                .isEqualTo("300");
        String score = "/proc/self/oom_score_adj";
        assertThat(docker.ok("exec", "c1", "cat", "/proc/1/oom_score_adj")).isEqualTo("0");
        assertThat(docker.ok("exec", "c1", "cat", score)).isEqualTo("0");
        assertThat(docker.ok("run", "--rm", "--oom-score-adj", "7", "busybox", "cat", score))
                .isEqualTo("7");
        docker.ok("rm", "-f", "c1");
    }

    @Test
    void withoutAServiceManagerThereIsNoSuchSocket() {
        Finished refused =
                Cortend.run(
                        "-H",
                        "fd://",
                        "--data-root",
                        directory.resolve("data").toString(),
                        "--exec-root",
                        directory.resolve("exec").toString(),
                        "--pidfile",
                        directory.resolve("pid").toString());
        assertThat(refused.status()).isEqualTo(1);
        assertThat(refused.err())
                .isEqualTo(
                        "failed to load listeners: no sockets found via socket activation: make"
                                + " sure the service was started by systemd\n");
    }
}
