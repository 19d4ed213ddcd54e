package dev.corten.engine.build.classic;

import dev.corten.model.ContainerId;
import dev.corten.model.Digest;
import dev.corten.model.container.ContainerStatus;
import dev.corten.model.image.ImageConfig;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// The container of a step that has come to something, for those who want to keep it.
///
/// @param image that the step began with
/// @param command that it ran, or that stands for what it did
/// @param config what else it was told
/// @param status created or exited
/// @param changes the top layer of the image that has come of it; empty: it has changed nothing
public record KeptStep(
        ContainerId id,
        String name,
        Digest image,
        List<String> command,
        ImageConfig config,
        Instant created,
        ContainerStatus status,
        Optional<Digest> changes) {}
