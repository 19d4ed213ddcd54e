package dev.corten.engine.container.process;

import dev.corten.model.Internal;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// The host's `ps`, for the options that users give. Closed by any thread to end it.
public final class PsCommand implements AutoCloseable {
    private final AtomicReference<@Nullable Process> running = new AtomicReference<>();

    /// @return what it prints of at least these processes
    public String run(String arguments, List<Integer> pids) throws IOException {
        var words = new ArrayList<>(List.of(arguments.split(" ", -1)));
        var only = new ArrayList<>(words);
        only.add("-q" + String.join(",", pids.stream().map(String::valueOf).toList()));
        Finished restricted = run(only);
        // Some options do not go together with -q.
        Finished finished = restricted.status == 0 ? restricted : run(words);
        if (finished.status != 0) {
            String reason = finished.error.lines().findFirst().orElse("");
            throw new Internal(
                    "ps: " + (reason.isEmpty() ? "exit status " + finished.status : reason));
        }
        return finished.output;
    }

    private record Finished(int status, String output, String error) {}

    private Finished run(List<String> arguments) throws IOException {
        var command = new ArrayList<>(List.of("ps"));
        command.addAll(arguments);
        Process process;
        try {
            process = new ProcessBuilder(command).start();
        } catch (IOException e) {
            throw new Internal("ps: " + e.getMessage(), e);
        }
        running.set(process);
        try {
            process.getOutputStream().close();
            // What ps has to complain about fits into the pipe while its output is read.
            byte[] output = process.getInputStream().readAllBytes();
            byte[] error = process.getErrorStream().readAllBytes();
            return new Finished(
                    process.waitFor(),
                    new String(output, StandardCharsets.UTF_8),
                    new String(error, StandardCharsets.UTF_8));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        } finally {
            process.destroyForcibly();
            running.set(null);
        }
    }

    @Override
    public void close() {
        Process left = running.get();
        if (left != null) {
            left.destroyForcibly();
        }
    }
}
