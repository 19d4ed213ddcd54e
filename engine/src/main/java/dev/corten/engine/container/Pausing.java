package dev.corten.engine.container;

import dev.corten.model.Conflict;
import dev.corten.model.Internal;
import dev.corten.model.container.ContainerStatus;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Map;

/// Stops all processes of a container where they are, and lets them go on.
///
/// Whether a container is paused is a fact of its control group: a daemon that takes it over asks
/// there.
final class Pausing {
    private static final Logger LOG = System.getLogger(Pausing.class.getName());
    private static final String PAUSE = "pause";
    private static final String UNPAUSE = "unpause";

    private final ContainerGroups groups;
    private final LifeCycle life;

    Pausing(ContainerGroups groups, LifeCycle life) {
        this.groups = groups;
        this.life = life;
    }

    /// Sends a signal; false if there is nobody to take it.
    @FunctionalInterface
    interface Sending {
        boolean send() throws IOException;
    }

    void pause(Container container) throws IOException, InterruptedException {
        container.begin(PAUSE);
        try {
            switch (container.status()) {
                case ContainerStatus.Running r when r.paused() ->
                        throw new Conflict("Container " + container.id + " is already paused");
                case ContainerStatus.Running _ -> {}
                default -> throw Container.notRunning(container);
            }
            try {
                groups.freeze(container);
            } catch (IOException e) {
                throw new Internal(
                        "cannot pause container " + container.id + ": " + e.getMessage(), e);
            }
            container.paused(true);
            life.tryPersist(container);
            life.publish(container, PAUSE, Map.of());
        } finally {
            container.end();
        }
    }

    void unpause(Container container) throws IOException, InterruptedException {
        container.begin(UNPAUSE);
        try {
            if (!isPaused(container)) {
                throw new Internal("Container " + container.id + " is not paused");
            }
            try {
                goOn(container);
            } catch (IOException e) {
                throw new Internal(
                        "cannot unpause container " + container.id + ": " + e.getMessage(), e);
            }
        } finally {
            container.end();
        }
    }

    /// Whether a signal now would meet a container that is paused, or about to be.
    boolean concerns(Container container) {
        return isPaused(container) || container.isUnderWay(PAUSE);
    }

    /// The processes go on when the signal is there: it is the first thing that they see.
    boolean unpauseAfter(Container container, Sending sending) throws IOException {
        if (!container.beginSurely(UNPAUSE)) {
            return false;
        }
        try {
            boolean sent = sending.send();
            if (isPaused(container)) {
                goOn(container);
            }
            return sent;
        } finally {
            container.end();
        }
    }

    /// For a container that an earlier daemon started.
    boolean isFrozen(Container container) {
        try {
            return groups.isFrozen(container);
        } catch (IOException e) {
            LOG.log(Level.ERROR, () -> "container " + container.id + ": is it paused?", e);
            return false;
        }
    }

    private void goOn(Container container) throws IOException {
        groups.thaw(container);
        container.paused(false);
        life.tryPersist(container);
        life.publish(container, UNPAUSE, Map.of());
    }

    private static boolean isPaused(Container container) {
        return container.status() instanceof ContainerStatus.Running r && r.paused();
    }
}
