package dev.corten.engine.exec;

import dev.corten.model.Conflict;
import dev.corten.model.ContainerId;
import dev.corten.runtime.Monitor;
import java.time.Instant;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// One exec. Its own monitor guards the fields that change.
final class Exec {
    final String id;
    final ContainerId container;
    final ExecConfig config;
    final CompletableFuture<Monitor.ExecProcess> process = new CompletableFuture<>();
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
    }

    synchronized boolean endedBefore(Instant limit) {
        return endedAt != null && endedAt.isBefore(limit);
    }

    synchronized void ended(int code, Instant at) {
        running = false;
        exitCode = code;
        endedAt = at;
    }
}
