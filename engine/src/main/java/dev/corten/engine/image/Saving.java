package dev.corten.engine.image;

import dev.corten.engine.event.Events;
import dev.corten.model.Digest;
import dev.corten.model.InvalidParameter;
import dev.corten.model.NotFound;
import dev.corten.model.Platform;
import dev.corten.model.Reference;
import dev.corten.model.image.Descriptor;
import dev.corten.model.image.Image;
import dev.corten.store.Store;
import dev.corten.store.document.Manifest;
import dev.corten.store.image.ImageSave;
import dev.corten.store.image.Images;
import dev.corten.store.image.Images.StoredManifest;
import dev.corten.store.snapshot.Layers;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Gives images away as archives: `docker save`.
public final class Saving {
    private final Store store;
    private final Events events;

    public Saving(Store store, Events events) {
        this.store = store;
        this.events = events;
    }

    /// What an archive will have in it.
    public record Selection(List<ImageSave.Saved> images) {
        public Selection {
            images = List.copyOf(images);
        }
    }

    /// @param names names, IDs, or beginnings of one; a name without a tag means all its tags
    /// @param platforms of which the images shall be
    /// @throws NotFound in Docker's words
    public Selection select(List<String> names, List<Platform> platforms) {
        var chosen = new LinkedHashMap<Chosen, List<Reference>>();
        for (String name : names) {
            List<Reference> tags = tags(name);
            for (Reference tag : tags) {
                List<Reference> known =
                        chosen.computeIfAbsent(
                                choose(tag.toString(), platforms), _ -> new ArrayList<>());
                if (!known.contains(tag)) {
                    known.add(tag);
                }
            }
            if (tags.isEmpty()) {
                chosen.computeIfAbsent(choose(name, platforms), _ -> new ArrayList<>());
            }
        }
        var images = new ArrayList<ImageSave.Saved>();
        for (Map.Entry<Chosen, List<Reference>> entry : chosen.entrySet()) {
            Chosen what = entry.getKey();
            images.add(
                    new ImageSave.Saved(
                            store.images().get(what.image().toString()),
                            entry.getValue(),
                            what.target().flatMap(this::read),
                            platforms));
        }
        return new Selection(images);
    }

    /// @param target what is saved: an index or a manifest
    private record Chosen(Digest image, Optional<Descriptor> target) {}

    private Chosen choose(String name, List<Platform> platforms) {
        Optional<Descriptor> target = store.images().targetOf(name);
        if (platforms.isEmpty()) {
            return new Chosen(find(name, Optional.empty()).id(), target);
        }
        List<Image> images =
                platforms.stream().map(platform -> find(name, Optional.of(platform))).toList();
        Image image =
                images.stream()
                        .filter(i -> Platform.host().covers(i.platform()))
                        .findFirst()
                        .orElse(images.getFirst());
        if (platforms.size() > 1) {
            return new Chosen(image.id(), target);
        }
        return new Chosen(
                image.id(),
                member(name, image.id())
                        .or(() -> target.filter(it -> !Manifest.isIndex(it.mediaType())))
                        .or(() -> own(image.id())));
    }

    /// The manifest of one platform as its index describes it.
    private Optional<Descriptor> member(String name, Digest image) {
        return store.images().index(name).stream()
                .filter(member -> member.image().equals(Optional.of(image)))
                .map(Images.PlatformImage::manifest)
                .findFirst();
    }

    private Optional<Descriptor> own(Digest image) {
        return store.images().manifest(image, Optional.empty()).map(StoredManifest::descriptor);
    }

    private Optional<StoredManifest> read(Descriptor target) {
        return store.images()
                .document(target.digest())
                .map(read -> new StoredManifest(target, read.bytes()));
    }

    /// The tags that a name means; none for an ID or a digest.
    private List<Reference> tags(String name) {
        Reference reference;
        try {
            reference = Reference.parse(name);
        } catch (InvalidParameter e) {
            if (store.images().find(name).isPresent()) {
                return List.of();
            }
            throw e;
        }
        if (reference.digest().isPresent()) {
            return List.of();
        }
        if (reference.tag().isPresent()) {
            return List.of(reference);
        }
        return store.images().list().stream()
                .flatMap(image -> image.repoTags().stream())
                .filter(tag -> tag.repository().equals(reference))
                .sorted(java.util.Comparator.comparing(Reference::toString))
                .toList();
    }

    private Image find(String name, Optional<Platform> platform) {
        Optional<Image> found =
                platform.isPresent()
                        ? store.images().find(name, platform.get())
                        : store.images().find(name);
        if (found.isPresent()) {
            return found.get();
        }
        Optional<Image> other = store.images().find(name);
        if (platform.isEmpty() || other.isEmpty()) {
            throw new NotFound(
                    isTagged(name) ? "reference does not exist" : "No such image: " + name);
        }
        // Docker's two stores have different words for it.
        throw new NotFound(
                store.images().index(name).isEmpty()
                        ? "no suitable export target found for platform " + platform.get()
                        : "no suitable export target found: "
                                + Platforms.absent(familiar(name), platform.get()));
    }

    private static String familiar(String name) {
        return isTagged(name) ? Reference.parse(name).familiar() : name;
    }

    private static boolean isTagged(String name) {
        try {
            Reference reference = Reference.parse(name);
            return reference.tag().isPresent() || reference.digest().isPresent();
        } catch (InvalidParameter e) {
            return false;
        }
    }

    /// Writes the archive. The images stay meanwhile, whoever removes them.
    public void write(Selection selection, OutputStream out) throws IOException {
        var pins = new ArrayList<Layers.Pin>();
        try {
            for (ImageSave.Saved saved : selection.images()) {
                saved.image().chainId().flatMap(store.layers()::pin).ifPresent(pins::add);
            }
            new ImageSave(store.images(), store.layers(), store.layerArchive())
                    .write(selection.images(), out);
        } finally {
            pins.forEach(Layers.Pin::close);
        }
        for (ImageSave.Saved saved : selection.images()) {
            String id = saved.image().id().toString();
            events.publish("image", "save", id, Map.of("name", id));
        }
    }
}
