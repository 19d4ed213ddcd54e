package dev.corten.engine.image;

import dev.corten.engine.event.Events;
import dev.corten.model.Digest;
import dev.corten.model.InvalidParameter;
import dev.corten.model.NotFound;
import dev.corten.model.Platform;
import dev.corten.model.Reference;
import dev.corten.model.image.Image;
import dev.corten.store.Store;
import dev.corten.store.image.ImageSave;
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
    /// @param platform of which the images shall be
    /// @throws NotFound in Docker's words
    public Selection select(List<String> names, Optional<Platform> platform) {
        var chosen = new LinkedHashMap<Digest, List<Reference>>();
        for (String name : names) {
            List<Reference> tags = tags(name);
            for (Reference tag : tags) {
                Image image = find(tag.toString(), platform);
                List<Reference> known = chosen.computeIfAbsent(image.id(), _ -> new ArrayList<>());
                if (!known.contains(tag)) {
                    known.add(tag);
                }
            }
            if (tags.isEmpty()) {
                chosen.computeIfAbsent(find(name, platform).id(), _ -> new ArrayList<>());
            }
        }
        var images = new ArrayList<ImageSave.Saved>();
        for (Map.Entry<Digest, List<Reference>> entry : chosen.entrySet()) {
            Image image = store.images().get(entry.getKey().toString());
            images.add(new ImageSave.Saved(image, entry.getValue()));
        }
        return new Selection(images);
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
        throw new NotFound("no suitable export target found for platform " + platform.get());
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
