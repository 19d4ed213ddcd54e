package dev.corten.store.artifact;

import dev.corten.model.Conflict;
import dev.corten.model.Digest;
import dev.corten.model.InvalidParameter;
import dev.corten.model.image.Descriptor;
import dev.corten.model.image.MediaTypes;
import dev.corten.store.document.Json;
import dev.corten.store.document.Manifest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Manifests of artifacts that are made here: what the OCI image specification 1.1 says of artifacts
/// without a configuration.
public final class ArtifactText {
    /// In the annotations of a file: its name.
    public static final String TITLE = "org.opencontainers.image.title";

    public static final String CREATED = "org.opencontainers.image.created";

    /// For artifacts of which nobody has said what they are: such a manifest must have a type.
    public static final String UNKNOWN_TYPE = "application/vnd.unknown.artifact.v1";

    private static final int MAX_TITLE = 255;

    private ArtifactText() {}

    /// The configuration of an artifact that has none.
    public static byte[] empty() {
        return new byte[] {'{', '}'};
    }

    /// Refuses names that could mean anything but a file in the directory in which it is looked for.
    ///
    /// @throws InvalidParameter in Podman's words
    public static String checkedTitle(String title) {
        if (title.isEmpty() || title.equals(".") || title.equals("..")) {
            throw new InvalidParameter("invalid name: \"" + title + "\" is no name of a file");
        }
        if (title.indexOf('/') >= 0 || title.chars().anyMatch(Character::isISOControl)) {
            throw new InvalidParameter(
                    "invalid name: \""
                            + title
                            + "\" cannot contain "
                            + (title.indexOf('/') >= 0 ? "/" : "control characters")
                            + ": artifact blob title invalid");
        }
        if (title.getBytes(StandardCharsets.UTF_8).length > MAX_TITLE) {
            throw new InvalidParameter("invalid name: \"" + title + "\" is too long");
        }
        return title;
    }

    public static String title(Descriptor file) {
        return file.annotations().getOrDefault(TITLE, "");
    }

    /// Files behind those that are there.
    ///
    /// @throws Conflict in Podman's words, if one is there already
    public static List<Descriptor> joined(List<Descriptor> there, List<Descriptor> more) {
        var all = new ArrayList<>(there);
        var titles = new HashSet<String>();
        there.forEach(file -> titles.add(title(file)));
        for (Descriptor file : more) {
            if (!titles.add(title(file))) {
                throw new Conflict(title(file) + ": file already exists in artifact");
            }
            all.add(file);
        }
        return all;
    }

    /// A new artifact.
    ///
    /// @param type `""` for [#UNKNOWN_TYPE]
    public static byte[] create(
            String type, List<Descriptor> files, Map<String, String> annotations) {
        return write(
                type.isEmpty() ? UNKNOWN_TYPE : type,
                Descriptor.of(MediaTypes.OCI_EMPTY, Digest.of(empty()), empty().length),
                files,
                annotations);
    }

    /// The same artifact with these files.
    ///
    /// @throws InvalidParameter if the artifact has what would be lost
    public static byte[] with(
            Manifest.OfImage before, List<Descriptor> files, Map<String, String> annotations) {
        if (before.subject().isPresent() || !before.mediaType().equals(MediaTypes.OCI_MANIFEST)) {
            throw new InvalidParameter("files cannot be appended to an artifact of this kind");
        }
        return write(before.artifactType(), before.config(), files, annotations);
    }

    private static byte[] write(
            String type,
            Descriptor config,
            List<Descriptor> files,
            Map<String, String> annotations) {
        ObjectNode json = Json.MAPPER.createObjectNode();
        json.put("schemaVersion", 2);
        json.put("mediaType", MediaTypes.OCI_MANIFEST);
        if (!type.isEmpty()) {
            json.put("artifactType", type);
        }
        ObjectNode node = json.putObject("config");
        describe(node, config);
        if (config.mediaType().equals(MediaTypes.OCI_EMPTY)) {
            node.put("data", "e30=");
        }
        ArrayNode layers = json.putArray("layers");
        files.forEach(file -> describe(layers.addObject(), file));
        annotate(json, annotations);
        byte[] bytes = Json.MAPPER.writeValueAsBytes(json);
        if (bytes.length > Json.MAX_DOCUMENT) {
            throw new InvalidParameter(
                    "the artifact's manifest would be larger than " + Json.MAX_DOCUMENT + " bytes");
        }
        return bytes;
    }

    private static void describe(ObjectNode node, Descriptor descriptor) {
        node.put("mediaType", descriptor.mediaType());
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
}
