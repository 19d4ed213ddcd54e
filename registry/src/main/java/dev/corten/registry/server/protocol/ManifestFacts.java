package dev.corten.registry.server.protocol;

import dev.corten.model.Digest;
import dev.corten.model.InvalidParameter;
import dev.corten.model.image.Descriptor;
import dev.corten.model.image.MediaTypes;
import dev.corten.store.document.Manifest;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What a registry needs to know of a manifest. Never changes, as the digest does not.
///
/// @param mediaType `""` if it is none that we know
/// @param artifactType of the artifact, or of its configuration; `""` if there is none
/// @param size in bytes
public record ManifestFacts(
        String mediaType,
        String artifactType,
        Optional<Digest> subject,
        Map<String, String> annotations,
        long size) {
    /// Of a document that another server took for a manifest and we do not.
    private static ManifestFacts unknown(byte[] bytes) {
        return new ManifestFacts("", "", Optional.empty(), Map.of(), bytes.length);
    }

    static ManifestFacts of(byte[] bytes) {
        try {
            return of(Manifest.parse("manifest", "", bytes), bytes.length);
        } catch (InvalidParameter _) {
            return unknown(bytes);
        }
    }

    static ManifestFacts of(Manifest manifest, long size) {
        return switch (manifest) {
            case Manifest.OfImage image ->
                    new ManifestFacts(
                            image.mediaType(),
                            image.artifactType().isEmpty()
                                    ? image.config().mediaType()
                                    : image.artifactType(),
                            image.subject().map(Descriptor::digest),
                            image.annotations(),
                            size);
            case Manifest.OfIndex index ->
                    new ManifestFacts(
                            index.mediaType(),
                            index.artifactType(),
                            index.subject().map(Descriptor::digest),
                            index.annotations(),
                            size);
            case Manifest.OfSchemaOne old ->
                    new ManifestFacts(old.mediaType(), "", Optional.empty(), Map.of(), size);
        };
    }

    boolean isIndex() {
        return List.of(MediaTypes.OCI_INDEX, MediaTypes.DOCKER_LIST).contains(mediaType);
    }
}
