package dev.corten.engine.push;

import dev.corten.engine.registry.Workers;
import dev.corten.model.Digest;
import dev.corten.model.Reference;
import dev.corten.model.image.Descriptor;
import dev.corten.model.image.MediaTypes;
import dev.corten.registry.client.Repository;
import dev.corten.store.image.Images;
import dev.corten.store.image.OutgoingImage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/// Sends the blobs of an image beside each other. The first failure ends all.
final class BlobPush {
    /// A layer that many have is looked for in a few repositories only.
    private static final int MOUNT_ATTEMPTS = 3;

    private static final long PROGRESS_NANOS = 100_000_000;

    private final Repository repository;
    private final Images store;
    private final int limit;

    private final Workers<PushMessage> workers;

    /// Blobs that are on their way or there: layers may be alike.
    private final Set<Digest> taken = ConcurrentHashMap.newKeySet();

    /// @param limit how many are sent at once; none if it is 0
    BlobPush(Repository repository, Images store, int limit) {
        this.repository = repository;
        this.store = store;
        this.limit = limit > 0 ? limit : Integer.MAX_VALUE;
        this.workers = new Workers<>(this.limit);
    }

    /// @param out called by this thread
    void push(OutgoingImage image, Consumer<PushMessage> out)
            throws IOException, InterruptedException {
        var layers = new ArrayList<OutgoingImage.Part>();
        var contents = new HashSet<Digest>();
        for (OutgoingImage.Part layer : image.layers().reversed()) {
            if (contents.add(layer.content())) {
                layers.add(layer);
            }
        }
        for (OutgoingImage.Part layer : layers) {
            out.accept(new PushMessage.Step(layer.id(), "Preparing"));
        }
        layers.stream()
                .skip(limit)
                .forEach(layer -> out.accept(new PushMessage.Step(layer.id(), "Waiting")));
        var tasks = new ArrayList<Callable<Void>>();
        List<OutgoingImage.Part> all = new ArrayList<>(layers);
        all.addAll(image.configs());
        for (OutgoingImage.Part part : all) {
            tasks.add(() -> {
                send(part);
                return null;
            });
        }
        workers.run(tasks, out);
    }

    private void tell(OutgoingImage.Part part, String text) {
        if (!part.id().isEmpty()) {
            workers.tell(new PushMessage.Step(part.id(), text));
        }
    }

    private void send(OutgoingImage.Part part) throws IOException, InterruptedException {
        Descriptor blob = part.descriptor();
        if (MediaTypes.isForeign(blob.mediaType())) {
            tell(part, "Skipped foreign layer");
            return;
        }
        if (!taken.add(blob.digest()) || repository.has(blob.digest())) {
            tell(part, "Layer already exists");
            return;
        }
        for (Reference other : elsewhere(part, blob.digest())) {
            if (repository.mount(blob.digest(), other)) {
                tell(part, "Mounted from " + other.path());
                return;
            }
        }
        repository.upload(blob, part::open, progress(part, blob.size()));
        tell(part, "Pushed");
    }

    private List<Reference> elsewhere(OutgoingImage.Part part, Digest blob) {
        if (part.id().isEmpty()) {
            return List.of();
        }
        Reference here = repository.name();
        return store.distribution().repositories(blob, here.domain()).stream()
                .filter(other -> !other.equals(here))
                .limit(MOUNT_ATTEMPTS)
                .toList();
    }

    private LongConsumer progress(OutgoingImage.Part part, long total) {
        if (part.id().isEmpty()) {
            return _ -> {};
        }
        return new LongConsumer() {
            private long told = System.nanoTime() - PROGRESS_NANOS;

            @Override
            public void accept(long current) {
                long now = System.nanoTime();
                if (current == total || now - told >= PROGRESS_NANOS) {
                    told = now;
                    workers.tell(new PushMessage.Progress(part.id(), "Pushing", current, total));
                }
            }
        };
    }
}
