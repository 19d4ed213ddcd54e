package dev.corten.build.solve;

import dev.corten.model.Digest;

/// What a step does, its inputs left open.
public interface Operation {
    /// A digest of everything that its result depends on, but for its inputs.
    Digest definition();

    /// Whether it reads only some files of an input, so that a narrow key pays.
    ///
    /// @param input the position among its inputs
    default boolean readsPartOf(int input) {
        return false;
    }

    /// Whether a result of an earlier build may not be taken (`--no-cache`).
    default boolean alwaysRuns() {
        return false;
    }

    /// Whether builds that need it at the same time may have one execution of it.
    default boolean isShared() {
        return true;
    }
}
