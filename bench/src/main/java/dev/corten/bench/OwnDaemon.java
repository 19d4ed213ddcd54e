package dev.corten.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/// A `cortend` of this checkout on a data root of its own, for as long as the bench runs.
final class OwnDaemon implements AutoCloseable {
    private static final int LIMIT_SECONDS = 60;

    private final Process process;
    private final Path data;
    private final Path exec;
    private final double startMillis;

    /// @param data on a disk, as that of the peers is; on a memory file system nothing compares
    OwnDaemon(Path program, Path data, Path exec) throws IOException, InterruptedException {
        this.data = Files.createDirectories(data);
        this.exec = Files.createDirectories(exec);
        var builder =
                new ProcessBuilder(
                        program.toString(),
                        "-H",
                        "unix://" + socket(),
                        "--data-root",
                        data.resolve("data").toString(),
                        "--exec-root",
                        exec.resolve("run").toString(),
                        "--pidfile",
                        exec.resolve("pid").toString());
        builder.redirectErrorStream(true).redirectOutput(data.resolve("log").toFile());
        long start = System.nanoTime();
        process = builder.start();
        awaitPing(start);
        startMillis = (System.nanoTime() - start) / 1e6;
    }

    Path socket() {
        return exec.resolve("d.sock");
    }

    /// From the start of the process to the first answered `_ping`.
    double startMillis() {
        return startMillis;
    }

    private void awaitPing(long start) throws IOException, InterruptedException {
        while (true) {
            if (Files.exists(socket())) {
                try (var connection = new Connection(socket())) {
                    if (connection.call("GET", "/_ping", "").status() == 200) {
                        return;
                    }
                } catch (IOException notYet) {
                    // Bound but not listening: the next try decides.
                }
            }
            boolean late = System.nanoTime() - start > TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
            if (process.waitFor(2, TimeUnit.MILLISECONDS) || late) {
                process.destroyForcibly();
                throw new Failure(
                        "cortend did not start:\n" + Files.readString(data.resolve("log")));
            }
        }
    }

    @Override
    public void close() throws IOException {
        // Not always the one that we started: it may have been killed and started again.
        ProcessHandle daemon = ProcessHandle.of(Processes.listening(socket())).orElseThrow();
        daemon.destroy();
        try {
            daemon.onExit().get(LIMIT_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException | ExecutionException e) {
            daemon.destroyForcibly();
        } catch (InterruptedException e) {
            daemon.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        remove(data);
        remove(exec);
    }

    private static void remove(Path root) throws IOException {
        try (Stream<Path> below = Files.walk(root)) {
            for (Path path : below.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
