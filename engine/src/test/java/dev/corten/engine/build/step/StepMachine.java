package dev.corten.engine.build.step;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import dev.corten.build.work.StepCommand;
import dev.corten.build.work.StepExit;
import dev.corten.build.work.StepMount;
import dev.corten.engine.container.ContainerGroups;
import dev.corten.engine.container.rules.ContainerDefaults;
import dev.corten.kernel.Fd;
import dev.corten.kernel.cgroup.CgroupTree;
import dev.corten.kernel.cgroup.CgroupVersion;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.mount.OverlayMount;
import dev.corten.kernel.namespace.Namespaces;
import dev.corten.model.ContainerId;
import dev.corten.model.container.HostConfig;
import dev.corten.network.NetworkOptions;
import dev.corten.network.Networks;
import dev.corten.runtime.ShimMonitors;
import dev.corten.runtime.Specs;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/// A machine that runs steps: the real runtime in a network namespace of its own, with a lower layer
/// that has busybox.
final class StepMachine implements AutoCloseable {
    static final Instant LONG_AGO = Instant.parse("2020-01-01T00:00:00Z");

    final Path exec;
    final String parent;
    final Networks networks;
    final ContainerGroups groups;
    final CgroupTree cgroups;
    final Steps steps;

    private final Path directory;
    private final Path lower;
    private final Fd host;
    private final ShimMonitors monitors;
    private int roots;

    StepMachine(Path directory) throws Exception {
        this(directory, "/corten-steps-test-" + ProcessHandle.current().pid());
    }

    /// @param parent of the control groups
    StepMachine(Path directory, String parent) throws Exception {
        this.directory = directory;
        this.parent = parent;
        exec = directory.resolve("exec");
        lower = directory.resolve("lower");
        if (!Files.exists(lower)) {
            fill();
        }
        host = Namespaces.newNetwork();
        NetworkOptions.Editor options =
                NetworkOptions.of(directory.resolve("data"), Files.createDirectories(exec));
        options.prepared = 2;
        networks = Namespaces.inNetwork(host, () -> Networks.open(options.done()));
        networks.restore(List.of(), List.of());
        cgroups = CgroupTree.detect();
        groups = new ContainerGroups(cgroups, parent);
        monitors = openMonitors();
        steps = newSteps();
    }

    private ShimMonitors openMonitors() throws Exception {
        return ShimMonitors.open(
                shim(),
                exec,
                cgroups,
                parent + "/monitors",
                failure -> {
                    throw new AssertionError(failure);
                });
    }

    private Steps newSteps() throws IOException {
        return new Steps(
                networks,
                name -> {
                    throw new dev.corten.model.NotFound("No such container: " + name);
                },
                monitors,
                Specs.ofHost(),
                groups,
                cgroups.version() == CgroupVersion.V2,
                () -> ContainerDefaults.STANDARD,
                exec);
    }

    private static Path shim() throws IOException, InterruptedException {
        int made =
                new ProcessBuilder("make", "-s", "-C", "../native/shim")
                        .inheritIO()
                        .start()
                        .waitFor();
        if (made != 0) {
            throw new IOException("make of the shim failed");
        }
        return Path.of("../native/shim/build/corten-shim").toAbsolutePath().normalize();
    }

    private void fill() throws IOException {
        for (String name : List.of("bin", "etc", "tmp", "proc", "sys", "dev", "root")) {
            Files.createDirectories(lower.resolve(name));
        }
        Files.copy(Path.of("/bin/busybox"), lower.resolve("bin/busybox"));
        Process list =
                new ProcessBuilder(lower.resolve("bin/busybox").toString(), "--list").start();
        for (String applet : list.inputReader().lines().toList()) {
            if (!applet.equals("busybox")) {
                Files.createSymbolicLink(lower.resolve("bin/" + applet), Path.of("busybox"));
            }
        }
        Files.writeString(
                lower.resolve("etc/passwd"),
                "root:x:0:0:root:/root:/bin/sh\nweb:x:1000:1001:web:/home/web:/bin/sh\n");
        Files.writeString(lower.resolve("etc/group"), "root:x:0:\nweb:x:1001:\n");
        Files.writeString(lower.resolve("etc/plain"), "not executable\n");
        try (Stream<Path> all = Files.walk(lower)) {
            for (Path one : all.filter(p -> !Files.isSymbolicLink(p)).toList()) {
                Files.setLastModifiedTime(one, FileTime.from(LONG_AGO));
            }
        }
    }

    /// A root that can be written to.
    final class Root implements AutoCloseable {
        final Path upper;
        final ContainerId id = ContainerId.random();

        private final Path work;
        private final List<Path> layers = new ArrayList<>();
        private final List<Fd> mounts = new ArrayList<>();

        Root() throws IOException {
            int number = ++roots;
            upper = Files.createDirectories(directory.resolve("upper" + number));
            Files.setLastModifiedTime(upper, FileTime.from(LONG_AGO));
            work = Files.createDirectories(directory.resolve("work" + number));
            layers.add(lower);
        }

        /// On top of another one's changes.
        Root(Root below) throws IOException {
            this();
            layers.addFirst(below.upper);
        }

        /// A mount for one step.
        Fd mount() throws IOException {
            close();
            var opened = new ArrayList<Fd>();
            try (Fd upperFd = FileCalls.openDirectory(upper.toString());
                    Fd workFd = FileCalls.openDirectory(work.toString())) {
                for (Path layer : layers) {
                    opened.add(FileCalls.openDirectory(layer.toString()));
                }
                mounts.add(new OverlayMount(opened, upperFd, workFd, false, false).assemble(0));
                return mounts.getFirst();
            } finally {
                opened.forEach(Fd::close);
            }
        }

        /// What the upper directory has, sorted, directories with a slash.
        List<String> changes() throws IOException {
            try (Stream<Path> all = Files.walk(upper)) {
                return all.filter(path -> !path.equals(upper))
                        .map(path ->
                                upper.relativize(path)
                                        + (Files.isDirectory(path, NOFOLLOW_LINKS) ? "/" : ""))
                        .sorted()
                        .toList();
            }
        }

        @Override
        public void close() {
            mounts.forEach(Fd::close);
            mounts.clear();
        }
    }

    /// What a step wrote, and how it ended.
    record Result(String out, String err, StepExit exit) {}

    /// A step to be.
    final class Step {
        private final Root root;
        private String user = "";
        private String directory = "/";
        private String hostname = StepCommand.BUILDKIT_HOSTNAME;
        private List<String> environment = List.of();
        private List<StepMount> mounts = List.of();
        private HostConfig host = HostConfig.DEFAULT;

        Step(Root root) {
            this.root = root;
        }

        Step user(String name) {
            user = name;
            return this;
        }

        Step in(String path) {
            directory = path;
            return this;
        }

        Step likeContainer() {
            hostname = "";
            return this;
        }

        Step environment(String... variables) {
            environment = List.of(variables);
            return this;
        }

        Step mounts(StepMount... all) {
            mounts = List.of(all);
            return this;
        }

        Step host(UnaryOperator<HostConfig.Editor> change) {
            host = change.apply(host.edit()).done();
            return this;
        }

        StepCommand command(String... arguments) throws IOException {
            return new StepCommand(
                    root.id,
                    root.mount(),
                    List.of(arguments),
                    environment,
                    user,
                    directory,
                    hostname,
                    host,
                    mounts);
        }

        Result sh(String script) throws IOException, InterruptedException {
            return run("/bin/sh", "-c", script);
        }

        Result run(String... arguments) throws IOException, InterruptedException {
            var out = new ByteArrayOutputStream();
            var err = new ByteArrayOutputStream();
            StepExit exit =
                    steps.run(
                            command(arguments),
                            (stream, bytes) -> (stream == 2 ? err : out).writeBytes(bytes));
            return new Result(
                    out.toString(StandardCharsets.UTF_8),
                    err.toString(StandardCharsets.UTF_8),
                    exit);
        }
    }

    /// The processes of a step.
    List<Integer> pids(ContainerId step) throws IOException {
        return cgroups.open(groups.path("", step)).pids();
    }

    /// The directories of steps in the exec root.
    List<String> left() throws IOException {
        Path steps = exec.resolve("steps");
        if (!Files.exists(steps)) {
            return List.of();
        }
        try (Stream<Path> all = Files.list(steps)) {
            return all.map(Path::toString).toList();
        }
    }

    @Override
    public void close() throws IOException {
        steps.close();
        monitors.close();
        networks.destroy();
        groups.close();
        cgroups.open(parent).remove(Duration.ofSeconds(10));
        host.close();
    }
}
