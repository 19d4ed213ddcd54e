package dev.corten.store.document;

import dev.corten.model.Digest;
import dev.corten.model.InvalidParameter;
import dev.corten.model.Platform;
import dev.corten.model.image.Descriptor;
import dev.corten.model.image.MediaTypes;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What a registry keeps under a tag or a digest: an image or an artifact, an index of several, or
/// an image in the old form of schema 1.
public sealed interface Manifest {
    /// One image, or an artifact.
    ///
    /// @param artifactType `""` if there is none
    /// @param layers the lowest first
    record OfImage(
            String mediaType,
            String artifactType,
            Descriptor config,
            List<Descriptor> layers,
            Optional<Descriptor> subject,
            Map<String, String> annotations)
            implements Manifest {}

    /// Several, commonly one for each platform.
    record OfIndex(
            String mediaType,
            String artifactType,
            List<Descriptor> manifests,
            Optional<Descriptor> subject,
            Map<String, String> annotations)
            implements Manifest {}

    /// The form before 2016: no configuration of its own, but one fragment of it with each layer.
    ///
    /// @param layers digests, the lowest first
    /// @param history the `v1Compatibility` documents, the lowest first
    record OfSchemaOne(
            String mediaType, String name, String tag, List<Digest> layers, List<String> history)
            implements Manifest {}

    String mediaType();

    static boolean isIndex(String mediaType) {
        return mediaType.equals(MediaTypes.OCI_INDEX) || mediaType.equals(MediaTypes.DOCKER_LIST);
    }

    /// Reads one.
    ///
    /// @param document what to call it in an error
    /// @param mediaType what the registry said it is; `""` or a general type if it said nothing
    /// @throws InvalidParameter if it is none, is larger than [Json#MAX_DOCUMENT], or contradicts
    ///     its media type
    static Manifest parse(String document, String mediaType, byte[] bytes) {
        Json json = Json.parse(document, bytes).requireObject();
        String stated = json.text("mediaType");
        String type =
                mediaType.contains("manifest") || mediaType.contains("index") ? mediaType : "";
        if (!stated.isEmpty() && !type.isEmpty() && !stated.equals(type)) {
            throw new InvalidParameter(
                    document + ": media type is " + stated + ", not " + type + " as was said");
        }
        type = type.isEmpty() ? stated : type;
        long schema = json.number("schemaVersion");
        if (schema == 1) {
            return schemaOne(json, type.isEmpty() ? MediaTypes.DOCKER_SCHEMA_1_UNSIGNED : type);
        }
        if (schema != 2) {
            throw new InvalidParameter(document + ": unsupported schemaVersion " + schema);
        }
        // A document of both kinds means one thing to one reader and another to the next
        // (CVE-2021-41190).
        boolean index = json.member("manifests").isPresent();
        boolean image = json.member("config").isPresent() || json.member("layers").isPresent();
        if (index == image) {
            throw new InvalidParameter(
                    document + (index ? ": both a manifest and an index" : ": no manifest"));
        }
        if (!type.isEmpty() && isIndex(type) != index) {
            throw new InvalidParameter(document + ": is not of the media type " + type);
        }
        return index
                ? new OfIndex(
                        type.isEmpty() ? MediaTypes.OCI_INDEX : type,
                        json.text("artifactType"),
                        descriptors(json.require("manifests")),
                        json.member("subject").map(Manifest::descriptor),
                        annotations(json))
                : new OfImage(
                        type.isEmpty() ? MediaTypes.OCI_MANIFEST : type,
                        json.text("artifactType"),
                        descriptor(json.require("config")),
                        descriptors(json.require("layers")),
                        json.member("subject").map(Manifest::descriptor),
                        annotations(json));
    }

    private static OfSchemaOne schemaOne(Json json, String mediaType) {
        List<Digest> layers =
                new ArrayList<>(
                        json.require("fsLayers").elements().stream()
                                .map(l -> l.require("blobSum").asDigest())
                                .toList());
        List<String> history =
                new ArrayList<>(
                        json.require("history").elements().stream()
                                .map(h -> h.require("v1Compatibility").asText())
                                .toList());
        if (layers.size() != history.size() || layers.isEmpty()) {
            throw new InvalidParameter(
                    "manifest of schema 1: "
                            + layers.size()
                            + " layers and "
                            + history.size()
                            + " steps of history");
        }
        // Written with the newest first.
        return new OfSchemaOne(
                mediaType,
                json.text("name"),
                json.text("tag"),
                List.copyOf(layers.reversed()),
                List.copyOf(history.reversed()));
    }

    private static List<Descriptor> descriptors(Json array) {
        return array.elements().stream().map(Manifest::descriptor).toList();
    }

    /// @throws InvalidParameter if it is none
    static Descriptor descriptor(Json json) {
        json.requireObject();
        long size = json.number("size");
        if (size < 0) {
            throw new InvalidParameter("descriptor with a negative size: " + size);
        }
        List<String> urls = json.texts("urls");
        return new Descriptor(
                json.text("mediaType"),
                json.require("digest").asDigest(),
                size,
                json.member("platform").map(Manifest::platform),
                annotations(json),
                urls == null ? List.of() : urls,
                json.text("artifactType"));
    }

    private static Platform platform(Json json) {
        json.requireObject();
        return new Platform(json.text("os"), json.text("architecture"), json.text("variant"));
    }

    private static Map<String, String> annotations(Json json) {
        Map<String, String> annotations = json.map("annotations");
        return annotations == null ? Map.of() : new LinkedHashMap<>(annotations);
    }
}
