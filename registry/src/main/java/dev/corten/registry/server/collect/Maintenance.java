package dev.corten.registry.server.collect;

import dev.corten.registry.RepositoryName;
import dev.corten.registry.server.settings.ServerSettings;
import dev.corten.registry.server.storage.Storage;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// What a running registry does from time to time: gives up uploads that nobody goes on with, and
/// collects. A thread each; between two runs it sleeps.
public final class Maintenance implements AutoCloseable {
    private static final Logger LOG = System.getLogger(Maintenance.class.getName());

    private final Storage storage;
    private final ServerSettings settings;
    private final List<Thread> threads = new ArrayList<>();

    /// One thing that is done from time to time.
    @FunctionalInterface
    private interface Task {
        void run() throws IOException;
    }

    public Maintenance(Storage storage, ServerSettings settings) {
        this.storage = storage;
        this.settings = settings;
    }

    public void open() {
        if (settings.readOnly()) {
            return;
        }
        ServerSettings.Purging purging = settings.purging();
        if (purging.enabled()) {
            every("purge uploads", purging.interval(), this::purge);
        }
        ServerSettings.Collecting collecting = settings.collecting();
        if (!collecting.interval().isZero()) {
            every("collect garbage", collecting.interval(), this::collect);
        }
    }

    private void every(String name, Duration interval, Task task) {
        threads.add(
                Thread.ofVirtual()
                        .name(name)
                        .start(() -> {
                            try {
                                while (true) {
                                    Thread.sleep(interval);
                                    run(name, task);
                                }
                            } catch (InterruptedException _) {
                                // The server ends.
                            }
                        }));
    }

    private static void run(String name, Task task) {
        try {
            task.run();
        } catch (IOException | RuntimeException e) {
            LOG.log(Level.WARNING, "cannot " + name, e);
        }
    }

    private void purge() throws IOException {
        ServerSettings.Purging purging = settings.purging();
        Instant since = Instant.now().minus(purging.age());
        for (RepositoryName name : storage.repositoriesWithUploads()) {
            List<String> purged = storage.uploads().purge(name, since, purging.dryRun());
            if (!purged.isEmpty()) {
                LOG.log(Level.INFO, () -> name + ": uploads given up: " + purged.size());
            }
        }
    }

    private void collect() throws IOException {
        ServerSettings.Collecting collecting = settings.collecting();
        var options = new Collection.Options(collecting.grace(), collecting.untagged(), false);
        new Collection(storage, options, line -> LOG.log(Level.DEBUG, line))
                .run()
                .ifPresent(report ->
                        LOG.log(
                                Level.INFO,
                                () ->
                                        "collected "
                                                + report.blobs()
                                                + " blobs ("
                                                + report.bytes()
                                                + " bytes) and "
                                                + report.manifests()
                                                + " manifests"));
    }

    @Override
    public void close() {
        threads.forEach(Thread::interrupt);
        try {
            for (Thread thread : threads) {
                thread.join();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
