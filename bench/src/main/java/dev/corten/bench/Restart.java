package dev.corten.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Kills a daemon and starts it again as it was started.
final class Restart {
    private static final int LIMIT_SECONDS = 120;

    private Restart() {}

    /// @return from the start of the new process to its first answered `_ping`
    static double millis(Path socket) throws IOException, InterruptedException {
        int pid = Processes.listening(socket);
        ProcessHandle old = ProcessHandle.of(pid).orElseThrow();
        var command = new ArrayList<>(words(pid, "cmdline"));
        if (command.getFirst().endsWith("/dockerd") && !command.contains("--live-restore")) {
            // Otherwise it would stop what runs, and the next start would have nothing to find.
            command.add("--live-restore");
        }
        var builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().clear();
        for (String variable : words(pid, "environ")) {
            int equals = variable.indexOf('=');
            if (equals > 0) {
                builder.environment()
                        .put(variable.substring(0, equals), variable.substring(equals + 1));
            }
        }
        builder.directory(Path.of("/proc/" + pid + "/cwd").toRealPath().toFile());
        builder.redirectOutput(ProcessBuilder.Redirect.DISCARD);
        old.destroyForcibly();
        old.onExit().join();
        long start = System.nanoTime();
        Process process = builder.start();
        while (!answers(socket)) {
            boolean late = System.nanoTime() - start > TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
            if (process.waitFor(2, TimeUnit.MILLISECONDS) || late) {
                process.destroyForcibly();
                throw new Failure(String.join(" ", command) + " did not start again");
            }
        }
        return (System.nanoTime() - start) / 1e6;
    }

    private static boolean answers(Path socket) {
        try (var connection = new Connection(socket)) {
            return connection.call("GET", "/_ping", "").status() == 200;
        } catch (IOException notYet) {
            return false;
        }
    }

    /// What /proc tells with a NUL behind each word.
    private static List<String> words(int pid, String file) throws IOException {
        return List.of(Files.readString(Path.of("/proc/" + pid + "/" + file)).split("\0"));
    }
}
