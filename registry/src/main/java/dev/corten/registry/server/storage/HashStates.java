package dev.corten.registry.server.storage;

import dev.corten.model.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Hashes of uploads as far as they have come, so that the next chunk need not read those before it
/// again. A hash counts only if the file is exactly as it was left: another process may have written
/// to it, and then it is read from the start.
final class HashStates {
    private static final int MAX_ENTRIES = 1024;

    /// Guarded by lock; the longest unused first.
    private final Map<String, State> states = new LinkedHashMap<>();

    private final ReentrantLock lock = new ReentrantLock();

    private record State(MessageDigest hash, Mark mark) {}

    /// What a file is recognised by.
    private record Mark(long size, long modified, @Nullable Object key) {
        static Mark of(Path file) throws IOException {
            var attributes = Files.readAttributes(file, BasicFileAttributes.class);
            return new Mark(
                    attributes.size(),
                    attributes.lastModifiedTime().to(java.util.concurrent.TimeUnit.NANOSECONDS),
                    attributes.fileKey());
        }
    }

    /// Takes the hash of a file's content; empty if it has to be computed.
    Optional<MessageDigest> take(String upload, Path file) throws IOException {
        State state;
        lock.lock();
        try {
            state = states.remove(upload);
        } finally {
            lock.unlock();
        }
        Mark now = Mark.of(file);
        if (now.size() == 0) {
            return Optional.of(Digest.newHash());
        }
        return state != null && Objects.equals(state.mark(), now)
                ? Optional.of(state.hash())
                : Optional.empty();
    }

    /// Keeps the hash of a file's content.
    void put(String upload, Path file, MessageDigest hash) throws IOException {
        var state = new State(hash, Mark.of(file));
        lock.lock();
        try {
            states.put(upload, state);
            if (states.size() > MAX_ENTRIES) {
                states.remove(states.keySet().iterator().next());
            }
        } finally {
            lock.unlock();
        }
    }

    void forget(String upload) {
        lock.lock();
        try {
            states.remove(upload);
        } finally {
            lock.unlock();
        }
    }
}
