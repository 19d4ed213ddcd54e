package dev.corten.registry.server.protocol;

import dev.corten.model.Digest;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/// What is known of manifests by digest; bounded. Says nothing about whether they are still there.
final class FactsCache {
    private static final int MAX_ENTRIES = 20_000;

    /// More than a usual manifest has: those with much text are read again instead. All entries
    /// together have some tens of megabytes at the most.
    private static final int MAX_TEXT = 1024;

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
        if (text(fresh) <= MAX_TEXT) {
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

    private static long text(ManifestFacts facts) {
        long text = (long) facts.artifactType().length() + facts.mediaType().length();
        for (Map.Entry<String, String> each : facts.annotations().entrySet()) {
            text += (long) each.getKey().length() + each.getValue().length();
        }
        return text;
    }
}
