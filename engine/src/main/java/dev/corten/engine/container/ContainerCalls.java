package dev.corten.engine.container;

import dev.corten.kernel.BlockingCalls;
import dev.corten.kernel.KernelCall;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/// System calls that look into containers that run.
///
/// What answers there may be the container's own program: a file system in user space that says
/// nothing holds whoever asks, for ever; so does memory that is filled from such a file. So the
/// asking is done by threads for that, of which a container gets a few and no more.
public final class ContainerCalls {
    private static final int THREADS = 64;
    private static final int WAITING = 1024;
    private static final int PER_CONTAINER = 4;
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final BlockingCalls calls = new BlockingCalls(THREADS, WAITING);

    /// How many may ask one container at a time.
    static Semaphore limit() {
        return new Semaphore(PER_CONTAINER);
    }

    /// @param silent what is thrown if the container does not answer in time
    <T> T call(Container container, KernelCall<T> call, Supplier<RuntimeException> silent)
            throws IOException {
        Semaphore limit = container.lookups;
        try {
            if (!limit.tryAcquire(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                throw silent.get();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        }
        var begun = new AtomicBoolean();
        try {
            // Whoever asks lets the next one ask, however long it takes.
            return calls.call(
                    "a look into container " + container.id,
                    PATIENCE,
                    () -> {
                        if (!begun.compareAndSet(false, true)) {
                            throw silent.get();
                        }
                        try {
                            return call.run();
                        } finally {
                            limit.release();
                        }
                    });
        } catch (BlockingCalls.TimedOut e) {
            throw silent.get();
        } finally {
            // It never came to that: no thread was free.
            if (begun.compareAndSet(false, true)) {
                limit.release();
            }
        }
    }
}
