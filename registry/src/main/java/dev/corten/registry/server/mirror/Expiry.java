package dev.corten.registry.server.mirror;

import dev.corten.model.Digest;
import dev.corten.registry.RepositoryName;
import dev.corten.registry.server.collect.Collection;
import dev.corten.registry.server.storage.Repository;
import dev.corten.registry.server.storage.Storage;
import dev.corten.registry.server.storage.StorageFiles;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Drops what was fetched longer ago than the time that a cache keeps things.
public final class Expiry implements AutoCloseable {
    private static final Logger LOG = System.getLogger(Expiry.class.getName());
    private static final Duration MAX_INTERVAL = Duration.ofHours(1);
    private static final Duration GRACE = Duration.ofHours(1);

    private final Storage storage;
    private final Duration kept;
    private @Nullable Thread thread;

    /// @param kept zero for ever
    public Expiry(Storage storage, Duration kept) {
        this.storage = storage;
        this.kept = kept;
    }

    public void open() {
        if (!kept.isZero()) {
            thread = Thread.ofVirtual().name("expiry").start(this::watch);
        }
    }

    private void watch() {
        Duration half = kept.dividedBy(2);
        try {
            while (true) {
                Thread.sleep(half.compareTo(MAX_INTERVAL) < 0 ? half : MAX_INTERVAL);
                try {
                    run(Instant.now());
                } catch (IOException | RuntimeException e) {
                    LOG.log(Level.WARNING, "cannot drop what is old", e);
                }
            }
        } catch (InterruptedException _) {
            // The server ends.
        }
    }

    /// Drops it once.
    void run(Instant now) throws IOException {
        Instant limit = now.minus(kept);
        for (RepositoryName name : storage.repositories(Optional.empty(), Integer.MAX_VALUE)) {
            Repository repository = storage.repository(name);
            for (Digest digest : repository.manifests()) {
                Optional<Instant> fetched =
                        StorageFiles.modified(storage.layout().revision(name, digest));
                if (fetched.isPresent() && fetched.get().isBefore(limit)) {
                    for (String tag : repository.tagsOf(digest)) {
                        repository.removeTag(tag);
                    }
                    repository.removeManifest(digest);
                }
            }
        }
        Duration grace = kept.compareTo(GRACE) < 0 ? kept : GRACE;
        new Collection(storage, new Collection.Options(grace, false, false), _ -> {}).run();
    }

    @Override
    public void close() {
        if (thread != null) {
            thread.interrupt();
        }
    }
}
