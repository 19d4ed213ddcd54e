package dev.corten.model.image;

import dev.corten.model.Digest;
import dev.corten.model.Reference;

/// One line of what the removal of an image did.
public sealed interface Removal {
    /// A name is gone.
    record Untagged(Reference name) implements Removal {}

    /// An image (its ID) or a layer (its chain ID) is gone.
    record Deleted(Digest digest) implements Removal {}
}
