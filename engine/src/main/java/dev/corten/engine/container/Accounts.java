package dev.corten.engine.container;

import dev.corten.kernel.BlockingCalls;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.process.ProcessIdentity;
import dev.corten.model.Conflict;
import dev.corten.model.Internal;
import dev.corten.runtime.Monitor;
import dev.corten.runtime.Users;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/// Looks users up in the files of containers that run.
///
/// What answers there may be the container's own program: a file system in user space that says
/// nothing holds whoever asks, for ever. So the asking is done by threads for that, of which a
/// container gets a few and no more.
final class Accounts {
    private static final int THREADS = 64;
    private static final int WAITING = 1024;
    private static final int PER_CONTAINER = 4;
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final BlockingCalls calls = new BlockingCalls(THREADS, WAITING);
    private final String bootId;

    Accounts(String bootId) {
        this.bootId = bootId;
    }

    /// How many may ask one container at a time.
    static Semaphore limit() {
        return new Semaphore(PER_CONTAINER);
    }

    /// @throws dev.corten.model.InvalidParameter if there is no such user or group
    Users.Resolved find(Container container, Monitor monitor, String user, List<String> groups)
            throws IOException {
        Semaphore limit = container.lookups;
        try {
            if (!limit.tryAcquire(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                throw silent(container);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        }
        var begun = new AtomicBoolean();
        try {
            // Whoever asks lets the next one ask, however long it takes.
            return calls.call(
                    "users of container " + container.id,
                    PATIENCE,
                    () -> {
                        if (!begun.compareAndSet(false, true)) {
                            throw silent(container);
                        }
                        try {
                            return ask(monitor, user, groups);
                        } finally {
                            limit.release();
                        }
                    });
        } catch (BlockingCalls.TimedOut e) {
            throw silent(container);
        } finally {
            // It never came to that: no thread was free.
            if (begun.compareAndSet(false, true)) {
                limit.release();
            }
        }
    }

    private static Internal silent(Container container) {
        return new Internal(
                "container "
                        + container.id
                        + " does not let its /etc/passwd and /etc/group be read");
    }

    private Users.Resolved ask(Monitor monitor, String user, List<String> groups)
            throws IOException {
        Monitor.Started process = monitor.started().orElseThrow();
        int pid = process.pid();
        // A magic link that leads to the root of the container's mount namespace; from there on
        // everything is resolved inside it.
        try (Fd root =
                FileCalls.open(
                        "/proc/" + pid + "/root",
                        FileCalls.O_PATH | FileCalls.O_DIRECTORY | FileCalls.O_CLOEXEC)) {
            // The number may have become another process's before it was opened, not afterwards.
            if (!new ProcessIdentity(bootId, pid, process.startTime()).isAlive()) {
                throw new Conflict("container " + monitor.id() + " is not running");
            }
            return Users.resolve(root, user, groups);
        }
    }
}
