package dev.corten.systests;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// A daemon of our own, below one directory.
final class Engine {
    private static final Path TREE =
            Path.of(System.getProperty("corten.tree", "../packaging/target/corten"));

    /// The third number of the bridge's address; two engines of one run never share a bridge.
    private static final AtomicInteger NEXT = new AtomicInteger(1);

    private static final int NETWORKS = 256;

    private final Path program;
    private final Path root;
    private final String bridgeAddress;
    private final List<String> options;
    private final Belongings belongings;
    private @Nullable Process process;
    private @Nullable StubServer stub;

    private Engine(Path program, Path root, String bridgeAddress, List<String> options) {
        this.program = program;
        this.root = root;
        this.options = options;
        this.bridgeAddress = bridgeAddress;
        this.belongings = new Belongings(root, dataRoot());
    }

    static Engine start(String... options) {
        return start(program("cortend"), options);
    }

    /// @param program what is run as `cortend`
    static Engine start(Path program, String... options) {
        return startAt(freeAddress(), program, options);
    }

    /// @param bridgeAddress of the default bridge, in a subnet of 256 addresses
    static Engine startAt(String bridgeAddress, Path program, String... options) {
        try {
            Path root = Files.createTempDirectory("corten-system-test");
            var engine = new Engine(program, root, bridgeAddress, List.of(options));
            Files.createDirectories(engine.home());
            try {
                engine.open();
            } catch (AssertionError | RuntimeException e) {
                engine.abandon();
                throw e;
            }
            return engine;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// One in a network namespace of its own, which ends with it, with the addresses that the
    /// recorded sessions speak of.
    static Engine startAlone() {
        return startAt("10.98.0.1", Path.of("src/test/transcripts/bin/alone").toAbsolutePath());
    }

    private static String freeAddress() {
        while (true) {
            // There are more engines in a run than networks: whoever has ended gave its own back.
            String address = "10.88." + NEXT.getAndIncrement() % NETWORKS + ".1";
            try {
                if (NetworkInterface.getByInetAddress(InetAddress.ofLiteral(address)) == null) {
                    return address;
                }
            } catch (SocketException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    static Path program(String name) {
        return tree().resolve("bin").resolve(name);
    }

    /// The programs under test as they are installed.
    static Path tree() {
        return TREE.toAbsolutePath().normalize();
    }

    /// Starts the daemon, also again after its end, and returns when it answers.
    void open() {
        if (Limits.againstStub()) {
            stub = StubServer.open(socket());
            return;
        }
        launch(Map.of());
        Eventually.holds(
                "the daemon answers",
                () -> {
                    if (!process.isAlive()) {
                        throw new AssertionError("the daemon has ended: " + logText());
                    }
                    return api().pings();
                });
    }

    /// Goes on with an empty data root on a file system of its own, until [#leaveDisk].
    ///
    /// @param megabytes its size
    void moveToDisk(int megabytes) {
        terminate();
        Running.run(
                        "mount",
                        "-t",
                        "tmpfs",
                        "-o",
                        "mode=710,size=" + megabytes + "m",
                        "corten-test",
                        dataRoot().toString())
                .ok();
        open();
    }

    /// Goes back, when the daemon has ended.
    void leaveDisk() {
        Running.run("umount", dataRoot().toString()).ok();
        open();
    }

    /// Starts a daemon that ends, as by SIGKILL, before its n-th durable step.
    ///
    /// @param step from 1
    /// @return whether it lives long enough to answer
    boolean openDoomed(int step) {
        if (Limits.againstStub()) {
            stub = StubServer.open(socket());
            return true;
        }
        launch(Map.of("CORTEN_END_BEFORE_STEP", Integer.toString(step)));
        Eventually.holds("it answers or ends", () -> !process.isAlive() || api().pings());
        return process.isAlive();
    }

    boolean isAlive() {
        return stub != null || process.isAlive();
    }

    private void launch(Map<String, String> environment) {
        var command = new ArrayList<String>();
        command.add(program.toString());
        command.addAll(List.of("-H", "unix://" + socket()));
        command.addAll(List.of("--data-root", dataRoot().toString()));
        command.addAll(List.of("--exec-root", execRoot().toString()));
        command.addAll(List.of("--pidfile", root.resolve("pid").toString()));
        command.addAll(List.of("--bip", bridgeAddress + "/24", "-D"));
        command.addAll(options);
        var builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()));
        builder.redirectInput(Path.of("/dev/null").toFile());
        builder.environment().keySet().removeIf(name -> name.matches("LANG|LC_.*|DOCKER_.*"));
        builder.environment().putAll(environment);
        // For programs that start it in their own way.
        builder.environment().put("CORTEND", program("cortend").toString());
        try {
            process = builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Path root() {
        return root;
    }

    Path socket() {
        return root.resolve("d.sock");
    }

    Path dataRoot() {
        return root.resolve("data");
    }

    Path execRoot() {
        return root.resolve("exec");
    }

    Path home() {
        return root.resolve("home");
    }

    Belongings belongings() {
        return belongings;
    }

    /// The bridge's own address.
    String bridgeAddress() {
        return bridgeAddress;
    }

    long pid() {
        return stub == null ? process.pid() : ProcessHandle.current().pid();
    }

    Api api() {
        return new Api(socket());
    }

    /// For tests of a command line alone, which any server would do for.
    void answersAsItself() {
        String name = api().get("/version").json().path("Platform").path("Name").asString();
        if (!name.startsWith("Corten ")) {
            throw new AssertionError("not our daemon: " + name);
        }
    }

    Client docker() {
        return new Client(List.of("docker"), socket(), home(), Map.of());
    }

    Client corten() {
        return new Client(
                List.of(program("corten").toString(), "-H", "unix://" + socket()),
                socket(),
                home(),
                Map.of());
    }

    /// A new path below the engine's directory, for what a test wants to write.
    Path scratch(String name) {
        return root.resolve(name);
    }

    private Path log() {
        return root.resolve("log");
    }

    String logText() {
        try {
            return Files.exists(log()) ? new String(Files.readAllBytes(log()), UTF_8) : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// SIGKILL: the daemon has no say.
    void kill() {
        if (stub != null) {
            return;
        }
        process.destroyForcibly();
        awaitEnd();
    }

    /// SIGTERM, as a service is stopped. Containers go on.
    void terminate() {
        if (stub != null) {
            return;
        }
        process.destroy();
        awaitEnd();
    }

    void awaitEnd() {
        try {
            if (!process.waitFor(Limits.patience().toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly().waitFor();
                throw new AssertionError("the daemon does not end: " + logText());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    /// Sends the daemon a signal.
    ///
    /// @param name without `SIG`
    void signal(String name) {
        if (stub == null) {
            Running.run("kill", "-" + name, Long.toString(pid())).ok();
        }
    }

    /// Ends it, looks for what it has left, removes that, and fails if there was anything.
    ///
    /// @param expected what errors in its log may be about
    void closeCleanly(String... expected) {
        if (stub != null) {
            stub.close();
            belongings.deleteRoot();
            return;
        }
        var complaints = new ArrayList<String>();
        try {
            removeContainers();
            complaints.addAll(belongings.awaitNoneOfContainers());
        } catch (AssertionError | RuntimeException e) {
            complaints.add(e.toString());
        }
        try {
            terminate();
        } catch (AssertionError e) {
            complaints.add(e.toString());
        }
        complaints.addAll(belongings.removeWhatIsLeft());
        if (logText().contains("level=error")) {
            logText()
                    .lines()
                    .filter(line -> line.contains("level=error"))
                    .filter(line -> List.of(expected).stream().noneMatch(line::contains))
                    .forEach(line -> complaints.add("logged: " + line));
        }
        String log = logText();
        belongings.deleteRoot();
        if (!complaints.isEmpty()) {
            keep(log);
            throw new AssertionError(
                    "the engine left something behind:\n" + String.join("\n", complaints));
        }
    }

    /// After a start that failed.
    private void abandon() {
        if (process != null) {
            process.destroyForcibly();
        }
        belongings.removeWhatIsLeft();
        belongings.deleteRoot();
    }

    private static void keep(String log) {
        try {
            Path file = Files.createDirectories(Path.of("target/logs"));
            Files.writeString(file.resolve("cortend-" + System.nanoTime() + ".log"), log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void removeContainers() {
        if (stub != null) {
            return;
        }
        if (!process.isAlive()) {
            open();
        }
        for (var container : api().get("/containers/json?all=1").json()) {
            String id = container.path("Id").asString();
            api().call("DELETE", "/containers/" + id + "?force=1&v=1");
        }
        for (var volume : api().get("/volumes").json().path("Volumes")) {
            api().call("DELETE", "/volumes/" + volume.path("Name").asString());
        }
    }
}
