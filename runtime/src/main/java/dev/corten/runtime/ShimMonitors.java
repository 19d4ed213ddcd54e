package dev.corten.runtime;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.cgroup.CgroupTree;
import dev.corten.kernel.cgroup.LimitRefused;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.file.FileData;
import dev.corten.kernel.seccomp.Abi;
import dev.corten.kernel.seccomp.FilterCache;
import dev.corten.kernel.socket.SocketPair;
import dev.corten.kernel.socket.Sockets;
import dev.corten.kernel.socket.UnixSockets;
import dev.corten.model.ContainerId;
import dev.corten.model.oci.Seccomp;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/// Monitors that the C shim forks.
///
/// Threads: one platform thread reads what all monitors say ([Connections]); everything else runs
/// on the caller's. Files: `<exec-root>/zygote.sock` and `<exec-root>/s/<first 24 digits of the
/// ID>`, the socket by which a later daemon finds the monitor.
public final class ShimMonitors implements Monitors {
    private static final int NAME_DIGITS = 24;
    private static final int BACKLOG = 8;
    private static final int CONNECTION_ATTEMPTS = 5;

    private final Path sockets;
    private final Zygote zygote;
    private final Host host;
    private final ControlGroups groups;
    private final Connections connections;
    private final FilterCache filters = new FilterCache(Abi.host());
    private final SecureRandom random = new SecureRandom();
    private final ForeignContainers foreign;
    private volatile boolean closed;

    private ShimMonitors(
            Path sockets, Zygote zygote, Host host, ControlGroups groups, Connections connections) {
        this.sockets = sockets;
        this.zygote = zygote;
        this.host = host;
        this.groups = groups;
        this.connections = connections;
        this.foreign = new ForeignContainers(this, sockets.resolveSibling("bundles"));
    }

    /// Starts the zygote and the reader.
    ///
    /// @param shim the `corten-shim` binary
    /// @param monitorGroup the control group that the zygote and all monitors live in, outside of
    ///     the daemon's own: `/corten/monitors`
    /// @param failed hears of it when the reader has failed: nothing is known of any container from
    ///     then on, so that the process should end and be started anew
    public static ShimMonitors open(
            Path shim,
            Path execRoot,
            CgroupTree tree,
            String monitorGroup,
            Consumer<Throwable> failed)
            throws IOException {
        var groups = new KernelGroups(tree);
        List<String> monitorGroups = groups.directories(monitorGroup);
        Path sockets = Files.createDirectories(execRoot.resolve("s"));
        var zygote = new Zygote(shim, execRoot.resolve("zygote.sock"), monitorGroups);
        zygote.start();
        return new ShimMonitors(sockets, zygote, Host.running(), groups, Connections.open(failed));
    }

    @Override
    public Monitor launch(Launch launch) throws IOException, StartFailure {
        if (launch.runtime().isPresent()) {
            return foreign.launch(launch, launch.runtime().get());
        }
        Optional<Seccomp> seccomp = launch.spec().linux().seccomp();
        Optional<byte[]> filter = seccomp.map(filters::program);
        try (var sources = new BindSources(launch);
                Placement placement = place(launch)) {
            Plan plan = ContainerPlan.compile(sources.complete(), host, placement, filter);
            return spawn(launch.id(), plan);
        }
    }

    Placement place(Launch launch) throws IOException, StartFailure {
        try {
            return groups.create(launch.spec().linux());
        } catch (LimitRefused refused) {
            throw new StartFailure(
                    StartFailure.Kind.OTHER,
                    "error setting cgroup config for procHooks process: " + refused.getMessage(),
                    Optional.empty());
        }
    }

    ShimMonitor spawn(ContainerId id, Plan plan) throws IOException {
        String path = socketOf(id);
        FileCalls.removeIfExists(Fd.CWD, path);
        try (Fd memory = memory(plan);
                SocketPair control = UnixSockets.pair(Sockets.SOCK_SEQPACKET);
                Fd listen = UnixSockets.listen(path, Sockets.SOCK_SEQPACKET, 0600, BACKLOG)) {
            var fds = new ArrayList<Fd>();
            fds.add(memory);
            fds.add(control.second());
            fds.add(listen);
            fds.addAll(plan.descriptors());
            zygote.spawn(fds);
            return new ShimMonitor(
                    id,
                    Optional.of(plan),
                    this,
                    firstTag(),
                    control.first().transfer(),
                    connections);
        } catch (IOException e) {
            FileCalls.removeIfExists(Fd.CWD, path);
            throw e;
        }
    }

    long firstTag() {
        return (random.nextLong() & (Long.MAX_VALUE >> 1)) + 1;
    }

    private String socketOf(ContainerId id) {
        return sockets.resolve(id.hex().substring(0, NAME_DIGITS)).toString();
    }

    static Fd memory(Plan plan) throws Errno {
        Fd memory = FileData.memfd("plan");
        try {
            FileData.writeFully(memory, plan.bytes());
            return memory.transfer();
        } finally {
            memory.close();
        }
    }

    @Override
    public Set<ContainerId> candidates(Set<ContainerId> containers) throws IOException {
        var names = new HashSet<String>();
        try (DirectoryStream<Path> found = Files.newDirectoryStream(sockets)) {
            found.forEach(socket -> names.add(socket.getFileName().toString()));
        }
        return containers.stream()
                .filter(id -> names.contains(id.hex().substring(0, NAME_DIGITS)))
                .collect(Collectors.toSet());
    }

    @Override
    public Optional<Monitor> reconnect(ContainerId id) throws IOException {
        for (int attempt = 1; ; attempt++) {
            Optional<ShimMonitor> reached = connect(id);
            if (reached.isEmpty()) {
                foreign.forget(id);
                return Optional.empty();
            }
            ShimMonitor monitor = reached.get();
            boolean answered = false;
            try {
                boolean running = monitor.isRunning();
                answered = true;
                if (!running) {
                    monitor.bye();
                    foreign.forget(id);
                }
                return running ? Optional.of(foreign.watched(monitor)) : Optional.empty();
            } catch (ShimMonitor.Gone e) {
                // It may have ended, which the next attempt shows, or only have let go of us.
                if (closed || attempt == CONNECTION_ATTEMPTS) {
                    throw e;
                }
            } finally {
                if (!answered) {
                    monitor.close();
                }
            }
        }
    }

    /// As long as there is somebody to connect to the monitor lives, whether it answers or not.
    private Optional<ShimMonitor> connect(ContainerId id) throws IOException {
        try {
            // Where the queue is full, because the monitor is stopped, this must not wait.
            int type = Sockets.SOCK_SEQPACKET | Sockets.SOCK_NONBLOCK;
            Fd socket = UnixSockets.connect(socketOf(id), type);
            return Optional.of(
                    new ShimMonitor(id, Optional.empty(), this, firstTag(), socket, connections));
        } catch (Errno e) {
            if (e.isAny(Errno.ENOENT, Errno.ECONNREFUSED)) {
                forget(id);
                return Optional.empty();
            }
            throw e;
        }
    }

    @Override
    public void forgetOthers(Set<ContainerId> running) throws IOException {
        foreign.forgetOthers(running);
        Set<Path> used =
                running.stream().map(id -> Path.of(socketOf(id))).collect(Collectors.toSet());
        try (DirectoryStream<Path> found = Files.newDirectoryStream(sockets)) {
            for (Path socket : found) {
                if (!used.contains(socket)) {
                    Files.deleteIfExists(socket);
                }
            }
        }
    }

    /// Removes what leads a later daemon to a monitor.
    void forget(ContainerId id) {
        try {
            FileCalls.removeIfExists(Fd.CWD, socketOf(id));
        } catch (Errno e) {
            System.getLogger(ShimMonitors.class.getName())
                    .log(System.Logger.Level.WARNING, "socket of " + id + " stays", e);
        }
    }

    /// An exec's plan with what must stay open until it is sent.
    record PreparedExec(Plan plan, Fd memory, Placement placement) implements AutoCloseable {
        @Override
        public void close() {
            memory.close();
            placement.close();
        }
    }

    PreparedExec execPlan(int initPid, ExecRequest request) throws IOException {
        Optional<byte[]> filter = request.seccomp().map(filters::program);
        Placement placement = groups.of(initPid);
        try {
            Plan plan = ExecPlan.compile(request, host, placement, filter);
            return new PreparedExec(plan, memory(plan), placement);
        } catch (IOException | RuntimeException e) {
            placement.close();
            throw e;
        }
    }

    @Override
    public void warm() throws IOException {
        zygote.start();
        groups.warm();
    }

    @Override
    public void close() {
        closed = true;
        connections.close();
        zygote.close();
    }
}
