package dev.corten.systests;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// A program that was started; closing kills it.
final class Running implements AutoCloseable {
    private final List<String> command;
    private final Process process;
    private final Output out;
    private final Output err;

    private Running(List<String> command, Process process) {
        this.command = command;
        this.process = process;
        this.out = Output.of("stdout", process.getInputStream());
        this.err = Output.of("stderr", process.getErrorStream());
    }

    /// @param environment all there is besides `PATH`; no locale, unless it is in here
    static Running start(List<String> command, Map<String, String> environment) {
        var builder = new ProcessBuilder(command);
        builder.environment().clear();
        builder.environment().put("PATH", System.getenv("PATH"));
        builder.environment().putAll(environment);
        try {
            return new Running(command, builder.start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Finished run(String... command) {
        try (var running = start(List.of(command), Map.of())) {
            running.closeInput();
            return running.await();
        }
    }

    Output out() {
        return out;
    }

    Output err() {
        return err;
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    void type(String text) {
        type(text.getBytes(UTF_8));
    }

    void type(byte[] bytes) {
        try {
            process.getOutputStream().write(bytes);
            process.getOutputStream().flush();
        } catch (IOException e) {
            throw new AssertionError("cannot write to " + command + "\n" + err.text(), e);
        }
    }

    /// Writes all of it, or as much as the command reads before it ends: its status tells then.
    void feed(byte[] bytes) {
        try (var in = process.getOutputStream()) {
            in.write(bytes);
        } catch (IOException e) {
            process.onExit().join();
        }
    }

    void closeInput() {
        try {
            process.getOutputStream().close();
        } catch (IOException e) {
            // It has ended before it read everything; its status will tell.
            process.onExit();
        }
    }

    void terminate() {
        run("kill", "-TERM", Long.toString(pid()));
    }

    void interrupt() {
        run("kill", "-INT", Long.toString(pid()));
    }

    Finished await() {
        try {
            if (!process.waitFor(Limits.patience().toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly().waitFor();
                throw new AssertionError(
                        "does not end: "
                                + String.join(" ", command)
                                + "\nstdout: "
                                + out.text()
                                + "\nstderr: "
                                + err.text());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
        return new Finished(command, process.exitValue(), out.awaitEnd(), err.awaitEnd());
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
