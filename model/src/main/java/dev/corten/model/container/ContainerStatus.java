package dev.corten.model.container;

import java.time.Instant;
import java.util.Optional;

/// Where a container is in its life, with what is known there.
///
/// A sealed type, so that a new state breaks the build wherever it matters.
public sealed interface ContainerStatus {
    /// Whether clients are told that it runs: also while it waits for its restart.
    default boolean countsAsRunning() {
        return this instanceof Running || this instanceof Restarting;
    }

    /// How the last run ended, if there was one that has.
    default Optional<Exited> lastRun() {
        return switch (this) {
            case Exited e -> Optional.of(e);
            case Restarting r -> Optional.of(r.last());
            case Created _, Running _, Removing _, Dead _ -> Optional.empty();
        };
    }

    /// The exit code as the API shows it: 0 while there is none.
    default int exitCode() {
        return switch (this) {
            case Created c -> c.exitCode();
            case Running _ -> 0;
            case Restarting r -> r.last().exitCode();
            case Exited e -> e.exitCode();
            case Removing r -> r.exitCode();
            case Dead d -> d.exitCode();
        };
    }

    /// Docker's word: `created`, `running`, `paused`, `restarting`, `exited`, `removing`, `dead`.
    default String word() {
        return switch (this) {
            case Created _ -> "created";
            case Running r -> r.paused() ? "paused" : "running";
            case Restarting _ -> "restarting";
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
    /// @param endedBefore when the run before this one ended
    record Running(
            int pid,
            long pidStartTime,
            Instant startedAt,
            boolean paused,
            Optional<Instant> endedBefore)
            implements ContainerStatus {}

    /// Has ended and will be started again by its policy. For clients it counts as running.
    ///
    /// @param due when it is started
    record Restarting(Exited last, Instant due) implements ContainerStatus {}

    /// @param exitCode 0 to 255; 128 + n for signal n
    record Exited(
            int exitCode, boolean oomKilled, Instant startedAt, Instant finishedAt, String error)
            implements ContainerStatus {
        /// The same end, and why the start after it failed.
        public Exited with(String failure) {
            return new Exited(exitCode, oomKilled, startedAt, finishedAt, failure);
        }
    }

    /// A removal has begun; after a crash it is finished at start-up.
    ///
    /// @param exitCode of the last run
    record Removing(int exitCode) implements ContainerStatus {}

    /// A removal has failed.
    record Dead(String error, int exitCode) implements ContainerStatus {}
}
