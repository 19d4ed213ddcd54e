package dev.corten.model.image;

import dev.corten.model.Digest;
import dev.corten.model.Reference;

/// What happens while an archive is loaded, in the order in which a user wants to read it.
public sealed interface LoadEvent {
    /// A layer that was not here yet is being read.
    ///
    /// @param name 12 hexadecimal digits
    /// @param current bytes so far
    /// @param total bytes of the layer as it is in the archive
    record LayerProgress(String name, long current, long total) implements LoadEvent {}

    /// A name belonged to another image, which may have no name now.
    record NameMoved(Reference name, Digest oldImage) implements LoadEvent {}

    /// An image is here with this name.
    record Named(Reference name, Digest image) implements LoadEvent {}

    /// An image without a name is here.
    record Unnamed(Digest image) implements LoadEvent {}
}
