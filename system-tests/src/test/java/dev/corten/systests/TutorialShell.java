package dev.corten.systests;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Where the lines of a tutorial are typed as they stand: bash, in which `docker` is the command line
/// under test. Only ports of the host that are taken are replaced.
final class TutorialShell {
    private final Client client;
    private final Path folder;
    private final Map<Integer, Integer> ports;

    /// @param folder the working directory
    TutorialShell(Client client, Path folder) {
        this(client, folder, new HashMap<>());
    }

    private TutorialShell(Client client, Path folder, Map<Integer, Integer> ports) {
        this.client = client;
        this.folder = folder;
        this.ports = ports;
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The same place, with the command line of another engine.
    TutorialShell with(Client other) {
        return new TutorialShell(other, folder, ports);
    }

    /// The port of the host that stands for this one.
    int port(int number) {
        return ports.computeIfAbsent(
                number,
                n -> {
                    try (var socket = new ServerSocket(n)) {
                        return socket.getLocalPort();
                    } catch (IOException taken) {
                        try {
                            return RegistryProcess.freePort();
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    }
                });
    }

    Finished run(String line) {
        try (var running = start(line)) {
            running.closeInput();
            return running.await();
        }
    }

    /// The output of a line that succeeds.
    String ok(String line) {
        return run(line).ok();
    }

    /// All that a line says, whatever comes of it.
    String says(String line) {
        Finished finished = run(line);
        return finished.out() + finished.err();
    }

    /// With this typed behind it.
    Finished typing(String line, String text) {
        try (var running = start(line)) {
            running.feed(text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
            return running.await();
        }
    }

    private Running start(String line) {
        String words =
                String.join(" ", client.program().stream().map(word -> "'" + word + "'").toList());
        String script =
                "docker() { "
                        + (words.equals("'docker'") ? "command docker" : words)
                        + " \"$@\"; }\n"
                        + "cd "
                        + folder
                        + "\n"
                        + withPorts(line);
        var environment = new HashMap<>(client.environment());
        environment.put("PATH", System.getenv("PATH"));
        return Running.start(new ArrayList<>(List.of("bash", "-c", script)), environment);
    }

    private String withPorts(String line) {
        String text = line;
        for (var port : ports.entrySet()) {
            text =
                    text.replaceAll(
                            "(?<=[ :])" + port.getKey() + "(?=[:/ ]|$)", "" + port.getValue());
        }
        return text;
    }
}
