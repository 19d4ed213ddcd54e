package dev.corten.engine.container;

import dev.corten.model.CortenException;
import dev.corten.model.container.ContainerStatus;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Clock;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/// Starts containers again when the delays are over that their policies want: for each that waits
/// there is one virtual thread.
final class Restarts {
    private static final Logger LOG = System.getLogger(Restarts.class.getName());

    private final Start start;
    private final Clock clock;
    private final BooleanSupplier closing;

    /// How a container is started.
    @FunctionalInterface
    interface Start {
        void of(Container container) throws IOException, InterruptedException;
    }

    /// @param closing whether restarts are the next daemon's from now on
    Restarts(Start start, Clock clock, BooleanSupplier closing) {
        this.start = start;
        this.clock = clock;
        this.closing = closing;
    }

    /// Starts the container when that is due, unless somebody stops or removes it before.
    void schedule(Container container, ContainerStatus.Restarting wait) {
        Duration left = Duration.between(clock.instant(), wait.due());
        // A clock that was set back must not keep it waiting for longer than any delay is.
        Duration limit = left.compareTo(BackOff.LONGEST) < 0 ? left : BackOff.LONGEST;
        Thread.ofVirtual()
                .name("restart-" + container.id.shortHex())
                .start(() -> {
                    try {
                        if (container.awaitRestart(wait, limit, closing)) {
                            startFrom(container, wait, start);
                        }
                    } catch (InterruptedException e) {
                        throw new IllegalStateException("nobody interrupts this thread", e);
                    }
                });
    }

    /// Starts the container if it is still in this state.
    void startFrom(Container container, ContainerStatus state, Start how)
            throws InterruptedException {
        if (!container.beginSurely("start")) {
            return;
        }
        try {
            if (container.status().equals(state) && !closing.getAsBoolean()) {
                how.of(container);
            }
        } catch (IOException | CortenException e) {
            LOG.log(Level.WARNING, () -> "container " + container.id + ": not started again", e);
        } finally {
            container.end();
        }
    }
}
