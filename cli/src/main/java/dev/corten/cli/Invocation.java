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

    /// The platform that an option or variable wants; empty for the daemon's own.
    ///
    /// @throws Refusal if it is none
    String platform() {
        String variable = environment.first("CORTEN_DEFAULT_PLATFORM", "DOCKER_DEFAULT_PLATFORM");
        return Platforms.normalize(flags.text("platform", variable));
    }

    /// The keys that detach, by option or configuration; empty for the usual ones.
    String detachKeys() {
        String given = flags.text("detach-keys");
        return given.isEmpty() ? config().text("detachKeys") : given;
    }

    /// The terminal's width; 0 if there is none.
    int columns() {
        return console.isOutTerminal() ? console.size().columns() : 0;
    }

    /// Shows on standard output how something gets on.
    ProgressView progress() {
        return new ProgressView(out(), console.isOutTerminal(), columns());
    }

    ConfigFile config() {
        return setup.config();
    }

    ApiClient api() throws IOException {
        return setup.daemon().api();
    }
}
