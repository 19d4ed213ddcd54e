package dev.corten.engine.container;

import dev.corten.engine.container.mount.ContainerMounts;
import dev.corten.engine.container.mount.WithVolumes;
import dev.corten.engine.container.rules.NamespaceRules;
import dev.corten.engine.container.view.WaitResult;
import dev.corten.engine.event.Events;
import dev.corten.engine.exec.ExecTable;
import dev.corten.engine.sandbox.Sandboxes;
import dev.corten.kernel.process.Signals;
import dev.corten.model.InvalidParameter;
import dev.corten.model.NotFound;
import dev.corten.model.Unavailable;
import dev.corten.model.container.ContainerStatus;
import dev.corten.model.container.HostConfig;
import dev.corten.runtime.Attach;
import dev.corten.runtime.ExitStatus;
import dev.corten.runtime.Monitor;
import dev.corten.store.snapshot.Snapshots;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// How a container comes to run and to its end: the start itself, the monitor's news, the exit, the
/// removal. [Containers] asks for it, [Recovery] goes on with what an earlier daemon began.
///
/// Every method that changes a container's life is called by whoever has announced the intent
/// ([Container#begin]), or announces it.
final class LifeCycle implements AutoCloseable {
    private static final Logger LOG = System.getLogger(LifeCycle.class.getName());

    /// How long a start waits for the socket of a client whose attach was answered.
    private static final Duration ARRIVAL_PATIENCE = Duration.ofSeconds(5);

    /// Before the next attempt to reach a monitor; doubled each time.
    private static final Duration RECONNECT_PAUSE = Duration.ofMillis(100);

    private final ContainerTable table;
    private final ContainerDirectory directory;
    private final Snapshots snapshots;
    private final Sandboxes sandboxes;
    private final Launcher launcher;
    private final ContainerMounts mounts;
    private final ExecTable execs;
    private final Events events;
    private final Clock clock;

    /// Set at the daemon's end: what monitors tell from then on is the next daemon's.
    private volatile boolean closing;

    private volatile boolean startsNothing;

    private final Restarts restarts;

    LifeCycle(
            ContainerTable table,
            ContainerDirectory directory,
            Snapshots snapshots,
            Sandboxes sandboxes,
            Launcher launcher,
            ContainerMounts mounts,
            ExecTable execs,
            Events events,
            Clock clock) {
        this.table = table;
        this.directory = directory;
        this.snapshots = snapshots;
        this.sandboxes = sandboxes;
        this.launcher = launcher;
        this.mounts = mounts;
        this.execs = execs;
        this.events = events;
        this.clock = clock;
        this.restarts = new Restarts(this::run, clock, () -> closing || startsNothing);
    }

    /// The daemon ends, and containers shall end with it.
    void startNothing() {
        startsNothing = true;
    }

    /// From here on the monitors' news, and restarts, are left to the next daemon.
    @Override
    public void close() {
        closing = true;
        table.all().forEach(Container::wake);
    }

    String bootId() {
        return launcher.bootId();
    }

    boolean isClosing() {
        return closing;
    }

    /// A start that a user asks for: what its restart policy remembers is forgotten.
    ///
    /// @return the first process
    int start(Container container) throws IOException, InterruptedException {
        container.startRequested();
        return run(container);
    }

    int run(Container container) throws IOException, InterruptedException {
        if (startsNothing) {
            throw new Unavailable("the daemon is shutting down");
        }
        launcher.warm();
        container.arrivals.awaitPromised(ARRIVAL_PATIENCE);
        List<Attach> clients = container.arrivals.take();
        Launcher.Launched launched;
        try (var shared = SharedNamespaces.open(container.host, table, launcher.bootId())) {
            launched =
                    launcher.launch(
                            container,
                            networkOwner(container.host),
                            shared,
                            table.links(),
                            clients);
        } catch (Launcher.Failed failed) {
            notStarted(container, failed.failure().message(), failed.exitCode());
            throw failed.failure();
        } catch (IOException | InterruptedException | RuntimeException e) {
            notStarted(container, String.valueOf(e.getMessage()), Container.START_FAILED);
            throw e;
        } finally {
            clients.forEach(client -> client.socket().close());
        }
        container.running(
                new ContainerStatus.Running(
                        launched.process().pid(),
                        launched.process().startTime(),
                        clock.instant(),
                        false,
                        container.status().lastRun().map(ContainerStatus.Exited::finishedAt)),
                launched.monitor(),
                launched.sandbox());
        try {
            attachLatecomers(container, launched.monitor());
            launcher.tellOf(container, table.links());
            // Should that fail: the next daemon learns from the monitor or from the exit file that
            // it ran.
            tryPersist(container);
            publish(container, "start", Map.of());
        } finally {
            // It runs, whatever went wrong with the news of it.
            watch(container, launched.monitor());
        }
        return launched.process().pid();
    }

    /// Those who came while the start was under way.
    private static void attachLatecomers(Container container, Monitor monitor) {
        for (Attach client : container.arrivals.take()) {
            Launcher.attach(monitor, client);
            client.socket().close();
        }
    }

    /// Whoever waits for the container is told, whatever the reason.
    private void notStarted(Container container, String error, int exitCode) {
        if (closing) {
            // It broke off because this daemon ends: the next one goes on from what is written.
            return;
        }
        container.notStarted(error, exitCode);
        if (container.host.autoRemove()) {
            removeAfterRun(container);
        } else {
            tryPersist(container);
        }
        answer(container, false);
    }

    boolean tryPersist(Container container) {
        try {
            persist(container);
            return true;
        } catch (IOException e) {
            LOG.log(Level.ERROR, () -> "container " + container.id + ": state not written", e);
            return false;
        }
    }

    private void removeAfterRun(Container container) {
        try {
            removeNow(container, WithVolumes.REMOVE);
        } catch (IOException e) {
            LOG.log(Level.ERROR, () -> "container " + container.id + " cannot be removed", e);
        }
    }

    /// The container whose network another one shares, if it is there.
    Optional<Container> networkOwner(HostConfig host) {
        String mode = host.networkMode();
        return mode.startsWith(NamespaceRules.SHARED)
                ? found(mode.substring(NamespaceRules.SHARED.length()))
                : Optional.empty();
    }

    LentNetwork lendNetwork(String reference) throws IOException {
        return NetworkJoining.lend(sandboxes, reference, found(reference));
    }

    private Optional<Container> found(String reference) {
        try {
            return Optional.of(table.get(reference));
        } catch (NotFound | InvalidParameter e) {
            return Optional.empty();
        }
    }

    /// Handles the exit when the monitor tells it, on a virtual thread of its own.
    void watch(Container container, Monitor monitor) {
        monitor.outOfMemory().thenRun(() -> publish(container, "oom", Map.of()));
        monitor.exit()
                .whenCompleteAsync(
                        (status, failure) -> {
                            try {
                                if (failure == null) {
                                    exited(
                                            container,
                                            status,
                                            "",
                                            Container.AtExit.AS_THE_POLICY_SAYS);
                                    // It has nothing left to keep, and the ports are free now.
                                    monitor.bye();
                                } else {
                                    lost(container, monitor, failure);
                                }
                            } catch (RuntimeException e) {
                                LOG.log(
                                        Level.ERROR,
                                        () -> "container " + container.id + ": recording its exit",
                                        e);
                            }
                        },
                        task ->
                                Thread.ofVirtual()
                                        .name("exit-" + container.id.shortHex())
                                        .start(task));
    }

    /// A lost connection is not yet a lost monitor: it drops a daemon that does not read.
    private void lost(Container container, Monitor monitor, Throwable cause) {
        if (closing) {
            return;
        }
        LOG.log(Level.WARNING, () -> "container " + container.id + ": connection lost", cause);
        Optional<Monitor> again = reconnect(container);
        if (closing) {
            return;
        }
        if (again.isPresent() && again.get().started().equals(monitor.started())) {
            if (container.reconnected(again.get())) {
                watch(container, again.get());
            }
            return;
        }
        Optional<ExitStatus> recorded = recordedExit(container);
        monitor.started()
                .ifPresent(process ->
                        Launcher.endProcess(process.pid(), process.startTime(), launcher.bootId()));
        exited(
                container,
                recorded.orElseGet(this::killedNow),
                recorded.isPresent() ? "" : "monitor lost",
                Container.AtExit.AS_THE_POLICY_SAYS);
        monitor.bye();
    }

    /// The monitor of a container that runs; empty if there is none any more, which is certain then:
    /// what hinders the daemon from knowing says nothing about the container.
    Optional<Monitor> reconnect(Container container) {
        Duration pause = RECONNECT_PAUSE;
        while (!closing) {
            try {
                return launcher.reconnect(container.id).filter(m -> m.started().isPresent());
            } catch (IOException e) {
                LOG.log(
                        Level.WARNING,
                        () -> "container " + container.id + ": its monitor is not reached",
                        e);
                container.pause(pause, () -> closing);
                pause = pause.multipliedBy(2);
            }
        }
        return Optional.empty();
    }

    Optional<ExitStatus> recordedExit(Container container) {
        try {
            return launcher.recordedExit(container.id);
        } catch (IOException e) {
            LOG.log(Level.ERROR, () -> "container " + container.id + ": its exit is unknown", e);
            return Optional.empty();
        }
    }

    ExitStatus killedNow() {
        return new ExitStatus(Signals.SIGKILL, false, clock.instant());
    }

    /// Alone with the container: a start that follows at once finds the place cleared, and nobody
    /// writes over what it writes.
    void exited(Container container, ExitStatus exit, String error, Container.AtExit then) {
        if (closing || !container.beginSurely("exit")) {
            return;
        }
        try {
            if (container.status() instanceof ContainerStatus.Running before) {
                conclude(container, before, exit, error, then);
            }
        } finally {
            container.end();
        }
    }

    private void conclude(
            Container container,
            ContainerStatus.Running before,
            ExitStatus exit,
            String error,
            Container.AtExit then) {
        var after =
                new ContainerStatus.Exited(
                        exit.exitCode(), exit.oomKilled(), before.startedAt(), exit.at(), error);
        // Its policy counts when the next daemon starts.
        var sandbox = container.exited(after, startsNothing ? Container.AtExit.NOTHING : then);
        boolean goes = container.host.autoRemove() && !container.isKept();
        boolean recorded = goes || tryPersist(container);
        try {
            sandbox.ifPresent(held -> sandboxes.release(held, container.id));
            mounts.close(container.id, container.mounts);
        } catch (RuntimeException e) {
            // Whoever waits for the exit shall hear of it all the same.
            LOG.log(Level.ERROR, () -> "container " + container.id + ": left something behind", e);
        }
        if (recorded) {
            launcher.release(container);
        }
        publish(
                container,
                "die",
                Map.of(
                        "exitCode",
                        Integer.toString(exit.exitCode()),
                        "execDuration",
                        Long.toString(
                                Math.max(
                                        0,
                                        Duration.between(before.startedAt(), exit.at())
                                                .toSeconds()))));
        answer(container, false);
        if (goes) {
            removeAfterRun(container);
        }
        restartLater(container);
    }

    /// If its policy wants that.
    void restartLater(Container container) {
        if (container.status() instanceof ContainerStatus.Restarting wait) {
            restarts.schedule(container, wait);
        }
    }

    /// Starts a container because the daemon starts, if it is still in this state.
    void startFrom(Container container, ContainerStatus state) throws InterruptedException {
        restarts.startFrom(container, state, this::start);
    }

    /// A user wants the end, and a later daemon shall know that too.
    void stopRequested(Container container, Container.PolicyAfterStop policy)
            throws InterruptedException {
        if (container.host.restartPolicy().never()) {
            container.stopRequested(policy);
            return;
        }
        container.begin("stop");
        try {
            container.stopRequested(policy);
            tryPersist(container);
        } finally {
            container.end();
        }
    }

    /// Leaves a container stopped that waits for its restart.
    ///
    /// @return false if it does not, or not any more
    boolean giveUpRestart(Container container) throws InterruptedException {
        if (!(container.status() instanceof ContainerStatus.Restarting)) {
            return false;
        }
        container.cutHangingStart();
        container.begin("stop");
        try {
            if (!(container.status() instanceof ContainerStatus.Restarting)) {
                return false;
            }
            container.stopRequested(Container.PolicyAfterStop.OFF);
            container.restartGivenUp();
            tryPersist(container);
            answer(container, false);
            return true;
        } finally {
            container.end();
        }
    }

    /// Whether its root file system is mounted on the host.
    boolean isMounted(Container container) throws IOException {
        return launcher.roots().isMounted(container.id);
    }

    static void answer(Container container, boolean removal) {
        var result = new WaitResult(container.status().exitCode(), "");
        container.takeWaiters(removal).forEach(waiter -> waiter.complete(result));
    }

    /// The caller has announced its intent. The container is gone with the rename of its
    /// directory; what is left is swept by others, or at the next start.
    ///
    /// @param volumes those that nobody has named
    void removeNow(Container container, WithVolumes volumes) throws IOException {
        directory.retire(container.id, volumes);
        table.links().removed(container);
        table.remove(container);
        execs.containerRemoved(container.id);
        container.removed().forEach(client -> client.socket().close());
        try {
            launcher.roots().drop(container.id);
            snapshots.remove(container.id);
        } catch (IOException e) {
            LOG.log(
                    Level.WARNING,
                    () -> "container " + container.id + ": its files go at the next start",
                    e);
        }
        boolean volumesGone = true;
        try {
            mounts.release(container.id, container.mounts, volumes);
        } catch (IOException e) {
            volumesGone = false;
            LOG.log(
                    Level.WARNING,
                    () -> "container " + container.id + ": its volumes go at the next start",
                    e);
        }
        publish(container, "destroy", Map.of());
        answer(container, true);
        if (volumesGone) {
            directory.sweep(container.id, volumes);
        }
    }

    void persist(Container container) throws IOException {
        directory.writeState(container.id, stateOf(container));
    }

    ContainerFiles.State stateOf(Container container) {
        Container.Persistent p = container.persistent();
        return ContainerFiles.stateOf(
                p.status(),
                launcher.bootId(),
                p.backOff(),
                p.stopped(),
                p.started(),
                p.sandboxId(),
                p.networks(),
                p.ports());
    }

    static Map<String, String> eventAttributes(Container container) {
        var attributes = new TreeMap<String, String>();
        if (container.config.labels() != null) {
            attributes.putAll(container.config.labels());
        }
        attributes.put("image", container.config.image());
        attributes.put("name", container.name());
        return attributes;
    }

    void publish(Container container, String action, Map<String, String> extra) {
        var attributes = new TreeMap<>(eventAttributes(container));
        attributes.putAll(extra);
        events.publish("container", action, container.id.hex(), attributes);
    }
}
