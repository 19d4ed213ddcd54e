package dev.corten.cli.setup;

import static dev.corten.cli.flags.FlagTable.NONE;

import dev.corten.cli.flags.FlagTable;
import dev.corten.cli.flags.FlagType;

/// The options that stand before the command.
public final class Globals {
    private Globals() {}

    /// @param folder of the configuration, for what help says is usual
    public static FlagTable table(String folder) {
        return new FlagTable()
                .add(NONE, "config", FlagType.STRING, "Location of client config files", folder)
                .add(
                        'c',
                        "context",
                        FlagType.STRING,
                        "Name of the context to use to connect to the daemon (overrides DOCKER_HOST"
                                + " env var and default context set with \"docker context use\")")
                .add('D', "debug", FlagType.BOOL, "Enable debug mode")
                .add('H', "host", FlagType.LIST, "Daemon socket to connect to")
                .add(
                        'l',
                        "log-level",
                        FlagType.STRING,
                        "Set the logging level (\"debug\", \"info\", \"warn\", \"error\","
                                + " \"fatal\")",
                        "info")
                .add(
                        NONE,
                        "no-autostart",
                        FlagType.BOOL,
                        "Do not start a daemon where none answers")
                .add(NONE, "tls", FlagType.BOOL, "Use TLS; implied by --tlsverify")
                .add(
                        NONE,
                        "tlscacert",
                        FlagType.STRING,
                        "Trust certs signed only by this CA",
                        folder + "/ca.pem")
                .add(
                        NONE,
                        "tlscert",
                        FlagType.STRING,
                        "Path to TLS certificate file",
                        folder + "/cert.pem")
                .add(NONE, "tlskey", FlagType.STRING, "Path to TLS key file", folder + "/key.pem")
                .add(NONE, "tlsverify", FlagType.BOOL, "Use TLS and verify the remote")
                .add('v', "version", FlagType.BOOL, "Print version information and quit");
    }
}
