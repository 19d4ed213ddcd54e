package dev.corten.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// A registry server on a free port of the loopback interface for as long as the bench needs it: ours,
/// or Debian's `docker-registry`. Both read the same configuration.
final class LocalRegistry implements AutoCloseable {
    private static final int LIMIT_SECONDS = 60;

    private final String name;
    private final Path folder;
    private final int port;
    private final Process process;

    /// @param program run as `PROGRAM serve CONFIG`
    /// @param folder where its storage is and stays
    LocalRegistry(String name, Path program, Path folder) throws IOException, InterruptedException {
        this.name = name;
        this.folder = Files.createDirectories(folder);
        this.port = freePort();
        if (!Files.isExecutable(program)) {
            throw new Failure("there is no " + program);
        }
        Path config = folder.resolve("config.yml");
        Files.writeString(
                config,
                """
                version: 0.1
                log: {level: error, accesslog: {disabled: true}}
                storage: {filesystem: {rootdirectory: '%s'}, delete: {enabled: true}}
                http: {addr: '127.0.0.1:%d', secret: bench}
                """
                        .formatted(folder.resolve("data"), port));
        var builder = new ProcessBuilder(program.toString(), "serve", config.toString());
        builder.redirectErrorStream(true).redirectOutput(folder.resolve("log").toFile());
        process = builder.start();
        long start = System.nanoTime();
        while (!listens()) {
            boolean late = System.nanoTime() - start > TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
            if (process.waitFor(5, TimeUnit.MILLISECONDS) || late) {
                process.destroyForcibly();
                throw new Failure(
                        name + " did not start:\n" + Files.readString(folder.resolve("log")));
            }
        }
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            return socket.getLocalPort();
        }
    }

    private boolean listens() {
        try (var socket = new Socket(InetAddress.ofLiteral("127.0.0.1"), port)) {
            return socket.isConnected();
        } catch (IOException notYet) {
            return false;
        }
    }

    String name() {
        return name;
    }

    int port() {
        return port;
    }

    int pid() {
        return (int) process.pid();
    }

    /// As names of images begin that are in it.
    String host() {
        return "127.0.0.1:" + port;
    }

    /// It has nothing any more, and does not know.
    void empty() throws IOException {
        remove(folder.resolve("data"));
    }

    private static void remove(Path root) throws IOException {
        if (!Files.exists(root)) {
            return;
        }
        try (Stream<Path> below = Files.walk(root)) {
            for (Path path : below.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    @Override
    public void close() throws IOException {
        process.destroy();
        try {
            if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
