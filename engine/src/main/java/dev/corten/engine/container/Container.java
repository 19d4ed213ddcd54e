package dev.corten.engine.container;

import dev.corten.engine.image.GraphView;
import dev.corten.engine.sandbox.Sandbox;
import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.Poll;
import dev.corten.model.Conflict;
import dev.corten.model.ContainerId;
import dev.corten.model.Digest;
import dev.corten.model.container.ContainerConfig;
import dev.corten.model.container.ContainerStatus;
import dev.corten.model.container.EndpointConfig;
import dev.corten.model.container.EndpointState;
import dev.corten.model.container.HostConfig;
import dev.corten.model.container.PortBinding;
import dev.corten.runtime.Attach;
import dev.corten.runtime.Monitor;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// One container in memory: what is on disk and the handles of what runs.
///
/// The lock is held for field access only. Slow work announces itself by [#begin], which keeps
/// other slow work on this container away until [#end]; readers and signals go on meanwhile.
final class Container {
    /// Who waits, and for what.
    record Waiter(WaitCondition condition, CompletableFuture<WaitResult> result) {}

    final ContainerId id;
    final Path directory;
    final Instant created;
    final String path;
    final List<String> args;
    final Digest image;
    final String platform;
    final ContainerConfig config;
    final HostConfig host;
    final Map<String, EndpointConfig> endpoints;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition idle = lock.newCondition();
    private final Condition settled = lock.newCondition();

    // All that follows is guarded by lock.
    private String name;
    private ContainerStatus status;
    private @Nullable Monitor monitor;
    private @Nullable Sandbox sandbox;
    private int restartCount;
    private boolean stopped;
    private boolean started;
    private boolean gone;
    private @Nullable String intent;
    private SortedMap<String, EndpointState> networks = new TreeMap<>();
    private SortedMap<String, List<PortBinding>> ports = new TreeMap<>();
    private final List<Waiter> waiters = new ArrayList<>();
    private int arriving;
    private final List<Attach> pending = new ArrayList<>();

    Container(
            Path directory,
            ContainerFiles.Config file,
            HostConfig host,
            ContainerStatus status,
            SortedMap<String, EndpointState> networks) {
        this.id = file.containerId();
        this.directory = directory;
        this.created = file.created();
        this.path = file.path();
        this.args = List.copyOf(file.args());
        this.image = file.imageId();
        this.platform = file.platform();
        this.config = file.config();
        this.host = host;
        this.endpoints = Map.copyOf(file.endpoints());
        this.name = file.name();
        this.status = status;
        this.networks = new TreeMap<>(networks);
    }

    /// Waits until no other slow work is under way and announces one.
    ///
    /// @throws Conflict if the container has been removed meanwhile
    void begin(String what) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (intent != null) {
                idle.await();
            }
            if (gone) {
                throw new Conflict("container " + id + " has been removed");
            }
            intent = what;
        } finally {
            lock.unlock();
        }
    }

    /// As [#begin], for work that must be done whatever else happens.
    ///
    /// @return false if the container has been removed meanwhile
    boolean beginSurely(String what) {
        lock.lock();
        try {
            while (intent != null) {
                idle.awaitUninterruptibly();
            }
            if (!gone) {
                intent = what;
            }
            return !gone;
        } finally {
            lock.unlock();
        }
    }

    /// Whether this work is under way.
    boolean isUnderWay(String what) {
        lock.lock();
        try {
            return what.equals(intent);
        } finally {
            lock.unlock();
        }
    }

    void end() {
        lock.lock();
        try {
            intent = null;
            idle.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// What the three files on disk need to say now.
    record Persistent(
            ContainerStatus status,
            int restartCount,
            boolean stopped,
            boolean started,
            String sandboxId,
            SortedMap<String, EndpointState> networks,
            SortedMap<String, List<PortBinding>> ports) {}

    Persistent persistent() {
        lock.lock();
        try {
            return new Persistent(
                    status,
                    restartCount,
                    stopped,
                    started,
                    sandbox == null ? "" : sandbox.id(),
                    new TreeMap<>(networks),
                    new TreeMap<>(ports));
        } finally {
            lock.unlock();
        }
    }

    String name() {
        lock.lock();
        try {
            return name;
        } finally {
            lock.unlock();
        }
    }

    void rename(String newName) {
        lock.lock();
        try {
            name = newName;
        } finally {
            lock.unlock();
        }
    }

    ContainerStatus status() {
        lock.lock();
        try {
            return status;
        } finally {
            lock.unlock();
        }
    }

    boolean running() {
        return status() instanceof ContainerStatus.Running;
    }

    Optional<Monitor> monitor() {
        lock.lock();
        try {
            return Optional.ofNullable(monitor);
        } finally {
            lock.unlock();
        }
    }

    Optional<Sandbox> sandbox() {
        lock.lock();
        try {
            return Optional.ofNullable(sandbox);
        } finally {
            lock.unlock();
        }
    }

    static Conflict notRunning(Container container) {
        return new Conflict("container " + container.id + " is not running");
    }

    /// Remembers the facts of an earlier life of the daemon.
    void restore(int restarts, boolean wasStopped, boolean wasStarted) {
        lock.lock();
        try {
            restartCount = restarts;
            stopped = wasStopped;
            started = wasStarted;
        } finally {
            lock.unlock();
        }
    }

    /// The container runs now.
    void running(ContainerStatus.Running now, Monitor by, Sandbox in) {
        lock.lock();
        try {
            status = now;
            monitor = by;
            sandbox = in;
            networks = new TreeMap<>(in.networks());
            ports = new TreeMap<>(in.ports());
            started = true;
            stopped = false;
        } finally {
            lock.unlock();
        }
    }

    /// A start failed. A container that has run before stays one that has ended.
    void notStarted(String error, int code) {
        lock.lock();
        try {
            status =
                    status instanceof ContainerStatus.Exited before
                            ? new ContainerStatus.Exited(
                                    code, false, before.startedAt(), before.finishedAt(), error)
                            : new ContainerStatus.Created(error, code);
        } finally {
            lock.unlock();
        }
    }

    /// The connection to the monitor was lost, but the monitor was not.
    ///
    /// @return false if the container does not run any more
    boolean reconnected(Monitor by) {
        lock.lock();
        try {
            if (status instanceof ContainerStatus.Running) {
                monitor = by;
                return true;
            }
            return false;
        } finally {
            lock.unlock();
        }
    }

    /// The container has ended; gives its sandbox to be released.
    Optional<Sandbox> exited(ContainerStatus.Exited now) {
        lock.lock();
        try {
            status = now;
            started = true;
            monitor = null;
            Optional<Sandbox> released = Optional.ofNullable(sandbox);
            sandbox = null;
            var disconnected = new TreeMap<String, EndpointState>();
            networks.forEach((network, state) ->
                    disconnected.put(
                            network,
                            EndpointState.disconnected(state.config(), state.networkId())));
            networks = disconnected;
            ports = new TreeMap<>();
            return released;
        } finally {
            lock.unlock();
        }
    }

    void paused(boolean paused) {
        lock.lock();
        try {
            if (status instanceof ContainerStatus.Running r) {
                status =
                        new ContainerStatus.Running(
                                r.pid(), r.pidStartTime(), r.startedAt(), paused);
            }
        } finally {
            lock.unlock();
        }
    }

    void stopRequested() {
        lock.lock();
        try {
            stopped = true;
        } finally {
            lock.unlock();
        }
    }

    /// The container's name and directory are no more.
    List<Attach> removed() {
        lock.lock();
        try {
            gone = true;
            status = new ContainerStatus.Removing(exitCode());
            idle.signalAll();
            List<Attach> left = List.copyOf(pending);
            pending.clear();
            return left;
        } finally {
            lock.unlock();
        }
    }

    /// A client has been promised a stream and will ask for the start as soon as it knows.
    void arriving() {
        lock.lock();
        try {
            arriving++;
        } finally {
            lock.unlock();
        }
    }

    /// The client's socket is here, or will never be.
    void arrived() {
        lock.lock();
        try {
            arriving--;
            settled.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// Waits for the sockets of clients that were promised a stream, but not for ever: one may
    /// have died on the way.
    void awaitArrivals(Duration limit) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long left = limit.toNanos();
            while (arriving > 0 && left > 0) {
                left = settled.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    /// Keeps a client's socket until the container starts.
    ///
    /// @return false if it runs (ask the monitor) or has been removed
    boolean attachLater(Attach client) {
        List<Attach> left = List.of();
        lock.lock();
        try {
            if (gone || monitor != null) {
                return false;
            }
            left = pending.stream().filter(Container::hasLeft).toList();
            pending.removeAll(left);
            pending.add(client);
            return true;
        } finally {
            lock.unlock();
            left.forEach(one -> one.socket().close());
        }
    }

    /// Nobody watches the sockets of those who wait: the next one looks after them.
    private static boolean hasLeft(Attach client) {
        try {
            return !client.socket().isOpen()
                    || (Poll.poll(new Fd[] {client.socket()}, new int[] {0}, Duration.ZERO)[0]
                                    & (Poll.HUP | Poll.ERR))
                            != 0;
        } catch (Errno e) {
            return true;
        }
    }

    /// The clients that wait for the start; they are the caller's now.
    List<Attach> takePending() {
        lock.lock();
        try {
            List<Attach> clients = List.copyOf(pending);
            pending.clear();
            return clients;
        } finally {
            lock.unlock();
        }
    }

    int exitCode() {
        return switch (status()) {
            case ContainerStatus.Created c -> c.exitCode();
            case ContainerStatus.Running _ -> 0;
            case ContainerStatus.Exited e -> e.exitCode();
            case ContainerStatus.Removing r -> r.exitCode();
            case ContainerStatus.Dead d -> d.exitCode();
        };
    }

    /// The result of waiting; already there if the condition holds. Who waits no longer cancels it.
    CompletableFuture<WaitResult> await(WaitCondition condition) {
        lock.lock();
        try {
            var result = new CompletableFuture<WaitResult>();
            boolean now =
                    switch (condition) {
                        case NOT_RUNNING -> !(status instanceof ContainerStatus.Running);
                        case NEXT_EXIT, REMOVED -> gone;
                    };
            if (now) {
                result.complete(new WaitResult(exitCode(), ""));
            } else {
                var waiter = new Waiter(condition, result);
                waiters.add(waiter);
                result.whenComplete((_, failure) -> {
                    if (failure != null) {
                        forget(waiter);
                    }
                });
            }
            return result;
        } finally {
            lock.unlock();
        }
    }

    private void forget(Waiter waiter) {
        lock.lock();
        try {
            waiters.remove(waiter);
        } finally {
            lock.unlock();
        }
    }

    /// How many wait for something.
    int waiting() {
        lock.lock();
        try {
            return waiters.size() + pending.size();
        } finally {
            lock.unlock();
        }
    }

    /// Takes out those who wait for an exit, or all of them after the removal. The caller answers
    /// them, outside the lock.
    List<CompletableFuture<WaitResult>> takeWaiters(boolean removal) {
        lock.lock();
        try {
            var ready = new ArrayList<CompletableFuture<WaitResult>>();
            waiters.removeIf(waiter -> {
                boolean due = removal || waiter.condition() != WaitCondition.REMOVED;
                if (due) {
                    ready.add(waiter.result());
                }
                return due;
            });
            return ready;
        } finally {
            lock.unlock();
        }
    }

    /// What others see now.
    ContainerView view(List<String> execIds, GraphView graph, String logPath) {
        lock.lock();
        try {
            String own = started ? directory + "/" : "";
            return new ContainerView(
                    id,
                    name,
                    created,
                    path,
                    args,
                    status,
                    restartCount,
                    image,
                    config,
                    host,
                    Collections.unmodifiableSortedMap(new TreeMap<>(ports)),
                    Collections.unmodifiableSortedMap(new TreeMap<>(networks)),
                    sandbox == null ? "" : sandbox.id(),
                    sandbox == null ? "" : sandbox.key(),
                    started ? own + "resolv.conf" : "",
                    started ? own + "hostname" : "",
                    started ? own + "hosts" : "",
                    started ? logPath : "",
                    platform,
                    execIds,
                    graph);
        } finally {
            lock.unlock();
        }
    }
}
