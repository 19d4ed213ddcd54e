package dev.corten.engine.container;

import dev.corten.model.CortenException;
import dev.corten.model.container.ContainerStatus;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Ends the containers with the daemon, where the settings want that.
final class ShuttingDown {
    private static final Logger LOG = System.getLogger(ShuttingDown.class.getName());

    /// As Docker: what a container's own time to stop is exceeded by.
    private static final int MORE_SECONDS = 5;

    private static final long FOR_EVER = Integer.MAX_VALUE;

    private final ContainerTable table;
    private final LifeCycle life;
    private final Stopping stopping;

    ShuttingDown(ContainerTable table, LifeCycle life, Stopping stopping) {
        this.table = table;
        this.life = life;
        this.stopping = stopping;
    }

    /// Asks all that run to end, at once, each with its own signal and time. Nothing is started any
    /// more; what its policy wants to run is started with the next daemon, since no user has stopped
    /// it.
    ///
    /// @param seconds how long to wait at most, unless a container has a longer time of its own;
    ///     negative waits for ever
    void endAll(long seconds) throws InterruptedException {
        life.startNothing();
        long begun = System.nanoTime();
        // Once more, should one have been about to start.
        for (List<Container> running = running(); !running.isEmpty(); running = running()) {
            long limit = limit(seconds, running);
            long left = limit - TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begun);
            if (!endTogether(running, limit < 0 ? FOR_EVER : left)) {
                LOG.log(Level.WARNING, "containers have not ended in time and go on");
                return;
            }
        }
    }

    private List<Container> running() {
        return table.all().stream()
                .filter(each -> each.status() instanceof ContainerStatus.Running)
                .toList();
    }

    private static long limit(long seconds, List<Container> running) {
        long limit = seconds;
        for (Container container : running) {
            int own = Stopping.grace(container);
            limit = limit < 0 || own < 0 ? -1 : Math.max(limit, own + MORE_SECONDS);
        }
        return limit;
    }

    private boolean endTogether(List<Container> running, long seconds) throws InterruptedException {
        var left = new CountDownLatch(running.size());
        for (Container container : running) {
            Thread.ofVirtual()
                    .name("shutdown-" + container.id.shortHex())
                    .start(() -> {
                        try {
                            end(container);
                        } finally {
                            left.countDown();
                        }
                    });
        }
        return left.await(seconds, TimeUnit.SECONDS);
    }

    private void end(Container container) {
        try {
            stopping.atShutdown(container);
        } catch (IOException | CortenException e) {
            LOG.log(Level.WARNING, () -> "container " + container.id + ": not stopped", e);
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts this thread", e);
        }
    }
}
