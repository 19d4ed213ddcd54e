package dev.corten.runtime.command;

import dev.corten.kernel.process.ExitStatus;
import dev.corten.kernel.process.Pidfd;
import dev.corten.runtime.StartFailure;
import dev.corten.runtime.UnwatchedProcesses;
import dev.corten.runtime.bundle.Document;
import dev.corten.runtime.bundle.Hooks.Hook;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Runs hooks one after another, with the container's state as their input.
record HookRunner(String kind, Map<String, @Nullable Object> state) {
    /// In the namespaces of this process.
    void run(List<Hook> hooks) throws IOException, Failure {
        for (int n = 0; n < hooks.size(); n++) {
            Hook hook = hooks.get(n);
            try {
                run(n, hook);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw failed(n, "interrupted");
            }
        }
    }

    private void run(int n, Hook hook) throws IOException, Failure, InterruptedException {
        var command = new ArrayList<String>();
        command.add(hook.path());
        command.addAll(
                hook.args().isEmpty() ? List.of() : hook.args().subList(1, hook.args().size()));
        var builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().clear();
        for (String variable : hook.env()) {
            int equals = variable.indexOf('=');
            if (equals > 0) {
                builder.environment()
                        .put(variable.substring(0, equals), variable.substring(equals + 1));
            }
        }
        Path output = Files.createTempFile("corten-hook", ".out");
        try {
            builder.redirectOutput(output.toFile());
            Process process;
            try {
                process = builder.start();
            } catch (IOException e) {
                throw failed(n, String.valueOf(e.getMessage()));
            }
            give(process);
            if (hook.timeoutSeconds() == 0) {
                process.waitFor();
            } else if (!process.waitFor(hook.timeoutSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
                throw failed(n, "timed out after " + hook.timeoutSeconds() + " seconds");
            }
            if (process.exitValue() != 0) {
                throw failed(
                        n,
                        "exit status "
                                + process.exitValue()
                                + ", output: "
                                + Files.readString(output, StandardCharsets.ISO_8859_1).strip());
            }
        } finally {
            Files.deleteIfExists(output);
        }
    }

    private void give(Process process) {
        try (OutputStream in = process.getOutputStream()) {
            in.write(Document.write(state));
        } catch (IOException e) {
            // It has not read all of it, which is its own affair: its status counts.
            return;
        }
    }

    private Failure failed(int n, String why) {
        return new Failure("error running " + kind + " hook #" + n + ": " + why);
    }

    /// In the namespaces of a container's process.
    ///
    /// @param input a file for the state, which is removed again
    void runInside(List<Hook> hooks, UnwatchedProcesses processes, Pidfd init, Path input)
            throws IOException, Failure {
        if (hooks.isEmpty()) {
            return;
        }
        Files.write(input, Document.write(state));
        try {
            for (int n = 0; n < hooks.size(); n++) {
                inside(n, hooks.get(n), processes, init, input);
            }
        } finally {
            Files.deleteIfExists(input);
        }
    }

    private void inside(int n, Hook hook, UnwatchedProcesses processes, Pidfd init, Path input)
            throws IOException, Failure {
        List<String> args = hook.args().isEmpty() ? List.of(hook.path()) : hook.args();
        try (Pidfd process = processes.enter(init, hook.path(), args, hook.env(), input)) {
            Duration limit =
                    hook.timeoutSeconds() == 0
                            ? Duration.ofDays(1)
                            : Duration.ofSeconds(hook.timeoutSeconds());
            if (!process.awaitEnd(limit)) {
                process.signal(9);
                process.reap();
                throw failed(n, "timed out after " + hook.timeoutSeconds() + " seconds");
            }
            ExitStatus status = process.reap();
            if (status.shellCode() != 0) {
                throw failed(n, "exit status " + status.shellCode());
            }
        } catch (StartFailure e) {
            throw failed(n, e.message());
        }
    }
}
