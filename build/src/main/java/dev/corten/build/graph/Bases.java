package dev.corten.build.graph;

import dev.corten.model.Platform;
import dev.corten.model.image.Image;
import java.io.IOException;
import java.util.Optional;

/// Where images come from that a build begins with.
public interface Bases {
    /// Begins what stands for an image of a named context that is an OCI image layout; the name of
    /// the context follows.
    String LAYOUT = "oci-layout://";

    /// Begins to fetch an image.
    Coming image(String name, Optional<Platform> platform);

    /// An image on its way.
    @FunctionalInterface
    interface Coming {
        /// Waits for it.
        ///
        /// @throws dev.corten.model.CortenException if it cannot be had
        Image get() throws IOException, InterruptedException;
    }
}
