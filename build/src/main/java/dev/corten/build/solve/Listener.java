package dev.corten.build.solve;

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

    void begun(Vertex vertex);

    void wrote(Vertex vertex, int stream, byte[] bytes);

    /// See [StepOutput#runsIn].
    default void runsIn(Vertex vertex, String sandbox) {}

    /// See [StepOutput#progress].
    default void progressed(Vertex vertex, String part, long current, long total, boolean done) {}

    void ended(Vertex vertex, End end);
}
