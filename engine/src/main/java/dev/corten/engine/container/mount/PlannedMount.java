package dev.corten.engine.container.mount;

import dev.corten.engine.volume.VolumeRequest;
import dev.corten.model.container.MountPoint;
import java.util.Optional;

/// A mount of a container that is about to be made.
///
/// @param volume to be made if it is not there; empty for what is no volume or is another
///     container's
/// @param copy whether an empty volume gets what the image has at its place
public record PlannedMount(MountPoint mount, Optional<VolumeRequest> volume, boolean copy) {
    static PlannedMount of(MountPoint mount) {
        return new PlannedMount(mount, Optional.empty(), false);
    }
}
