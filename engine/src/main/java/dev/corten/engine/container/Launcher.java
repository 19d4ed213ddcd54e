package dev.corten.engine.container;

import dev.corten.engine.container.mount.ContainerMounts;
import dev.corten.engine.container.mount.MountOpening;
import dev.corten.engine.container.mount.MountSources;
import dev.corten.engine.container.spec.LogOptions;
import dev.corten.engine.exec.ExecConfig;
import dev.corten.engine.sandbox.Sandbox;
import dev.corten.engine.sandbox.Sandboxes;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.mount.Mounts;
import dev.corten.kernel.process.Pidfd;
import dev.corten.kernel.process.ProcessIdentity;
import dev.corten.kernel.process.Signals;
import dev.corten.model.ContainerId;
import dev.corten.model.CortenException;
import dev.corten.model.Internal;
import dev.corten.model.InvalidParameter;
import dev.corten.model.oci.Mount;
import dev.corten.model.oci.Namespace;
import dev.corten.model.oci.Spec;
import dev.corten.runtime.Attach;
import dev.corten.runtime.ExecRequest;
import dev.corten.runtime.ExitStatus;
import dev.corten.runtime.Launch;
import dev.corten.runtime.Monitor;
import dev.corten.runtime.Monitors;
import dev.corten.runtime.StartFailure;
import dev.corten.runtime.Users;
import dev.corten.store.snapshot.Snapshots;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// Brings a container to life: sandbox, root file system, the three files of `/etc`, specification,
/// monitor. When it fails, nothing is left of the attempt.
public final class Launcher {
    private static final Logger LOG = System.getLogger(Launcher.class.getName());

    /// How long an end by SIGKILL may take.
    private static final int END_SECONDS = 10;

    private static final Duration DEFAULT_GRACE = Duration.ofSeconds(10);

    private final HostMounts roots;
    private final Sandboxes sandboxes;
    private final Monitors monitors;
    private final ContainerDirectory directory;
    private final NameFiles names;
    private final SpecWriter specs;
    private final MountOpening opening;
    private final ContainerMounts mounts;
    private final ContainerGroups groups;
    private final ExitDirectories exits;
    private final String bootId;
    private final Accounts accounts;
    private final AtomicBoolean warming = new AtomicBoolean();

    public Launcher(
            HostMounts roots,
            Sandboxes sandboxes,
            Monitors monitors,
            ContainerDirectory directory,
            SpecWriter specs,
            MountOpening opening,
            ContainerMounts mounts,
            ContainerGroups groups,
            ContainerCalls calls,
            Path execRoot,
            String bootId) {
        this.roots = roots;
        this.sandboxes = sandboxes;
        this.monitors = monitors;
        this.directory = directory;
        this.names = new NameFiles(sandboxes, directory);
        this.specs = specs;
        this.opening = opening;
        this.mounts = mounts;
        this.groups = groups;
        this.exits = new ExitDirectories(execRoot);
        this.bootId = bootId;
        this.accounts = new Accounts(calls, bootId);
    }

    /// A container that runs.
    record Launched(Monitor monitor, Monitor.Started process, Sandbox sandbox) {}

    /// A start that failed, with what the container's state and the client are told.
    static final class Failed extends Exception {
        private static final long serialVersionUID = 1L;

        private final CortenException failure;
        private final int exitCode;

        Failed(CortenException failure, int exitCode) {
            super(failure);
            this.failure = failure;
            this.exitCode = exitCode;
        }

        CortenException failure() {
            return failure;
        }

        int exitCode() {
            return exitCode;
        }
    }

    String bootId() {
        return bootId;
    }

    /// What of containers is mounted on the host.
    HostMounts roots() {
        return roots;
    }

    /// Prepares the machine for a start, or an exec, that is likely to follow soon: it places its
    /// process some 10 ms later. On a platform thread, because the kernel blocks it for as long.
    void warm() {
        if (!warming.compareAndSet(false, true)) {
            return;
        }
        Thread.ofPlatform()
                .daemon()
                .name("warm")
                .start(() -> {
                    try {
                        monitors.warm();
                    } catch (IOException e) {
                        // Only a start that is a little slower: its own error will tell.
                        LOG.log(Level.DEBUG, "warming", e);
                    } finally {
                        warming.set(false);
                    }
                });
    }

    /// @param owner whose sandbox the container joins, for `--network container:`
    /// @param shared the namespaces of other containers that it joins
    /// @param links what it has to be told of others
    /// @param clients attached before the first output; the caller keeps their sockets
    Launched launch(
            Container container,
            Optional<Container> owner,
            SharedNamespaces shared,
            Links links,
            List<Attach> clients)
            throws IOException, InterruptedException, Failed {
        MountSources sources;
        try {
            sources = opening.open(container.id, container.mounts, container.host);
        } catch (CortenException e) {
            throw new Failed(e, Container.START_FAILED);
        }
        try (sources) {
            shared.mount(sources);
            return launch(container, sources, owner, shared, links, clients);
        } catch (IOException | InterruptedException | Failed | RuntimeException e) {
            mounts.close(container.id, container.mounts);
            throw e;
        }
    }

    private Launched launch(
            Container container,
            MountSources sources,
            Optional<Container> owner,
            SharedNamespaces shared,
            Links links,
            List<Attach> clients)
            throws IOException, InterruptedException, Failed {
        Sandbox sandbox;
        try {
            groups.settle(container.id);
            sandbox = NetworkJoining.open(sandboxes, container, owner);
        } catch (CortenException e) {
            throw new Failed(NetworkJoining.described(container, e), Container.START_FAILED);
        }
        try {
            directory.writeSandbox(container.id, sandboxes.record(sandbox));
            // One that shares a network shares the files that speak of it.
            Path files = owner.map(other -> other.directory).orElse(container.directory);
            if (owner.isEmpty()) {
                names.write(container, sandbox, links);
            }
            List<String> told = links.environment(container);
            return launch(container, sources, sandbox, files, shared, told, clients);
        } catch (CortenException e) {
            undo(container, sandbox);
            throw new Failed(e, Container.START_FAILED);
        } catch (StartFailure e) {
            undo(container, sandbox);
            throw new Failed(translated(e), e.kind().exitCode());
        } catch (IOException | InterruptedException | RuntimeException e) {
            undo(container, sandbox);
            throw e;
        }
    }

    private void undo(Container container, Sandbox sandbox) {
        sandboxes.release(sandbox, container.id);
        release(container);
    }

    private static CortenException translated(StartFailure failure) {
        String message = failure.startMessage();
        return switch (failure.kind()) {
            case NOT_FOUND, NOT_EXECUTABLE, MOUNT_MISMATCH ->
                    new InvalidParameter(message, failure);
            case OTHER -> new Internal(message, failure);
        };
    }

    /// Has those that have a link to a container know its new address.
    void tellOf(Container container, Links links) {
        links.runningParents(container)
                .forEach((parent, alias) -> names.update(parent, alias, container));
    }

    /// Has a container forget one that it had a link to.
    void forget(Container container, String alias) {
        names.forget(container, alias);
    }

    /// @param files the directory with `hosts`, `hostname` and `resolv.conf`
    /// @param told variables about other containers
    private Launched launch(
            Container container,
            MountSources sources,
            Sandbox sandbox,
            Path files,
            SharedNamespaces shared,
            List<String> told,
            List<Attach> clients)
            throws IOException, InterruptedException, StartFailure {
        Path exit = exits.make(container.id);
        Map<Namespace.Type, Fd> namespaces = new HashMap<>(shared.descriptors());
        try (Fd root = roots.root(container.id, persistence(container));
                Fd logs = FileCalls.openDirectory(logDirectory(container).toString());
                Fd exits = FileCalls.openDirectory(exit.toString())) {
            for (String name : NameFiles.of(container)) {
                if (!sources.has("/etc/" + name)) {
                    sources.add(
                            networkFile(container, name),
                            Mounts.openTree(
                                    Fd.CWD,
                                    files.resolve(name).toString(),
                                    Mounts.OPEN_TREE_CLONE));
                }
            }
            specs.addInit(container, sources);
            sandbox.netns().ifPresent(fd -> namespaces.put(Namespace.Type.NETWORK, fd));
            Spec spec = specs.spec(container, root, sandbox, sources, told);
            Monitor monitor =
                    monitors.launch(
                            new Launch(
                                    container.id,
                                    spec,
                                    root,
                                    sources.sources(),
                                    namespaces,
                                    stdin(container),
                                    log(container, logs),
                                    exits,
                                    stop(container),
                                    specs.runtime(container)));
            return start(container, monitor, sandbox, clients);
        }
    }

    /// The source is a descriptor; the path is for those who read the specification.
    private static Mount networkFile(Container container, String name) {
        var options = new ArrayList<>(List.of("rbind", "rprivate"));
        if (container.host.readonlyRootfs()) {
            options.add("ro");
        }
        return new Mount("/etc/" + name, "bind", "/etc/" + name, options);
    }

    private static Launched start(
            Container container, Monitor monitor, Sandbox sandbox, List<Attach> clients)
            throws IOException, InterruptedException, StartFailure {
        Monitor.Started process;
        try {
            for (Attach client : clients) {
                attach(monitor, client);
            }
            container.starting(monitor);
            process = monitor.start();
        } catch (StartFailure e) {
            monitor.bye();
            throw e;
        } catch (IOException | InterruptedException | RuntimeException e) {
            abandon(monitor);
            throw e;
        } finally {
            container.starting(null);
        }
        try {
            KeptPorts.keep(monitor, sandbox);
        } catch (IOException e) {
            // The next daemon binds them again itself.
            LOG.log(Level.WARNING, () -> "container " + monitor.id() + ": ports not kept", e);
        }
        return new Launched(monitor, process, sandbox);
    }

    /// One client who cannot be served does not keep the container from starting.
    static void attach(Monitor monitor, Attach client) {
        try {
            monitor.attach(client);
        } catch (IOException e) {
            LOG.log(Level.DEBUG, () -> "container " + monitor.id() + ": attach failed", e);
        }
    }

    /// Nobody knows how far it has come: it ends.
    private static void abandon(Monitor monitor) {
        try {
            monitor.signal(Signals.SIGKILL);
            monitor.exit().orTimeout(END_SECONDS, TimeUnit.SECONDS).join();
        } catch (IOException | CompletionException e) {
            LOG.log(
                    Level.WARNING,
                    () -> "container " + monitor.id() + ": what its start began does not end",
                    e);
        }
        monitor.bye();
    }

    /// Ends the first process of a container whose monitor is lost, should the kernel not have done
    /// so.
    static void endProcess(int pid, long startTime, String bootId) {
        try {
            Optional<Pidfd> process = Pidfd.open(new ProcessIdentity(bootId, pid, startTime));
            if (process.isPresent()) {
                try (Pidfd open = process.get()) {
                    open.signal(Signals.SIGKILL);
                }
            }
        } catch (IOException e) {
            LOG.log(Level.WARNING, () -> "process " + pid + " of a lost container", e);
        }
    }

    private static List<String> orEmpty(@Nullable List<String> list) {
        return list == null ? List.of() : list;
    }

    private static Launch.Stdin stdin(Container container) {
        if (!container.config.openStdin()) {
            return Launch.Stdin.NONE;
        }
        return container.config.stdinOnce() ? Launch.Stdin.ONCE : Launch.Stdin.OPEN;
    }

    private static Path logDirectory(Container container) throws IOException {
        return Files.createDirectories(
                ContainerLogs.directory(container),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }

    private static Optional<LogOptions> logOptions(Container container) {
        try {
            return LogOptions.of(container.host.logConfig());
        } catch (InvalidParameter e) {
            throw new Internal(
                    "failed to create task for container: failed to initialize logging driver: "
                            + e.message(),
                    e);
        }
    }

    private static Optional<Launch.LogFile> log(Container container, Fd logs) {
        return logOptions(container)
                .map(options ->
                        new Launch.LogFile(
                                logs,
                                ContainerLogs.name(container),
                                options.maxBytes(),
                                options.maxFiles()));
    }

    private static Launch.Stop stop(Container container) {
        Integer seconds = container.config.stopTimeout();
        return new Launch.Stop(
                Stopping.signal(container),
                seconds == null || seconds < 0 ? DEFAULT_GRACE : Duration.ofSeconds(seconds));
    }

    /// What a container that goes with its exit has written need not reach the disk.
    private static Snapshots.Persistence persistence(Container container) {
        return container.host.autoRemove()
                ? Snapshots.Persistence.VOLATILE
                : Snapshots.Persistence.DURABLE;
    }

    /// Looks a user up in the running container's own files.
    Users.Resolved account(Container container, Monitor monitor, String user, List<String> groups)
            throws IOException {
        return accounts.find(container, monitor, user, groups);
    }

    /// The process of an exec, with the container's settings where the client gave none.
    ///
    /// @param told variables about other containers
    ExecRequest execRequest(
            Container container,
            Monitor monitor,
            ExecConfig config,
            List<String> told,
            boolean openStdin,
            Optional<Attach> client)
            throws IOException {
        String user = config.user().isEmpty() ? container.config.user() : config.user();
        Users.Resolved account =
                account(container, monitor, user, orEmpty(container.host.groupAdd()));
        return specs.exec(container, config, account, told, openStdin, client);
    }

    /// The exit that a monitor recorded while no daemon was there.
    Optional<ExitStatus> recordedExit(ContainerId id) throws IOException {
        return exits.read(id);
    }

    /// Those of the containers that may have a monitor of an earlier daemon.
    Set<ContainerId> candidates(Set<ContainerId> containers) throws IOException {
        return monitors.candidates(containers);
    }

    /// See [Monitors#reconnect].
    Optional<Monitor> reconnect(ContainerId id) throws IOException {
        return monitors.reconnect(id);
    }

    /// Removes what a run has left in the exec root and in the control groups.
    void release(Container container) {
        groups.remove(container);
        try {
            exits.remove(container.id);
        } catch (IOException e) {
            LOG.log(Level.WARNING, () -> "container " + container.id + ": exit directory stays", e);
        }
    }

    /// Removes what an earlier daemon has left of containers that do not run.
    void releaseOthers(Set<ContainerId> running) throws IOException {
        groups.removeOthers(running);
        monitors.forgetOthers(running);
        exits.removeOthers(running);
    }
}
