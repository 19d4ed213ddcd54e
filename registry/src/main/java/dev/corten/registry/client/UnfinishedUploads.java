package dev.corten.registry.client;

import dev.corten.model.Digest;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/// Uploads that were given up in the middle, for the next push of the same blob to the same
/// repository. Registries keep them for days; one that is gone is begun anew.
final class UnfinishedUploads {
    private static final int LIMIT = 1000;

    record Key(URI registry, String path, Digest blob) {}

    private final ReentrantLock lock = new ReentrantLock();

    /// Guarded by lock; the oldest first.
    private final Map<Key, URI> locations =
            new LinkedHashMap<>() {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<Key, URI> eldest) {
                    return size() > LIMIT;
                }
            };

    /// Where to go on. Nobody else gets it: two would write into each other's upload.
    Optional<URI> take(Key key) {
        lock.lock();
        try {
            return Optional.ofNullable(locations.remove(key));
        } finally {
            lock.unlock();
        }
    }

    void leave(Key key, URI location) {
        lock.lock();
        try {
            locations.put(key, location);
        } finally {
            lock.unlock();
        }
    }
}
