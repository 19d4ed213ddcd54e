package dev.corten.store.image;

import dev.corten.model.Digest;
import dev.corten.model.InvalidParameter;
import dev.corten.model.NotFound;
import dev.corten.model.Platform;
import dev.corten.model.Reference;
import dev.corten.model.image.Descriptor;
import dev.corten.model.image.Image;
import dev.corten.store.content.Content;
import dev.corten.store.document.Json;
import dev.corten.store.document.Manifest;
import dev.corten.store.image.Images.PlatformImage;
import dev.corten.store.image.Images.StoredManifest;
import java.io.IOException;
import java.io.InputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// What is known of where images came from, at one moment: the documents that names stood for there.
/// One that is missing or damaged is as if it had never been.
final class Provenance {
    private static final Logger LOG = System.getLogger(Provenance.class.getName());
    private static final int MAX_NESTING = 4;

    private final Catalog catalog;
    private final Content content;

    Provenance(Catalog catalog, Content content) {
        this.catalog = catalog;
        this.content = content;
    }

    Optional<StoredManifest> read(Digest digest) {
        return bytes(digest)
                .flatMap(bytes ->
                        parse(digest, bytes)
                                .map(manifest ->
                                        new StoredManifest(
                                                Descriptor.of(
                                                        manifest.mediaType(), digest, bytes.length),
                                                bytes)));
    }

    private Optional<byte[]> bytes(Digest digest) {
        try (InputStream in = content.read(digest)) {
            return Optional.of(in.readNBytes(Json.MAX_DOCUMENT));
        } catch (NotFound gone) {
            return Optional.empty();
        } catch (IOException e) {
            LOG.log(Level.WARNING, () -> "document " + digest + " cannot be read", e);
            return Optional.empty();
        }
    }

    private static Optional<Manifest> parse(Digest digest, byte[] bytes) {
        try {
            return Optional.of(Manifest.parse("manifest " + digest, "", bytes));
        } catch (InvalidParameter damaged) {
            return Optional.empty();
        }
    }

    private Optional<Manifest> parsed(Digest digest) {
        return bytes(digest).flatMap(bytes -> parse(digest, bytes));
    }

    Optional<Descriptor> targetOf(String nameOrId) {
        Optional<Image> image = catalog.find(nameOrId);
        if (image.isEmpty()) {
            return Optional.empty();
        }
        try {
            Reference name = Catalog.name(nameOrId);
            if (catalog.names().find(name).isPresent()) {
                return catalog.names().target(name);
            }
        } catch (InvalidParameter notAName) {
            // an ID then
        }
        return targetOf(image.get());
    }

    /// What was made here of an image is meant by that name only.
    Optional<Descriptor> targetOf(Image image) {
        if (image.repoTags().isEmpty() && image.repoDigests().isEmpty()) {
            return unnamed(image.id());
        }
        return Stream.concat(image.repoTags().stream(), image.repoDigests().stream())
                .map(catalog.names()::target)
                .flatMap(Optional::stream)
                .filter(target -> !catalog.names().isMade(target.digest()))
                .findFirst();
    }

    /// Of an image that has no name, or no longer one, the index with which it came last, or else its
    /// manifest.
    private Optional<Descriptor> unnamed(Digest image) {
        List<StoredManifest> came =
                catalog.names().facts(image).manifests().reversed().stream()
                        .map(this::read)
                        .flatMap(Optional::stream)
                        .toList();
        return came.stream()
                .filter(document -> Manifest.isIndex(document.descriptor().mediaType()))
                .findFirst()
                .or(() -> came.stream().findFirst())
                .map(StoredManifest::descriptor);
    }

    List<PlatformImage> index(String nameOrId) {
        return targetOf(nameOrId).map(target -> index(target.digest())).orElse(List.of());
    }

    List<PlatformImage> index(Digest target) {
        var found = new ArrayList<PlatformImage>();
        Map<Digest, Digest> here = imagesByManifest();
        var seen = new HashSet<Digest>();
        collect(target, MAX_NESTING, seen, here, found);
        return List.copyOf(found);
    }

    private void collect(
            Digest index,
            int depth,
            Set<Digest> seen,
            Map<Digest, Digest> here,
            List<PlatformImage> found) {
        if (depth == 0
                || !seen.add(index)
                || !(parsed(index).orElse(null) instanceof Manifest.OfIndex document)) {
            return;
        }
        for (Descriptor member : document.manifests()) {
            if (Manifest.isIndex(member.mediaType())) {
                collect(member.digest(), depth - 1, seen, here, found);
            } else {
                found.add(
                        new PlatformImage(member, Optional.ofNullable(here.get(member.digest()))));
            }
        }
    }

    Map<Digest, Digest> imagesByManifest() {
        var images = new HashMap<Digest, Digest>();
        catalog.names()
                .facts()
                .forEach((image, facts) -> facts.manifests().forEach(m -> images.put(m, image)));
        catalog.names().made().values().forEach(made -> images.putAll(made.manifests()));
        images.values().retainAll(catalog.documents().keySet());
        return images;
    }

    /// The manifest of an image in an index.
    Optional<StoredManifest> member(Digest index, Digest image) {
        return index(index).stream()
                .filter(each -> each.image().equals(Optional.of(image)))
                .findFirst()
                .flatMap(each -> read(each.manifest().digest()));
    }

    Optional<Image> find(String nameOrId, Platform platform) {
        Optional<Image> named = catalog.find(nameOrId);
        if (named.isEmpty() || platform.covers(named.get().platform())) {
            return named;
        }
        return index(nameOrId).stream()
                .filter(p -> p.manifest().platform().map(platform::covers).orElse(false))
                .map(PlatformImage::image)
                .flatMap(Optional::stream)
                .map(catalog::find)
                .flatMap(Optional::stream)
                .findFirst();
    }

    Optional<StoredManifest> manifest(Digest image, Optional<Platform> platform) {
        if (platform.isPresent()) {
            return find(image.toString(), platform.get())
                    .flatMap(other -> manifest(other.id(), Optional.empty()));
        }
        for (Digest digest : catalog.names().facts(image).manifests().reversed()) {
            Optional<Manifest> found = parsed(digest);
            if (found.isPresent() && !(found.get() instanceof Manifest.OfIndex)) {
                return read(digest);
            }
        }
        return Optional.empty();
    }

    List<Reference> repositoriesWith(Digest blob) {
        var repositories = new ArrayList<Reference>();
        Map<Digest, Boolean> known = new HashMap<>();
        catalog.names()
                .names()
                .forEach((name, image) -> {
                    if (name.digest().isPresent()
                            && known.computeIfAbsent(image, i -> imageHas(i, blob))
                            && !repositories.contains(name.repository())) {
                        repositories.add(name.repository());
                    }
                });
        return List.copyOf(repositories);
    }

    /// The bytes that a blob has by what refers to it; negative if nothing says.
    long sizeOf(Digest blob) {
        for (Descriptor target : catalog.names().targets().values()) {
            if (target.digest().equals(blob)) {
                return target.size();
            }
        }
        for (Digest document : catalog.names().documents()) {
            for (Descriptor part : parsed(document).map(Provenance::parts).orElse(List.of())) {
                if (part.digest().equals(blob)) {
                    return part.size();
                }
            }
        }
        return -1;
    }

    private static List<Descriptor> parts(Manifest manifest) {
        return switch (manifest) {
            case Manifest.OfImage image -> {
                var parts = new ArrayList<>(image.layers());
                parts.add(image.config());
                yield parts;
            }
            case Manifest.OfIndex index -> index.manifests();
            case Manifest.OfSchemaOne _ -> List.of();
        };
    }

    private boolean imageHas(Digest image, Digest blob) {
        return manifest(image, Optional.empty())
                .flatMap(manifest -> parsed(manifest.descriptor().digest()))
                .map(manifest ->
                        manifest instanceof Manifest.OfImage document
                                && (document.config().digest().equals(blob)
                                        || document.layers().stream()
                                                .anyMatch(l -> l.digest().equals(blob))))
                .orElse(false);
    }
}
