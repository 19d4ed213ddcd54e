package dev.corten.engine.pull;

import dev.corten.kernel.Errno;
import dev.corten.model.CortenException;
import dev.corten.model.Digest;
import dev.corten.model.InvalidParameter;
import dev.corten.model.image.Descriptor;
import dev.corten.store.image.Images;
import dev.corten.store.image.IncomingLayer;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// One layer's blob: brought by a virtual thread, unpacked meanwhile by a platform thread. Several
/// pulls may wait for it.
final class LayerTransfer {
    private static final int BUFFER = 128 << 10;
    private static final long PROGRESS_NANOS = Duration.ofMillis(100).toNanos();
    private static final int RETRY_SECONDS = 5;

    private final Images store;

    /// Where else it may be had; null once all have failed.
    private final AtomicReference<@Nullable List<ImageSource>> others =
            new AtomicReference<>(List.of());

    /// For the thread that downloads.
    private ImageSource source;

    private final Descriptor blob;
    private final Supplier<PullLimits> limits;
    private final Slots downloads;
    private final Slots unpacks;
    private final Executor unpackers;
    private final Pause pause;
    private final String id;

    private final List<Consumer<PullMessage>> listeners = new CopyOnWriteArrayList<>();
    private final CompletableFuture<IncomingLayer> unpacked = new CompletableFuture<>();
    private final CompletableFuture<@Nullable Void> downloaded = new CompletableFuture<>();

    /// When the thread that downloads is done.
    private final CompletableFuture<@Nullable Void> stopped = new CompletableFuture<>();

    /// When nothing of it is left; [Transfers] says so.
    private final CompletableFuture<@Nullable Void> ended = new CompletableFuture<>();

    private final Runnable beginning = this::begin;
    private final AtomicReference<@Nullable Thread> thread = new AtomicReference<>();
    private final AtomicReference<@Nullable Unpacking> unpacking = new AtomicReference<>();
    private volatile @Nullable PullMessage last;
    private volatile boolean cancelled;

    /// Guarded by the lock of [Transfers].
    int users = 1;

    LayerTransfer(
            Images store,
            ImageSource source,
            Descriptor blob,
            Supplier<PullLimits> limits,
            Slots downloads,
            Slots unpacks,
            Executor unpackers,
            Pause pause) {
        this.store = store;
        this.source = source;
        this.blob = blob;
        this.limits = limits;
        this.downloads = downloads;
        this.unpacks = unpacks;
        this.unpackers = unpackers;
        this.pause = pause;
        this.id = blob.digest().shortHex();
    }

    Digest digest() {
        return blob.digest();
    }

    /// With the layer, when it is unpacked; with the reason, if it will not be.
    CompletableFuture<IncomingLayer> unpacked() {
        return unpacked;
    }

    boolean isDownloaded() {
        return downloaded.isDone();
    }

    CompletableFuture<@Nullable Void> ended() {
        return ended;
    }

    long consumed() {
        Unpacking now = unpacking.get();
        return now == null ? 0 : now.consumed();
    }

    /// Adds a registry that is asked if those before it fail.
    ///
    /// @return whether that can help still
    boolean offer(ImageSource other) {
        return others.updateAndGet(now -> {
            if (now == null) {
                return null;
            }
            var more = new ArrayList<>(now);
            more.add(other);
            return List.copyOf(more);
        })
                != null;
    }

    /// Goes over to the next registry.
    ///
    /// @return whether there is one
    private boolean goOver() {
        List<ImageSource> before =
                others.getAndUpdate(now ->
                        now == null || now.isEmpty()
                                ? null
                                : List.copyOf(now.subList(1, now.size())));
        if (before == null || before.isEmpty()) {
            return false;
        }
        source = before.getFirst();
        return true;
    }

    private boolean hasOthers() {
        List<ImageSource> now = others.get();
        return now != null && !now.isEmpty();
    }

    void listen(Consumer<PullMessage> listener) {
        listeners.add(listener);
        PullMessage before = last;
        if (before != null) {
            listener.accept(before);
        }
    }

    void silence(Consumer<PullMessage> listener) {
        listeners.remove(listener);
    }

    private void say(PullMessage message) {
        last = message;
        listeners.forEach(listener -> listener.accept(message));
    }

    void start() {
        if (!downloads.begin(beginning)) {
            say(new PullMessage.Step(id, "Waiting"));
        }
    }

    private void begin() {
        Thread downloading = Thread.ofVirtual().name("download-" + id).unstarted(this::run);
        thread.set(downloading);
        downloading.start();
    }

    private void run() {
        try {
            if (cancelled) {
                throw new InterruptedException();
            }
            bringFromAny();
            downloaded.complete(null);
        } catch (IOException | CortenException e) {
            fail(e);
        } catch (InterruptedException e) {
            fail(new IOException("download was cancelled", e));
        } catch (RuntimeException | Error e) {
            fail(e);
            throw e;
        } finally {
            downloads.end();
            stopped.complete(null);
        }
    }

    private void fail(Throwable reason) {
        downloaded.completeExceptionally(reason);
        unpacked.completeExceptionally(reason);
    }

    /// A registry that dies takes nobody with it who knows another one.
    private void bringFromAny() throws IOException, InterruptedException {
        while (true) {
            try {
                bring();
                return;
            } catch (DiskFailure e) {
                others.set(null);
                throw e;
            } catch (IOException | CortenException e) {
                if (cancelled || !goOver()) {
                    throw e;
                }
            }
        }
    }

    /// What is left of an earlier attempt may be damaged, after a power failure: then once more, from
    /// the beginning.
    private void bring() throws IOException, InterruptedException {
        for (boolean again = false; ; again = true) {
            IncomingLayer layer = store.incoming(blob, limits.get().layerBytes());
            var now = new Unpacking(layer, unpacks, unpackers);
            unpacking.set(now);
            boolean small = blob.size() >= 0 && blob.size() <= BUFFER;
            if (!small) {
                now.start();
            }
            long resumed = 0;
            boolean done = false;
            try {
                if (!layer.isHere()) {
                    resumed = layer.resume();
                    download(layer);
                    say(new PullMessage.Step(id, "Verifying Checksum"));
                    layer.finish();
                }
                done = true;
                say(new PullMessage.Step(id, "Download complete"));
                if (small) {
                    // It came with one or two reads: a thread would have waited for each of them.
                    now.start();
                }
                now.result()
                        .whenComplete((_, e) -> {
                            if (e == null) {
                                unpacked.complete(layer);
                            } else {
                                unpacked.completeExceptionally(e);
                            }
                        });
                return;
            } catch (InvalidParameter e) {
                if (resumed == 0 || again) {
                    throw e;
                }
            } finally {
                if (!done) {
                    now.end();
                    unpacking.set(null);
                }
            }
        }
    }

    private void download(IncomingLayer layer) throws IOException, InterruptedException {
        for (int attempt = 1; layer.received() != blob.size(); attempt++) {
            long before = layer.received();
            try (ImageSource.Body body = source.blob(blob, layer.received())) {
                copy(body, layer);
                return;
            } catch (DiskFailure e) {
                throw e;
            } catch (IOException e) {
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
                boolean stuck = layer.received() == before && hasOthers();
                if (stuck || attempt >= limits.get().attempts()) {
                    throw e;
                }
            }
            // What has been cut while it went well goes on at once.
            boolean progress = layer.received() > before;
            int wait = progress ? 1 : attempt * RETRY_SECONDS;
            for (int seconds = wait; seconds > 0; seconds--) {
                say(
                        new PullMessage.Step(
                                id,
                                "Retrying in "
                                        + seconds
                                        + (seconds == 1 ? " second" : " seconds")));
                pause.of(Duration.ofSeconds(1));
            }
        }
    }

    private void copy(ImageSource.Body body, IncomingLayer layer) throws IOException {
        long size = blob.size() < 0 ? body.total() : blob.size();
        if (body.total() >= 0 && body.total() != size) {
            throw new InvalidParameter(
                    "blob "
                            + blob.digest()
                            + " has "
                            + body.total()
                            + " bytes, its manifest says "
                            + size);
        }
        InputStream in = body.in();
        // Most layers of most images are small.
        byte[] buffer = new byte[size < 0 ? BUFFER : (int) Math.min(BUFFER, size + 1)];
        // A registry that does not give parts begins anew: what is here already was hashed.
        for (long known = layer.received() - body.offset(); known > 0; ) {
            int n = in.read(buffer, 0, (int) Math.min(buffer.length, known));
            if (n < 0) {
                throw new EOFException("unexpected EOF");
            }
            known -= n;
        }
        long told = System.nanoTime() - PROGRESS_NANOS;
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
            keep(layer, buffer, n);
            long now = System.nanoTime();
            if (now - told >= PROGRESS_NANOS) {
                told = now;
                say(new PullMessage.Progress(id, "Downloading", layer.received(), size));
            }
        }
        if (size >= 0 && layer.received() < size) {
            throw new EOFException("unexpected EOF");
        }
    }

    private static void keep(IncomingLayer layer, byte[] buffer, int count) throws DiskFailure {
        try {
            layer.append(buffer, count);
        } catch (IOException e) {
            throw new DiskFailure(e);
        }
    }

    /// Of this machine, as when its disk is full: no registry can help, however often it is asked.
    private static final class DiskFailure extends IOException {
        private static final long serialVersionUID = 1;

        private DiskFailure(IOException cause) {
            super(
                    cause instanceof Errno errno
                            ? Errno.describe(errno.number())
                            : cause.getMessage(),
                    cause);
        }
    }

    /// Stops all of it, and waits for that. What has been brought stays for another time.
    void close() throws IOException {
        cancelled = true;
        try {
            if (!downloads.forget(beginning)) {
                Thread downloading = thread.get();
                if (downloading != null) {
                    downloading.interrupt();
                }
                stopped.join();
            }
            Unpacking now = unpacking.get();
            if (now != null) {
                now.end();
            }
        } finally {
            fail(new IOException("download was cancelled"));
        }
    }
}
