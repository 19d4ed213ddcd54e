package dev.corten.build.solve;

/// Takes what a step writes. Thread-safe.
@FunctionalInterface
public interface StepOutput {
    /// @param stream 1 or 2
    /// @param bytes not to be changed afterwards
    void write(int stream, byte[] bytes);
}
