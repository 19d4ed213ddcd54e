package dev.corten.engine.exec;

import dev.corten.model.Conflict;
import dev.corten.model.ContainerId;
import dev.corten.runtime.Monitor;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// One exec. Its own monitor guards the fields that change.
final class Exec {
    private static final Logger LOG = System.getLogger(Exec.class.getName());

    final String id;
    final ContainerId container;
    final ExecConfig config;
    final CompletableFuture<Monitor.ExecProcess> process = new CompletableFuture<>();

    /// Open while a start is neither done nor failed.
    private final CountDownLatch settled = new CountDownLatch(1);

    private final CountDownLatch ended = new CountDownLatch(1);
    private boolean begun;
    private boolean running;
    private int pid;
    private @Nullable Integer exitCode;
    private @Nullable Instant endedAt;

    Exec(String id, ContainerId container, ExecConfig config) {
        this.id = id;
        this.container = container;
        this.config = config;
    }

    synchronized ExecView view() {
        return new ExecView(
                id,
                container,
                config,
                running,
                exitCode == null ? OptionalInt.empty() : OptionalInt.of(exitCode),
                pid);
    }

    synchronized void begin() {
        if (begun) {
            throw new Conflict(
                    running
                            ? "exec command " + id + " is already running"
                            : "exec command " + id + " has already run");
        }
        begun = true;
    }

    synchronized void started(Monitor.ExecProcess now) {
        running = true;
        pid = now.started().pid();
        process.complete(now);
        settled.countDown();
    }

    synchronized boolean endedBefore(Instant limit) {
        return endedAt != null && endedAt.isBefore(limit);
    }

    synchronized void ended(int code, Instant at) {
        running = false;
        exitCode = code;
        endedAt = at;
        settled.countDown();
        ended.countDown();
    }

    /// The exec as its client may expect it: the client's stream ends with the process, and it asks
    /// for the exit code then, while the news of the start or of the end may still be under way to
    /// us.
    ///
    /// @param limit how long to wait for that news
    ExecView settledView(Duration limit) throws InterruptedException {
        boolean started;
        synchronized (this) {
            started = begun;
        }
        if (started && !settled.await(limit.toMillis(), TimeUnit.MILLISECONDS)) {
            LOG.log(Level.WARNING, () -> "exec " + id + ": its start takes long");
        }
        ExecView view = view();
        if (view.running()
                && ProcessHandle.of(view.pid()).isEmpty()
                && !ended.await(limit.toMillis(), TimeUnit.MILLISECONDS)) {
            LOG.log(Level.WARNING, () -> "exec " + id + ": its process is gone, its exit unknown");
        }
        return view();
    }
}
