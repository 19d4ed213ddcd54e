package dev.corten.model.image;

import dev.corten.model.Digest;
import dev.corten.model.Platform;
import dev.corten.model.Reference;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// An image in the store.
///
/// @param id the digest of its configuration document
/// @param repoTags its names with a tag, in the order of their text
/// @param repoDigests its names with a digest, in the order of their text
/// @param parent the image it was committed or built from, if that is known here
/// @param created as the document says
/// @param size bytes of its layers' files, unpacked
/// @param diffIds the digests of its layers' plain tars, lowest first
/// @param chainId of all its layers; empty for an image without any
/// @param lastTagTime when it last got a name; empty for one that never did
public record Image(
        Digest id,
        List<Reference> repoTags,
        List<Reference> repoDigests,
        Optional<Digest> parent,
        String comment,
        Optional<Instant> created,
        String author,
        String dockerVersion,
        Platform platform,
        String osVersion,
        long size,
        List<Digest> diffIds,
        Optional<Digest> chainId,
        ImageConfig config,
        List<History> history,
        Optional<Instant> lastTagTime) {
    public Image {
        repoTags = List.copyOf(repoTags);
        repoDigests = List.copyOf(repoDigests);
        diffIds = List.copyOf(diffIds);
        history = List.copyOf(history);
    }
}
