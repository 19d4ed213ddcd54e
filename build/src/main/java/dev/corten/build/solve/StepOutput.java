package dev.corten.build.solve;

/// Where a step writes, and says how it gets on. Thread-safe.
public interface StepOutput {
    /// @param stream 1 or 2
    /// @param bytes not to be changed afterwards
    void write(int stream, byte[] bytes);

    /// In what the step's command runs; before it writes anything.
    ///
    /// @param sandbox the ID, 64 digits
    default void runsIn(String sandbox) {}

    /// How far a part of the step is.
    ///
    /// @param part such as `transferring context`
    /// @param current in bytes
    /// @param total in bytes; 0 if it is not known
    /// @param done whether this is the end of it
    default void progress(String part, long current, long total, boolean done) {}
}
