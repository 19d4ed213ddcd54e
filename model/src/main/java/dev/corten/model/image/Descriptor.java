package dev.corten.model.image;

import dev.corten.model.Digest;
import dev.corten.model.Platform;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Names content: OCI image specification, "Content Descriptors".
///
/// @param size in bytes
/// @param platform of an image in an index
/// @param urls where else the content can be had
/// @param artifactType `""` if there is none
public record Descriptor(
        String mediaType,
        Digest digest,
        long size,
        Optional<Platform> platform,
        Map<String, String> annotations,
        List<String> urls,
        String artifactType) {
    public Descriptor {
        annotations = Map.copyOf(annotations);
        urls = List.copyOf(urls);
    }

    /// Of content that is only to be found by its digest.
    public static Descriptor of(String mediaType, Digest digest, long size) {
        return new Descriptor(mediaType, digest, size, Optional.empty(), Map.of(), List.of(), "");
    }
}
