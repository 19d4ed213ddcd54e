package dev.corten.engine.pull;

import dev.corten.kernel.Errno;
import dev.corten.model.CortenException;
import dev.corten.model.Digest;
import dev.corten.model.InvalidParameter;
import dev.corten.model.Reference;
import dev.corten.model.image.Descriptor;
import dev.corten.model.image.Image;
import dev.corten.store.document.Json;
import dev.corten.store.document.Manifest;
import dev.corten.store.image.ImageIntake;
import dev.corten.store.image.Images;
import dev.corten.store.image.IncomingLayer;
import dev.corten.store.image.SchemaOneConfig;
import java.io.EOFException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/// Brings one image, on a platform thread of its own, for all who want it at the moment. The first
/// one's names are given with it, so that the catalog is written once.
///
/// What was brought stays pinned until everybody has left.
final class ImagePull {
    private static final long PROGRESS_MILLIS = 100;

    private final Images store;
    private final Transfers transfers;
    private final ImageSource source;
    private final Choice choice;
    private final List<Reference> names;

    private final CompletableFuture<Result> result = new CompletableFuture<>();
    private final CountDownLatch left = new CountDownLatch(1);
    private final Thread thread;

    /// The first transfer that has failed: the pull need not wait for the others then.
    private final CompletableFuture<IncomingLayer> failure = new CompletableFuture<>();

    private final Map<Digest, LayerTransfer> joined = new LinkedHashMap<>();
    private final Consumer<PullMessage> listener = this::say;

    private final ReentrantLock lock = new ReentrantLock();

    /// Guarded by lock.
    private final List<Watch> watches = new ArrayList<>();

    /// Guarded by lock; the latest step of each layer, for those who come later.
    private final Map<String, PullMessage> steps = new LinkedHashMap<>();

    /// Guarded by lock; how far the latest step of a layer has come.
    private final Map<String, PullMessage> progress = new LinkedHashMap<>();

    /// Guarded by lock; the work is: nothing more will be said.
    private boolean done;

    /// Guarded by lock; nobody waits any more, and nobody can begin to.
    private boolean ended;

    /// What a pull has brought.
    record Result(Image image, byte[] config) {}

    /// @param names that the image gets
    ImagePull(
            Images store,
            Transfers transfers,
            ImageSource source,
            Choice choice,
            List<Reference> names) {
        this.store = store;
        this.transfers = transfers;
        this.source = source;
        this.choice = choice;
        this.names = names;
        this.thread =
                Thread.ofPlatform()
                        .daemon()
                        .name("pull-" + choice.digest().shortHex())
                        .unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    // --- those who wait

    /// @return empty if it is over
    Optional<Watch> join() {
        lock.lock();
        try {
            if (ended) {
                return Optional.empty();
            }
            // A client without a terminal prints the steps alone: it shall miss no layer.
            var said = new ArrayList<>(steps.values());
            said.addAll(progress.values());
            var watch = new Watch(said, done);
            watches.add(watch);
            return Optional.of(watch);
        } finally {
            lock.unlock();
        }
    }

    /// @return whether that was the last one, so that nobody can join any more
    boolean leave(Watch watch) {
        lock.lock();
        try {
            watches.remove(watch);
            if (!watches.isEmpty()) {
                return false;
            }
            ended = true;
        } finally {
            lock.unlock();
        }
        left.countDown();
        if (!result.isDone()) {
            thread.interrupt();
        }
        return true;
    }

    /// What came of it; after [Watch#next] has said the end.
    Result result() throws IOException, InterruptedException {
        return get(result);
    }

    /// Waits until nothing of a pull is left that has failed, or that everybody has left.
    void awaitEnd() throws InterruptedException {
        thread.join();
    }

    private static <T> T get(CompletableFuture<T> future) throws IOException, InterruptedException {
        try {
            return future.get();
        } catch (ExecutionException e) {
            throw unwrapped(e);
        }
    }

    private static IOException unwrapped(ExecutionException e) {
        return switch (e.getCause()) {
            // Of other threads: what happened is theirs, what the caller sees shall be its own.
            case CortenException known -> throw known;
            case Errno errno -> new IOException(Errno.describe(errno.number()), errno);
            case IOException io -> new IOException(io.getMessage(), io);
            case null, default -> throw new IllegalStateException("pull failed unexpectedly", e);
        };
    }

    private void say(PullMessage message) {
        List<Watch> hearing;
        lock.lock();
        try {
            if (message instanceof PullMessage.Progress) {
                progress.put(message.id(), message);
            } else {
                steps.put(message.id(), message);
                progress.remove(message.id());
            }
            hearing = List.copyOf(watches);
        } finally {
            lock.unlock();
        }
        hearing.forEach(watch -> watch.say(message));
    }

    private void endWatches() {
        List<Watch> hearing;
        lock.lock();
        try {
            done = true;
            hearing = List.copyOf(watches);
        } finally {
            lock.unlock();
        }
        hearing.forEach(Watch::end);
    }

    // --- the work

    private void run() {
        try (ImageIntake intake = store.intake()) {
            try {
                result.complete(bring(intake));
            } finally {
                leaveTransfers();
            }
            endWatches();
            left.await();
        } catch (InterruptedException e) {
            result.completeExceptionally(new IOException("pull was cancelled", e));
        } catch (IOException | RuntimeException | Error e) {
            result.completeExceptionally(e);
        } finally {
            endWatches();
        }
    }

    private void leaveTransfers() throws IOException {
        for (LayerTransfer transfer : joined.values()) {
            transfer.silence(listener);
            transfers.leave(transfer);
        }
    }

    private Result bring(ImageIntake intake) throws IOException, InterruptedException {
        return switch (choice.manifest()) {
            case Manifest.OfImage image -> bring(image, intake);
            case Manifest.OfSchemaOne old -> bring(old, intake);
            case Manifest.OfIndex _ -> throw new IllegalStateException("an index was chosen");
        };
    }

    private Result bring(Manifest.OfImage manifest, ImageIntake intake)
            throws IOException, InterruptedException {
        byte[] config = config(manifest.config());
        Images.Described image = Images.describe(config);
        if (!image.platform().os().isEmpty() && !image.platform().os().equals("linux")) {
            throw new InvalidParameter(
                    "image operating system \""
                            + image.platform().os()
                            + "\" cannot be used on this platform: operating system is not"
                            + " supported");
        }
        List<Digest> diffIds = image.diffIds();
        List<Descriptor> layers = manifest.layers();
        if (diffIds.size() != layers.size()) {
            throw new InvalidParameter("layers from manifest don't match image configuration");
        }
        int present = intake.present(diffIds);
        begin(layers, present);
        for (int i = present; i < layers.size(); i++) {
            stack(layers.get(i), Optional.of(diffIds.get(i)), intake);
        }
        return commit(config, intake);
    }

    private Result bring(Manifest.OfSchemaOne manifest, ImageIntake intake)
            throws IOException, InterruptedException {
        List<Descriptor> layers =
                SchemaOneConfig.layers(manifest).stream()
                        .map(digest -> Descriptor.of("", digest, -1))
                        .toList();
        begin(layers, 0);
        var diffIds = new ArrayList<Digest>();
        for (Descriptor layer : layers) {
            diffIds.add(stack(layer, Optional.empty(), intake));
        }
        return commit(SchemaOneConfig.config(manifest, diffIds), intake);
    }

    private byte[] config(Descriptor descriptor) throws IOException, InterruptedException {
        if (descriptor.size() > Json.MAX_DOCUMENT) {
            throw new InvalidParameter(
                    "image configuration is larger than "
                            + Json.MAX_DOCUMENT
                            + " bytes: "
                            + descriptor.size());
        }
        try (ImageSource.Body body = source.blob(descriptor, 0)) {
            byte[] config = body.in().readNBytes((int) descriptor.size() + 1);
            if (config.length < descriptor.size()) {
                throw new EOFException("unexpected EOF");
            }
            if (!Digest.of(config).equals(descriptor.digest())) {
                throw new InvalidParameter(
                        "image config verification failed for digest " + descriptor.digest());
            }
            return config;
        }
    }

    private void begin(List<Descriptor> layers, int present) {
        var bySight = new HashMap<Digest, Descriptor>();
        for (int i = 0; i < layers.size(); i++) {
            Descriptor layer = layers.get(i);
            String id = layer.digest().shortHex();
            if (i < present) {
                say(new PullMessage.Step(id, "Already exists"));
            } else if (bySight.put(layer.digest(), layer) == null) {
                say(new PullMessage.Step(id, "Pulling fs layer"));
            }
        }
        for (Descriptor layer : layers.subList(present, layers.size())) {
            if (!joined.containsKey(layer.digest())) {
                LayerTransfer transfer = transfers.join(source, layer, listener);
                joined.put(layer.digest(), transfer);
                transfer.unpacked()
                        .whenComplete((_, e) -> {
                            if (e != null) {
                                failure.completeExceptionally(e);
                            }
                        });
            }
        }
    }

    private Digest stack(Descriptor layer, Optional<Digest> diffId, ImageIntake intake)
            throws IOException, InterruptedException {
        LayerTransfer transfer = joined.get(layer.digest());
        if (transfer == null) {
            throw new IllegalStateException("layer was not begun: " + layer.digest());
        }
        String id = layer.digest().shortHex();
        IncomingLayer incoming = awaitUnpacked(transfer, id, layer.size());
        long size = incoming.received();
        say(new PullMessage.Progress(id, "Extracting", size, size));
        Digest added = intake.add(incoming, diffId);
        say(new PullMessage.Step(id, "Pull complete"));
        return added;
    }

    private IncomingLayer awaitUnpacked(LayerTransfer transfer, String id, long size)
            throws IOException, InterruptedException {
        CompletableFuture<Object> either = CompletableFuture.anyOf(transfer.unpacked(), failure);
        while (true) {
            try {
                either.get(PROGRESS_MILLIS, TimeUnit.MILLISECONDS);
                long consumed = Math.max(1, Math.min(size, transfer.consumed()));
                say(new PullMessage.Progress(id, "Extracting", consumed, Math.max(size, 1)));
                return get(transfer.unpacked());
            } catch (TimeoutException e) {
                if (transfer.isDownloaded()) {
                    say(
                            new PullMessage.Progress(
                                    id, "Extracting", transfer.consumed(), Math.max(size, 1)));
                }
            } catch (ExecutionException e) {
                throw unwrapped(e);
            }
        }
    }

    private Result commit(byte[] config, ImageIntake intake) throws IOException {
        var arrived =
                new ImageIntake.Arrived(
                        config,
                        names,
                        choice.documents().getFirst().descriptor(),
                        choice.documents());
        return new Result(intake.commit(arrived), config);
    }
}
