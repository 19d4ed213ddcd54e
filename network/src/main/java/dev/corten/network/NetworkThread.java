package dev.corten.network;

import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/// One platform thread that works off what it is given, in order.
///
/// It is started at once by whoever makes this object, because a thread is born into the network
/// namespace of its parent, and all of an engine's network is in the one where it was opened.
final class NetworkThread implements AutoCloseable {
    private final ThreadPoolExecutor executor;

    NetworkThread(String name) {
        executor =
                new ThreadPoolExecutor(
                        1,
                        1,
                        0,
                        TimeUnit.SECONDS,
                        new LinkedBlockingQueue<>(),
                        Thread.ofPlatform().name(name).daemon().factory());
        executor.prestartAllCoreThreads();
    }

    /// Does this on the thread and waits for it, even when interrupted: the work is short, and
    /// half of it would be worse than all.
    <T> T call(Callable<T> work) throws IOException {
        Future<T> task = executor.submit(work);
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return task.get();
                } catch (InterruptedException e) {
                    interrupted = true;
                } catch (ExecutionException e) {
                    switch (e.getCause()) {
                        case IOException io -> throw io;
                        case RuntimeException runtime -> throw runtime;
                        case Error error -> throw error;
                        case null, default -> throw new IOException(e);
                    }
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /// Does this on the thread some time.
    void later(Runnable work) {
        executor.execute(work);
    }

    /// Waits for what was given to the thread, then ends it.
    @Override
    public void close() {
        executor.close();
    }
}
