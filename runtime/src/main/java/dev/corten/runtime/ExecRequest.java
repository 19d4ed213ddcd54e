package dev.corten.runtime;

import dev.corten.model.oci.ProcessSpec;
import dev.corten.model.oci.Seccomp;
import java.util.Optional;

/// Another process in a running container.
///
/// @param process credentials and capabilities as they shall be
/// @param seccomp the filter of the container, none for a privileged exec
/// @param openStdin whether input is a pipe; else `/dev/null`
/// @param client attached before the process runs
public record ExecRequest(
        ProcessSpec process,
        Optional<Seccomp> seccomp,
        boolean openStdin,
        Optional<Attach> client) {}
