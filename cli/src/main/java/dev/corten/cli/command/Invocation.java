package dev.corten.cli.command;

import dev.corten.cli.console.Console;
import dev.corten.cli.console.Environment;
import dev.corten.cli.console.Output;
import dev.corten.cli.console.ProgressView;
import dev.corten.cli.failure.Failure;
import dev.corten.cli.flags.Flags;
import dev.corten.cli.option.Platforms;
import dev.corten.cli.setup.ConfigFile;
import dev.corten.cli.setup.Setup;
import dev.corten.client.ApiClient;
import dev.corten.client.Endpoint;
import java.io.IOException;
import java.util.List;

/// One run of one command: what was asked, and what it works with.
///
/// @param path the name under which the command was called: `ps`, `container ls`
/// @param setup where to find the daemon and the user's configuration
public record Invocation(
        String program,
        String path,
        Flags flags,
        Console console,
        Environment environment,
        Setup setup) {

    public List<String> arguments() {
        return flags.arguments();
    }

    public Output out() {
        return new Output(console.out());
    }

    public Output err() {
        return new Output(console.err());
    }

    public void warn(String line) {
        err().line(line).flush();
    }

    /// The platform that an option or variable wants; empty for the daemon's own.
    ///
    /// @throws Refusal if it is none
    public String platform() {
        String variable = environment.first("CORTEN_DEFAULT_PLATFORM", "DOCKER_DEFAULT_PLATFORM");
        return Platforms.normalize(flags.text("platform", variable));
    }

    /// The `--format` of a list: as given or, unless only IDs are wanted, as the user has configured.
    ///
    /// @param configured the name in `config.json`
    public String listFormat(String configured) {
        String given = flags.text("format");
        return given.isEmpty() && !flags.isSet("quiet") ? config().text(configured) : given;
    }

    /// The keys that detach, by option or configuration; empty for the usual ones.
    public String detachKeys() {
        String given = flags.text("detach-keys");
        return given.isEmpty() ? config().text("detachKeys") : given;
    }

    /// The terminal's width; 0 if there is none.
    public int columns() {
        return console.isOutTerminal() ? console.size().columns() : 0;
    }

    /// Shows on standard output how something gets on.
    public ProgressView progress() {
        return new ProgressView(out(), console.isOutTerminal(), columns());
    }

    public ConfigFile config() {
        return setup.config();
    }

    public ApiClient api() throws IOException {
        return setup.daemon().api();
    }

    /// The daemon of this machine.
    ///
    /// @param what is mounted, for the message
    /// @throws Failure if it is on another one: its paths mean nothing here
    public ApiClient localApi(String what) throws IOException {
        ApiClient api = api();
        if (api.dialer() instanceof Endpoint endpoint && endpoint.isUnix()) {
            return api;
        }
        throw new Failure(
                what
                        + " are mounted on the daemon's machine: use mount there, not through "
                        + api.dialer().text());
    }
}
