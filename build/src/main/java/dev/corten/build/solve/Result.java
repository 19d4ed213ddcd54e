package dev.corten.build.solve;

import dev.corten.model.Digest;

/// What a step has made. As long as one is open, nobody collects what it stands for.
///
/// @param <S> itself
public interface Result<S extends Result<S>> extends AutoCloseable {
    /// A digest of all that counts in it; the times of files do not.
    Digest content();

    /// The same once more, to be closed by itself.
    S share();

    @Override
    void close();
}
