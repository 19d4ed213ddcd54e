package dev.corten.engine.build.step;

import dev.corten.engine.container.LentNetwork;
import dev.corten.engine.container.rules.NamespaceRules;
import dev.corten.model.ContainerId;
import dev.corten.model.NotFound;
import dev.corten.model.container.HostConfig;
import dev.corten.network.Endpoint;
import dev.corten.network.EndpointRequest;
import dev.corten.network.InterfaceOptions;
import dev.corten.network.Netns;
import dev.corten.network.Networks;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// Makes the networks of steps. Clients hear nothing of them.
///
/// To make a network namespace and to take it apart is most of what a small step costs the kernel, so
/// the next step gets that of one that has ended, as with BuildKit. There is nothing of the old step
/// in it: its processes have ended, and none had the right to configure it. Those of steps that had
/// are not used again.
final class StepNetworks implements AutoCloseable {
    private static final int IDLE_MAX = 4;

    private final Networks networks;
    private final LentNetwork.Lender containers;
    private final Duration patience;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Deque<Idle> idle = new ArrayDeque<>();
    private boolean waiting;
    private boolean closed;

    /// A network that no step uses at the moment.
    ///
    /// @param since as the machine's clock for distances has it
    private record Idle(Made made, long since) {}

    private sealed interface Made {
        /// On the default bridge.
        record Bridged(Endpoint endpoint) implements Made {}

        /// With `lo` only.
        record Isolated(Netns netns) implements Made {}
    }

    /// @param patience how long a network waits for its next step
    StepNetworks(Networks networks, LentNetwork.Lender containers, Duration patience) {
        this.networks = networks;
        this.containers = containers;
        this.patience = patience;
    }

    StepNetwork open(HostConfig host, ContainerId id) throws IOException {
        String mode = host.networkMode();
        return switch (mode) {
            case "", "default", "bridge" -> {
                Optional<Made> found = take(Made.Bridged.class);
                yield lent(found.isPresent() ? found.get() : bridged(id), host);
            }
            case "none" -> {
                Optional<Made> found = take(Made.Isolated.class);
                yield lent(
                        found.isPresent()
                                ? found.get()
                                : new Made.Isolated(networks.createIsolated()),
                        host);
            }
            case "host" -> new StepNetwork(Optional.empty(), Optional.empty(), () -> {});
            default -> {
                String owner =
                        NamespaceRules.owner(mode)
                                .orElseThrow(() -> new NotFound("network " + mode + " not found"));
                LentNetwork lent = containers.lend(owner);
                yield new StepNetwork(
                        lent.namespace(),
                        lent.address(),
                        Optional.of(lent.hostname()),
                        lent::close);
            }
        };
    }

    private Made bridged(ContainerId id) throws IOException {
        return new Made.Bridged(
                networks.connect(
                        new EndpointRequest(
                                ContainerId.random().hex(),
                                "build step " + id.shortHex(),
                                Optional.empty(),
                                InterfaceOptions.NONE,
                                List.of())));
    }

    private Optional<Made> take(Class<? extends Made> kind) {
        lock.lock();
        try {
            for (var all = idle.descendingIterator(); all.hasNext(); ) {
                Made made = all.next().made();
                if (kind.isInstance(made)) {
                    all.remove();
                    return Optional.of(made);
                }
            }
            return Optional.empty();
        } finally {
            lock.unlock();
        }
    }

    private StepNetwork lent(Made made, HostConfig host) {
        boolean again = !host.privileged() && (host.capAdd() == null || host.capAdd().isEmpty());
        Runnable giveBack =
                () -> {
                    if (!again || !keep(made)) {
                        release(made);
                    }
                };
        return switch (made) {
            case Made.Bridged(Endpoint endpoint) ->
                    new StepNetwork(
                            Optional.of(endpoint.netns().fd()),
                            Optional.of(endpoint.address()),
                            giveBack);
            case Made.Isolated(Netns netns) ->
                    new StepNetwork(Optional.of(netns.fd()), Optional.empty(), giveBack);
        };
    }

    private boolean keep(Made made) {
        lock.lock();
        try {
            if (closed || idle.size() == IDLE_MAX) {
                return false;
            }
            idle.addLast(new Idle(made, System.nanoTime()));
            if (!waiting) {
                waiting = true;
                Thread.ofVirtual().name("step-networks").start(this::releaseInTime);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    /// Gives back those that have waited in vain, until there are none.
    private void releaseInTime() {
        while (true) {
            Idle oldest;
            lock.lock();
            try {
                oldest = idle.peekFirst();
                if (oldest == null) {
                    waiting = false;
                    return;
                }
                long left = oldest.since() + patience.toNanos() - System.nanoTime();
                if (left > 0) {
                    changed.awaitNanos(left);
                    continue;
                }
                idle.removeFirst();
            } catch (InterruptedException e) {
                throw new IllegalStateException("nobody interrupts this thread", e);
            } finally {
                lock.unlock();
            }
            release(oldest.made());
        }
    }

    private void release(Made made) {
        switch (made) {
            case Made.Bridged(Endpoint endpoint) -> networks.disconnect(endpoint);
            case Made.Isolated(Netns netns) -> networks.release(netns);
        }
    }

    /// Gives all back that no step uses, and keeps none from now on.
    @Override
    public void close() {
        List<Idle> last;
        lock.lock();
        try {
            closed = true;
            last = new ArrayList<>(idle);
            idle.clear();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        last.forEach(one -> release(one.made()));
    }
}
