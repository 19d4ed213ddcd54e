package dev.corten.store.image;

import dev.corten.model.Platform;
import dev.corten.model.image.Descriptor;
import dev.corten.model.image.MediaTypes;
import dev.corten.store.document.Json;
import dev.corten.store.document.Manifest;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Manifests and indexes of converted images: members in a fixed order, so that the same image has
/// the same digest wherever it is converted.
final class ConvertedText {
    private ConvertedText() {}

    /// @param oci whether with the media types of OCI, or with Docker's
    static String manifest(
            boolean oci,
            Descriptor config,
            List<Descriptor> layers,
            Map<String, String> annotations) {
        ObjectNode json = document(oci ? MediaTypes.OCI_MANIFEST : MediaTypes.DOCKER_MANIFEST);
        write(
                json.putObject("config"),
                oci ? MediaTypes.OCI_CONFIG : MediaTypes.DOCKER_CONFIG,
                config);
        ArrayNode array = json.putArray("layers");
        for (Descriptor layer : layers) {
            write(array.addObject(), layerType(oci, layer.mediaType()), layer);
        }
        annotate(json, annotations);
        return text(json);
    }

    private static String layerType(boolean oci, String mediaType) {
        boolean foreign = MediaTypes.isForeign(mediaType);
        if (!oci) {
            return foreign ? MediaTypes.DOCKER_FOREIGN_LAYER : MediaTypes.DOCKER_LAYER;
        }
        return foreign && !mediaType.startsWith(MediaTypes.OCI_FOREIGN_PREFIX)
                ? MediaTypes.OCI_FOREIGN_PREFIX + "+gzip"
                : mediaType;
    }

    static String index(List<Descriptor> manifests) {
        boolean oci =
                manifests.stream().anyMatch(it -> it.mediaType().equals(MediaTypes.OCI_MANIFEST));
        ObjectNode json = document(oci ? MediaTypes.OCI_INDEX : MediaTypes.DOCKER_LIST);
        ArrayNode array = json.putArray("manifests");
        for (Descriptor manifest : manifests) {
            ObjectNode node = array.addObject();
            write(node, manifest.mediaType(), manifest);
            manifest.platform().ifPresent(platform -> write(node.putObject("platform"), platform));
        }
        return text(json);
    }

    private static ObjectNode document(String mediaType) {
        ObjectNode json = Json.MAPPER.createObjectNode();
        json.put("schemaVersion", 2);
        json.put("mediaType", mediaType);
        return json;
    }

    private static void write(ObjectNode node, String mediaType, Descriptor descriptor) {
        node.put("mediaType", mediaType);
        node.put("digest", descriptor.digest().toString());
        node.put("size", descriptor.size());
        if (!descriptor.urls().isEmpty()) {
            ArrayNode urls = node.putArray("urls");
            descriptor.urls().forEach(urls::add);
        }
        annotate(node, descriptor.annotations());
    }

    private static void annotate(ObjectNode node, Map<String, String> annotations) {
        if (!annotations.isEmpty()) {
            ObjectNode members = node.putObject("annotations");
            new TreeMap<>(annotations).forEach(members::put);
        }
    }

    private static void write(ObjectNode node, Platform platform) {
        node.put("architecture", platform.architecture());
        node.put("os", platform.os());
        if (!platform.variant().isEmpty()) {
            node.put("variant", platform.variant());
        }
    }

    private static String text(ObjectNode json) {
        return Json.MAPPER.writeValueAsString(json);
    }

    static String mediaType(byte[] document) {
        return Manifest.parse("converted manifest", "", document).mediaType();
    }
}
