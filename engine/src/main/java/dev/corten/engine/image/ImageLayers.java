package dev.corten.engine.image;

import dev.corten.model.Digest;
import dev.corten.model.Reference;
import dev.corten.model.image.Image;
import dev.corten.store.Store;
import dev.corten.store.snapshot.ChainId;
import dev.corten.store.snapshot.Layer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;

/// Which layers an image consists of, and which other images are made of the same.
public final class ImageLayers {
    private final Store store;

    public ImageLayers(Store store) {
        this.store = store;
    }

    /// A layer, in one place of the stack.
    ///
    /// @param diffId of what the layer changes
    /// @param size bytes of its files
    /// @param topOf the images that end with it
    /// @param partOf the others that have it too
    public record Part(Digest diffId, long size, List<Image> topOf, List<Image> partOf) {
        public Part {
            topOf = List.copyOf(topOf);
            partOf = List.copyOf(partOf);
        }
    }

    /// The lowest first.
    public List<Part> of(Image image) {
        List<Digest> chain = ChainId.of(image.diffIds());
        var topOf = new LinkedHashMap<Digest, List<Image>>();
        var partOf = new LinkedHashMap<Digest, List<Image>>();
        for (Digest id : chain) {
            topOf.put(id, new ArrayList<>());
            partOf.put(id, new ArrayList<>());
        }
        for (Image other : store.images().list()) {
            List<Digest> theirs = ChainId.of(other.diffIds());
            for (int i = 0; i < theirs.size() && i < chain.size(); i++) {
                if (!theirs.get(i).equals(chain.get(i))) {
                    break;
                }
                boolean top = i == theirs.size() - 1;
                if (top || !other.id().equals(image.id())) {
                    (top ? topOf : partOf)
                            .getOrDefault(theirs.get(i), new ArrayList<>())
                            .add(other);
                }
            }
        }
        var parts = new ArrayList<Part>();
        for (int i = 0; i < chain.size(); i++) {
            Digest id = chain.get(i);
            parts.add(
                    new Part(
                            image.diffIds().get(i),
                            store.layers().find(id).map(Layer::size).orElse(0L),
                            topOf.getOrDefault(id, List.of()),
                            partOf.getOrDefault(id, List.of())));
        }
        return List.copyOf(parts);
    }

    /// What an image is called where it is one of several: its first name, or its ID.
    public static String shown(Image image) {
        return image.repoTags().stream()
                .findFirst()
                .map(Reference::familiar)
                .orElse(image.id().hex().substring(0, 12));
    }
}
