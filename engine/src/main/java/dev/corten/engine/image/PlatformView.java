package dev.corten.engine.image;

import dev.corten.model.ContainerId;
import dev.corten.model.Digest;
import dev.corten.model.Platform;
import dev.corten.model.image.Descriptor;
import java.util.List;
import java.util.Optional;

/// One of the manifests behind an image's name, as lists and inspections show it.
///
/// @param image the ID of the image that is here for it
/// @param platform empty if nothing says it
/// @param subject of an attestation, the manifest that it is about
/// @param available whether all of it is here
/// @param contentBytes of its documents and blobs, as far as they are here
/// @param unpackedBytes of its layers' files
/// @param containers made of it
public record PlatformView(
        Descriptor manifest,
        Optional<Digest> image,
        Optional<Platform> platform,
        Optional<Digest> subject,
        boolean available,
        long contentBytes,
        long unpackedBytes,
        List<ContainerId> containers) {
    public PlatformView {
        containers = List.copyOf(containers);
    }
}
