package dev.corten.systests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// SIGHUP has the daemon read its file again.
@Shows("DMN-02")
class ReloadTest {
    @TempDir Path directory;
    private Path file;
    private Engine engine;
    private Client docker;

    @BeforeEach
    void start() throws IOException {
        Machine.hasRoot();
        Machine.hasProgram("docker");
        file = directory.resolve("daemon.json");
        write("{\"labels\": [\"a=b\"], \"features\": {\"x\": true}}");
        engine = Engine.start("--config-file", file.toString());
        docker = engine.docker();
        if (!Limits.againstStub()) {
            Image.busybox().load(engine);
        }
    }

    @AfterEach
    void close() {
        engine.closeCleanly("Error reloading configuration");
    }

    private void write(String json) throws IOException {
        Files.writeString(file, json);
    }

    private void reload(String seen) {
        String before = engine.logText();
        engine.signal("HUP");
        Eventually.holds(
                "the daemon has read its file",
                () -> engine.logText().substring(before.length()).contains(seen));
    }

    @Test
    void alsoADaemonThatWasStartedToIgnoreTheSignal() throws IOException {
        Path program = directory.resolve("like-nohup");
        Files.writeString(program, "#!/bin/sh\ntrap '' HUP\nexec \"$CORTEND\" \"$@\"\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
        Engine ignoring = Engine.start(program, "--config-file", file.toString());
        try {
            write("{\"labels\": [\"c=d\"]}");
            ignoring.signal("HUP");
            Eventually.get(
                    "the daemon has read its file",
                    () -> ignoring.docker().ok("info", "-f", "{{.Labels}}"),
                    "[c=d]"::equals);
        } finally {
            ignoring.closeCleanly();
        }
    }

    @Test
    void whatCanBeReloadedIs() throws IOException {
        assertThat(docker.ok("info", "-f", "{{.Labels}}")).isEqualTo("[a=b]");
        write(
                """
                {"labels": ["c=d", "e=f"], "live-restore": false, "default-shm-size": "32m",
                 "default-ipc-mode": "shareable", "default-cgroupns-mode": "private",
                 "max-concurrent-downloads": 7, "max-concurrent-uploads": 8,
                 "max-download-attempts": 9, "shutdown-timeout": 20, "features": {"y": false},
                 "insecure-registries": ["10.1.0.0/16", "foo:5000"],
                 "registry-mirrors": ["https://mirror.example"],
                 "runtimes": {"custom": {"path": "/bin/true"}}, "default-runtime": "runc"}
                """);
        reload("Reloaded configuration");
        assertThat(docker.ok("info", "-f", "{{.Labels}} {{.LiveRestoreEnabled}}"))
                .isEqualTo("[c=d e=f] false");
        assertThat(
                        docker.ok(
                                "info",
                                "-f",
                                "{{.DefaultRuntime}} {{(index .Runtimes \"custom\").Path}}"))
                .isEqualTo("runc /bin/true");
        assertThat(docker.ok("info"))
                .contains("  foo:5000\n", "  10.1.0.0/16\n", "  https://mirror.example/\n");
        docker.ok("create", "--name", "c1", "busybox");
        assertThat(
                        docker.ok(
                                "inspect",
                                "-f",
                                "{{.HostConfig.ShmSize}} {{.HostConfig.IpcMode}}"
                                        + " {{.HostConfig.CgroupnsMode}}",
                                "c1"))
                .isEqualTo("33554432 shareable private");
        docker.ok("rm", "c1");
    }

    @Test
    void anEventTellsWhatIsSetNow() throws IOException {
        write("{\"labels\": [\"c=d\"], \"max-concurrent-downloads\": 7}");
        reload("Reloaded configuration");
        String now = Long.toString(Instant.now().getEpochSecond() + 1);
        assertThat(docker.ok("events", "--filter", "type=daemon", "--since", "1", "--until", now))
                .contains("daemon reload " + docker.ok("info", "-f", "{{.ID}}"))
                .contains(
                        "debug=true, default-cgroupns-mode=",
                        "default-ipc-mode=private",
                        "default-shm-size=67108864",
                        "features=map[]",
                        "insecure-registries=[]",
                        "labels=[\"c=d\"]",
                        "live-restore=true",
                        "max-concurrent-downloads=7, max-concurrent-uploads=5,"
                                + " max-download-attempts=5, name=",
                        "registry-mirrors=[]",
                        "shutdown-timeout=15)");
    }

    /// As dockerd: what is no longer said stays as it was, but for features and the numbers of
    /// downloads.
    @Test
    void whatIsNoLongerSaidStays() throws IOException {
        write("{}");
        reload("Reloaded configuration");
        assertThat(docker.ok("info", "-f", "{{.Labels}}")).isEqualTo("[a=b]");
        assertThat(engine.logText()).contains("features=map[]");
    }

    @Test
    void aWrongFileChangesNothing() throws IOException {
        write("{\"labels\": [\"c=d\"], \"no-such\": 1}");
        reload("the following directives don't match any configuration option: no-such");
        assertThat(docker.ok("info", "-f", "{{.Labels}}")).isEqualTo("[a=b]");
        write("{");
        reload("invalid JSON: unexpected end of JSON input");
        write("{\"labels\": [\"c=d\"], \"debug\": false}");
        reload("directives are specified both as a flag and in the configuration file: debug");
        write("{\"labels\": [\"c=d\"]}");
        reload("Reloaded configuration");
        assertThat(docker.ok("info", "-f", "{{.Labels}}")).isEqualTo("[c=d]");
    }

    @Test
    void theStacksOfAllThreadsAreWrittenOnRequest() throws IOException {
        engine.signal("USR1");
        Eventually.holds(
                "the log names the file", () -> engine.logText().contains("thread stacks written"));
        Path exec = engine.root().resolve("exec");
        try (var files = Files.newDirectoryStream(exec, "thread-*.log")) {
            Path stacks = files.iterator().next();
            assertThat(Files.readString(stacks)).contains("\"main\"", "dev.corten.daemon");
            Files.delete(stacks);
        }
    }
}
