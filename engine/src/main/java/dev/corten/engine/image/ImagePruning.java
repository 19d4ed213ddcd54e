package dev.corten.engine.image;

import dev.corten.engine.event.Events;
import dev.corten.model.Conflict;
import dev.corten.model.Digest;
import dev.corten.model.NotFound;
import dev.corten.model.Reference;
import dev.corten.model.image.Image;
import dev.corten.model.image.Removal;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;

/// Removes images that no container uses: `image prune`.
public final class ImagePruning {
    private static final Logger LOG = System.getLogger(ImagePruning.class.getName());

    private final Images images;
    private final Events events;

    /// Held by whoever prunes.
    private final ReentrantLock turn = new ReentrantLock();

    public ImagePruning(Images images, Events events) {
        this.images = images;
        this.events = events;
    }

    /// @param bytes that their layers took
    public record Result(List<Removal> removals, long bytes) {
        public Result {
            removals = List.copyOf(removals);
        }
    }

    /// Goes on when one cannot be removed.
    ///
    /// @param dangling whether those with a tag are kept
    /// @throws Conflict if another prune is under way
    public Result prune(boolean dangling, Predicate<Image> chosen) {
        if (!turn.tryLock()) {
            throw new Conflict("a prune operation is already running");
        }
        try {
            long before = images.sizes().layers();
            var removals = new ArrayList<Removal>();
            List<Image> all = images.list();
            var parents = new HashSet<Digest>();
            all.forEach(image -> image.parent().ifPresent(parents::add));
            for (Image image : all) {
                // Steps of a classic build go with the last image that was made from them.
                boolean step =
                        image.repoTags().isEmpty()
                                && image.repoDigests().isEmpty()
                                && parents.contains(image.id());
                boolean kept = step || dangling && !image.repoTags().isEmpty();
                if (!kept && images.containers(image.id()) == 0 && chosen.test(image)) {
                    for (String name : names(image)) {
                        removals.addAll(remove(name));
                    }
                }
            }
            long bytes = removals.isEmpty() ? 0 : before - images.sizes().layers();
            events.publish("image", "prune", "", Map.of("reclaimed", Long.toString(bytes)));
            return new Result(removals, bytes);
        } finally {
            turn.unlock();
        }
    }

    /// All that have to go for the image to go.
    private static List<String> names(Image image) {
        var names = new ArrayList<String>();
        for (Reference name : image.repoTags()) {
            names.add(name.toString());
        }
        for (Reference name : image.repoDigests()) {
            names.add(name.toString());
        }
        return names.isEmpty() ? List.of(image.id().hex()) : names;
    }

    private List<Removal> remove(String name) {
        try {
            return images.remove(name, false, true);
        } catch (Conflict | NotFound e) {
            LOG.log(Level.DEBUG, () -> name + " came into use or was removed", e);
        } catch (IOException e) {
            LOG.log(Level.WARNING, () -> name + " cannot be removed", e);
        }
        return List.of();
    }
}
