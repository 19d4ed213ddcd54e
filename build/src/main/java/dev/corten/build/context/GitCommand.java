package dev.corten.build.context;

import dev.corten.build.solve.StepOutput;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// Runs `git` as somebody whom nobody has configured: no hooks, no questions, no settings of a user
/// or of the machine, no transport but those over a network.
final class GitCommand {
    private static final int OUTPUT_MAX = 1 << 20;
    private static final List<String> SETTINGS =
            List.of(
                    "core.hooksPath=/dev/null",
                    "core.fsmonitor=false",
                    "core.autocrlf=false",
                    "core.protectHFS=true",
                    "core.protectNTFS=false",
                    "core.symlinks=true",
                    "credential.helper=",
                    "protocol.allow=never",
                    "protocol.http.allow=always",
                    "protocol.https.allow=always",
                    "protocol.git.allow=always",
                    "protocol.ssh.allow=always",
                    "submodule.recurse=false",
                    "gc.auto=0",
                    "advice.detachedHead=false",
                    "init.defaultBranch=master");

    private final Path directory;
    private final Map<String, String> environment;
    private final StepOutput output;

    /// How it failed.
    static final class Failed extends IOException {
        private static final long serialVersionUID = 1L;

        private Failed(String message) {
            super(message);
        }

        String message() {
            return String.valueOf(getMessage());
        }
    }

    /// @param directory it runs in
    /// @param environment proxies and the like
    /// @param output hears its errors
    GitCommand(Path directory, Map<String, String> environment, StepOutput output) {
        this.directory = directory;
        this.environment = environment;
        this.output = output;
    }

    /// Runs it to its end. An interrupt kills it.
    ///
    /// @return what it has written
    /// @throws Failed if it fails
    String run(String... arguments) throws IOException, InterruptedException {
        var command = new ArrayList<String>();
        // What is checked out is for everybody to read, whatever the daemon's mask is.
        command.addAll(List.of("/bin/sh", "-c", "umask 022 && exec \"$@\"", "sh", "git"));
        for (String setting : SETTINGS) {
            command.add("-c");
            command.add(setting);
        }
        command.addAll(List.of(arguments));
        var builder = new ProcessBuilder(command).directory(directory.toFile());
        Map<String, String> variables = builder.environment();
        variables.clear();
        variables.put("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
        variables.put("HOME", "/nonexistent");
        variables.put("LC_ALL", "C");
        variables.put("GIT_TERMINAL_PROMPT", "0");
        variables.put("GIT_ASKPASS", "/bin/false");
        variables.put("SSH_ASKPASS", "/bin/false");
        variables.put("GIT_CONFIG_NOSYSTEM", "1");
        variables.put("GIT_CONFIG_GLOBAL", "/dev/null");
        variables.put("GIT_ATTR_NOSYSTEM", "1");
        variables.put("GIT_CEILING_DIRECTORIES", directory.toString());
        // Who brings keys of his own shall not come in with those of this machine.
        String identities = environment.containsKey("SSH_AUTH_SOCK") ? " -o IdentityFile=none" : "";
        variables.put(
                "GIT_SSH_COMMAND",
                "ssh -F /dev/null -o BatchMode=yes -o StrictHostKeyChecking=accept-new"
                        + " -o UserKnownHostsFile=/dev/null"
                        + identities);
        variables.putAll(environment);
        Process process;
        try {
            process = builder.redirectInput(ProcessBuilder.Redirect.from(NOTHING)).start();
        } catch (IOException e) {
            throw new Failed("git cannot be started: " + e.getMessage());
        }
        var errors = new ByteArrayOutputStream();
        var text = new ByteArrayOutputStream();
        Thread reading = read(process.getErrorStream(), errors, 2);
        Thread listening = read(process.getInputStream(), text, 0);
        try {
            int code = process.waitFor();
            reading.join();
            listening.join();
            if (code == 127) {
                throw new Failed("git is not installed on the daemon's machine");
            }
            if (code != 0) {
                throw new Failed(
                        "git stderr:\n"
                                + errors.toString(StandardCharsets.UTF_8)
                                + ": exit status "
                                + code);
            }
            return text.toString(StandardCharsets.UTF_8);
        } finally {
            if (process.isAlive()) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
            }
        }
    }

    private static final java.io.File NOTHING = new java.io.File("/dev/null");

    private Thread read(InputStream in, ByteArrayOutputStream to, int stream) {
        return Thread.ofVirtual()
                .start(() -> {
                    byte[] piece = new byte[8192];
                    try (in) {
                        for (int got = in.read(piece); got >= 0; got = in.read(piece)) {
                            if (to.size() < OUTPUT_MAX) {
                                to.write(piece, 0, got);
                            }
                            if (stream > 0) {
                                output.write(stream, java.util.Arrays.copyOf(piece, got));
                            }
                        }
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                });
    }
}
