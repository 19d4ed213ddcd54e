package dev.corten.store.image;

import dev.corten.model.CortenException;
import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// A few platform threads for the blocking calls of one import. Closing interrupts what runs and
/// waits for its end.
final class UnpackPool implements AutoCloseable {
    private static final int MAX_THREADS = 4;

    private final ExecutorService threads =
            Executors.newFixedThreadPool(
                    Math.clamp(Runtime.getRuntime().availableProcessors(), 2, MAX_THREADS),
                    Thread.ofPlatform().daemon().name("store-unpack-", 0).factory());

    <T> Future<T> start(Callable<T> work) {
        return threads.submit(work);
    }

    <T> T run(Callable<T> work) throws IOException, InterruptedException {
        return result(start(work));
    }

    /// Waits, and throws what the work threw.
    static <T> T result(Future<T> future) throws IOException, InterruptedException {
        try {
            return future.get();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case IOException io -> throw io;
                case CortenException known -> throw known;
                case InterruptedException interrupted -> throw interrupted;
                case null, default ->
                        throw new IllegalStateException("import failed unexpectedly", e);
            }
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
        threads.close();
    }
}
