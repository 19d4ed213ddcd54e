package dev.corten.daemon;

import dev.corten.daemon.settings.BadSettings;
import dev.corten.daemon.settings.Options;
import dev.corten.daemon.settings.Settings;
import dev.corten.kernel.process.Signals;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/// The daemon from its start to its end: what signals make it do, and what the service manager
/// hears.
final class Daemon {
    private static final Logger LOG = System.getLogger(Daemon.class.getName());

    /// As dockerd: who asks for the third time does not want to wait.
    private static final int PATIENCE = 3;

    private static final int KILLED = 128;

    private final Map<String, String> environment;
    private final ServiceManager manager;
    private final CompletableFuture<Void> end = new CompletableFuture<>();
    private final AtomicInteger requests = new AtomicInteger();

    Daemon(Map<String, String> environment) {
        this.environment = environment;
        this.manager = ServiceManager.of(environment);
    }

    /// Runs until somebody or something ends it.
    ///
    /// @param lib the directory with the shim and the hello-world program
    void run(Settings settings, Path lib) throws IOException {
        DaemonLog.install(settings);
        UnixSignals.handle(Signals.SIGTERM, () -> terminate(Signals.SIGTERM));
        UnixSignals.handle(Signals.SIGINT, () -> terminate(Signals.SIGINT));
        // Until there is something to reload: it would end the process.
        UnixSignals.handle(Signals.SIGHUP, () -> LOG.log(Level.INFO, "Still starting: no reload"));
        ActivatedSockets activated = ActivatedSockets.of(environment);
        settings.remarks().forEach(remark -> LOG.log(Level.WARNING, () -> remark));
        try (Assembly assembly = Assembly.open(settings, lib, activated)) {
            Path exec = Path.of(settings.get(Options.EXEC_ROOT)).toAbsolutePath();
            UnixSignals.handle(Signals.SIGHUP, () -> reload(assembly));
            UnixSignals.handle(Signals.SIGUSR1, () -> ThreadDump.write(exec));
            assembly.listen();
            manager.ready();
            assembly.whenIdle(() -> end.complete(null));
            end.join();
            manager.stopping();
        }
    }

    private void terminate(int signal) {
        int request = requests.incrementAndGet();
        LOG.log(Level.INFO, () -> "Processing signal " + signal);
        end.complete(null);
        if (request >= PATIENCE) {
            LOG.log(
                    Level.INFO,
                    () ->
                            "Forcing daemon shutdown without cleanup; "
                                    + PATIENCE
                                    + " interrupts received");
            Runtime.getRuntime().halt(KILLED + signal);
        }
    }

    private synchronized void reload(Assembly assembly) {
        LOG.log(Level.INFO, "Got signal to reload configuration");
        manager.reloading();
        try {
            assembly.reload(environment);
        } catch (BadSettings e) {
            LOG.log(
                    Level.ERROR,
                    () ->
                            "Error reloading configuration: "
                                    + e.message()
                                    + String.join(
                                            "", e.hints().stream().map(h -> "; " + h).toList()));
        } catch (RuntimeException e) {
            // A handler's exception would end nothing and tell nobody.
            LOG.log(Level.ERROR, "Error reconfiguring the daemon", e);
        }
        manager.ready();
    }
}
