package dev.corten.cli.setup;

import dev.corten.cli.console.Output;
import dev.corten.cli.failure.Failure;
import dev.corten.client.ApiClient;
import dev.corten.client.DaemonUnreachable;
import dev.corten.client.Dialer;
import dev.corten.client.Endpoint;
import dev.corten.client.Request;
import java.io.File;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// The daemon that a run talks to: connected to when first needed, and started if it is the default
/// one, absent, and the user may.
public final class Daemon implements AutoCloseable {
    private static final long START_SECONDS = 30;

    private final Dialer dialer;
    private final ApiClient.Settings settings;
    private final Starter starter;
    private final Output err;
    private @Nullable ApiClient client;

    /// How a daemon is started for this endpoint.
    ///
    /// @param command to run with `sh -c`, or the path of cortend; empty if none may be started
    /// @param shell whether it is for `sh -c`
    record Starter(String command, boolean shell) {
        static final Starter NONE = new Starter("", false);
    }

    /// @param starter [Starter#NONE] unless the dialer is that of a unix socket
    Daemon(Dialer dialer, ApiClient.Settings settings, Starter starter, Output err) {
        this.dialer = dialer;
        this.settings = settings;
        this.starter = starter;
        this.err = err;
    }

    public Dialer dialer() {
        return dialer;
    }

    /// The client. With a daemon that may have to be started, one that answers.
    public ApiClient api() throws IOException {
        ApiClient open = client;
        if (open != null) {
            return open;
        }
        ApiClient made = new ApiClient(dialer, settings);
        client = made;
        boolean may = !starter.command.isEmpty();
        if (may && dialer instanceof Endpoint endpoint) {
            boolean present = new File(endpoint.unixPath()).exists();
            if (!present || !answers(made)) {
                start(made, endpoint);
            }
        }
        return made;
    }

    private static boolean answers(ApiClient api) throws IOException {
        try {
            api.call(Request.head("/_ping"));
            return true;
        } catch (DaemonUnreachable e) {
            return false;
        }
    }

    /// Runs the daemon in a session of its own. It says through a pipe that it serves, or ends.
    private void start(ApiClient api, Endpoint endpoint) throws IOException {
        err.line("corten: no daemon answers at " + endpoint.text() + ", starting one").flush();
        String log = endpoint.unixPath() + ".log";
        var command =
                starter.shell
                        ? new ProcessBuilder("setsid", "sh", "-c", starter.command)
                        : new ProcessBuilder("setsid", starter.command, "--host", endpoint.text());
        command.redirectInput(new File("/dev/null"));
        command.redirectOutput(new File(log));
        command.redirectErrorStream(true);
        Process process = command.start();
        long deadline = System.nanoTime() + START_SECONDS * 1_000_000_000L;
        while (!answers(api)) {
            try {
                // Wakes early when the process ends: then there is no use in asking on. A launcher
                // that puts the daemon into the background ends with 0.
                boolean ended = process.waitFor(20, java.util.concurrent.TimeUnit.MILLISECONDS);
                if (ended && process.exitValue() != 0) {
                    throw new Failure("the daemon did not start, see " + log);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new Failure("interrupted while the daemon was starting");
            }
            if (System.nanoTime() > deadline) {
                throw new Failure("the daemon does not answer, see " + log);
            }
        }
    }

    @Override
    public void close() throws IOException {
        ApiClient open = client;
        if (open != null) {
            open.close();
        }
    }
}
