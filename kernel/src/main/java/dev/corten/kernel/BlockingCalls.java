package dev.corten.kernel;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;

/// A bounded pool of platform threads for system calls that can block: mount, umount, fsync, open
/// on a user's path, wait.
///
/// A downcall pins the carrier of a virtual thread; two that sleep stop every virtual thread of a
/// machine with two processors. Callers wait here instead, which costs a virtual thread nothing.
/// A call that does not end in time (a dead NFS server) keeps its thread, its caller goes on.
public final class BlockingCalls implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(BlockingCalls.class.getName());

    /// The call has not ended within its limit.
    public static final class TimedOut extends IOException {
        private static final long serialVersionUID = 1L;

        TimedOut(String what, Duration limit) {
            super(what + ": no answer from the kernel within " + limit.toMillis() + " ms");
        }
    }

    private final ThreadPoolExecutor threads;

    /// @param threadsMax how many calls run at once
    /// @param waitingMax how many more may wait for a thread before callers are refused
    public BlockingCalls(int threadsMax, int waitingMax) {
        threads =
                new ThreadPoolExecutor(
                        threadsMax,
                        threadsMax,
                        10,
                        TimeUnit.SECONDS,
                        new ArrayBlockingQueue<>(waitingMax),
                        work -> {
                            var thread = new Thread(work, "blocking call");
                            thread.setDaemon(true);
                            return thread;
                        });
        threads.allowCoreThreadTimeOut(true);
    }

    /// Makes the call on a thread of the pool and waits for its result, at most this long, waiting
    /// for a free thread included. If the caller stops waiting, by the limit or an interruption, a
    /// result that comes later is closed if it can be.
    ///
    /// @param what for messages: "mount of volume data"
    /// @throws TimedOut after the limit
    /// @throws InterruptedIOException if the caller is interrupted; the flag stays set
    public <T> T call(String what, Duration limit, KernelCall<T> call) throws IOException {
        var abandoned = new AtomicBoolean();
        var task =
                new FutureTask<T>(() -> {
                    if (abandoned.get()) {
                        throw new TimedOut(what, limit);
                    }
                    T result = call.run();
                    if (abandoned.get()) {
                        discard(what, result);
                    }
                    return result;
                });
        try {
            threads.execute(task);
        } catch (RejectedExecutionException e) {
            throw new IOException(what + ": too many calls wait for the kernel", e);
        }
        try {
            return task.get(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            abandon(what, abandoned, task);
            throw new TimedOut(what, limit);
        } catch (InterruptedException e) {
            abandon(what, abandoned, task);
            Thread.currentThread().interrupt();
            throw new InterruptedIOException(what + ": interrupted");
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case IOException cause -> throw cause;
                case RuntimeException cause -> throw cause;
                case Error cause -> throw cause;
                case null, default -> throw new IOException(what, e);
            }
        }
    }

    private static <T> void abandon(String what, AtomicBoolean abandoned, FutureTask<T> task) {
        abandoned.set(true);
        // It may have ended between the time-out and the line above; then nobody else discards.
        if (task.state() == java.util.concurrent.Future.State.SUCCESS) {
            discard(what, task.resultNow());
        }
    }

    /// Both sides may get here with the same result: closing twice is harmless for what this
    /// module makes.
    private static void discard(String what, Object result) {
        if (result instanceof AutoCloseable closeable) {
            try {
                closeable.close();
            } catch (Exception e) {
                LOG.log(Level.WARNING, () -> what + ": result came too late and does not close", e);
            }
        }
    }

    /// Lets running calls end and takes no more.
    @Override
    public void close() {
        threads.shutdown();
    }
}
