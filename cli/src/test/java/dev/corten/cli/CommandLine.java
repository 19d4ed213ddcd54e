package dev.corten.cli;

import dev.corten.cli.console.Environment;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Command lines against a [FakeDaemon], with a home of their own.
final class CommandLine implements AutoCloseable {
    final Path home;
    final FakeDaemon daemon;
    final Map<String, String> variables = new HashMap<>();
    private FakeConsole console = new FakeConsole("");

    CommandLine(Path home) throws IOException {
        this.home = home;
        this.daemon = new FakeDaemon(home);
        variables.put("CORTEN_HOST", "unix://" + daemon.socket);
        variables.put("HOME", home.toString());
        variables.put("PATH", "/usr/bin:/bin");
    }

    /// Runs one without input.
    int corten(String... args) {
        return corten(new FakeConsole(""), args);
    }

    int corten(FakeConsole withConsole, String... args) {
        console = withConsole;
        return Main.run(List.of(args), console, new Environment(Map.copyOf(variables)));
    }

    /// What the last one printed.
    String out() {
        return console.out.toString(StandardCharsets.UTF_8);
    }

    String err() {
        return console.err.toString(StandardCharsets.UTF_8);
    }

    /// A header of the last request; empty if it had none.
    String header(String name) {
        for (String line : daemon.heads.getLast().split("\r\n")) {
            if (line.startsWith(name + ": ")) {
                return line.substring(name.length() + 2);
            }
        }
        return "";
    }

    @Override
    public void close() throws IOException {
        daemon.close();
    }
}
