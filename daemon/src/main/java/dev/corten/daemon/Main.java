package dev.corten.daemon;

import dev.corten.model.CortenException;
import dev.corten.model.InvalidParameter;
import java.io.IOException;
import java.io.PrintStream;
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
    /// @param args see [DaemonOptions#HELP]
    public static void main(String[] args) {
        List<String> words = List.of(args);
        PrintStream out = System.out;
        if (words.contains("--help")) {
            out.print(DaemonOptions.HELP);
            return;
        }
        if (words.contains("-v") || words.contains("--version")) {
            out.println("cortend version " + Version.CORTEN + ", API " + Version.API);
            return;
        }
        try {
            run(DaemonOptions.parse(words, lib()));
        } catch (InvalidParameter e) {
            System.err.println("cortend: " + e.message());
            System.err.println("See 'cortend --help'.");
            System.exit(125);
        } catch (CortenException e) {
            System.err.println("cortend: " + e.message());
            System.exit(1);
        } catch (IOException e) {
            System.err.println("cortend: " + e.getMessage());
            LOG.log(Level.DEBUG, "start failed", e);
            System.exit(1);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void run(DaemonOptions options) throws IOException, InterruptedException {
        LogFormat.install(options.debug());
        Assembly assembly = Assembly.open(options);
        Runtime.getRuntime()
                .addShutdownHook(
                        Thread.ofPlatform()
                                .name("shutdown")
                                .unstarted(() -> {
                                    assembly.close();
                                    // SIGTERM is how a daemon is told to end: no failure.
                                    Runtime.getRuntime().halt(0);
                                }));
        assembly.listen();
        assembly.awaitIdle();
        System.exit(0);
    }

    /// Where the launcher says that the shim and the hello-world program are.
    private static Path lib() {
        String lib = System.getProperty("corten.lib");
        if (lib == null) {
            throw new InvalidParameter(
                    "the property corten.lib is not set: start the daemon with bin/cortend");
        }
        return Path.of(lib);
    }
}
