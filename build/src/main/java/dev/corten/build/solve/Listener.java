package dev.corten.build.solve;

import dev.corten.model.Digest;
import java.util.List;

/// Hears how a build gets on, from many threads at once. Each step is begun and ended, and a second
/// time if its result was remembered, wanted, and not there any more.
public interface Listener {
    /// How a step ended.
    enum End {
        CACHED,
        DONE,
        FAILED,
        CANCELED
    }

    /// Whether a step's result is taken from an earlier build.
    enum Decision {
        /// It is: its inputs are what they were.
        SAME_INPUTS,
        /// It is: what it reads of its inputs is what it was.
        SAME_PARTS,
        /// It is not.
        RUNS
    }

    void begun(Vertex vertex);

    void wrote(Vertex vertex, int stream, byte[] bytes);

    /// See [StepOutput#runsIn].
    default void runsIn(Vertex vertex, String sandbox) {}

    /// See [StepOutput#progress].
    default void progressed(Vertex vertex, String part, long current, long total, boolean done) {}

    /// Why a step is or is not carried out. Comes before it has begun or, of one that has to run,
    /// when its inputs are there.
    ///
    /// @param inputs of each input its content, or what the step reads of it
    default void decided(Vertex vertex, Decision decision, List<Digest> inputs) {}

    void ended(Vertex vertex, End end);
}
