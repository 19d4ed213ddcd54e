package dev.corten.runtime;

import dev.corten.kernel.Fd;
import dev.corten.model.ContainerId;
import dev.corten.model.PathBytes;
import dev.corten.model.oci.Namespace;
import dev.corten.model.oci.Spec;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/// Everything that a container's start needs beside its spec. All descriptors stay the caller's:
/// they must live until [Monitors#launch] returns, which sends duplicates.
///
/// @param root the detached mount (`fsmount`, `open_tree`) that becomes the root
/// @param sources detached mounts for the binds of the spec, by destination
/// @param namespaces descriptors of namespaces to join, by type
/// @param exitDirectory where `exit.json` is written
/// @param runtime another runtime that makes the container; absent: this one
public record Launch(
        ContainerId id,
        Spec spec,
        Fd root,
        Map<PathBytes, Fd> sources,
        Map<Namespace.Type, Fd> namespaces,
        Stdin stdin,
        Optional<LogFile> log,
        Fd exitDirectory,
        Stop stop,
        Optional<RuntimeProgram> runtime) {
    public Launch {
        sources = Map.copyOf(sources);
        namespaces = Map.copyOf(namespaces);
    }

    /// One that this runtime makes.
    public Launch(
            ContainerId id,
            Spec spec,
            Fd root,
            Map<PathBytes, Fd> sources,
            Map<Namespace.Type, Fd> namespaces,
            Stdin stdin,
            Optional<LogFile> log,
            Fd exitDirectory,
            Stop stop) {
        this(
                id,
                spec,
                root,
                sources,
                namespaces,
                stdin,
                log,
                exitDirectory,
                stop,
                Optional.empty());
    }

    /// What the container's standard input is.
    public enum Stdin {
        /// `/dev/null`.
        NONE,
        /// Open as long as the container lives.
        OPEN,
        /// Closed when the first client that was attached to it leaves.
        ONCE
    }

    /// A json-file log that the monitor writes.
    ///
    /// @param maxBytes a file is rotated when it is this large; 0: never
    /// @param maxFiles how many there are with the current one, at least 1
    public record LogFile(Fd directory, String name, long maxBytes, int maxFiles) {}

    /// What the monitor does on SIGTERM, which the host sends at shutdown.
    public record Stop(int signal, Duration grace) {
        /// SIGTERM and ten seconds.
        public static final Stop DEFAULT = new Stop(15, Duration.ofSeconds(10));
    }
}
