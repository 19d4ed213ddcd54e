package dev.corten.store.image;

import dev.corten.model.Digest;
import dev.corten.model.InvalidParameter;
import dev.corten.model.Platform;
import dev.corten.model.Reference;
import dev.corten.model.image.Descriptor;
import dev.corten.model.image.MediaTypes;
import dev.corten.store.document.Json;
import dev.corten.store.document.Manifest;
import dev.corten.store.image.ArchiveIndex.Found;
import dev.corten.store.image.ArchiveIndex.Origin;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Finds the images in an OCI image layout. An index is one image for each platform that is in the
/// archive; what is not, is left out, as if one platform alone had been pulled.
final class LayoutIndex {
    private static final int MAX_DEPTH = 3;
    private static final String REFERENCE_TYPE = "vnd.docker.reference.type";
    private static final List<String> LAYERS =
            List.of("application/vnd.oci.image.layer.", "application/vnd.docker.image.rootfs.");

    private final ArchiveDocuments documents;
    private final Optional<Platform> platform;

    /// @param platform of the images that are wanted
    LayoutIndex(ArchiveDocuments documents, Optional<Platform> platform) {
        this.documents = documents;
        this.platform = platform;
    }

    /// All of them; the first that is found for a name is that of this host, if there is one.
    ///
    /// @throws InvalidParameter if the layout is incomplete
    List<Found> images() {
        var found = new ArrayList<Found>();
        for (Entry entry : entries()) {
            found.addAll(images(entry));
        }
        return found;
    }

    /// Likewise, without what is not there or cannot be told from what Docker writes for images that
    /// were made where they are.
    ///
    /// @param made configurations of such
    List<Found> origins(Set<String> made) {
        var found = new ArrayList<Found>();
        for (Entry entry : entries()) {
            if (documents.has(ArchiveDocuments.blob(entry.descriptor.digest()))) {
                images(entry).stream()
                        .filter(image ->
                                image.origin().isPresent()
                                        && (Manifest.isIndex(
                                                        image.origin().get().target().mediaType())
                                                || !made.contains(image.configPath())))
                        .forEach(found::add);
            }
        }
        return found;
    }

    private record Entry(Descriptor descriptor, Optional<Reference> name) {}

    private List<Entry> entries() {
        var all = new ArrayList<Entry>();
        for (Json json : descriptors(Json.parse("index.json", documents.get("index.json")))) {
            all.add(new Entry(Manifest.descriptor(json), name(json)));
        }
        // Of images that are there for several platforms without an index that says so, one is
        // meant.
        return all.stream()
                .filter(entry ->
                        fits(entry.descriptor)
                                || all.stream()
                                        .noneMatch(other ->
                                                other.name.equals(entry.name)
                                                        && other.descriptor.platform().isPresent()
                                                        && fits(other.descriptor)))
                .toList();
    }

    private List<Found> images(Entry entry) {
        String path = ArchiveDocuments.blob(entry.descriptor.digest());
        byte[] bytes = documents.checked(path);
        List<Reference> names = entry.name.stream().toList();
        if (Json.parse(path, bytes).requireObject().member("manifests").isPresent()) {
            return new Walk(path, bytes).images(names);
        }
        Found image = image(path, bytes, names);
        return List.of(
                parsed(path, bytes)
                        .map(manifest ->
                                image.from(
                                        new Origin(
                                                target(manifest, path, bytes),
                                                List.of(ArchiveDocuments.stated(path)),
                                                List.of())))
                        .orElse(image));
    }

    private static Descriptor target(Manifest manifest, String path, byte[] bytes) {
        return Descriptor.of(manifest.mediaType(), ArchiveDocuments.stated(path), bytes.length);
    }

    /// Nothing if it could not be read later, among what is known of where images came from.
    private static Optional<Manifest> parsed(String path, byte[] bytes) {
        try {
            return Optional.of(Manifest.parse(path, "", bytes));
        } catch (InvalidParameter e) {
            return Optional.empty();
        }
    }

    private Found image(String path, byte[] bytes, List<Reference> names) {
        Json manifest = Json.parse(path, bytes).requireObject();
        String config =
                ArchiveDocuments.blob(manifest.require("config").require("digest").asDigest());
        List<String> layers =
                manifest.require("layers").elements().stream()
                        .map(layer -> ArchiveDocuments.blob(layer.require("digest").asDigest()))
                        .toList();
        return new Found(
                config,
                documents.checked(config),
                names,
                layers,
                Optional.empty(),
                Optional.empty());
    }

    // --- an index

    private final class Walk {
        private final String top;
        private final byte[] topBytes;
        private final List<Member> members = new ArrayList<>();
        private final Set<String> extras = new LinkedHashSet<>();
        private final Set<Digest> seen = new HashSet<>();

        /// @param documents on the way to it, its own last
        private record Member(Found image, Platform platform, List<Digest> documents) {}

        private Walk(String top, byte[] topBytes) {
            this.top = top;
            this.topBytes = topBytes;
        }

        private List<Found> images(List<Reference> names) {
            collect(top, topBytes, List.of());
            if (members.isEmpty()) {
                if (platform.isPresent()) {
                    return List.of();
                }
                throw new InvalidParameter(top + ": no image of this index is in the archive");
            }
            Member main =
                    members.stream()
                            .filter(m -> Platform.host().covers(m.platform))
                            .findFirst()
                            .orElse(members.getFirst());
            Optional<Manifest> index = parsed(top, topBytes);
            var found = new ArrayList<Found>();
            found.add(found(main, index, List.copyOf(extras)).named(names));
            var others = new ArrayList<>(members);
            others.remove(main);
            others.forEach(member -> found.add(found(member, index, List.of())));
            return found;
        }

        private Found found(Member member, Optional<Manifest> index, List<String> kept) {
            return index.map(manifest ->
                            member.image.from(
                                    new Origin(
                                            target(manifest, top, topBytes),
                                            member.documents,
                                            kept)))
                    .orElse(member.image);
        }

        private void collect(String path, byte[] bytes, List<Digest> way) {
            if (way.size() == MAX_DEPTH) {
                throw new InvalidParameter(path + ": index in an index in an index");
            }
            var here = new ArrayList<>(way);
            here.add(ArchiveDocuments.stated(path));
            for (Json json : descriptors(Json.parse(path, bytes))) {
                Descriptor descriptor = Manifest.descriptor(json);
                String member = ArchiveDocuments.blob(descriptor.digest());
                if (documents.has(member) && seen.add(descriptor.digest())) {
                    member(descriptor, member, here);
                }
            }
        }

        private void member(Descriptor descriptor, String path, List<Digest> way) {
            byte[] bytes = documents.checked(path);
            Json manifest = Json.parse(path, bytes).requireObject();
            if (manifest.member("manifests").isPresent()) {
                collect(path, bytes, way);
                if (platform.isEmpty()) {
                    extras.add(path);
                }
                return;
            }
            Optional<Member> image =
                    isImage(descriptor, manifest) ? whole(path, bytes, way) : none();
            if (image.isPresent()) {
                if (platform.isEmpty() || platform.get().covers(image.get().platform)) {
                    members.add(image.get());
                }
            } else if (platform.isEmpty()) {
                extra(path, manifest);
            }
        }

        private static Optional<Member> none() {
            return Optional.empty();
        }

        /// An image of which nothing is missing.
        private Optional<Member> whole(String path, byte[] bytes, List<Digest> way) {
            if (!documents.has(configOf(Json.parse(path, bytes)))) {
                return none();
            }
            Found image = image(path, bytes, List.of());
            if (!image.layers().stream().allMatch(documents::has)) {
                return none();
            }
            var document = ImageDocument.parse(image.configPath(), image.config());
            var all = new ArrayList<>(way);
            all.add(ArchiveDocuments.stated(path));
            return Optional.of(new Member(image, document.platform(), List.copyOf(all)));
        }

        /// What is no image is kept as it is, as far as it is there.
        private void extra(String path, Json manifest) {
            extras.add(path);
            var blobs = new ArrayList<String>();
            manifest.member("config").ifPresent(_ -> blobs.add(configOf(manifest)));
            manifest.member("layers").map(Json::elements).orElse(List.of()).stream()
                    .map(layer -> ArchiveDocuments.blob(layer.require("digest").asDigest()))
                    .forEach(blobs::add);
            blobs.stream().filter(documents::has).forEach(extras::add);
        }
    }

    private static String configOf(Json manifest) {
        return ArchiveDocuments.blob(manifest.require("config").require("digest").asDigest());
    }

    private static boolean isImage(Descriptor descriptor, Json manifest) {
        if (descriptor.annotations().containsKey(REFERENCE_TYPE)
                || descriptor.platform().map(p -> p.os().equals("unknown")).orElse(false)
                || manifest.member("config").isEmpty()
                || manifest.member("layers").isEmpty()) {
            return false;
        }
        String config = manifest.require("config").text("mediaType");
        return (config.isEmpty()
                        || config.equals(MediaTypes.OCI_CONFIG)
                        || config.equals(MediaTypes.DOCKER_CONFIG))
                && manifest.require("layers").elements().stream()
                        .map(layer -> layer.text("mediaType"))
                        .allMatch(type ->
                                type.isEmpty() || LAYERS.stream().anyMatch(type::startsWith));
    }

    private static List<Json> descriptors(Json index) {
        return index.requireObject().require("manifests").elements().stream()
                .map(Json::requireObject)
                .toList();
    }

    private boolean fits(Descriptor descriptor) {
        Platform wanted = platform.orElse(Platform.host());
        return descriptor.platform().map(wanted::covers).orElse(true);
    }

    /// The full name that containerd notes, or a reference name that is more than a tag.
    private static Optional<Reference> name(Json descriptor) {
        Optional<Json> annotations = descriptor.member("annotations");
        String full = annotations.map(a -> a.text(ArchiveIndex.NAME)).orElse("");
        String reference = annotations.map(a -> a.text(ArchiveIndex.REF_NAME)).orElse("");
        if (!full.isEmpty()) {
            return Optional.of(Reference.parse(full).orLatest());
        }
        boolean onlyATag = !reference.contains(":") && !reference.contains("/");
        return onlyATag ? Optional.empty() : Optional.of(Reference.parse(reference).orLatest());
    }
}
