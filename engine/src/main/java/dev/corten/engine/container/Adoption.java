package dev.corten.engine.container;

import dev.corten.model.ContainerId;
import dev.corten.model.container.ContainerStatus;
import java.nio.file.Path;
import java.time.Instant;

/// What a container has been with another engine, whose files are copied.
///
/// @param status created or exited
/// @param changes the upper directory of its overlay
/// @param log its `json-file`; need not exist
public record Adoption(
        ContainerId id, Instant created, ContainerStatus status, Path changes, Path log) {}
