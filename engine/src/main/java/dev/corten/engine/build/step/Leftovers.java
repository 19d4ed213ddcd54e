package dev.corten.engine.build.step;

import dev.corten.engine.container.ContainerGroups;
import dev.corten.kernel.process.Signals;
import dev.corten.model.ContainerId;
import dev.corten.runtime.Monitor;
import dev.corten.runtime.Monitors;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/// Ends the steps that ran when an earlier daemon died: monitors outlive it by design, and nobody
/// will ever ask for what these were doing.
final class Leftovers {
    private static final Logger LOG = System.getLogger(Leftovers.class.getName());

    /// A monitor that does not answer is stopped, perhaps: its command is killed past it.
    private static final int PATIENCE_SECONDS = 2;

    private static final Duration END_LIMIT = Duration.ofSeconds(5);

    private final StepDirectories directories;
    private final Monitors monitors;
    private final ContainerGroups groups;

    Leftovers(StepDirectories directories, Monitors monitors, ContainerGroups groups) {
        this.directories = directories;
        this.monitors = monitors;
        this.groups = groups;
    }

    void end() throws IOException {
        Map<ContainerId, Optional<String>> left = directories.left();
        var ends =
                left.entrySet().stream()
                        .map(one -> onOwnThread(() -> end(one.getKey(), one.getValue())))
                        .toList();
        ends.forEach(CompletableFuture::join);
    }

    private void end(ContainerId id, Optional<String> group) {
        LOG.log(Level.INFO, () -> "step " + id.shortHex() + " of an earlier daemon is ended");
        try {
            onOwnThread(() -> kill(id)).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (Exception e) {
            LOG.log(Level.WARNING, () -> "step " + id.shortHex() + ": its monitor is silent", e);
        }
        try {
            if (group.isPresent()) {
                if (!groups.end(group.get(), END_LIMIT)) {
                    LOG.log(Level.WARNING, () -> "step " + id.shortHex() + " does not end");
                }
                groups.remove(id, group.get());
            }
            directories.remove(id);
        } catch (IOException e) {
            LOG.log(Level.WARNING, () -> "step " + id.shortHex() + " leaves something", e);
        }
    }

    private void kill(ContainerId id) {
        try {
            Optional<Monitor> found = monitors.reconnect(id);
            if (found.isPresent()) {
                Monitor monitor = found.get();
                monitor.signal(Signals.SIGKILL);
                monitor.exit().join();
                monitor.bye();
            }
        } catch (IOException | CompletionException e) {
            LOG.log(Level.DEBUG, () -> "step " + id.shortHex() + ": its monitor is gone", e);
        }
    }

    private static CompletableFuture<Void> onOwnThread(Runnable work) {
        return CompletableFuture.runAsync(
                work, task -> Thread.ofVirtual().name("step-end").start(task));
    }
}
