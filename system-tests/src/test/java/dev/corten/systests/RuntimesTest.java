package dev.corten.systests;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Containers that other runtimes make: our own by its path, which any machine has, and runc.
@Shows("RUN-42")
class RuntimesTest {
    private static final String OWN = Engine.program("corten-runtime").toString();

    /// Debian's, and where this project's peers are.
    private static final List<String> RUNC =
            List.of("/usr/sbin/runc", "/usr/bin/runc", "/opt/peers/sid/usr/sbin/runc");

    private static Engine engine;
    private static Client docker;

    static List<String> runtimes() {
        return Stream.concat(Stream.of("own"), runc().map(_ -> "peer")).toList();
    }

    private static Stream<String> runc() {
        return RUNC.stream().filter(path -> Files.isExecutable(Path.of(path))).limit(1);
    }

    @BeforeAll
    static void anEngine() {
        Machine.hasRoot();
        Machine.hasProgram("docker");
        engine =
                Engine.start(
                        "--add-runtime=own=" + OWN,
                        "--add-runtime=broken=/no/such/program",
                        "--add-runtime=peer=" + runc().findFirst().orElse("/no/runc"));
        docker = engine.docker();
        if (!Limits.againstStub()) {
            Image.busybox().load(engine);
        }
    }

    @AfterEach
    void noContainers() {
        engine.removeContainers();
    }

    @AfterAll
    static void nothingIsLeft() {
        engine.closeCleanly();
    }

    private static void run(String runtime, String name, String... words) {
        var command = new java.util.ArrayList<>(List.of("run", "-d", "--runtime", runtime));
        command.addAll(List.of("--name", name));
        command.addAll(List.of(words));
        docker.ok(command.toArray(String[]::new));
    }

    @ParameterizedTest
    @MethodSource("runtimes")
    void outputInputAndStatus(String runtime) {
        Finished run =
                docker.run(
                        "run",
                        "--rm",
                        "--runtime",
                        runtime,
                        "-m",
                        "64m",
                        "busybox",
                        "sh",
                        "-c",
                        "echo out; echo err >&2; hostname > /x; exit 5");
        assertThat(run.status()).isEqualTo(5);
        assertThat(run.out()).isEqualTo("out\n");
        assertThat(run.err()).isEqualTo("err\n");
        try (var cat = docker.start("run", "-i", "--rm", "--runtime", runtime, "busybox", "cat")) {
            cat.type("typed\n");
            cat.closeInput();
            assertThat(cat.await().ok()).isEqualTo("typed");
        }
        assertThat(docker.ok("ps", "-aq")).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("runtimes")
    void theLifeOfAContainer(String runtime) {
        run(
                runtime,
                "c1",
                "-v",
                "vol:/v",
                "--tmpfs",
                "/t",
                "busybox",
                "sh",
                "-c",
                "echo ready; trap 'exit 4' TERM; while :; do sleep 0.1; done");
        Eventually.get("its log", () -> docker.ok("logs", "c1"), "ready"::equals);
        assertThat(docker.ok("inspect", "-f", "{{.HostConfig.Runtime}}", "c1")).isEqualTo(runtime);
        assertThat(docker.ok("exec", "c1", "sh", "-c", "ip -4 addr show eth0 | grep -c inet"))
                .isEqualTo("1");
        assertThat(docker.run("exec", "c1", "sh", "-c", "exit 7").status()).isEqualTo(7);
        assertThat(
                        docker.ok(
                                "exec",
                                "-u",
                                "7",
                                "-w",
                                "/tmp",
                                "-e",
                                "A=b",
                                "c1",
                                "sh",
                                "-c",
                                "echo $(id -u) $PWD $A"))
                .isEqualTo("7 /tmp b");
        Finished missing = docker.run("exec", "c1", "nosuch");
        assertThat(missing.status()).isEqualTo(127);
        assertThat(missing.toString())
                .contains("OCI runtime exec failed: ", "executable file not found");

        docker.ok("pause", "c1");
        assertThat(docker.ok("ps", "--format", "{{.Status}}")).endsWith("(Paused)");
        docker.ok("unpause", "c1");
        docker.ok("update", "--pids-limit", "77", "c1");
        assertThat(docker.ok("stats", "--no-stream", "--format", "{{.PIDs}}", "c1"))
                .isNotEqualTo("0");
        assertThat(docker.ok("top", "c1")).contains("sleep 0.1");

        docker.ok("stop", "-t", "20", "c1");
        assertThat(docker.ok("inspect", "-f", "{{.State.ExitCode}}", "c1")).isEqualTo("4");
        docker.ok("start", "c1");
        docker.ok("kill", "c1");
        assertThat(docker.ok("wait", "c1")).isEqualTo("137");
    }

    @ParameterizedTest
    @MethodSource("runtimes")
    void aTerminal(String runtime) {
        docker.ok("create", "-t", "--name", "c1", "--runtime", runtime, "busybox", "tty");
        assertThat(docker.ok("start", "-a", "c1")).isEqualTo("/dev/pts/0");
    }

    @ParameterizedTest
    @MethodSource("runtimes")
    void namespacesOfAnotherContainer(String runtime) {
        run(runtime, "c1", "busybox", "sleep", "1000");
        String script = "readlink /proc/self/ns/net; ps | grep -c 'sleep 1000'";
        List<String> seen =
                docker.ok(
                                "run",
                                "--rm",
                                "--runtime",
                                runtime,
                                "--network",
                                "container:c1",
                                "--pid",
                                "container:c1",
                                "busybox",
                                "sh",
                                "-c",
                                script)
                        .lines()
                        .toList();
        assertThat(seen.getFirst())
                .isEqualTo(docker.ok("exec", "c1", "readlink", "/proc/self/ns/net"));
        assertThat(Integer.parseInt(seen.getLast())).isGreaterThanOrEqualTo(1);
    }

    @ParameterizedTest
    @MethodSource("runtimes")
    void theDaemonsDeathIsNotNoticed(String runtime) {
        run(runtime, "c1", "-i", "busybox", "sh", "-c", "echo a; read x; echo $x; exit 6");
        run(runtime, "c2", "busybox", "sleep", "1000");
        engine.kill();
        engine.open();
        assertThat(docker.ok("exec", "c2", "echo", "inside")).isEqualTo("inside");
        try (var attached = docker.start("attach", "c1")) {
            attached.type("b\n");
            attached.closeInput();
            assertThat(attached.await().status()).isEqualTo(6);
        }
        assertThat(docker.ok("logs", "c1")).isEqualTo("a\nb");
        docker.ok("start", "c1");
        docker.ok("rm", "-f", "c1", "c2");
    }

    @ParameterizedTest
    @MethodSource("runtimes")
    void aCommandThatIsMissingIsTold(String runtime) {
        Finished run = docker.run("run", "--runtime", runtime, "busybox", "nosuch");
        assertThat(run.status()).isEqualTo(127);
        assertThat(run.err())
                .contains(
                        "failed to create task for container: failed to create shim task: OCI"
                                + " runtime create failed: ",
                        "exec: \"nosuch\": executable file not found in $PATH");
    }

    @Test
    void itIsTheOtherProgramThatMakesTheContainer() {
        Finished run = docker.run("run", "--rm", "--runtime", "broken", "busybox", "true");
        assertThat(run.status()).isNotZero();
        assertThat(run.err()).contains("/no/such/program: no such file or directory");
        run("own", "c1", "busybox", "sleep", "1000");
        String id = docker.ok("inspect", "-f", "{{.Id}}", "c1");
        Path state = engine.execRoot().resolve("bundles/state").resolve(id);
        assertThat(state.resolve("state.json")).exists();
        docker.ok("rm", "-f", "c1");
        assertThat(state).doesNotExist();
    }

    @Test
    void theyAreListed() {
        engine.answersAsItself();
        assertThat(docker.ok("info", "-f", "{{(index .Runtimes \"own\").Path}}")).isEqualTo(OWN);
        assertThat(docker.run("run", "--rm", "--runtime", "unknown", "busybox").err())
                .contains("unknown or invalid runtime name: unknown");
    }
}
