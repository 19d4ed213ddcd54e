package dev.corten.runtime;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.file.FileData;
import dev.corten.kernel.mount.Mounts;
import dev.corten.kernel.socket.SocketPair;
import dev.corten.kernel.socket.Sockets;
import dev.corten.kernel.socket.UnixSockets;
import dev.corten.model.ContainerId;
import dev.corten.model.PathBytes;
import dev.corten.model.oci.ConsoleSize;
import dev.corten.model.oci.Namespace;
import dev.corten.model.oci.Spec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/// A root with busybox, and containers in it, for tests on the real kernel.
final class Bundle implements AutoCloseable {
    static final String PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    final Path directory;
    final Path rootfs;
    final Specs specs = Specs.ofHost();

    private final String group;
    private static final AtomicInteger COUNTER = new AtomicInteger();

    /// @param group the control group of its containers
    Bundle(Path directory, String group) throws IOException {
        this.directory = directory;
        this.group = group;
        rootfs = Files.createDirectories(directory.resolve("rootfs"));
        Files.createDirectories(rootfs.resolve("bin"));
        Files.createDirectories(rootfs.resolve("etc"));
        Files.createDirectories(rootfs.resolve("tmp"));
        Files.copy(Path.of("/bin/busybox"), rootfs.resolve("bin/busybox"));
        for (String applet :
                List.of(
                        "sh",
                        "true",
                        "cat",
                        "ls",
                        "id",
                        "sleep",
                        "echo",
                        "stty",
                        "mount",
                        "dd",
                        "stat",
                        "pwd",
                        "hostname",
                        "head",
                        "tail",
                        "kill",
                        "ps",
                        "env",
                        "mkdir",
                        "touch",
                        "readlink",
                        "unshare",
                        "grep",
                        "wc",
                        "tr",
                        "test",
                        "nproc",
                        "umount",
                        "false",
                        "mknod",
                        "sysctl")) {
            Files.createSymbolicLink(rootfs.resolve("bin/" + applet), Path.of("busybox"));
        }
        Files.writeString(
                rootfs.resolve("etc/passwd"),
                "root:x:0:0:root:/root:/bin/sh\nweb:x:1000:1001:web:/home/web:/bin/sh\n"
                        + "1000:x:0:0:trap:/:/bin/sh\n");
        Files.writeString(rootfs.resolve("etc/group"), "root:x:0:\nweb:x:1001:\naudio:x:29:web\n");
        Files.writeString(rootfs.resolve("etc/plain"), "not executable\n");
    }

    /// The shim, built now if it has not been.
    static Path shim() throws IOException, InterruptedException {
        if (System.getProperty("corten.shim") == null) {
            int made =
                    new ProcessBuilder("make", "-s", "-C", "../native/shim")
                            .inheritIO()
                            .start()
                            .waitFor();
            if (made != 0) {
                throw new IOException("make of the shim failed");
            }
        }
        Path built = Path.of("../native/shim/build/corten-shim").toAbsolutePath().normalize();
        return Path.of(System.getProperty("corten.shim", built.toString()));
    }

    /// A request with an own network namespace, as nobody gives one to join.
    SpecRequest request(String... args) {
        return new SpecRequest(
                new SpecRequest.Command(
                        List.of(args),
                        List.of(PATH, "HOME=/root"),
                        PathBytes.of("/"),
                        false,
                        ConsoleSize.UNSET),
                SpecRequest.Privileges.defaults(),
                SpecRequest.FileSystem.defaults(),
                new SpecRequest.Sharing(
                        SpecRequest.Choice.OWN,
                        SpecRequest.Choice.OWN,
                        SpecRequest.Choice.OWN,
                        SpecRequest.Choice.OWN,
                        SpecRequest.Choice.HOST,
                        "box",
                        ""),
                SpecRequest.Limits.defaults(group + "/box" + COUNTER.incrementAndGet()));
    }

    static SpecRequest with(SpecRequest r, SpecRequest.Privileges privileges) {
        return new SpecRequest(r.command(), privileges, r.fileSystem(), r.sharing(), r.limits());
    }

    static SpecRequest with(SpecRequest r, SpecRequest.FileSystem fileSystem) {
        return new SpecRequest(r.command(), r.privileges(), fileSystem, r.sharing(), r.limits());
    }

    static SpecRequest with(SpecRequest r, SpecRequest.Limits limits) {
        return new SpecRequest(r.command(), r.privileges(), r.fileSystem(), r.sharing(), limits);
    }

    static SpecRequest with(SpecRequest r, SpecRequest.Command command) {
        return new SpecRequest(command, r.privileges(), r.fileSystem(), r.sharing(), r.limits());
    }

    static SpecRequest in(SpecRequest r, String cwd) {
        SpecRequest.Command c = r.command();
        return with(
                r,
                new SpecRequest.Command(c.args(), c.env(), PathBytes.of(cwd), c.tty(), c.size()));
    }

    static SpecRequest tty(SpecRequest r) {
        SpecRequest.Command c = r.command();
        return with(
                r,
                new SpecRequest.Command(c.args(), c.env(), c.cwd(), true, new ConsoleSize(24, 80)));
    }

    Fd root() throws Errno {
        return Mounts.openTree(Fd.CWD, rootfs.toString(), Mounts.OPEN_TREE_CLONE);
    }

    Monitor launch(Monitors monitors, SpecRequest request) throws Exception {
        return launch(monitors, specs.spec(request), Launch.Stdin.NONE);
    }

    Monitor launch(Monitors monitors, Spec spec, Launch.Stdin stdin) throws Exception {
        return launch(monitors, spec, stdin, Map.of());
    }

    Monitor launch(
            Monitors monitors, Spec spec, Launch.Stdin stdin, Map<Namespace.Type, Fd> namespaces)
            throws Exception {
        ContainerId id = ContainerId.random();
        Path state = Files.createDirectories(directory.resolve(id.shortHex()));
        try (Fd root = root();
                Fd exit = FileCalls.openDirectory(state.toString())) {
            return monitors.launch(
                    new Launch(
                            id,
                            spec,
                            root,
                            Map.of(),
                            namespaces,
                            stdin,
                            Optional.of(new Launch.LogFile(exit, id.hex() + "-json.log", 0, 1)),
                            exit,
                            Launch.Stop.DEFAULT));
        }
    }

    Path state(Monitor monitor) {
        return directory.resolve(monitor.id().shortHex());
    }

    String log(Monitor monitor) throws IOException {
        return Files.readString(state(monitor).resolve(monitor.id().hex() + "-json.log"));
    }

    /// A client with its end of a socket pair.
    static final class Client implements AutoCloseable {
        private final SocketPair pair = UnixSockets.pair(Sockets.SOCK_STREAM);

        Client() throws Errno {}

        Attach attach(Attach.Flag... flags) {
            return new Attach(
                    pair.second(), new byte[0], EnumSet.copyOf(List.of(flags)), new byte[0]);
        }

        void send(String text) throws Errno {
            FileData.writeFully(pair.first(), text.getBytes(StandardCharsets.UTF_8));
        }

        void endInput() throws Errno {
            Sockets.shutdown(pair.first(), Sockets.SHUT_WR);
        }

        String readLine() throws IOException {
            var line = new StringBuilder();
            byte[] one = new byte[1];
            while (FileData.read(pair.first(), one, 0, 1) == 1 && one[0] != '\n') {
                line.append((char) one[0]);
            }
            return line.toString();
        }

        /// Everything until the monitor closes its end.
        String readAll() throws IOException {
            pair.second().close();
            return new String(FileData.readAll(pair.first(), 1 << 20), StandardCharsets.UTF_8);
        }

        @Override
        public void close() {
            pair.close();
        }
    }

    /// What a finished container wrote, and how it ended.
    record Result(String output, ExitStatus exit) {}

    Result run(Monitors monitors, SpecRequest request) throws Exception {
        try (var client = new Client()) {
            Monitor monitor = launch(monitors, request);
            if (request.command().tty()) {
                monitor.attach(client.attach(Attach.Flag.STDOUT));
            } else {
                monitor.attach(client.attach(Attach.Flag.STDOUT, Attach.Flag.STDERR));
            }
            monitor.start();
            String output = client.readAll();
            ExitStatus exit = monitor.exit().get(20, TimeUnit.SECONDS);
            monitor.bye();
            return new Result(output, exit);
        }
    }

    @Override
    public void close() {}
}
