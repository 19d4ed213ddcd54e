package dev.corten.build.solve;

import dev.corten.model.Digest;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// Carries steps out. Thread-safe.
///
/// @param <R> what steps make
public interface Worker<R extends Result<R>> {
    /// The content of a step without inputs where it can be told without doing it: an image by its
    /// layers, a directory by what a client says of it.
    Optional<Digest> content(Operation operation) throws IOException, InterruptedException;

    /// A digest of what a step reads of one of its inputs.
    Digest selection(Operation operation, int input, R result)
            throws IOException, InterruptedException;

    /// Does it. An interrupt ends it at once, and nothing is left of it.
    ///
    /// @param inputs open as long as this lasts
    /// @param output what the step writes
    R run(Operation operation, List<R> inputs, StepOutput output)
            throws IOException, InterruptedException;
}
