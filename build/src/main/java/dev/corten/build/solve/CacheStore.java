package dev.corten.build.solve;

import dev.corten.model.Digest;
import java.io.IOException;
import java.util.Optional;

/// What came of earlier steps. Thread-safe.
///
/// @param <R> what is remembered
public interface CacheStore<R extends Result<R>> {
    /// What is known under a key.
    ///
    /// @param content of the result
    /// @param key under which [#open] finds it
    record Entry(Digest content, Digest key) {}

    /// Looks it up.
    Optional<Entry> find(Digest key) throws IOException;

    /// The result itself, to be closed. Empty if only its content is remembered: it was collected,
    /// or an imported cache tells of it.
    Optional<R> open(Entry entry) throws IOException;

    /// Remembers a result.
    void add(Digest key, Vertex vertex, R result) throws IOException;

    /// Makes a second key lead to an entry.
    void alias(Digest key, Entry entry) throws IOException;
}
