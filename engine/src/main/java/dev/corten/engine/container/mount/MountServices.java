package dev.corten.engine.container.mount;

import dev.corten.engine.volume.Volumes;
import dev.corten.kernel.BlockingCalls;
import java.nio.file.Path;

/// What containers need for their mounts.
///
/// @param calls for paths of the host, where the kernel may let us wait
public record MountServices(
        Volumes volumes, ContainerMounts mounts, BlockingCalls calls, Path dataRoot) {}
