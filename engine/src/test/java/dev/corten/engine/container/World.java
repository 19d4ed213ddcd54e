package dev.corten.engine.container;

import dev.corten.archive.TarEntry;
import dev.corten.archive.TarWriter;
import dev.corten.engine.container.mount.ContainerMounts;
import dev.corten.engine.container.mount.MountOpening;
import dev.corten.engine.container.mount.MountServices;
import dev.corten.engine.container.mount.MountView;
import dev.corten.engine.container.rules.ContainerDefaults;
import dev.corten.engine.container.rules.CreateRequest;
import dev.corten.engine.container.rules.CreateRules;
import dev.corten.engine.container.rules.CreateRulesTest;
import dev.corten.engine.container.view.ContainerView;
import dev.corten.engine.event.Events;
import dev.corten.engine.exec.ExecTable;
import dev.corten.engine.image.Images;
import dev.corten.engine.log.LogWatches;
import dev.corten.engine.sandbox.Sandboxes;
import dev.corten.engine.volume.VolumeDirectory;
import dev.corten.engine.volume.Volumes;
import dev.corten.kernel.BlockingCalls;
import dev.corten.kernel.Fd;
import dev.corten.kernel.cgroup.CgroupTree;
import dev.corten.kernel.namespace.Namespaces;
import dev.corten.kernel.process.ProcessIdentity;
import dev.corten.model.ContainerId;
import dev.corten.model.Platform;
import dev.corten.model.container.ContainerConfig;
import dev.corten.model.container.ContainerStatus;
import dev.corten.model.container.HostConfig;
import dev.corten.model.container.MountPoint;
import dev.corten.model.container.RestartPolicy;
import dev.corten.network.NetworkOptions;
import dev.corten.network.Networks;
import dev.corten.network.address.Subnet;
import dev.corten.runtime.Specs;
import dev.corten.store.Durable;
import dev.corten.store.Store;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// A machine with a data root, an exec root and processes, on which an engine can crash and be
/// opened anew. All is real but the processes; the network is in a namespace of its own.
final class World implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Duration POLL = Duration.ofMillis(1);

    /// What a volume may hold: nothing, or all that the image has at `/data` or at `/data/sub`.
    private static final Set<Set<String>> FILLINGS =
            Set.of(Set.of(), Set.of("a", "sub/b"), Set.of("b"));

    private final Path data;
    private final Path exec;
    private final Fd host;
    private final Networks networks;
    private final CgroupTree cgroups = CgroupTree.detect();
    final FakeMonitors monitors;
    private final String image;

    /// A clock that is slow makes restarts wait as long as a test needs.
    Clock clock = Clock.systemUTC();

    /// Another one is another boot of the machine.
    String bootId = ProcessIdentity.currentBootId();

    private Store store;
    Containers containers;
    Volumes volumes;
    private ContainerGroups groups;
    private BlockingCalls calls;

    World(Path root) throws IOException, InterruptedException {
        data = root.resolve("data");
        exec = root.resolve("exec");
        monitors = new FakeMonitors(exec);
        host = Namespaces.newNetwork();
        NetworkOptions.Editor options = NetworkOptions.of(data, exec);
        options.bridgeAddress = Optional.of(Subnet.parse("10.96.0.1/24"));
        options.prepared = 0;
        networks = Namespaces.inNetwork(host, () -> Networks.open(options.done()));
        open(new Durable());
        image =
                images().importRootfs(
                                new ByteArrayInputStream(files()),
                                Optional.empty(),
                                List.of("CMD [\"/program\"]"),
                                "",
                                Platform.host())
                        .toString();
    }

    /// The image's files: a directory `data` with two files in it, one of them below `sub`.
    private static byte[] files() throws IOException {
        var bytes = new ByteArrayOutputStream();
        var tar = new TarWriter(bytes);
        tar.add(TarEntry.directory("data/", 0750).withOwner(7, 8));
        tar.add(TarEntry.file("data/a", 0640, 1), new byte[] {'a'});
        tar.add(TarEntry.directory("data/sub/", 0700));
        tar.add(TarEntry.file("data/sub/b", 0600, 1), new byte[] {'b'});
        tar.finish();
        return bytes.toByteArray();
    }

    private Images images() {
        return new Images(store.images(), store.snapshots(), new Events(Clock.systemUTC()));
    }

    /// Starts the daemon, so to say.
    void open(Durable durable) throws IOException, InterruptedException {
        var events = new Events(clock);
        store = Store.open(data, durable, clock);
        groups = new ContainerGroups(cgroups, "/corten-test-" + ProcessHandle.current().pid());
        var sandboxes = new Sandboxes(networks, events);
        var directory = new ContainerDirectory(data.resolve("containers"), durable);
        var random = new Random(1);
        calls = new BlockingCalls(8, 8);
        volumes =
                new Volumes(
                        new VolumeDirectory(data.resolve("volumes"), durable, new SecureRandom()),
                        events,
                        clock,
                        new SecureRandom(),
                        calls);
        volumes.open();
        var images = images();
        var mounts = new ContainerMounts(volumes, store.snapshots());
        var launcher =
                new Launcher(
                        new HostMounts(data.resolve("mounts"), durable, store.snapshots()),
                        sandboxes,
                        monitors,
                        directory,
                        new SpecWriter(
                                Specs.ofHost(),
                                groups,
                                false,
                                () -> ContainerDefaults.STANDARD,
                                Path.of("/no/init")),
                        new MountOpening(volumes, store.snapshots(), images, calls, data),
                        mounts,
                        groups,
                        new ContainerCalls(),
                        exec,
                        bootId);
        containers =
                new Containers(
                        directory,
                        images,
                        store.snapshots(),
                        sandboxes,
                        launcher,
                        groups,
                        new ExecTable(),
                        events,
                        new LogWatches(),
                        clock,
                        new CreateRules(
                                2,
                                CreateRulesTest.cgroups("1"),
                                List.of(),
                                List.of(),
                                () -> ContainerDefaults.STANDARD,
                                Optional.empty()),
                        new MountServices(volumes, mounts, calls, data),
                        random);
        containers.open();
    }

    /// `kill -9`: what is in memory is lost, and nobody hears of what happens.
    void crash() {
        containers.close();
        monitors.dropConnections();
        store.close();
        groups.close();
        calls.close();
    }

    void reopen() throws IOException, InterruptedException {
        crash();
        open(new Durable());
    }

    ContainerId create(String name, boolean autoRemove) throws IOException, InterruptedException {
        return create(name, host -> host.autoRemove = autoRemove);
    }

    ContainerId create(String name, RestartPolicy policy) throws IOException, InterruptedException {
        return create(name, host -> host.restartPolicy = policy);
    }

    /// With volumes as `-v` gives them.
    ContainerId create(String name, boolean autoRemove, String... binds)
            throws IOException, InterruptedException {
        return create(
                name,
                host -> {
                    host.autoRemove = autoRemove;
                    host.binds = List.of(binds);
                });
    }

    ContainerId create(String name, Consumer<HostConfig.Editor> wishes)
            throws IOException, InterruptedException {
        var config = ContainerConfig.DEFAULT.edit();
        config.image = image;
        var settings = HostConfig.DEFAULT.edit();
        settings.networkMode = "host";
        wishes.accept(settings);
        return containers
                .create(
                        new CreateRequest(
                                Optional.of(name),
                                Optional.empty(),
                                config.done(),
                                settings.done(),
                                Map.of(),
                                MountPoint.ReadOnly.ALL))
                .id();
    }

    /// Waits for what happens by itself.
    void await(String name, Predicate<ContainerView> what) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (find(name).filter(what).isEmpty()) {
            if (System.nanoTime() > end) {
                throw new AssertionError(name + " is " + find(name));
            }
            LockSupport.parkNanos(POLL.toNanos());
        }
    }

    Optional<ContainerView> find(String name) {
        return containers.list().stream().filter(c -> c.name().equals(name)).findFirst();
    }

    /// What is there that no container accounts for, in words; empty if all is well.
    Set<String> disorder() throws IOException {
        var wrong = new TreeSet<String>();
        List<ContainerView> known = containers.list();
        Set<String> ids = known.stream().map(c -> c.id().hex()).collect(Collectors.toSet());
        Set<String> running =
                known.stream()
                        .filter(c -> c.status() instanceof ContainerStatus.Running)
                        .map(c -> c.id().hex())
                        .collect(Collectors.toSet());
        Set<String> processes =
                monitors.running().stream().map(ContainerId::hex).collect(Collectors.toSet());
        difference("processes", processes, running, wrong);
        difference("directories", names(data.resolve("containers")), ids, wrong);
        difference(
                "snapshots",
                store.snapshots().list().stream().map(ContainerId::hex).collect(Collectors.toSet()),
                ids,
                wrong);
        difference("exit directories", names(exec.resolve("containers")), running, wrong);
        volumes(known, wrong);
        return wrong;
    }

    /// No volume without a name that nobody has, none that is half filled, none that a container
    /// has and that is not there.
    private void volumes(List<ContainerView> known, Set<String> wrong) throws IOException {
        Set<String> there =
                volumes.list().stream().map(v -> v.volume().name()).collect(Collectors.toSet());
        difference("volume directories", names(data.resolve("volumes")), there, wrong);
        Set<String> used =
                known.stream()
                        .flatMap(c -> c.mounts().stream())
                        .map(MountView::name)
                        .collect(Collectors.toSet());
        for (Volumes.Use use : volumes.list()) {
            String name = use.volume().name();
            if (use.volume().isAnonymous() && !used.contains(name)) {
                wrong.add("volume " + name + " belongs to nobody");
            }
            if (!FILLINGS.contains(files(use.volume().mountpoint()))) {
                wrong.add("volume " + name + " has " + files(use.volume().mountpoint()));
            }
            difference(
                    "directory of volume " + name,
                    names(data.resolve("volumes").resolve(name)),
                    Set.of("_data", "volume.json"),
                    wrong);
        }
        used.removeAll(there);
        if (!used.isEmpty()) {
            wrong.add("volumes are not there: " + used);
        }
    }

    /// The paths of all files below a directory.
    static Set<String> files(Path directory) throws IOException {
        try (Stream<Path> found = Files.walk(directory)) {
            return found.filter(Files::isRegularFile)
                    .map(file -> directory.relativize(file).toString())
                    .collect(Collectors.toSet());
        }
    }

    private static void difference(
            String what, Set<String> found, Set<String> wanted, Set<String> wrong) {
        if (!found.equals(wanted)) {
            wrong.add(what + ": " + found + " instead of " + wanted);
        }
    }

    /// Directories that a thread of their own deletes are as good as gone.
    private static Set<String> names(Path directory) throws IOException {
        try (Stream<Path> found = Files.list(directory)) {
            return found.map(p -> p.getFileName().toString())
                    .filter(name -> !name.startsWith(".gone-"))
                    .collect(Collectors.toSet());
        }
    }

    /// The machine loses its power.
    void powerCut() {
        crash();
        monitors.endAll();
        bootId = "11111111-2222-3333-4444-" + bootId.substring(24);
    }

    Path data() {
        return data;
    }

    @Override
    public void close() throws IOException {
        crash();
        networks.destroy();
        host.close();
    }
}
