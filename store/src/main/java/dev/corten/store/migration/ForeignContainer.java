package dev.corten.store.migration;

import dev.corten.model.ContainerId;
import dev.corten.model.Digest;
import dev.corten.model.container.ContainerStatus;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

/// A container of another engine, which does not run.
///
/// @param config as in the Engine API, a JSON document
/// @param hostConfig likewise
/// @param upper overlayfs's upper directory: what it has changed in its image
/// @param log its `json-file`; need not exist
/// @param volumes where it has which volumes
public record ForeignContainer(
        ContainerId id,
        String name,
        Instant created,
        Digest image,
        byte[] config,
        byte[] hostConfig,
        ContainerStatus status,
        Path upper,
        Path log,
        List<Mount> volumes) {
    public ForeignContainer {
        volumes = List.copyOf(volumes);
    }

    /// A volume of the container.
    public record Mount(String volume, String destination, boolean writable) {}
}
