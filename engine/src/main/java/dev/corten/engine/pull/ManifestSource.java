package dev.corten.engine.pull;

import dev.corten.store.image.Images.StoredManifest;
import java.io.IOException;

/// Where the manifests of images come from.
@FunctionalInterface
public interface ManifestSource {
    /// The manifest or index of a tag or a digest; its digest has been verified.
    ///
    /// @throws dev.corten.model.NotFound in Docker's words
    StoredManifest manifest(String tagOrDigest) throws IOException, InterruptedException;
}
