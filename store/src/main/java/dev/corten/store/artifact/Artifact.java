package dev.corten.store.artifact;

import dev.corten.model.Digest;
import dev.corten.model.Reference;
import dev.corten.model.image.Descriptor;
import java.util.Set;

/// An artifact under one of its names.
///
/// @param name with a tag, or with the digest by which it was asked for
/// @param blobs what its manifest names, its configuration too
public record Artifact(Reference name, Descriptor manifest, Set<Digest> blobs) {
    public Artifact {
        blobs = Set.copyOf(blobs);
    }

    public Digest digest() {
        return manifest.digest();
    }
}
