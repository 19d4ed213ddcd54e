package dev.corten.systests;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A registry server as a process of its own on a free port of the loopback interface: ours, or
/// Debian's `docker-registry`, which is the one that everybody has. Both read the same file of
/// configuration and may have the same storage folder, one after the other.
final class RegistryProcess implements AutoCloseable {
    private static final Path DEBIAN =
            Path.of("../target/docker-registry/usr/bin/docker-registry").toAbsolutePath();

    private final Path program;
    private final Path folder;
    private final int port;
    private @Nullable Process process;
    private @Nullable ScriptedRegistry stub;

    private RegistryProcess(Path program, Path folder, int port) {
        this.program = program;
        this.folder = folder;
        this.port = port;
    }

    /// @param folder for its storage, in `data`, its configuration and its log
    /// @param more of the configuration: top-level keys in YAML
    static RegistryProcess ours(Path folder, String... more) {
        return start(Engine.program("corten-registry"), folder, more);
    }

    /// The same of Debian.
    static RegistryProcess debian(Path folder, String... more) {
        Machine.hasDebianRegistry(DEBIAN);
        return start(DEBIAN, folder, more);
    }

    private static RegistryProcess start(Path program, Path folder, String... more) {
        try {
            Files.createDirectories(folder);
            var registry = new RegistryProcess(program, folder, freePort());
            registry.configure(more);
            registry.open();
            return registry;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            return socket.getLocalPort();
        }
    }

    /// Takes effect at the next [#open]. Keys given here replace those of the same name.
    void configure(String... more) {
        var text = new StringBuilder("version: 0.1\nlog: {level: error}\n");
        String given = "\n" + String.join("\n", more);
        if (!given.contains("\nstorage:")) {
            text.append("storage: {filesystem: {rootdirectory: ")
                    .append(data())
                    .append("}, delete: {enabled: true}}\n");
        }
        if (!given.contains("\nhttp:")) {
            text.append("http: {addr: '127.0.0.1:").append(port).append("', secret: tests}\n");
        }
        text.append(given).append('\n');
        try {
            Files.writeString(
                    config(), text.toString().replace("PORT", Integer.toString(port)), UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Path config() {
        return folder.resolve("config.yml");
    }

    Path data() {
        return folder.resolve("data");
    }

    /// Of the files of the registry, where everybody's tools look for them.
    Path tree() {
        return data().resolve("docker/registry/v2");
    }

    String host() {
        return "127.0.0.1:" + port;
    }

    int port() {
        return port;
    }

    RegistryApi api() {
        return new RegistryApi("http://" + host());
    }

    /// @param name without `SIG`
    void signal(String name) {
        if (stub == null) {
            Running.run("kill", "-" + name, Long.toString(process.pid())).ok();
        }
    }

    void open() {
        if (Limits.againstStub()) {
            stub = ScriptedRegistry.stub(port);
            return;
        }
        var builder =
                new ProcessBuilder(program.toString(), "serve", config().toString())
                        .redirectErrorStream(true);
        builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()));
        builder.redirectInput(Path.of("/dev/null").toFile());
        builder.environment().keySet().removeIf(name -> name.matches("LANG|LC_.*|REGISTRY_.*"));
        try {
            process = builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Eventually.holds(
                "the registry listens",
                () -> {
                    if (!process.isAlive()) {
                        throw new AssertionError("the registry has ended: " + logText());
                    }
                    return listens();
                });
    }

    private boolean listens() {
        try (var socket = new java.net.Socket("127.0.0.1", port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    private Path log() {
        return folder.resolve("log");
    }

    String logText() {
        return Belongings.read(log());
    }

    /// SIGKILL.
    void kill() {
        if (stub != null) {
            return;
        }
        process.destroyForcibly();
        awaitEnd();
    }

    /// SIGTERM.
    void terminate() {
        if (stub != null) {
            return;
        }
        process.destroy();
        awaitEnd();
    }

    private void awaitEnd() {
        try {
            if (!process.waitFor(Limits.patience().toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly().waitFor();
                throw new AssertionError("the registry does not end: " + logText());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    @Override
    public void close() {
        if (stub != null) {
            stub.close();
        }
        if (process != null && process.isAlive()) {
            terminate();
        }
    }
}
