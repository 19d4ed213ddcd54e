package dev.corten.engine.pull;

import dev.corten.model.Digest;
import dev.corten.model.image.Descriptor;
import dev.corten.store.image.Images;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// The layers that are being brought: each once, whoever waits for it.
final class Transfers {
    private static final long KEPT_SECONDS = 2;

    private final Images store;
    private final Supplier<PullLimits> limits;
    private final Pause pause;
    private final Slots downloads;
    private final Slots unpacks;

    /// A thread that has unpacked a layer waits a little for the next one.
    private final Executor unpackers;

    private final ReentrantLock lock = new ReentrantLock();

    /// Guarded by lock; without users those that are being closed. One that has failed gives way.
    private final Map<Digest, LayerTransfer> transfers = new HashMap<>();

    Transfers(Images store, Supplier<PullLimits> limits, Pause pause) {
        this.store = store;
        this.limits = limits;
        this.pause = pause;
        this.downloads = new Slots(() -> limits.get().downloads());
        // Each download in progress may have one waiting for its bytes; one more has something to
        // do.
        this.unpacks =
                new Slots(() -> limits.get().downloads() == 0 ? 0 : limits.get().downloads() + 1);
        this.unpackers =
                new ThreadPoolExecutor(
                        0,
                        Integer.MAX_VALUE,
                        KEPT_SECONDS,
                        TimeUnit.SECONDS,
                        new SynchronousQueue<>(),
                        Thread.ofPlatform().daemon().name("unpack-", 0).factory());
    }

    /// Takes part in the transfer of a blob, which begins unless it has begun. Ends with [#leave].
    ///
    /// @param listener hears how it goes
    LayerTransfer join(ImageSource source, Descriptor blob, Consumer<PullMessage> listener) {
        while (true) {
            LayerTransfer transfer;
            boolean fresh = false;
            boolean closing = false;
            lock.lock();
            try {
                transfer = transfers.get(blob.digest());
                boolean failed = transfer != null && transfer.users > 0 && !transfer.offer(source);
                if (transfer == null || failed) {
                    transfer =
                            new LayerTransfer(
                                    store, source, blob, limits, downloads, unpacks, unpackers,
                                    pause);
                    transfers.put(blob.digest(), transfer);
                    fresh = true;
                } else if (transfer.users == 0) {
                    closing = true;
                } else {
                    transfer.users++;
                }
            } finally {
                lock.unlock();
            }
            if (!closing) {
                transfer.listen(listener);
                if (fresh) {
                    transfer.start();
                }
                return transfer;
            }
            transfer.ended().join();
        }
    }

    /// The last one to leave ends the transfer.
    void leave(LayerTransfer transfer) throws IOException {
        lock.lock();
        try {
            if (--transfer.users > 0) {
                return;
            }
        } finally {
            lock.unlock();
        }
        try {
            transfer.close();
        } finally {
            lock.lock();
            try {
                transfers.remove(transfer.digest(), transfer);
            } finally {
                lock.unlock();
            }
            transfer.ended().complete(null);
        }
    }
}
