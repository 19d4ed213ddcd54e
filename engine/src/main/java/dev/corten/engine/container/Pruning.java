package dev.corten.engine.container;

import dev.corten.engine.container.view.ContainerView;
import dev.corten.engine.event.Events;
import dev.corten.model.Conflict;
import dev.corten.model.ContainerId;
import dev.corten.model.NotFound;
import dev.corten.store.snapshot.Snapshots;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;

/// Removes all containers that do not run: `container prune`.
public final class Pruning {
    private static final Logger LOG = System.getLogger(Pruning.class.getName());
    private static final RemoveOptions GENTLY = new RemoveOptions(false, false);

    private final Containers containers;
    private final Snapshots snapshots;
    private final Events events;

    /// Held by whoever prunes.
    private final ReentrantLock turn = new ReentrantLock();

    public Pruning(Containers containers, Snapshots snapshots, Events events) {
        this.containers = containers;
        this.snapshots = snapshots;
        this.events = events;
    }

    /// @param bytes that the containers had written
    public record Result(List<ContainerId> removed, long bytes) {
        public Result {
            removed = List.copyOf(removed);
        }
    }

    /// Goes on when one cannot be removed.
    ///
    /// @param chosen which of those that do not run
    /// @throws Conflict if another prune is under way
    public Result prune(Predicate<ContainerView> chosen) throws InterruptedException {
        if (!turn.tryLock()) {
            throw new Conflict("a prune operation is already running");
        }
        try {
            var removed = new ArrayList<ContainerId>();
            long bytes = 0;
            for (ContainerView view : containers.list()) {
                if (!view.running() && chosen.test(view)) {
                    try {
                        long written = snapshots.changedBytes(view.id());
                        containers.remove(view.id().hex(), GENTLY);
                        removed.add(view.id());
                        bytes += written;
                    } catch (Conflict | NotFound e) {
                        LOG.log(Level.DEBUG, () -> view.id() + " was started or removed", e);
                    } catch (IOException e) {
                        LOG.log(Level.WARNING, () -> view.id() + " cannot be removed", e);
                    }
                }
            }
            events.publish("container", "prune", "", Map.of("reclaimed", Long.toString(bytes)));
            return new Result(removed, bytes);
        } finally {
            turn.unlock();
        }
    }
}
