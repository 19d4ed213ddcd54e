package dev.corten.engine.container;

import dev.corten.model.ContainerId;
import dev.corten.model.container.ContainerStatus;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/// What a container has been so far, elsewhere: with another engine, or as a step of a build. Its
/// files are copied.
///
/// @param status created or exited
/// @param changes the upper directory of its overlay; empty: it has changed nothing
/// @param log its `json-file`; need not exist
/// @param announced whether clients have heard that it was made
public record Adoption(
        ContainerId id,
        Instant created,
        ContainerStatus status,
        Optional<Path> changes,
        Optional<Path> log,
        boolean announced) {}
