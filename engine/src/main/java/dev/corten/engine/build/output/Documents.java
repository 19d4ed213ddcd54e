package dev.corten.engine.build.output;

import dev.corten.model.Digest;
import dev.corten.model.Platform;
import dev.corten.model.image.Descriptor;
import dev.corten.model.image.MediaTypes;
import dev.corten.store.document.Json;
import dev.corten.store.image.Images.StoredManifest;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Manifests and indexes, written as BuildKit writes them.
final class Documents {
    /// Docker's word for a layer that is not compressed.
    private static final String DOCKER_LAYER_PLAIN = "application/vnd.docker.image.rootfs.diff.tar";

    private Documents() {}

    /// @param oci whether with the media types of OCI, or with Docker's, as far as there are such
    static StoredManifest manifest(
            boolean oci,
            Descriptor config,
            List<Descriptor> layers,
            Map<String, String> annotations) {
        boolean docker =
                !oci
                        && layers.stream()
                                .noneMatch(it -> it.mediaType().equals(MediaTypes.OCI_LAYER_ZSTD));
        String type = docker ? MediaTypes.DOCKER_MANIFEST : MediaTypes.OCI_MANIFEST;
        ObjectNode json = begun(type);
        write(
                json.putObject("config"),
                docker ? MediaTypes.DOCKER_CONFIG : MediaTypes.OCI_CONFIG,
                config);
        ArrayNode array = json.putArray("layers");
        for (Descriptor layer : layers) {
            write(array.addObject(), docker ? docker(layer.mediaType()) : layer.mediaType(), layer);
        }
        annotate(json, annotations);
        return stored(type, GoJson.indented(json));
    }

    private static String docker(String mediaType) {
        return switch (mediaType) {
            case MediaTypes.OCI_LAYER_GZIP -> MediaTypes.DOCKER_LAYER;
            case MediaTypes.OCI_LAYER -> DOCKER_LAYER_PLAIN;
            default -> mediaType;
        };
    }

    static StoredManifest index(
            boolean oci, List<Descriptor> manifests, Map<String, String> annotations) {
        String type = oci ? MediaTypes.OCI_INDEX : MediaTypes.DOCKER_LIST;
        ObjectNode json = begun(type);
        list(json, manifests);
        annotate(json, annotations);
        return stored(type, GoJson.indented(json));
    }

    /// `index.json` of a layout.
    static byte[] layoutIndex(List<Descriptor> manifests) {
        ObjectNode json = begun(MediaTypes.OCI_INDEX);
        list(json, manifests);
        return GoJson.compact(json);
    }

    private static ObjectNode begun(String type) {
        ObjectNode json = Json.MAPPER.createObjectNode();
        json.put("schemaVersion", 2);
        json.put("mediaType", type);
        return json;
    }

    private static void list(ObjectNode json, List<Descriptor> manifests) {
        ArrayNode array = json.putArray("manifests");
        for (Descriptor manifest : manifests) {
            write(array.addObject(), manifest.mediaType(), manifest);
        }
    }

    static void write(ObjectNode node, String mediaType, Descriptor descriptor) {
        node.put("mediaType", mediaType);
        node.put("digest", descriptor.digest().toString());
        node.put("size", descriptor.size());
        annotate(node, descriptor.annotations());
        if (descriptor.platform().isPresent()) {
            Platform platform = descriptor.platform().get();
            ObjectNode members = node.putObject("platform");
            members.put("architecture", platform.architecture());
            members.put("os", platform.os());
            if (!platform.variant().isEmpty()) {
                members.put("variant", platform.variant());
            }
        }
    }

    private static void annotate(ObjectNode node, Map<String, String> annotations) {
        if (!annotations.isEmpty()) {
            ObjectNode members = node.putObject("annotations");
            new TreeMap<>(annotations).forEach(members::put);
        }
    }

    static StoredManifest stored(String mediaType, byte[] bytes) {
        return new StoredManifest(Descriptor.of(mediaType, Digest.of(bytes), bytes.length), bytes);
    }

    /// The same content, described more fully.
    static Descriptor described(
            Descriptor descriptor, Optional<Platform> platform, Map<String, String> annotations) {
        return new Descriptor(
                descriptor.mediaType(),
                descriptor.digest(),
                descriptor.size(),
                platform,
                annotations,
                List.of(),
                "");
    }
}
