package dev.corten.archive.unpack;

import dev.corten.model.PathBytes;
import java.util.List;

/// What a layer's tar leaves open until the layers below it are known. Paths are relative to the
/// layer's root and have no symbolic links in them; the root itself is `.`.
///
/// @param impliedDirectories made only because something is in them, parents first: the tar says
///     nothing about their owner and mode
/// @param pendingLinks hard links to files that are not in this layer, in the tar's order
/// @param whiteouts where a mark hides what is below
/// @param opaques directories that hide all below, where that is not an attribute of theirs
/// @param size bytes of all regular files
/// @param faithful whether each file of the tar is where the tar says, and nothing replaced it
public record UnpackedLayer(
        List<PathBytes> impliedDirectories,
        List<PendingLink> pendingLinks,
        List<PathBytes> whiteouts,
        List<PathBytes> opaques,
        long size,
        boolean faithful) {
    /// A hard link that cannot be made yet.
    public record PendingLink(PathBytes name, PathBytes target) {}

    public UnpackedLayer {
        impliedDirectories = List.copyOf(impliedDirectories);
        pendingLinks = List.copyOf(pendingLinks);
        whiteouts = List.copyOf(whiteouts);
        opaques = List.copyOf(opaques);
    }
}
