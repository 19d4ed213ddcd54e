package dev.corten.engine.exec;

import dev.corten.model.ContainerId;
import java.util.OptionalInt;

/// An exec at one moment.
///
/// @param exitCode empty until it has ended
/// @param pid on the host, 0 before it started; kept afterwards
public record ExecView(
        String id,
        ContainerId container,
        ExecConfig config,
        boolean running,
        OptionalInt exitCode,
        int pid) {}
