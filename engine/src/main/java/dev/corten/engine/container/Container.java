package dev.corten.engine.container;

import dev.corten.engine.container.mount.MountView;
import dev.corten.engine.container.view.ContainerView;
import dev.corten.engine.container.view.WaitResult;
import dev.corten.engine.image.GraphView;
import dev.corten.engine.sandbox.Sandbox;
import dev.corten.kernel.process.Signals;
import dev.corten.model.Conflict;
import dev.corten.model.ContainerId;
import dev.corten.model.CortenException;
import dev.corten.model.Digest;
import dev.corten.model.Unavailable;
import dev.corten.model.container.ContainerConfig;
import dev.corten.model.container.ContainerStatus;
import dev.corten.model.container.EndpointConfig;
import dev.corten.model.container.EndpointState;
import dev.corten.model.container.HostConfig;
import dev.corten.model.container.MountPoint;
import dev.corten.model.container.PortBinding;
import dev.corten.runtime.Attach;
import dev.corten.runtime.Monitor;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// One container in memory: what is on disk and the handles of what runs.
///
/// The lock is held for field access only. Slow work announces itself by [#begin], which keeps
/// other slow work on this container away until [#end]; readers and signals go on meanwhile.
final class Container {
    private static final Logger LOG = System.getLogger(Container.class.getName());

    /// The exit code of a container whose start failed before its own program could be blamed.
    static final int START_FAILED = 128;

    private static final Duration START_PATIENCE = Duration.ofSeconds(2);

    final ContainerId id;
    final Path directory;
    final Instant created;
    final String path;
    final List<String> args;
    final Digest image;

    /// The chain ID of the image, `""` for one without layers; null if that was never written down.
    final @Nullable String chain;

    final String platform;
    final ContainerConfig config;

    /// Replaced as a whole by an update, in a turn of its own.
    volatile HostConfig host;

    final Map<String, EndpointConfig> endpoints;
    final List<MountPoint> mounts;

    final Arrivals arrivals = new Arrivals();
    final Semaphore lookups = ContainerCalls.limit();

    /// Held while its `hosts` file is written: by its own start, and by those of containers that it
    /// has links to.
    final ReentrantLock hostsFile = new ReentrantLock();

    /// How many restarts are under way that need it.
    private final AtomicInteger keepers = new AtomicInteger();

    private volatile @Nullable Monitor starting;
    private final Turn turn = new Turn();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition statusChanged = lock.newCondition();

    // All that follows is guarded by lock.
    private String name;
    private ContainerStatus status;
    private @Nullable Monitor monitor;
    private @Nullable Sandbox sandbox;
    private BackOff backOff = BackOff.NONE;
    private boolean stopped;
    private boolean started;
    private SortedMap<String, EndpointState> networks = new TreeMap<>();
    private SortedMap<String, List<PortBinding>> ports = new TreeMap<>();
    private final Waiters waiters = new Waiters(lock);

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
        this.chain = file.chain();
        this.platform = file.platform();
        this.config = file.config();
        this.host = host;
        this.endpoints = Map.copyOf(file.endpoints());
        this.mounts = file.mounts() == null ? List.of() : List.copyOf(file.mounts());
        this.name = file.name();
        this.status = status;
        this.networks = new TreeMap<>(networks);
    }

    /// Waits until no other slow work is under way and announces one.
    ///
    /// @throws Conflict if the container has been removed meanwhile
    void begin(String what) throws InterruptedException {
        if (!turn.take(what)) {
            throw new Conflict("container " + id + " has been removed");
        }
    }

    /// As [#begin], for work that must be done whatever else happens.
    ///
    /// @return false if the container has been removed meanwhile
    boolean beginSurely(String what) {
        return turn.takeSurely(what);
    }

    /// Has a start fail that keeps others waiting for longer than a healthy one does.
    ///
    /// @return whether it was necessary
    boolean cutHangingStart() throws InterruptedException {
        if (turn.awaitFree(START_PATIENCE)) {
            return false;
        }
        Monitor hanging = starting;
        if (hanging != null) {
            try {
                hanging.signal(Signals.SIGKILL);
            } catch (IOException e) {
                LOG.log(Level.DEBUG, () -> "container " + id + ": the start has ended", e);
            }
        }
        return hanging != null;
    }

    /// The monitor that a start waits for; null when it waits no longer.
    void starting(@Nullable Monitor by) {
        starting = by;
    }

    /// Whether this work is under way.
    boolean isUnderWay(String what) {
        return turn.is(what);
    }

    void end() {
        turn.end();
    }

    /// What the three files on disk need to say now.
    record Persistent(
            ContainerStatus status,
            BackOff backOff,
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
                    backOff,
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

    /// Why something that a running container is needed for cannot be done.
    static CortenException notRunning(Container container) {
        return switch (container.status()) {
            case ContainerStatus.Restarting _ ->
                    new Conflict(
                            "Container "
                                    + container.id
                                    + " is restarting, wait until the container is running");
            case ContainerStatus.Running _ ->
                    new Unavailable(
                            "the monitor of container " + container.id + " does not answer");
            default -> new Conflict("container " + container.id + " is not running");
        };
    }

    /// Whether the next exit leaves it there even if it is one that goes with its exit. Each `true`
    /// is followed by one `false`.
    void keep(boolean at) {
        keepers.addAndGet(at ? 1 : -1);
    }

    boolean isKept() {
        return keepers.get() > 0;
    }

    /// Remembers the facts of an earlier life of the daemon.
    void restore(BackOff then, boolean wasStopped, boolean wasStarted) {
        lock.lock();
        try {
            backOff = then;
            stopped = wasStopped;
            started = wasStarted;
        } finally {
            lock.unlock();
        }
    }

    /// A user starts the container: what was before counts no longer.
    void startRequested() {
        lock.lock();
        try {
            backOff = BackOff.NONE;
            stopped = false;
        } finally {
            lock.unlock();
        }
    }

    /// The container runs now.
    void running(ContainerStatus.Running now, Monitor by, Sandbox in) {
        lock.lock();
        try {
            become(now);
            monitor = by;
            sandbox = in;
            networks = new TreeMap<>(in.networks());
            ports = new TreeMap<>(in.ports());
            started = true;
        } finally {
            lock.unlock();
        }
        arrivals.close();
    }

    /// Under the lock.
    private void become(ContainerStatus now) {
        status = now;
        statusChanged.signalAll();
    }

    /// A start failed. A container that has run before stays one that has ended.
    void notStarted(String error, int code) {
        lock.lock();
        try {
            become(
                    switch (status) {
                        case ContainerStatus.Exited before ->
                                new ContainerStatus.Exited(
                                        blame(before.exitCode(), code),
                                        false,
                                        before.startedAt(),
                                        before.finishedAt(),
                                        error);
                        // Docker shows how the last run ended, and why there was none after it.
                        case ContainerStatus.Restarting before -> before.last().with(error);
                        default ->
                                new ContainerStatus.Created(error, blame(status.exitCode(), code));
                    });
        } finally {
            lock.unlock();
        }
    }

    /// As in Docker, a failure that is not the program's leaves the exit code of the last run.
    private static int blame(int before, int code) {
        return code == START_FAILED && before != 0 ? before : code;
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

    /// The container has ended, for good or until its policy has it started again; gives its
    /// sandbox to be released.
    Optional<Sandbox> exited(ContainerStatus.Exited now, AtExit then) {
        // Whoever is too late for the monitor waits for the next start.
        arrivals.reopen();
        lock.lock();
        try {
            Optional<BackOff> again =
                    then == AtExit.AS_THE_POLICY_SAYS
                            ? backOff.after(
                                    host.restartPolicy(),
                                    now.exitCode(),
                                    stopped,
                                    Duration.between(now.startedAt(), now.finishedAt()))
                            : Optional.empty();
            backOff = again.orElse(backOff);
            become(
                    again.<ContainerStatus>map(next ->
                                    new ContainerStatus.Restarting(
                                            now, now.finishedAt().plus(next.delay())))
                            .orElse(now));
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

    /// Whether the daemon's start is a reason to start it, now that it has ended.
    boolean isWantedAgain(ContainerStatus.Exited last) {
        lock.lock();
        try {
            return started
                    && host.restartPolicy().restarts(last.exitCode(), stopped, backOff.restarts());
        } finally {
            lock.unlock();
        }
    }

    /// What an exit is followed by.
    enum AtExit {
        AS_THE_POLICY_SAYS,
        NOTHING
    }

    /// Waits until a restart is due.
    ///
    /// @return false if it will not be: somebody has stopped, removed or let go of the container
    boolean awaitRestart(ContainerStatus.Restarting that, Duration limit, BooleanSupplier over)
            throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long left = limit.toNanos();
            while (status.equals(that) && !over.getAsBoolean() && left > 0) {
                left = statusChanged.awaitNanos(left);
            }
            return status.equals(that) && !over.getAsBoolean();
        } finally {
            lock.unlock();
        }
    }

    /// Waits for a while, or until the daemon ends.
    void pause(Duration limit, BooleanSupplier over) {
        lock.lock();
        try {
            long end = System.nanoTime() + limit.toNanos();
            long left = limit.toNanos();
            while (left > 0 && !over.getAsBoolean()) {
                statusChanged.awaitNanos(left);
                left = end - System.nanoTime();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }

    /// Lets who waits for a restart look again whether there is something to wait for.
    void wake() {
        lock.lock();
        try {
            statusChanged.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// The restart that was due will not be.
    void restartGivenUp() {
        lock.lock();
        try {
            if (status instanceof ContainerStatus.Restarting r) {
                become(r.last());
            }
        } finally {
            lock.unlock();
        }
    }

    void paused(boolean paused) {
        lock.lock();
        try {
            if (status instanceof ContainerStatus.Running r) {
                become(
                        new ContainerStatus.Running(
                                r.pid(), r.pidStartTime(), r.startedAt(), paused, r.endedBefore()));
            }
        } finally {
            lock.unlock();
        }
    }

    /// A user wants the container to end.
    ///
    /// @param policy whether its policy may start it again all the same
    void stopRequested(PolicyAfterStop policy) {
        lock.lock();
        try {
            stopped = true;
            if (policy == PolicyAfterStop.OFF) {
                backOff = backOff.turnedOff();
            }
        } finally {
            lock.unlock();
        }
    }

    /// What becomes of the restart policy when a user has sent a signal.
    enum PolicyAfterStop {
        OFF,
        GOES_ON
    }

    /// The container's name and directory are no more.
    List<Attach> removed() {
        lock.lock();
        try {
            become(new ContainerStatus.Removing(status.exitCode()));
        } finally {
            lock.unlock();
        }
        turn.close();
        arrivals.close();
        return arrivals.take();
    }

    /// The result of waiting; already there if the condition holds. Who waits no longer cancels it.
    CompletableFuture<WaitResult> await(WaitCondition condition) {
        lock.lock();
        try {
            boolean now =
                    switch (condition) {
                        case NOT_RUNNING -> !status.countsAsRunning();
                        case NEXT_EXIT, REMOVED -> status instanceof ContainerStatus.Removing;
                    };
            return now
                    ? CompletableFuture.completedFuture(new WaitResult(status.exitCode(), ""))
                    : waiters.add(condition);
        } finally {
            lock.unlock();
        }
    }

    /// How many wait for something.
    int waiting() {
        return waiters.count() + arrivals.count();
    }

    /// Takes out those who wait for an exit, or all of them after the removal. The caller answers
    /// them, outside the lock.
    List<CompletableFuture<WaitResult>> takeWaiters(boolean removal) {
        return waiters.take(removal);
    }

    /// Where the container's file of this name is: its own, or one that somebody has put there.
    private String networkFile(String file, List<MountView> mountViews) {
        return mountViews.stream()
                .filter(mount -> mount.destination().equals("/etc/" + file))
                .map(MountView::source)
                .findFirst()
                .orElseGet(() -> directory + "/" + file);
    }

    /// What others see now.
    ///
    /// @param shown the host configuration as clients see it
    /// @param linkNames the names by which others have links to it
    ContainerView view(
            HostConfig shown,
            SortedSet<String> linkNames,
            List<String> execIds,
            GraphView graph,
            String logPath,
            List<MountView> mountViews) {
        lock.lock();
        try {
            return new ContainerView(
                    id,
                    name,
                    linkNames,
                    created,
                    path,
                    args,
                    status,
                    backOff.restarts(),
                    image,
                    config,
                    shown,
                    Collections.unmodifiableSortedMap(new TreeMap<>(ports)),
                    Collections.unmodifiableSortedMap(new TreeMap<>(networks)),
                    sandbox == null ? "" : sandbox.shownId(),
                    sandbox == null ? "" : sandbox.key(),
                    started ? networkFile("resolv.conf", mountViews) : "",
                    started ? networkFile("hostname", mountViews) : "",
                    started ? networkFile("hosts", mountViews) : "",
                    started ? logPath : "",
                    platform,
                    execIds,
                    graph,
                    mountViews,
                    started ? SpecWriter.apparmorProfile(host) : "");
        } finally {
            lock.unlock();
        }
    }
}
