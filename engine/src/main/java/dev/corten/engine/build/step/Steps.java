package dev.corten.engine.build.step;

import dev.corten.build.solve.StepOutput;
import dev.corten.build.work.StepCommand;
import dev.corten.build.work.StepExit;
import dev.corten.build.work.StepRunner;
import dev.corten.engine.container.ContainerGroups;
import dev.corten.engine.container.LentNetwork;
import dev.corten.engine.container.rules.ContainerDefaults;
import dev.corten.kernel.Fd;
import dev.corten.kernel.process.Signals;
import dev.corten.model.ContainerId;
import dev.corten.model.CortenException;
import dev.corten.model.Internal;
import dev.corten.model.InvalidParameter;
import dev.corten.model.Unavailable;
import dev.corten.model.container.HostConfig;
import dev.corten.model.oci.Namespace;
import dev.corten.model.oci.Spec;
import dev.corten.network.Networks;
import dev.corten.runtime.Launch;
import dev.corten.runtime.Monitor;
import dev.corten.runtime.Monitors;
import dev.corten.runtime.Specs;
import dev.corten.runtime.StartFailure;
import dev.corten.runtime.Users;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Runs steps' commands in sandboxes: made by the runtime as a container's are, but with no record on
/// the disk, no log and nobody who hears of them. What runs is written down in the exec root, so that
/// a later daemon finds and ends it.
public final class Steps implements StepRunner, AutoCloseable {
    private static final Logger LOG = System.getLogger(Steps.class.getName());
    private static final Duration END_LIMIT = Duration.ofSeconds(10);
    private static final Duration NETWORK_PATIENCE = Duration.ofSeconds(5);

    private final StepNetworks networks;
    private final Monitors monitors;
    private final ContainerGroups groups;
    private final Supplier<ContainerDefaults> defaults;
    private final StepDirectories directories;
    private final AgentSockets agents;
    private final StepFiles files;
    private final StepSpec specs;
    private final Map<ContainerId, Monitor> running = new ConcurrentHashMap<>();
    private final AtomicBoolean warming = new AtomicBoolean();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private int active;
    private volatile boolean closed;

    /// @param containers whose networks steps of classic builds may share
    /// @param specs of this machine
    /// @param groups in which steps have theirs, beside the containers'
    /// @param cgroupV2 whether steps have a control group namespace
    /// @param defaults as the daemon's settings are now
    public Steps(
            Networks networks,
            LentNetwork.Lender containers,
            Monitors monitors,
            Specs specs,
            ContainerGroups groups,
            boolean cgroupV2,
            Supplier<ContainerDefaults> defaults,
            Path execRoot) {
        this.networks = new StepNetworks(networks, containers, NETWORK_PATIENCE);
        this.monitors = monitors;
        this.groups = groups;
        this.defaults = defaults;
        this.directories = new StepDirectories(execRoot);
        this.agents = new AgentSockets(execRoot);
        this.files = new StepFiles(networks);
        this.specs = new StepSpec(specs, cgroupV2);
    }

    /// Ends what an earlier daemon has left. Called once, before containers are taken over, as that
    /// removes the control groups and networks of all others.
    public void open() throws IOException {
        agents.clear();
        new Leftovers(directories, monitors, groups).end();
    }

    /// Prepares the machine for a step that is likely to follow soon. On a platform thread, because
    /// the kernel blocks it for some milliseconds.
    @Override
    public void warm() {
        if (!warming.compareAndSet(false, true)) {
            return;
        }
        Thread.ofPlatform()
                .daemon()
                .name("warm-steps")
                .start(() -> {
                    try {
                        monitors.warm();
                    } catch (IOException e) {
                        // Only a step that is a little slower: its own error will tell.
                        LOG.log(Level.DEBUG, "warming", e);
                    } finally {
                        warming.set(false);
                    }
                });
    }

    /// Where steps' sockets of agents are made.
    public AgentSockets agents() {
        return agents;
    }

    @Override
    public StepExit run(StepCommand command, StepOutput output)
            throws IOException, InterruptedException {
        begin();
        try {
            return runBegun(command, output);
        } finally {
            end();
        }
    }

    private void begin() {
        lock.lock();
        try {
            if (closed) {
                throw new Unavailable("the daemon is about to end");
            }
            active++;
        } finally {
            lock.unlock();
        }
    }

    private void end() {
        lock.lock();
        try {
            active--;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private StepExit runBegun(StepCommand command, StepOutput output)
            throws IOException, InterruptedException {
        HostConfig host = defaults.get().atStart(command.host());
        String group = groups.path(host.cgroupParent(), command.id());
        groups.settle(command.id());
        try (Fd directory = directories.make(command.id(), group)) {
            return run(command, host, group, directory, output);
        } catch (CortenException e) {
            return notStarted(command, e, output);
        } finally {
            remove(command.id());
        }
    }

    private void remove(ContainerId id) {
        try {
            directories.remove(id);
        } catch (IOException e) {
            LOG.log(Level.WARNING, () -> "step " + id + ": its directory stays", e);
        }
    }

    /// BuildKit's runtime tells it as the step's output, and ends with 1.
    private static StepExit notStarted(StepCommand command, CortenException e, StepOutput output) {
        String message = e.message();
        if (command.isLikeContainer() || !message.startsWith(StartFailure.RUNC_PREFIX)) {
            throw e;
        }
        String reason =
                message.substring(StartFailure.RUNC_PREFIX.length())
                        .replaceFirst("is a directory: permission denied$", "is a directory");
        output.write(2, ("runc run failed: " + reason + "\n").getBytes(StandardCharsets.UTF_8));
        return new StepExit(1, false);
    }

    private StepExit run(
            StepCommand command, HostConfig host, String group, Fd directory, StepOutput output)
            throws IOException, InterruptedException {
        Users.Resolved user =
                Users.resolve(command.root(), command.user(), orEmpty(host.groupAdd()));
        try (StepNetwork network = networks.open(host, command.id());
                var mounts = new StepMounts(command.root())) {
            String hostname =
                    network.hostname()
                            .orElse(
                                    command.isLikeContainer()
                                            ? command.id().shortHex()
                                            : command.hostname());
            for (var file : files.of(command, network, hostname).entrySet()) {
                StepDirectories.write(directory, file.getKey(), file.getValue());
                mounts.addFile(directory, file.getKey(), !command.isLikeContainer());
            }
            mounts.addAll(command.mounts());
            Map<Namespace.Type, Fd> namespaces = new HashMap<>();
            network.namespace().ifPresent(fd -> namespaces.put(Namespace.Type.NETWORK, fd));
            Spec spec =
                    specs.of(
                            command,
                            host,
                            user,
                            hostname,
                            !namespaces.isEmpty(),
                            mounts.mounts(),
                            group);
            var launch =
                    new Launch(
                            command.id(),
                            spec,
                            command.root(),
                            mounts.sources(),
                            namespaces,
                            Launch.Stdin.NONE,
                            Optional.empty(),
                            directory,
                            Launch.Stop.DEFAULT);
            return run(launch, group, output);
        }
    }

    private StepExit run(Launch launch, String group, StepOutput output)
            throws IOException, InterruptedException {
        boolean clean = false;
        try {
            Monitor monitor = monitors.launch(launch);
            running.put(launch.id(), monitor);
            try (var execution = new Execution(monitor, output)) {
                if (closed) {
                    throw new Unavailable("the daemon is about to end");
                }
                StepExit exit = execution.run();
                clean = true;
                return exit;
            }
        } catch (StartFailure e) {
            throw translated(e);
        } finally {
            running.remove(launch.id());
            if (clean) {
                groups.remove(launch.id(), group);
            } else {
                end(launch.id(), group);
            }
        }
    }

    /// Whatever has happened, nothing of it runs any more.
    private void end(ContainerId id, String group) throws IOException {
        try {
            if (!groups.end(group, END_LIMIT)) {
                throw new IOException("processes of step " + id.shortHex() + " do not end");
            }
        } finally {
            groups.remove(id, group);
        }
    }

    private static CortenException translated(StartFailure failure) {
        String message = failure.startMessage();
        return switch (failure.kind()) {
            case NOT_FOUND, NOT_EXECUTABLE, MOUNT_MISMATCH ->
                    new InvalidParameter(message, failure);
            case OTHER -> new Internal(message, failure);
        };
    }

    private static List<String> orEmpty(@Nullable List<String> list) {
        return list == null ? List.of() : list;
    }

    /// What they have of the network goes before the network does.
    private void awaitEnds() {
        long left = END_LIMIT.toNanos();
        lock.lock();
        try {
            while (active > 0 && left > 0) {
                left = changed.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }

    /// Kills what runs, and keeps nothing any more. Those who wait for a step see it end.
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
        } finally {
            lock.unlock();
        }
        running.values()
                .forEach(monitor -> {
                    try {
                        monitor.signal(Signals.SIGKILL);
                    } catch (IOException e) {
                        LOG.log(Level.DEBUG, () -> "step " + monitor.id() + " has ended", e);
                    }
                });
        awaitEnds();
        networks.close();
    }
}
