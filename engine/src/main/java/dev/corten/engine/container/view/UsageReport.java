package dev.corten.engine.container.view;

import dev.corten.model.ContainerId;
import java.util.Optional;

/// What is told of a container's use of the host.
///
/// @param now empty if it does not run
/// @param before an earlier measurement of the same run to compare with; empty if there is none
public record UsageReport(
        ContainerId id, String name, Optional<Usage> now, Optional<Usage> before) {}
