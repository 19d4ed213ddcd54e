package dev.corten.engine.container;

import dev.corten.engine.container.Container.AtExit;
import dev.corten.engine.container.mount.ContainerMounts;
import dev.corten.engine.container.mount.WithVolumes;
import dev.corten.engine.sandbox.Sandbox;
import dev.corten.engine.sandbox.Sandboxes;
import dev.corten.kernel.Fd;
import dev.corten.model.ContainerId;
import dev.corten.model.Digest;
import dev.corten.model.container.ContainerStatus;
import dev.corten.model.container.EndpointConfig;
import dev.corten.runtime.ExitStatus;
import dev.corten.runtime.Monitor;
import dev.corten.store.snapshot.Snapshots;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// Takes over what an earlier daemon left.
final class Recovery {
    private static final Logger LOG = System.getLogger(Recovery.class.getName());

    /// How long the others wait for a monitor that does not answer.
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    /// How long a start waits for that of a container it needs; Docker's.
    private static final int PREDECESSOR_SECONDS = 5;

    private final ContainerTable table;
    private final ContainerDirectory directory;
    private final Snapshots snapshots;
    private final Sandboxes sandboxes;
    private final Launcher launcher;
    private final ContainerMounts mounts;
    private final LifeCycle life;
    private final Pausing pausing;
    private final Clock clock;

    Recovery(
            ContainerTable table,
            ContainerDirectory directory,
            Snapshots snapshots,
            Sandboxes sandboxes,
            Launcher launcher,
            ContainerMounts mounts,
            LifeCycle life,
            Pausing pausing,
            Clock clock) {
        this.table = table;
        this.directory = directory;
        this.snapshots = snapshots;
        this.sandboxes = sandboxes;
        this.launcher = launcher;
        this.mounts = mounts;
        this.life = life;
        this.pausing = pausing;
        this.clock = clock;
    }

    /// Takes over what an earlier daemon left: connects to the monitors that live, records the
    /// exits of those that do not, removes what was to go with its exit. Called once.
    ///
    /// One container in disorder does not keep the others from being served.
    void open() throws IOException, InterruptedException {
        ContainerDirectory.Opened all = directory.open();
        var known = new HashSet<>(all.unreadable());
        Map<Container, ContainerFiles.State> ours = new LinkedHashMap<>();
        for (ContainerDirectory.Saved saved : ours(all.saved(), known)) {
            ours.put(adopt(saved), saved.state());
        }
        var reunion = new Reunion(ours.keySet(), launcher.candidates(table.ids()), life);
        reunion.await(PATIENCE);
        // Whoever answers after this moment is late, wherever it is looked at.
        Map<ContainerId, Optional<Reunion.Found>> answers = new HashMap<>();
        ours.keySet().stream()
                .filter(container -> reunion.of(container.id).isDone())
                .forEach(container -> answers.put(container.id, reunion.of(container.id).join()));
        var alive = new HashSet<ContainerId>();
        var survivors = new ArrayList<Sandboxes.Survivor>();
        for (Container container : ours.keySet()) {
            Optional<Reunion.Found> answer = answers.get(container.id);
            if (answer == null || answer.isPresent()) {
                alive.add(container.id);
                List<Fd> ports = answer == null ? List.of() : answer.get().ports();
                survivor(container, ports).ifPresent(survivors::add);
            }
        }
        Map<ContainerId, Sandbox> restored = sandboxes.restore(survivors);
        ours.forEach((container, state) -> {
            Optional<Reunion.Found> answer = answers.get(container.id);
            if (answer == null) {
                later(container, state, reunion.of(container.id), restored);
            } else {
                takeOver(container, state, answer, restored);
            }
        });
        known.addAll(table.ids());
        launcher.roots().dropOthers(known);
        snapshots.removeOthers(known);
        finish(all);
        mounts.settle();
        launcher.releaseOthers(alive);
        startWanted();
    }

    private void takeOver(
            Container container,
            ContainerFiles.State state,
            Optional<Reunion.Found> answer,
            Map<ContainerId, Sandbox> restored) {
        try {
            if (answer.isPresent()) {
                resume(container, state, answer.get().monitor(), restored);
            } else {
                settle(container, state);
            }
        } catch (IOException | RuntimeException e) {
            LOG.log(Level.ERROR, () -> "container " + container.id + ": taking it over", e);
        }
    }

    /// A container whose monitor lives and is silent, stopped perhaps. It stays what it was until
    /// then, and slow work on it waits.
    private void later(
            Container container,
            ContainerFiles.State state,
            CompletableFuture<Optional<Reunion.Found>> search,
            Map<ContainerId, Sandbox> restored) {
        if (container.beginSurely("reunion")) {
            Thread.ofVirtual()
                    .name("take-over-" + container.id.shortHex())
                    .start(() -> {
                        Optional<Reunion.Found> answer = search.join();
                        // The sandbox has bound them anew, or goes on without them.
                        answer.ifPresent(found -> found.ports().forEach(Fd::close));
                        container.end();
                        takeOver(container, state, answer, restored);
                    });
        }
    }

    /// Goes on with what was cut short: containers that were not made or not quite removed, whose
    /// volumes go with them.
    private void finish(ContainerDirectory.Opened all) throws IOException {
        mounts.removeMadeFor(all.unmade());
        for (ContainerId id : all.unmade()) {
            directory.forget(id);
        }
        for (var unremoved : all.unremoved().entrySet()) {
            mounts.removeUnused(unremoved.getValue());
            directory.forget(unremoved.getKey());
        }
    }

    /// Containers whose files another storage driver has are left as they are, as with Docker: with
    /// that driver they are there again.
    ///
    /// @param others gets the IDs of those
    private List<ContainerDirectory.Saved> ours(
            List<ContainerDirectory.Saved> saved, Set<ContainerId> others) {
        var ours = new ArrayList<ContainerDirectory.Saved>();
        for (ContainerDirectory.Saved one : saved) {
            ContainerId id = one.config().containerId();
            if (snapshots.isElsewhere(id)) {
                LOG.log(Level.INFO, () -> "container " + id + " is of another storage driver");
                others.add(id);
            } else {
                ours.add(one);
            }
        }
        return ours;
    }

    private Optional<Sandboxes.Survivor> survivor(Container container, List<Fd> ports) {
        try {
            return directory
                    .readSandbox(container.id)
                    .map(record ->
                            new Sandboxes.Survivor(
                                    container.id,
                                    record,
                                    ports,
                                    container.endpoints.getOrDefault(
                                            record.mode(), EndpointConfig.EMPTY),
                                    NetworkJoining.exposed(container)));
        } catch (IOException | IllegalStateException e) {
            LOG.log(Level.ERROR, () -> "container " + container.id + ": its network is lost", e);
            return Optional.empty();
        }
    }

    private Container adopt(ContainerDirectory.Saved saved) throws IOException {
        ContainerFiles.State state = saved.state();
        String chain = saved.config().chain();
        if (chain != null && !state.bootId().equals(launcher.bootId())) {
            snapshots.repair(
                    saved.config().containerId(),
                    chain.isEmpty() ? Optional.empty() : Optional.of(Digest.parse(chain)));
        }
        var container =
                new Container(
                        directory.of(saved.config().containerId()),
                        saved.config(),
                        saved.host(),
                        state.toStatus(),
                        new TreeMap<>(state.networks()));
        container.restore(state.backOff(), state.stopped(), state.started());
        table.adopt(container, saved.config().name());
        mounts.adopt(container.id, container.mounts);
        return container;
    }

    private void resume(
            Container container,
            ContainerFiles.State state,
            Monitor monitor,
            Map<ContainerId, Sandbox> restored) {
        Sandbox sandbox = restored.get(container.id);
        if (sandbox == null) {
            Sandbox owner =
                    life.networkOwner(container.host).map(o -> restored.get(o.id)).orElse(null);
            sandbox = sandboxes.rejoin(container.host.networkMode(), Optional.ofNullable(owner));
        }
        Monitor.Started process = monitor.started().orElseThrow();
        container.running(
                new ContainerStatus.Running(
                        process.pid(),
                        process.startTime(),
                        startedAt(container),
                        pausing.isFrozen(container),
                        Optional.ofNullable(state.finishedAt())),
                monitor,
                sandbox);
        mounts.resume(container.id, container.mounts);
        life.tryPersist(container);
        life.watch(container, monitor);
    }

    /// When it was started, if that could be written down.
    private Instant startedAt(Container container) {
        return container.status() instanceof ContainerStatus.Running r
                ? r.startedAt()
                : clock.instant();
    }

    /// A container whose monitor is gone.
    private void settle(Container container, ContainerFiles.State state) throws IOException {
        Optional<ExitStatus> recorded = life.recordedExit(container);
        boolean sameBoot = state.bootId().equals(launcher.bootId());
        if (container.status() instanceof ContainerStatus.Running running) {
            if (recorded.isPresent()) {
                life.exited(container, recorded.get(), "", AtExit.AS_THE_POLICY_SAYS);
            } else if (sameBoot) {
                Launcher.endProcess(running.pid(), running.pidStartTime(), state.bootId());
                life.exited(container, life.killedNow(), "monitor lost", AtExit.AS_THE_POLICY_SAYS);
            } else {
                // The machine was restarted: Docker says 255 then.
                var exit = new ExitStatus(255 << 8, false, clock.instant());
                life.exited(container, exit, "", AtExit.NOTHING);
            }
            return;
        }
        // It may have run without a daemon that could write so.
        Optional<Instant> known =
                container.status().lastRun().map(ContainerStatus.Exited::finishedAt);
        boolean ranUnseen = recorded.isPresent() && !recorded.map(ExitStatus::at).equals(known);
        if (ranUnseen) {
            ExitStatus exit = recorded.get();
            container.exited(
                    new ContainerStatus.Exited(
                            exit.exitCode(), exit.oomKilled(), exit.at(), exit.at(), ""),
                    AtExit.AS_THE_POLICY_SAYS);
        } else if (!sameBoot) {
            container.restartGivenUp();
        }
        if (container.host.autoRemove()) {
            life.removeNow(container, WithVolumes.REMOVE);
        } else if (ranUnseen) {
            life.persist(container);
        }
        life.restartLater(container);
    }

    /// Whether it is started because the daemon starts.
    private static boolean isWanted(Container container) {
        return container.status() instanceof ContainerStatus.Exited last
                && container.isWantedAgain(last);
    }

    /// Each on a thread of its own, those that share a network after the one whose it is, and those
    /// with links to others after these.
    private void startWanted() {
        Map<ContainerId, CompletableFuture<Void>> starts = new HashMap<>();
        table.all().stream()
                .filter(Recovery::isWanted)
                .forEach(container -> starts.put(container.id, new CompletableFuture<>()));
        starts.forEach((id, done) -> {
            Container container = table.get(id.hex());
            ContainerStatus status = container.status();
            var earlier =
                    Stream.concat(
                                    life.networkOwner(container.host).stream(),
                                    table.links().children(container).stream())
                            .flatMap(other -> Stream.ofNullable(starts.get(other.id)))
                            .toList();
            Thread.ofVirtual()
                    .name("start-" + id.shortHex())
                    .start(() -> {
                        try {
                            earlier.forEach(other ->
                                    other.copy()
                                            .completeOnTimeout(
                                                    null, PREDECESSOR_SECONDS, TimeUnit.SECONDS)
                                            .join());
                            life.startFrom(container, status);
                        } catch (InterruptedException e) {
                            throw new IllegalStateException("nobody interrupts this thread", e);
                        } finally {
                            done.complete(null);
                        }
                    });
        });
    }
}
