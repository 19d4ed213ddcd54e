package dev.corten.store.image;

import dev.corten.model.ContainerId;
import dev.corten.model.Digest;
import java.util.List;

/// Which containers are made of an image: what the engine tells the store when an image shall go.
@FunctionalInterface
public interface ImageUse {
    /// Nobody uses anything.
    ImageUse NONE = image -> List.of();

    /// @param running also when paused or restarting
    record Use(ContainerId container, boolean running) {}

    List<Use> of(Digest image);
}
