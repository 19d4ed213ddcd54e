package dev.corten.systests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// `corten-runtime` as containerd and Podman call it, on a bundle made by hand.
@ExtendWith(PrivateEngine.class)
@Shows("API-13")
class OciRuntimeTest {
    private static final JsonMapper JSON = new JsonMapper();
    private static final String PROGRAM = Engine.program("corten-runtime").toString();

    @TempDir Path folder;
    private Path bundle;
    private String id;

    @BeforeEach
    void aBundle(Engine engine) throws IOException {
        engine.answersAsItself();
        id = "oci-" + UUID.randomUUID();
        bundle = Files.createDirectories(folder.resolve("bundle"));
        Path bin = Files.createDirectories(bundle.resolve("rootfs/bin"));
        Files.copy(Path.of("/bin/busybox"), bin.resolve("busybox"));
        bin.resolve("busybox").toFile().setExecutable(true);
        for (String name :
                List.of("sh", "cat", "sleep", "id", "ps", "hostname", "readlink", "tty")) {
            Files.createSymbolicLink(bin.resolve(name), Path.of("busybox"));
        }
        assertThat(runtime("spec", "--bundle", bundle.toString()).ok()).isEmpty();
    }

    @AfterEach
    void nothingIsLeft() {
        runtime("delete", "--force", id);
        assertThat(folder.resolve("root").resolve(id)).doesNotExist();
        assertThat(Path.of("/sys/fs/cgroup/memory", id)).doesNotExist();
    }

    private Finished runtime(String... arguments) {
        var command =
                new ArrayList<>(List.of(PROGRAM, "--root", folder.resolve("root").toString()));
        command.addAll(List.of(arguments));
        try (var running = Running.start(command, Map.of())) {
            running.closeInput();
            return running.await();
        }
    }

    /// What `spec` has written, with another command and without a terminal.
    private ObjectNode config(String... args) throws IOException {
        var config = (ObjectNode) JSON.readTree(Files.readString(bundle.resolve("config.json")));
        var process = (ObjectNode) config.path("process");
        process.put("terminal", false);
        ((ObjectNode) config.path("root")).put("readonly", false);
        process.set("args", JSON.valueToTree(List.of(args)));
        save(config);
        return config;
    }

    private void save(JsonNode config) throws IOException {
        Files.writeString(bundle.resolve("config.json"), config.toString());
    }

    /// The container has the streams of this command: files, as it outlives the command.
    private int create(String... more) throws IOException, InterruptedException {
        var command =
                new ArrayList<>(
                        List.of(
                                PROGRAM,
                                "--root",
                                folder.resolve("root").toString(),
                                "--log",
                                folder.resolve("log.json").toString(),
                                "--log-format",
                                "json",
                                "create",
                                "--bundle",
                                bundle.toString(),
                                "--pid-file",
                                folder.resolve("pid").toString()));
        command.addAll(List.of(more));
        command.add(id);
        Process process =
                new ProcessBuilder(command)
                        .redirectOutput(folder.resolve("out").toFile())
                        .redirectError(folder.resolve("err").toFile())
                        .start();
        process.getOutputStream().close();
        assertThat(process.waitFor(Limits.patience().toMillis(), TimeUnit.MILLISECONDS)).isTrue();
        return process.exitValue();
    }

    private JsonNode state() {
        return JSON.readTree(runtime("state", id).ok());
    }

    private void awaitStatus(String status) {
        Eventually.get("it is " + status, () -> state().path("status").asString(), status::equals);
    }

    private String output() throws IOException {
        return Files.readString(folder.resolve("out"), UTF_8);
    }

    @Test
    void theLifeOfAContainer() throws Exception {
        config("sh", "-c", "id; hostname; cat; exec sleep 1000");
        assertThat(create()).isZero();
        assertThat(output()).isEmpty();
        JsonNode created = state();
        assertThat(created.path("status").asString()).isEqualTo("created");
        assertThat(created.path("ociVersion").asString()).startsWith("1.");
        assertThat(created.path("id").asString()).isEqualTo(id);
        assertThat(created.path("bundle").asString()).isEqualTo(bundle.toString());
        assertThat(created.path("pid").asString())
                .isEqualTo(Files.readString(folder.resolve("pid")));

        assertThat(runtime("start", id).ok()).isEmpty();
        Eventually.get("its output", this::output, "uid=0 gid=0\ncorten\n"::equals);
        assertThat(state().path("status").asString()).isEqualTo("running");
        assertThat(runtime("start", id).err())
                .contains("level=error msg=\"cannot start an already running container\"");

        Finished exec =
                runtime(
                        "exec",
                        "-e",
                        "A=b",
                        "--cwd",
                        "/bin",
                        id,
                        "sh",
                        "-c",
                        "echo $A $PWD; exit 7");
        assertThat(exec.status()).isEqualTo(7);
        assertThat(exec.out()).isEqualTo("b /bin\n");
        Finished missing = runtime("exec", id, "nosuch");
        assertThat(missing.status()).isEqualTo(255);
        assertThat(missing.err())
                .contains("exec: \\\"nosuch\\\": executable file not found in $PATH");

        assertThat(runtime("list", "-q").ok()).isEqualTo(id);
        JsonNode listed = JSON.readTree(runtime("list", "-f", "json").ok());
        assertThat(listed.path(0).path("status").asString()).isEqualTo("running");
        assertThat(runtime("list").lines().getFirst()).startsWith("ID ").endsWith("OWNER");
        assertThat(JSON.readTree(runtime("ps", "--format", "json", id).ok()).path(0).asInt())
                .isEqualTo(created.path("pid").asInt());

        assertThat(runtime("pause", id).ok()).isEmpty();
        assertThat(state().path("status").asString()).isEqualTo("paused");
        assertThat(runtime("resume", id).ok()).isEmpty();
        assertThat(runtime("resume", id).err()).contains("container not paused");

        assertThat(runtime("update", "--pids-limit", "77", id).ok()).isEmpty();
        JsonNode stats = JSON.readTree(runtime("events", "--stats", id).ok());
        assertThat(stats.path("type").asString()).isEqualTo("stats");
        assertThat(stats.path("data").path("pids").path("limit").asInt()).isEqualTo(77);

        assertThat(runtime("delete", id).err()).contains("that is not stopped: running");
        assertThat(runtime("kill", id, "KILL").ok()).isEmpty();
        awaitStatus("stopped");
        assertThat(runtime("kill", id, "KILL").err()).contains("container not running");
        assertThat(runtime("delete", id).ok()).isEmpty();
        assertThat(runtime("state", id).err()).contains("container does not exist");
    }

    @Test
    void runStaysAndGivesTheStatus() throws IOException {
        config("sh", "-c", "echo out; echo err >&2; exit 5");
        Finished run = runtime("run", "--bundle", bundle.toString(), id);
        assertThat(run.status()).isEqualTo(5);
        assertThat(run.out()).isEqualTo("out\n");
        assertThat(run.err()).isEqualTo("err\n");
        assertThat(runtime("list", "-q").ok()).isEmpty();
    }

    @Test
    void aFailedCreationIsOneLineOfJsonInTheLogAndLeavesNothing() throws Exception {
        config("nosuch");
        assertThat(create()).isEqualTo(1);
        JsonNode line = JSON.readTree(Files.readString(folder.resolve("log.json")));
        assertThat(line.path("level").asString()).isEqualTo("error");
        assertThat(line.path("msg").asString())
                .endsWith("exec: \"nosuch\": executable file not found in $PATH");
        assertThat(line.path("time").asString()).contains("T");
        assertThat(runtime("list", "-q").ok()).isEmpty();
        assertThat(folder.resolve("root").resolve(id)).doesNotExist();
    }

    @Test
    void theOtherEndOfATerminalGoesToTheConsoleSocket() throws Exception {
        ObjectNode config = config("sh", "-c", "tty; exec sleep 1000");
        ((ObjectNode) config.path("process")).put("terminal", true);
        save(config);
        assertThat(create()).isEqualTo(1);
        assertThat(Files.readString(folder.resolve("err"))).contains("cannot allocate tty");

        String socket = folder.resolve("console").toString();
        String receive =
                """
                import array, os, socket, sys
                s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]); s.listen(1)
                print("ready", flush=True)
                c = s.accept()[0]
                name, rights, _, _ = c.recvmsg(4096, 1024)
                fd = array.array("i", rights[0][2])[0]
                print(name.decode(), os.isatty(fd), os.read(fd, 100).decode().strip(), flush=True)
                """;
        try (var console =
                Running.start(List.of("/usr/bin/python3", "-c", receive, socket), Map.of())) {
            console.out().await("ready");
            assertThat(create("--console-socket", socket)).isZero();
            assertThat(runtime("start", id).ok()).isEmpty();
            assertThat(console.await().ok()).contains("/dev/ptmx True /dev/pts/0");
        }
    }

    @Test
    void hooksRunInTheirOrderWithTheState() throws Exception {
        ObjectNode config = config("sh", "-c", "cat /hooked; exec sleep 1000");
        Path log = folder.resolve("hooks");
        ObjectNode hooks = config.putObject("hooks");
        for (String kind :
                List.of("prestart", "createRuntime", "createContainer", "poststart", "poststop")) {
            hook(hooks, kind, "/bin/sh", "echo " + kind + " $(cat) >> " + log);
        }
        hook(hooks, "startContainer", "/bin/sh", "cat > /hooked");
        save(config);
        assertThat(create()).isZero();
        assertThat(runtime("start", id).ok()).isEmpty();
        Eventually.get(
                "what the hook in the container was told",
                this::output,
                text -> text.contains("\"status\":\"created\""));
        assertThat(runtime("delete", "--force", id).ok()).isEmpty();
        List<String> lines = Files.readAllLines(log);
        assertThat(lines)
                .extracting(line -> line.substring(0, line.indexOf(' ')))
                .containsExactly(
                        "prestart", "createRuntime", "createContainer", "poststart", "poststop");
        assertThat(lines)
                .extracting(line ->
                        JSON.readTree(line.substring(line.indexOf(' ') + 1))
                                .path("status")
                                .asString())
                .containsExactly("creating", "creating", "creating", "running", "stopped");
    }

    private static void hook(ObjectNode hooks, String kind, String path, String script) {
        ObjectNode hook = hooks.putArray(kind).addObject();
        hook.put("path", path);
        hook.putArray("args").add("sh").add("-c").add(script);
        hook.putArray("env").add("PATH=/bin:/usr/bin");
    }

    @Test
    void aHookThatFailsEndsTheCreation() throws Exception {
        ObjectNode config = config("true");
        hook(config.putObject("hooks"), "createRuntime", "/bin/sh", "echo no; exit 3");
        save(config);
        assertThat(create()).isEqualTo(1);
        assertThat(Files.readString(folder.resolve("err")))
                .contains("error running createRuntime hook #0: exit status 3")
                .contains("no");
        assertThat(folder.resolve("root").resolve(id)).doesNotExist();
    }

    @Test
    void namespacesAreJoinedByPath() throws Exception {
        ObjectNode config = config("readlink", "/proc/self/ns/net");
        for (JsonNode namespace : config.path("linux").path("namespaces")) {
            if (namespace.path("type").asString().equals("network")) {
                ((ObjectNode) namespace).put("path", "/proc/self/ns/net");
            }
        }
        save(config);
        Finished run = runtime("run", "--bundle", bundle.toString(), id);
        assertThat(run.ok())
                .isEqualTo(Files.readSymbolicLink(Path.of("/proc/self/ns/net")).toString());
    }

    @Test
    void descriptorsAreHandedOnAndNoOthers() throws IOException {
        config("sh", "-c", "cat <&3; for f in /proc/self/fd/*; do echo ${f##*/}; done");
        Path given = Files.writeString(folder.resolve("given"), "given\n");
        String command =
                "exec 3< %s; exec %s --root %s run --preserve-fds 1 --bundle %s %s"
                        .formatted(given, PROGRAM, folder.resolve("root"), bundle, id);
        Finished run = Running.run("sh", "-c", command);
        assertThat(run.ok().lines().toList()).startsWith("given", "0", "1", "2", "3");
        assertThat(run.ok().lines().toList()).hasSizeLessThanOrEqualTo(6);
    }

    @Test
    void whatIsNotSupportedIsRefused() {
        assertThat(runtime("checkpoint", id).err()).contains("checkpoint is not supported");
        assertThat(runtime("restore", id).err()).contains("restore is not supported");
        assertThat(runtime("--systemd-cgroup", "list").err()).contains("not supported");
        assertThat(runtime("spec", "--rootless").err()).contains("not supported");
        assertThat(runtime("create", "../x").err()).contains("invalid container ID format");
        assertThat(runtime("nonsense").status()).isNotZero();
    }

    @Test
    void whatIsSupportedIsListed() {
        JsonNode features = JSON.readTree(runtime("features").ok());
        assertThat(features.path("ociVersionMax").asString()).isEqualTo("1.2.0");
        assertThat(features.path("hooks").size()).isEqualTo(6);
        assertThat(features.path("linux").path("seccomp").path("enabled").asBoolean()).isTrue();
        assertThat(runtime("--version").ok())
                .startsWith("corten-runtime version ")
                .endsWith("spec: 1.2.0");
    }
}
