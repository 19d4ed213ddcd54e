package dev.corten.systests;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A command line program, pointed at one engine: `docker`, or our `corten`.
final class Client {
    private final List<String> program;
    private final Map<String, String> environment;

    /// @param home a directory of this client's own; no configuration of the machine is read
    Client(List<String> program, Path socket, Path home, Map<String, String> more) {
        this.program = List.copyOf(program);
        var variables = new LinkedHashMap<String, String>();
        variables.put("DOCKER_HOST", "unix://" + socket);
        variables.put("DOCKER_CONFIG", home.resolve(".docker").toString());
        variables.put("HOME", home.toString());
        variables.putAll(more);
        this.environment = variables;
    }

    List<String> program() {
        return program;
    }

    Map<String, String> environment() {
        return environment;
    }

    Running start(String... arguments) {
        return start(Map.of(), arguments);
    }

    Running start(Map<String, String> more, String... arguments) {
        var command = new ArrayList<>(program);
        command.addAll(List.of(arguments));
        var variables = new LinkedHashMap<>(environment);
        variables.putAll(more);
        return Running.start(command, variables);
    }

    /// Runs it with nothing on its standard input.
    Finished run(String... arguments) {
        try (var running = start(arguments)) {
            running.closeInput();
            return running.await();
        }
    }

    Finished runWithInput(byte[] input, String... arguments) {
        try (var running = start(arguments)) {
            running.feed(input);
            return running.await();
        }
    }

    /// The output of a command that succeeds.
    String ok(String... arguments) {
        return run(arguments).ok();
    }

    /// A shell's command line in which `"$@"` and `$0` are not ours: for bytes that are not UTF-8
    /// and for terminals.
    Running shell(String script) {
        return Running.start(List.of("sh", "-c", script), environment);
    }
}
