package dev.corten.runtime;

import dev.corten.kernel.Fd;
import java.util.List;
import java.util.Optional;

/// Where a new process goes in the control groups, and what a container sees of them.
///
/// @param version 1 or 2 (of the hierarchy that holds the controllers)
/// @param procs v1: each hierarchy's `cgroup.procs`, open for writing; and the like file of a class
///     of service
/// @param directory v2: the group's directory, for `CLONE_INTO_CGROUP`
/// @param hierarchies v1: what is to be seen at `/sys/fs/cgroup`
/// @param oom the descriptor by which the kernel reports out-of-memory kills
/// @param kill what the monitor kills the rest of the container with
record Placement(
        int version,
        List<Fd> procs,
        Optional<Fd> directory,
        List<Hierarchy> hierarchies,
        Optional<Fd> oom,
        Optional<Fd> kill)
        implements AutoCloseable {
    /// No groups at all.
    static final Placement NONE =
            new Placement(
                    0, List.of(), Optional.empty(), List.of(), Optional.empty(), Optional.empty());

    Placement {
        procs = List.copyOf(procs);
        hierarchies = List.copyOf(hierarchies);
    }

    @Override
    public void close() {
        procs.forEach(Fd::close);
        directory.ifPresent(Fd::close);
        hierarchies.forEach(hierarchy -> hierarchy.tree().ifPresent(Fd::close));
        oom.ifPresent(Fd::close);
        kill.ifPresent(Fd::close);
    }

    /// A hierarchy of cgroup v1.
    ///
    /// @param name of the directory at `/sys/fs/cgroup`: `cpu,cpuacct`
    /// @param links other names for it: `cpu`, `cpuacct`
    /// @param options that mount it: `memory`, `none,name=systemd`
    /// @param tree a detached mount of the container's own group in it; absent if the container
    ///     mounts its own
    record Hierarchy(String name, List<String> links, List<String> options, Optional<Fd> tree) {
        Hierarchy {
            links = List.copyOf(links);
            options = List.copyOf(options);
        }
    }
}
