package dev.corten.model.image;

import dev.corten.model.Digest;
import java.util.Map;

/// What images take on the disk, at one moment.
///
/// @param layers bytes of all layers, each counted once
/// @param shared by image, bytes of those layers that other images have too
public record ImageSizes(long layers, Map<Digest, Long> shared) {
    public ImageSizes {
        shared = Map.copyOf(shared);
    }
}
