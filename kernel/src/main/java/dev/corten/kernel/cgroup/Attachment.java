package dev.corten.kernel.cgroup;

import dev.corten.kernel.Fd;
import java.util.List;
import java.util.Optional;

/// The descriptors through which a new process gets into its control group.
///
/// @param procs the `cgroup.procs` of each version 1 hierarchy, open for writing: a process that
///     writes `0` moves itself
/// @param directory the group in the version 2 hierarchy, for `CLONE_INTO_CGROUP`
public record Attachment(List<Fd> procs, Optional<Fd> directory) implements AutoCloseable {
    public Attachment {
        procs = List.copyOf(procs);
    }

    /// Closes those that were not given away.
    @Override
    public void close() {
        procs.forEach(Fd::close);
        directory.ifPresent(Fd::close);
    }
}
