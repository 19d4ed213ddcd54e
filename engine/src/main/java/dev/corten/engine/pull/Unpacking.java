package dev.corten.engine.pull;

import dev.corten.store.image.IncomingLayer;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// The unpacking of a layer that is being brought, in a slot of its own, by a platform thread.
final class Unpacking {
    private final IncomingLayer layer;
    private final Slots slots;
    private final Executor threads;
    private final CompletableFuture<@Nullable Void> result = new CompletableFuture<>();
    private final Runnable beginning = this::begin;

    private final ReentrantLock lock = new ReentrantLock();

    /// Guarded by lock; the one that unpacks it at the moment, which has other work afterwards.
    private @Nullable Thread thread;

    /// Guarded by lock.
    private boolean started;

    Unpacking(IncomingLayer layer, Slots slots, Executor threads) {
        this.layer = layer;
        this.slots = slots;
        this.threads = threads;
    }

    /// When it is unpacked, or with the reason why it will not be.
    CompletableFuture<@Nullable Void> result() {
        return result;
    }

    /// Bytes of the blob that have been unpacked.
    long consumed() {
        return layer.consumed();
    }

    /// Begins, once there is a slot.
    void start() {
        lock.lock();
        try {
            started = true;
        } finally {
            lock.unlock();
        }
        slots.begin(beginning);
    }

    private void begin() {
        threads.execute(this::run);
    }

    private void run() {
        at(Thread.currentThread());
        try {
            layer.unpack();
            at(null);
            result.complete(null);
        } catch (IOException | RuntimeException | Error e) {
            at(null);
            // Heard after the download: bytes that are not the right ones are no wonder here.
            result.completeExceptionally(e);
        } finally {
            slots.end();
        }
    }

    private void at(@Nullable Thread now) {
        lock.lock();
        try {
            thread = now;
        } finally {
            lock.unlock();
        }
    }

    /// Stops it, and leaves what has been brought to another time.
    void end() throws IOException {
        layer.fail();
        if (!isWaiting()) {
            interrupt();
            result.exceptionally(_ -> null).join();
        }
        layer.close();
    }

    private boolean isWaiting() {
        lock.lock();
        try {
            if (!started) {
                return true;
            }
        } finally {
            lock.unlock();
        }
        return slots.forget(beginning);
    }

    private void interrupt() {
        lock.lock();
        try {
            if (thread != null) {
                thread.interrupt();
            }
        } finally {
            lock.unlock();
        }
    }
}
