package dev.corten.daemon;

import dev.corten.daemon.settings.BadSettings;
import dev.corten.daemon.settings.CommandLine;
import dev.corten.daemon.settings.Options;
import dev.corten.daemon.settings.Settings;
import dev.corten.daemon.settings.Usage;
import dev.corten.model.CortenException;
import dev.corten.model.Release;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.List;

/// `cortend`.
public final class Main {
    private static final Logger LOG = System.getLogger(Main.class.getName());

    private Main() {}

    /// Runs the daemon until SIGTERM or SIGINT. Containers go on then.
    ///
    /// @param args see [Options]
    public static void main(String[] args) {
        try {
            CommandLine line = commandLine(List.of(args));
            if (line.says(Options.HELP)) {
                System.out.print(Usage.text());
                return;
            }
            if (line.says(Options.VERSION)) {
                System.out.println(Release.CURRENT.line());
                return;
            }
            Settings settings = Settings.of(line, System.getenv());
            if (line.says(Options.VALIDATE)) {
                System.err.println("configuration OK");
                return;
            }
            new Daemon(System.getenv()).run(settings, lib());
            // SIGTERM is how a daemon is told to end: no failure.
            System.exit(0);
        } catch (BadSettings e) {
            System.err.println(e.message());
            e.hints().forEach(System.err::println);
            System.exit(1);
        } catch (CortenException e) {
            System.err.println(e.message());
            System.exit(1);
        } catch (IOException e) {
            System.err.println("failed to start daemon: " + e.getMessage());
            LOG.log(Level.DEBUG, "start failed", e);
            System.exit(1);
        }
    }

    private static CommandLine commandLine(List<String> words) throws BadSettings {
        try {
            return CommandLine.parse(words);
        } catch (BadSettings e) {
            throw new BadSettings(e.message(), List.of("See 'cortend --help'."));
        }
    }

    /// Where the launcher says that the shim and the hello-world program are.
    private static Path lib() throws IOException {
        String lib = System.getProperty("corten.lib");
        if (lib == null) {
            throw new IOException(
                    "the property corten.lib is not set: start the daemon with bin/cortend");
        }
        return Path.of(lib);
    }
}
