package dev.corten.cli;

import dev.corten.client.ApiClient;
import java.io.IOException;
import java.util.List;

/// One run of one command: what was asked, and what it works with.
///
/// @param path the name under which the command was called: `ps`, `container ls`
/// @param setup where to find the daemon and the user's configuration
record Invocation(
        String program,
        String path,
        Flags flags,
        Console console,
        Environment environment,
        Setup setup) {

    List<String> arguments() {
        return flags.arguments();
    }

    Output out() {
        return new Output(console.out());
    }

    Output err() {
        return new Output(console.err());
    }

    void warn(String line) {
        err().line(line).flush();
    }

    ConfigFile config() {
        return setup.config();
    }

    ApiClient api() throws IOException {
        return setup.daemon().api();
    }
}
