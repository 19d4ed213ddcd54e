package dev.corten.build.solve;

import java.io.IOException;

/// A graph that is being solved. Each vertex is solved once at most, however often it is asked for.
/// When one fails, all that is asked for afterwards fails like it. Thread-safe.
///
/// @param <R> what steps make
public interface Solving<R extends Result<R>> extends AutoCloseable {
    /// Has a vertex solved without waiting for it.
    void want(Vertex vertex);

    /// Waits for a vertex.
    ///
    /// @return to be closed
    /// @throws StepFailure for the first step that failed
    R await(Vertex vertex) throws StepFailure, IOException, InterruptedException;

    /// Ends what is still running, at once, and lets go of all results.
    @Override
    void close();
}
