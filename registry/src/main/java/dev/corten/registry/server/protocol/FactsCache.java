package dev.corten.registry.server.protocol;

import dev.corten.model.Digest;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/// What is known of manifests by digest; bounded. Says nothing about whether they are still there.
final class FactsCache {
    private static final int MAX_ENTRIES = 20_000;

    /// More than a usual manifest has: those with much text are read again instead.
    private static final int MAX_ANNOTATIONS = 64;

    private final ReentrantLock lock = new ReentrantLock();

    /// Guarded by lock; the longest unused first.
    private final Map<Digest, ManifestFacts> facts = new LinkedHashMap<>(1024, 0.75f, true);

    Optional<ManifestFacts> find(Digest digest) {
        lock.lock();
        try {
            return Optional.ofNullable(facts.get(digest));
        } finally {
            lock.unlock();
        }
    }

    ManifestFacts of(Digest digest, byte[] bytes) {
        return find(digest).orElseGet(() -> add(digest, ManifestFacts.of(bytes)));
    }

    ManifestFacts add(Digest digest, ManifestFacts fresh) {
        if (fresh.annotations().size() <= MAX_ANNOTATIONS && fresh.size() < 64 << 10) {
            lock.lock();
            try {
                facts.put(digest, fresh);
                if (facts.size() > MAX_ENTRIES) {
                    facts.remove(facts.keySet().iterator().next());
                }
            } finally {
                lock.unlock();
            }
        }
        return fresh;
    }
}
