package dev.corten.store.image;

import dev.corten.model.Digest;
import dev.corten.model.InvalidParameter;
import dev.corten.model.NotFound;
import dev.corten.model.Platform;
import dev.corten.model.Reference;
import dev.corten.store.document.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Finds the images in the documents of an archive: by `manifest.json` as `docker save` writes it
/// in all versions, else by the `index.json` of an OCI image layout.
final class ArchiveIndex {
    static final String NAME = "io.containerd.image.name";
    static final String REF_NAME = "org.opencontainers.image.ref.name";
    private static final int MAX_INDEX_DEPTH = 3;

    private final Map<String, byte[]> documents;
    private final Set<String> oversized;
    private final Optional<Platform> platform;

    /// One image of the archive.
    ///
    /// @param layers members of the archive, lowest first
    /// @param parent the image that it was made from, if the archive says so
    record Found(
            String configPath,
            byte[] config,
            List<Reference> names,
            List<String> layers,
            Optional<Digest> parent) {}

    /// @param documents the archive's JSON files by their path
    /// @param oversized paths of files that are too large for one
    /// @param platform of the images that are wanted; without one, those of this host where there is
    ///     a choice
    ArchiveIndex(
            Map<String, byte[]> documents, Set<String> oversized, Optional<Platform> platform) {
        this.documents = documents;
        this.oversized = oversized;
        this.platform = platform;
    }

    List<Found> images() {
        List<Found> all = listed();
        if (platform.isEmpty()) {
            return all;
        }
        Platform wanted = platform.get();
        List<Found> fitting =
                all.stream()
                        .filter(found ->
                                matches(
                                        wanted,
                                        ImageDocument.parse(found.configPath(), found.config())
                                                .platform()))
                        .toList();
        if (fitting.isEmpty()) {
            throw new NotFound("requested platform (" + wanted + ") not found");
        }
        return fitting;
    }

    private static boolean matches(Platform wanted, Platform own) {
        return wanted.os().equals(own.os())
                && wanted.architecture().equals(own.architecture())
                && (wanted.variant().isEmpty() || wanted.variant().equals(own.variant()));
    }

    private List<Found> listed() {
        if (documents.containsKey("manifest.json") || oversized.contains("manifest.json")) {
            return dockerArchive();
        }
        if (documents.containsKey("index.json") || oversized.contains("index.json")) {
            return ociLayout();
        }
        throw new InvalidParameter(
                "not an image archive: it has neither manifest.json (docker save) nor index.json"
                        + " (OCI image layout)");
    }

    private List<Found> dockerArchive() {
        var found = new ArrayList<Found>();
        for (Json item : Json.parse("manifest.json", document("manifest.json")).elements()) {
            item.requireObject();
            String config = path(item.require("Config").asText());
            var names = new ArrayList<Reference>();
            for (String name : orEmpty(item.texts("RepoTags"))) {
                Reference reference = Reference.parse(name);
                if (reference.tag().isEmpty()) {
                    throw new InvalidParameter("manifest.json: invalid tag \"" + name + "\"");
                }
                names.add(reference);
            }
            found.add(
                    new Found(
                            config,
                            checked(config),
                            names,
                            orEmpty(item.texts("Layers")).stream().map(ArchiveIndex::path).toList(),
                            item.member("Parent")
                                    .filter(parent -> !parent.asText().isEmpty())
                                    .map(Json::asDigest)));
        }
        return found;
    }

    private List<Found> ociLayout() {
        var found = new ArrayList<Found>();
        List<Json> descriptors = descriptors(Json.parse("index.json", document("index.json")));
        boolean someFit = descriptors.stream().anyMatch(this::fitsExplicitly);
        for (Json descriptor : descriptors) {
            if (someFit && !fits(descriptor)) {
                continue;
            }
            found.add(manifest(descriptor, name(descriptor), 0));
        }
        return found;
    }

    private Found manifest(Json descriptor, Optional<Reference> name, int depth) {
        Digest digest = descriptor.require("digest").asDigest();
        String path = blob(digest);
        Json manifest = Json.parse(path, checked(path)).requireObject();
        if (manifest.member("manifests").isPresent()) {
            if (depth == MAX_INDEX_DEPTH) {
                throw new InvalidParameter(path + ": index in an index in an index");
            }
            List<Json> choices = descriptors(manifest);
            Json chosen =
                    choices.stream()
                            .filter(this::fits)
                            .findFirst()
                            .orElseThrow(() ->
                                    new InvalidParameter(
                                            path
                                                    + ": no image for "
                                                    + platform.orElse(Platform.host())));
            return manifest(chosen, name, depth + 1);
        }
        String config = blob(manifest.require("config").require("digest").asDigest());
        List<String> layers =
                manifest.require("layers").elements().stream()
                        .map(layer -> blob(layer.require("digest").asDigest()))
                        .toList();
        return new Found(config, checked(config), name.stream().toList(), layers, Optional.empty());
    }

    private static List<Json> descriptors(Json index) {
        return index.require("manifests").elements().stream().map(Json::requireObject).toList();
    }

    private boolean fitsExplicitly(Json descriptor) {
        return descriptor.member("platform").isPresent() && fits(descriptor);
    }

    private boolean fits(Json descriptor) {
        Platform wanted = platform.orElse(Platform.host());
        return descriptor
                .member("platform")
                .map(p ->
                        matches(
                                wanted,
                                new Platform(
                                        p.text("os"), p.text("architecture"), p.text("variant"))))
                .orElse(true);
    }

    /// The full name that containerd notes, or a reference name that is more than a tag.
    private static Optional<Reference> name(Json descriptor) {
        Optional<Json> annotations = descriptor.member("annotations");
        String full = annotations.map(a -> a.text(NAME)).orElse("");
        String reference = annotations.map(a -> a.text(REF_NAME)).orElse("");
        if (!full.isEmpty()) {
            return Optional.of(Reference.parse(full).orLatest());
        }
        boolean onlyATag = !reference.contains(":") && !reference.contains("/");
        return onlyATag ? Optional.empty() : Optional.of(Reference.parse(reference).orLatest());
    }

    private byte[] document(String path) {
        if (oversized.contains(path)) {
            throw new InvalidParameter(path + " is larger than " + Json.MAX_DOCUMENT + " bytes");
        }
        byte[] bytes = documents.get(path);
        if (bytes == null) {
            throw new InvalidParameter("archive is incomplete: " + path + " is missing");
        }
        return bytes;
    }

    /// A document whose name states its digest.
    private byte[] checked(String path) {
        byte[] bytes = document(path);
        statedDigest(path)
                .ifPresent(stated -> {
                    Digest actual = Digest.of(bytes);
                    if (!stated.equals(actual)) {
                        throw new InvalidParameter(path + " is damaged: its digest is " + actual);
                    }
                });
        return bytes;
    }

    /// `blobs/sha256/<hex>` and `<hex>.json` say what is in them.
    static Optional<Digest> statedDigest(String path) {
        String name = path.substring(path.lastIndexOf('/') + 1);
        boolean blob = path.startsWith("blobs/sha256/");
        String hex = !blob && name.endsWith(".json") ? name.substring(0, name.length() - 5) : name;
        return (blob || !hex.equals(name)) && hex.matches("[0-9a-f]{64}")
                ? Optional.of(new Digest(hex))
                : Optional.empty();
    }

    private static String blob(Digest digest) {
        return "blobs/sha256/" + digest.hex();
    }

    /// A member's path without `./`, `..` and slashes around it.
    static String path(String text) {
        var parts = new ArrayList<String>();
        for (String part : text.split("/")) {
            if (part.equals("..")) {
                if (!parts.isEmpty()) {
                    parts.removeLast();
                }
            } else if (!part.isEmpty() && !part.equals(".")) {
                parts.add(part);
            }
        }
        return String.join("/", parts);
    }

    private static List<String> orEmpty(@org.jspecify.annotations.Nullable List<String> list) {
        return list == null ? List.of() : list;
    }
}
