package dev.corten.build.work;

import dev.corten.kernel.Fd;

/// A mount that a step asks for. What it is mounted on is made if it is missing, and taken away
/// again afterwards if it was: it is no change of the step.
public sealed interface StepMount {
    /// An absolute path in the sandbox.
    String target();

    /// A directory or a file.
    ///
    /// @param source a detached mount; stays the caller's
    record Bind(String target, Fd source, boolean readOnly) implements StepMount {}

    /// @param size in bytes; 0 is without a limit
    record Tmpfs(String target, long size) implements StepMount {}
}
