package dev.corten.runtime.command;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.cgroup.CgroupTree;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.file.Stat;
import dev.corten.kernel.mount.Mounts;
import dev.corten.kernel.namespace.NamespaceKind;
import dev.corten.kernel.namespace.Namespaces;
import dev.corten.kernel.netlink.Rtnetlink;
import dev.corten.kernel.process.Pidfd;
import dev.corten.kernel.process.ProcessIdentity;
import dev.corten.model.oci.Linux;
import dev.corten.model.oci.Namespace;
import dev.corten.runtime.Launch;
import dev.corten.runtime.StartFailure;
import dev.corten.runtime.UnwatchedProcesses;
import dev.corten.runtime.bundle.Bundle;
import dev.corten.runtime.bundle.BundleReader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// `create`: a container whose process waits for `start`.
final class CreateCommand {
    static final Flags.Known FLAGS =
            new Flags.Known(
                    Set.of("no-pivot", "no-new-keyring"),
                    Set.of("bundle", "console-socket", "pidfd-socket", "pid-file", "preserve-fds"),
                    Map.of("b", "bundle"),
                    false);

    private static final Duration REMOVE_LIMIT = Duration.ofSeconds(5);

    private final Place place;

    CreateCommand(Place place) {
        this.place = place;
    }

    /// What has been created.
    ///
    /// @param terminal the other end of its terminal, if nobody else has been given it
    record Created(ContainerRecord container, Bundle bundle, Pidfd init, Optional<Fd> terminal) {}

    void run(Flags flags) throws IOException, Failure {
        create(flags, false).init().close();
    }

    /// @param attached whether this process stays and may serve a terminal itself
    Created create(Flags flags, boolean attached) throws IOException, Failure {
        String id = flags.id("create");
        Place.check(id);
        if (flags.has("pidfd-socket")) {
            throw new Failure("--pidfd-socket is not supported");
        }
        Path directory = Path.of(flags.find("bundle").orElse("."));
        Bundle bundle = BundleReader.read(directory, id);
        Optional<String> console = flags.find("console-socket").filter(path -> !path.isEmpty());
        if (bundle.spec().process().terminal() && console.isEmpty() && !attached) {
            throw new Failure(
                    "cannot allocate tty if corten-runtime will detach without setting console"
                            + " socket");
        }
        if (!bundle.spec().process().terminal() && console.isPresent()) {
            throw new Failure(
                    "cannot use console socket if corten-runtime will not detach or allocate tty");
        }
        place.reserve(id, Path.of(bundle.directory()));
        boolean done = false;
        var making = new Making(id, bundle, new Terminals(console), flags);
        try {
            Created created = making.make();
            done = true;
            return created;
        } catch (StartFailure e) {
            throw new Failure(
                    "corten-runtime create failed: unable to start container process: error during"
                            + " container init: "
                            + e.message(),
                    e);
        } finally {
            if (!done) {
                making.undo();
            }
        }
    }

    /// One creation.
    private final class Making implements UnwatchedProcesses.Steps {
        private final String id;
        private final Bundle bundle;
        private final Terminals terminals;
        private final Flags flags;
        private final String created = Instant.now().toString();
        private Optional<Pidfd> process = Optional.empty();
        private Optional<Failure> hookFailure = Optional.empty();

        Making(String id, Bundle bundle, Terminals terminals, Flags flags) {
            this.id = id;
            this.bundle = bundle;
            this.terminals = terminals;
            this.flags = flags;
        }

        Created make() throws IOException, Failure, StartFailure {
            String fifo = place.gate(id).toString();
            FileCalls.mknod(Fd.CWD, fifo, Stat.S_IFIFO | 0600, 0, 0);
            try (Fd gate = FileCalls.open(fifo, FileCalls.O_RDWR);
                    Fd root = openRoot();
                    Fd directory = FileCalls.openDirectory(place.directory(id).toString());
                    var namespaces = new JoinedNamespaces()) {
                var launch =
                        new Launch(
                                ContainerIds.of(id),
                                bundle.spec(),
                                root,
                                Map.of(),
                                namespaces.open(bundle),
                                Launch.Stdin.OPEN,
                                Optional.empty(),
                                directory,
                                Launch.Stop.DEFAULT);
                Pidfd init = processes().create(launch, gate, manner(), this);
                process = Optional.of(init);
                ContainerRecord container = record(init.pid());
                place.save(container);
                Optional<String> pidFile = flags.find("pid-file");
                if (pidFile.isPresent()) {
                    PidFile.write(Path.of(pidFile.get()), init.pid());
                }
                return new Created(container, bundle, init, terminals.kept());
            } catch (IOException e) {
                if (hookFailure.isPresent()) {
                    throw hookFailure.get();
                }
                throw e;
            }
        }

        private UnwatchedProcesses processes() throws IOException {
            return new UnwatchedProcesses(place.shim(), place.directory(id), CgroupTree.detect());
        }

        private UnwatchedProcesses.Manner manner() throws IOException, Failure {
            return new UnwatchedProcesses.Manner(
                    PreservedDescriptors.open(flags.number("preserve-fds")),
                    !flags.has("no-new-keyring"));
        }

        private Fd openRoot() throws IOException, Failure {
            boolean slave = bundle.spec().linux().rootfsPropagation() == Linux.Propagation.SLAVE;
            long propagation = slave ? Mounts.MS_SLAVE : Mounts.MS_PRIVATE;
            int flags = Mounts.OPEN_TREE_CLONE | Mounts.AT_RECURSIVE;
            try (Fd root = Mounts.openTree(Fd.CWD, bundle.rootfs(), flags)) {
                // One that is shared cannot become the root of a process.
                Mounts.setAttributes(root, true, 0, 0, propagation, null);
                return root.transfer();
            } catch (Errno e) {
                throw new Failure("invalid rootfs: " + e.getMessage(), e);
            }
        }

        private ContainerRecord record(int pid) throws IOException, Failure {
            ProcessIdentity identity =
                    ProcessIdentity.of(pid)
                            .orElseThrow(() -> new Failure("the container's process has ended"));
            return new ContainerRecord(
                    id,
                    bundle.version(),
                    bundle.directory(),
                    bundle.rootfs(),
                    created,
                    bundle.spec().linux().cgroupsPath(),
                    identity,
                    bundle.spec().annotations());
        }

        @Override
        public void environment(int pid) throws IOException {
            Optional<Namespace> network = bundle.spec().linux().namespace(Namespace.Type.NETWORK);
            if (network.isPresent() && network.get().path().isEmpty()) {
                loopback(pid);
            }
            try {
                var state = record(pid).state("creating");
                new HookRunner("prestart", state).run(bundle.hooks().prestart());
                new HookRunner("createRuntime", state).run(bundle.hooks().createRuntime());
                try (Pidfd init = Pidfd.open(pid)) {
                    new HookRunner("createContainer", state)
                            .runInside(
                                    bundle.hooks().createContainer(),
                                    processes(),
                                    init,
                                    place.directory(id).resolve("hook.json"));
                }
            } catch (Failure e) {
                hookFailure = Optional.of(e);
                throw new IOException(e.getMessage(), e);
            }
        }

        private void loopback(int pid) throws IOException {
            try (Fd network = Namespaces.open(pid, NamespaceKind.NETWORK)) {
                Namespaces.inNetwork(
                        network,
                        () -> {
                            try (Rtnetlink netlink = Rtnetlink.open()) {
                                netlink.execute(
                                        new dev.corten.kernel.netlink.RtnetlinkBatch().up("lo"));
                            }
                            return true;
                        });
            }
        }

        @Override
        public void terminal(Fd master) throws IOException {
            terminals.give(master);
        }

        /// Leaves nothing of it.
        void undo() throws IOException {
            if (process.isPresent()) {
                try (Pidfd left = process.get()) {
                    left.signal(9);
                    left.reap();
                }
            }
            CgroupTree.detect().open(bundle.spec().linux().cgroupsPath()).remove(REMOVE_LIMIT);
            place.forget(id);
        }
    }

    /// Descriptors of the namespaces that a bundle names by path.
    private static final class JoinedNamespaces implements AutoCloseable {
        private final Map<Namespace.Type, Fd> opened = new EnumMap<>(Namespace.Type.class);

        Map<Namespace.Type, Fd> open(Bundle bundle) throws IOException, Failure {
            List<Namespace> all = bundle.spec().linux().namespaces();
            for (Namespace namespace : all) {
                if (namespace.path().isPresent()) {
                    try {
                        opened.put(
                                namespace.type(),
                                FileCalls.open(namespace.path().get(), FileCalls.O_RDONLY));
                    } catch (Errno e) {
                        throw new Failure(
                                "namespace path: lstat "
                                        + namespace.path().get()
                                        + ": "
                                        + Errno.describe(e.number()),
                                e);
                    }
                }
            }
            return opened;
        }

        @Override
        public void close() {
            opened.values().forEach(Fd::close);
        }
    }
}
