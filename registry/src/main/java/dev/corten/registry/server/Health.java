package dev.corten.registry.server;

import dev.corten.registry.server.settings.ServerSettings;
import dev.corten.registry.server.storage.Storage;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Whether the storage can be used: asked from time to time, on a thread of its own, so that nobody
/// who asks for the result waits for the disk.
final class Health implements AutoCloseable {
    private static final Logger LOG = System.getLogger(Health.class.getName());

    private final ServerSettings.Health settings;
    private final Storage storage;
    private volatile String problem = "";
    private @Nullable Thread thread;

    Health(ServerSettings.Health settings, Storage storage) {
        this.settings = settings;
        this.storage = storage;
    }

    void open() {
        if (settings.storage()) {
            thread = Thread.ofVirtual().name("health").start(this::watch);
        }
    }

    private void watch() {
        int failures = 0;
        try {
            while (true) {
                String found = check();
                failures = found.isEmpty() ? 0 : failures + 1;
                if (failures == settings.threshold()) {
                    LOG.log(Level.ERROR, () -> "the storage cannot be used: " + found);
                }
                problem = failures >= settings.threshold() ? found : "";
                Thread.sleep(settings.interval());
            }
        } catch (InterruptedException _) {
            // The server ends.
        }
    }

    private String check() {
        try {
            storage.check();
            return "";
        } catch (IOException e) {
            return String.valueOf(e);
        }
    }

    /// What is wrong, by the name of what was checked; empty if nothing is.
    Map<String, String> problems() {
        String now = problem;
        return now.isEmpty() ? Map.of() : Map.of("storagedriver_filesystem", now);
    }

    @Override
    public void close() {
        if (thread != null) {
            thread.interrupt();
        }
    }
}
