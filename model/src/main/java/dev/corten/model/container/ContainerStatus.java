package dev.corten.model.container;

import java.time.Instant;

/// Where a container is in its life, with what is known there.
///
/// A sealed type, so that a new state breaks the build wherever it matters.
public sealed interface ContainerStatus {
    /// Docker's word: `created`, `running`, `paused`, `exited`, `removing`, `dead`.
    default String word() {
        return switch (this) {
            case Created _ -> "created";
            case Running r -> r.paused() ? "paused" : "running";
            case Exited _ -> "exited";
            case Removing _ -> "removing";
            case Dead _ -> "dead";
        };
    }

    /// Never ran, or could not be started.
    ///
    /// @param error why the last start failed, `""` if there was none
    /// @param exitCode 0, or that of the failed start (126, 127, 128)
    record Created(String error, int exitCode) implements ContainerStatus {
        public static final Created NEW = new Created("", 0);
    }

    /// @param pid of its first process, on the host
    /// @param pidStartTime in clock ticks after boot (field 22 of `/proc/PID/stat`)
    record Running(int pid, long pidStartTime, Instant startedAt, boolean paused)
            implements ContainerStatus {}

    /// @param exitCode 0 to 255; 128 + n for signal n
    record Exited(
            int exitCode, boolean oomKilled, Instant startedAt, Instant finishedAt, String error)
            implements ContainerStatus {}

    /// A removal has begun; after a crash it is finished at start-up.
    ///
    /// @param exitCode of the last run
    record Removing(int exitCode) implements ContainerStatus {}

    /// A removal has failed.
    record Dead(String error, int exitCode) implements ContainerStatus {}
}
