package dev.corten.store.image;

import dev.corten.model.Digest;
import dev.corten.model.InvalidParameter;
import dev.corten.model.NotFound;
import dev.corten.model.Platform;
import dev.corten.model.Reference;
import dev.corten.model.image.Descriptor;
import dev.corten.store.document.Json;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Finds the images in the documents of an archive: by `manifest.json` as `docker save` writes it
/// in all versions, and by the `index.json` of an OCI image layout, which knows more: where an archive
/// has both, that counts for images of which it says how they came from elsewhere.
final class ArchiveIndex {
    static final String NAME = "io.containerd.image.name";
    static final String REF_NAME = "org.opencontainers.image.ref.name";

    private final ArchiveDocuments documents;
    private final Optional<Platform> platform;

    /// One image of the archive.
    ///
    /// @param layers members of the archive, lowest first
    /// @param parent the image that it was made from, if the archive says so
    /// @param origin empty for an image that was made where the archive was
    record Found(
            String configPath,
            byte[] config,
            List<Reference> names,
            List<String> layers,
            Optional<Digest> parent,
            Optional<Origin> origin) {
        Found from(Origin where) {
            return new Found(configPath, config, names, layers, parent, Optional.of(where));
        }

        Found named(List<Reference> all) {
            return new Found(configPath, config, all, layers, parent, origin);
        }

        Found withParent(Optional<Digest> base) {
            return new Found(configPath, config, names, layers, base, origin);
        }
    }

    /// How an image came from where it is not made.
    ///
    /// @param target what its name stands for: an index, or its manifest
    /// @param manifests the documents on the way to it, its own last
    /// @param extras paths of what an index has beside its images
    record Origin(Descriptor target, List<Digest> manifests, List<String> extras) {
        Origin {
            manifests = List.copyOf(manifests);
            extras = List.copyOf(extras);
        }

        /// Whether an image has no name as it is another platform's of one that has.
        static boolean isCompanion(Found image, List<Found> all) {
            return image.names().isEmpty()
                    && image.origin().isPresent()
                    && all.stream()
                            .takeWhile(other -> !other.equals(image))
                            .anyMatch(other ->
                                    other.origin()
                                            .map(Origin::target)
                                            .equals(image.origin().map(Origin::target)));
        }
    }

    /// @param platform of the images that are wanted; without one, those of all platforms that an
    ///     index has
    ArchiveIndex(ArchiveDocuments documents, Optional<Platform> platform) {
        this.documents = documents;
        this.platform = platform;
    }

    /// @return those of an index beside each other, the one that its name means first
    List<Found> images() {
        List<Found> all = listed();
        if (platform.isEmpty()) {
            return all;
        }
        Platform wanted = platform.get();
        List<Found> fitting =
                all.stream()
                        .filter(found ->
                                wanted.covers(
                                        ImageDocument.parse(found.configPath(), found.config())
                                                .platform()))
                        .toList();
        if (fitting.isEmpty()) {
            throw new NotFound("requested platform (" + wanted + ") not found");
        }
        return fitting;
    }

    private List<Found> listed() {
        boolean layout = documents.has("index.json");
        if (documents.has("manifest.json")) {
            return layout ? both() : dockerArchive().images;
        }
        if (layout) {
            return new LayoutIndex(documents, platform).images();
        }
        throw new InvalidParameter(
                "not an image archive: it has neither manifest.json (docker save) nor index.json"
                        + " (OCI image layout)");
    }

    private List<Found> both() {
        Listed listed = dockerArchive();
        List<Found> origins = new LayoutIndex(documents, platform).origins(listed.made);
        Map<String, Found> byConfig = new HashMap<>();
        listed.images.forEach(image -> byConfig.put(image.configPath(), image));
        var known = new HashSet<Reference>();
        var configs = new HashSet<String>();
        for (Found image : origins) {
            known.addAll(image.names());
            configs.add(image.configPath());
        }
        var found = new ArrayList<Found>();
        for (Found image : origins) {
            Found same = byConfig.get(image.configPath());
            found.add(same == null ? image : image.withParent(same.parent()));
        }
        for (Found image : listed.images) {
            List<Reference> rest =
                    image.names().stream().filter(name -> !known.contains(name)).toList();
            if (!configs.contains(image.configPath()) || !rest.isEmpty()) {
                found.add(image.named(rest));
            }
        }
        return found;
    }

    /// @param made configurations of images that were made where the archive was: Docker tells then
    ///     what each layer was written from
    private record Listed(List<Found> images, Set<String> made) {}

    private Listed dockerArchive() {
        var found = new ArrayList<Found>();
        var made = new HashSet<String>();
        for (Json item : Json.parse("manifest.json", documents.get("manifest.json")).elements()) {
            item.requireObject();
            String config = ArchiveDocuments.path(item.require("Config").asText());
            var names = new ArrayList<Reference>();
            for (String name : orEmpty(item.texts("RepoTags"))) {
                Reference reference = Reference.parse(name);
                if (reference.tag().isEmpty()) {
                    throw new InvalidParameter("manifest.json: invalid tag \"" + name + "\"");
                }
                names.add(reference);
            }
            if (item.member("LayerSources").isPresent()) {
                made.add(config);
            }
            found.add(
                    new Found(
                            config,
                            documents.checked(config),
                            names,
                            orEmpty(item.texts("Layers")).stream()
                                    .map(ArchiveDocuments::path)
                                    .toList(),
                            item.member("Parent")
                                    .filter(parent -> !parent.asText().isEmpty())
                                    .map(Json::asDigest),
                            Optional.empty()));
        }
        return new Listed(found, made);
    }

    private static List<String> orEmpty(@org.jspecify.annotations.Nullable List<String> list) {
        return list == null ? List.of() : list;
    }
}
