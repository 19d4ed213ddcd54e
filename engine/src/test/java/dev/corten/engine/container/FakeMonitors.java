package dev.corten.engine.container;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.process.Signals;
import dev.corten.model.ContainerId;
import dev.corten.runtime.Attach;
import dev.corten.runtime.ExecRequest;
import dev.corten.runtime.ExitFile;
import dev.corten.runtime.ExitStatus;
import dev.corten.runtime.Launch;
import dev.corten.runtime.LogPosition;
import dev.corten.runtime.Monitor;
import dev.corten.runtime.Monitors;
import dev.corten.runtime.StartFailure;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/// Processes that are none, with monitors that are none: they outlive the engine under test as the
/// real ones outlive the daemon.
final class FakeMonitors implements Monitors {
    /// What happens at the next start.
    enum Start {
        SUCCEEDS,
        /// The program ends before the engine has heard that it began.
        ENDS_AT_ONCE,
        PROGRAM_MISSING,
        ZYGOTE_GONE,
        CONNECTION_BREAKS,
        /// Until it is killed.
        HANGS
    }

    /// No process has such a number: a signal by number reaches nobody.
    private static final int FIRST_PID = 0x3f00_0000;

    private final Path exits;
    private final Map<ContainerId, Process> processes = new ConcurrentHashMap<>();
    private final AtomicInteger pids = new AtomicInteger(FIRST_PID);

    volatile Start next = Start.SUCCEEDS;

    /// Runs while a start is under way.
    volatile Runnable duringStart = () -> {};

    FakeMonitors(Path execRoot) {
        this.exits = execRoot.resolve("containers");
    }

    /// A container's process, and who watches it.
    final class Process {
        private final ContainerId id;
        final Monitor.Started identity = new Monitor.Started(pids.incrementAndGet(), 1);
        private final List<Connection> connections = new CopyOnWriteArrayList<>();
        private boolean ended;

        volatile boolean ignoresTerm;

        /// Not done while the monitor is stopped.
        volatile CompletableFuture<Void> awake = CompletableFuture.completedFuture(null);

        /// Completes with the first signal.
        final CompletableFuture<Integer> signalled = new CompletableFuture<>();

        Process(ContainerId id) {
            this.id = id;
        }

        synchronized void exit(int status) {
            if (ended) {
                return;
            }
            ended = true;
            var exit = new ExitStatus(status, false, Instant.now());
            try {
                Files.writeString(
                        exits.resolve(id.hex()).resolve(ExitFile.NAME),
                        "{\"format\":1,\"id\":\""
                                + id
                                + "\",\"status\":"
                                + status
                                + ",\"exitCode\":"
                                + exit.exitCode()
                                + ",\"signal\":"
                                + exit.signal()
                                + ",\"oomKilled\":false,\"exitedAt\":\""
                                + exit.at()
                                + "\"}\n");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            processes.remove(id, this);
            connections.forEach(connection -> connection.exit.complete(exit));
        }
    }

    /// The process with its program running, if there is one.
    Optional<Process> process(ContainerId id) {
        return Optional.ofNullable(processes.get(id));
    }

    Set<ContainerId> running() {
        return Set.copyOf(processes.keySet());
    }

    int clients(ContainerId id) {
        return process(id)
                .map(p -> p.connections.stream().mapToInt(c -> c.clients.get()).sum())
                .orElse(0);
    }

    /// Nothing of them is left, not even in the exec root.
    void endAll() {
        processes.clear();
    }

    /// The daemon is gone: its connections say nothing more.
    void dropConnections() {
        processes.values().forEach(process -> process.connections.clear());
    }

    /// The monitors have dropped their daemon, and live.
    void breakConnections() {
        for (Process process : processes.values()) {
            List<Connection> broken = List.copyOf(process.connections);
            process.connections.clear();
            broken.forEach(c -> c.exit.completeExceptionally(new IOException("dropped")));
        }
    }

    @Override
    public Monitor launch(Launch launch) throws IOException {
        if (next == Start.ZYGOTE_GONE) {
            throw new IOException("the zygote is gone");
        }
        return new Connection(new Process(launch.id()), next);
    }

    @Override
    public Set<ContainerId> candidates(Set<ContainerId> containers) {
        return containers.stream().filter(processes::containsKey).collect(Collectors.toSet());
    }

    @Override
    public Optional<Monitor> reconnect(ContainerId id) {
        process(id).ifPresent(process -> process.awake.join());
        return process(id)
                .map(process -> {
                    var connection = new Connection(process, Start.SUCCEEDS);
                    connection.begun = true;
                    process.connections.add(connection);
                    return connection;
                });
    }

    @Override
    public void forgetOthers(Set<ContainerId> running) {}

    @Override
    public void warm() {}

    @Override
    public void close() {}

    private final class Connection implements Monitor {
        private final Process process;
        private final Start start;
        private final CompletableFuture<ExitStatus> exit = new CompletableFuture<>();
        private final AtomicInteger clients = new AtomicInteger();
        private volatile boolean begun;

        Connection(Process process, Start start) {
            this.process = process;
            this.start = start;
        }

        @Override
        public ContainerId id() {
            return process.id;
        }

        @Override
        public Started start() throws IOException, StartFailure {
            duringStart.run();
            if (start == Start.PROGRAM_MISSING) {
                throw new StartFailure(
                        StartFailure.Kind.NOT_FOUND, "executable file not found", Optional.empty());
            }
            if (start == Start.HANGS) {
                process.signalled.join();
                throw new StartFailure(StartFailure.Kind.OTHER, "killed", Optional.empty());
            }
            process.connections.add(this);
            processes.put(process.id, process);
            begun = true;
            switch (start) {
                case ENDS_AT_ONCE -> process.exit(3 << 8);
                case CONNECTION_BREAKS -> throw new IOException("the monitor does not answer");
                default -> {}
            }
            return process.identity;
        }

        @Override
        public Optional<Started> started() {
            return begun ? Optional.of(process.identity) : Optional.empty();
        }

        @Override
        public CompletableFuture<ExitStatus> exit() {
            return exit;
        }

        @Override
        public CompletableFuture<Void> outOfMemory() {
            return new CompletableFuture<>();
        }

        @Override
        public Attachment attach(Attach attach) {
            clients.incrementAndGet();
            return new Attachment() {
                @Override
                public LogPosition position() {
                    return new LogPosition(0, 0);
                }

                @Override
                public void release() {}

                @Override
                public void detach() {}

                @Override
                public CompletableFuture<Reason> detached() {
                    return new CompletableFuture<>();
                }
            };
        }

        @Override
        public void signal(int signal) throws IOException {
            if (process.ended) {
                throw new Errno(Errno.ESRCH, "monitor", "of " + process.id);
            }
            process.signalled.complete(signal);
            if (!begun) {
                return;
            }
            if (signal == Signals.SIGKILL || signal == Signals.SIGTERM && !process.ignoresTerm) {
                process.exit(signal);
            }
        }

        @Override
        public void resize(int rows, int columns) {}

        @Override
        public void closeStdin() {}

        @Override
        public ExecProcess exec(ExecRequest request) throws IOException {
            throw new IOException("not in this world");
        }

        @Override
        public LogPosition logPosition() {
            return new LogPosition(0, 0);
        }

        @Override
        public void reopenLog() {}

        @Override
        public void keep(Map<String, Fd> descriptors) {}

        @Override
        public Map<String, Fd> kept() {
            return Map.of();
        }

        @Override
        public void bye() {
            process.connections.remove(this);
        }

        @Override
        public void close() {
            process.connections.remove(this);
        }
    }
}
