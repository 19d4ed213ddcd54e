package dev.corten.engine.image;

import dev.corten.model.Digest;
import dev.corten.model.Reference;
import dev.corten.model.image.History;
import dev.corten.model.image.Image;
import dev.corten.store.Store;
import dev.corten.store.snapshot.ChainId;
import dev.corten.store.snapshot.Layer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// How images were made: `docker history`.
public final class Histories {
    private final Store store;

    public Histories(Store store) {
        this.store = store;
    }

    /// One step, the newest first.
    ///
    /// @param image what the step made, if that is an image here
    /// @param size bytes of what it added
    /// @param tags of that image
    public record Step(History history, Optional<Digest> image, long size, List<Reference> tags) {
        public Step {
            tags = List.copyOf(tags);
        }
    }

    public List<Step> of(Image image) {
        var sizes = new ArrayList<Long>();
        List<Digest> chain = ChainId.of(image.diffIds());
        int layer = 0;
        for (History history : image.history()) {
            boolean none = history.emptyLayer() || layer >= chain.size();
            sizes.add(none ? 0L : size(chain.get(layer)));
            layer += none ? 0 : 1;
        }
        var steps = new ArrayList<Step>();
        Optional<Image> at = Optional.of(image);
        for (int i = image.history().size() - 1; i >= 0; i--) {
            steps.add(
                    new Step(
                            image.history().get(i),
                            at.map(Image::id),
                            sizes.get(i),
                            at.map(Image::repoTags).orElse(List.of())));
            at = at.flatMap(Image::parent).flatMap(store.images()::find);
        }
        return List.copyOf(steps);
    }

    private long size(Digest chainId) {
        return store.layers().find(chainId).map(Layer::size).orElse(0L);
    }
}
