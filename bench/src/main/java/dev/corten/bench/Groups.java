package dev.corten.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.corten.bench.Metric.Better;
import dev.corten.bench.Metric.Budget;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// What is measured, and how: each engine by the same docker client, with the same image, network
/// mode and log driver.
final class Groups {
    private static final String LINE =
            "0123456789 the quick brown fox jumps over the lazy dog again";

    private final boolean quick;
    private final Crowd crowd;
    private final ImageGroups images;
    private final Path bigArchive;
    private final BuildGroups builds;
    private final Optional<Path> ownCli;
    private final String ours;

    /// @param mayRestart whether the daemons of peers may be killed and started again
    /// @param images where images come from and go to
    /// @param ownCli our command line, compared with the docker client on our own engine
    /// @param ours the name of our engine
    Groups(
            boolean quick,
            boolean mayRestart,
            Path bigArchive,
            ImageGroups.Images images,
            BuildGroups builds,
            Optional<Path> ownCli,
            String ours) {
        this.images = new ImageGroups(images);
        this.builds = builds;
        this.quick = quick;
        this.crowd = new Crowd(quick, mayRestart, ownCli, ours);
        this.bigArchive = bigArchive;
        this.ownCli = ownCli;
        this.ours = ours;
    }

    /// In the order in which they run: memory first, as long as the engines are fresh.
    List<Group> all() {
        var all = new ArrayList<Group>(single());
        all.addAll(images.groups());
        all.addAll(builds.groups());
        all.addAll(crowd.groups());
        return all;
    }

    private List<Group> single() {
        Budget none = new Budget.None();
        var third = new Budget.OfPeer(1 / 3.0);
        return List.of(
                new Group(
                        "memory",
                        1,
                        1,
                        List.of(
                                new Metric(
                                        "idle_rss", "MiB", Better.LOWER, new Budget.Absolute(110)),
                                new Metric(
                                        "pss_per_container",
                                        "MiB",
                                        Better.LOWER,
                                        new Budget.Absolute(0.3))),
                        this::memory),
                cliGroup("run_rm", 1 / 4.0, "bridge"),
                cliGroup("run_rm_none", 1 / 5.0, "none"),
                new Group(
                        "run_d",
                        20,
                        4,
                        List.of(
                                Metric.time("run_d", new Budget.OfPeer(1 / 3.0)),
                                Metric.time("rm_f", new Budget.OfPeer(1 / 4.0))),
                        this::runAndRemove),
                new Group(
                        "exec",
                        20,
                        4,
                        List.of(Metric.time("exec_true", new Budget.OfPeer(1 / 3.0))),
                        (engine, recorder) ->
                                recorder.record(
                                        "exec_true",
                                        engine.timed("exec", engine.sleeper(), "true"))),
                apiGroup("api_cycle", "bridge"),
                apiGroup("api_cycle_none", "none"),
                new Group(
                        "cpu",
                        3,
                        1,
                        List.of(Metric.time("cpu_per_run", new Budget.OfPeer(1 / 8.0))),
                        this::cpu),
                new Group("burst_cli", 3, 1, List.of(Metric.time("burst_cli", third)), this::burst),
                new Group(
                        "burst_api",
                        3,
                        1,
                        List.of(Metric.time("burst_api", third)),
                        this::burstOverApi),
                new Group(
                        "output",
                        5,
                        2,
                        List.of(
                                new Metric("attached", "MB/s", Better.HIGHER, new Budget.OfPeer(4)),
                                new Metric("logs", "MB/s", Better.HIGHER, new Budget.OfPeer(8))),
                        this::output),
                new Group(
                        "load",
                        3,
                        1,
                        List.of(Metric.time("load_big", new Budget.OfPeer(1 / 2.0))),
                        this::load),
                new Group(
                        "cli",
                        20,
                        5,
                        List.of(
                                Metric.time("docker_version", none),
                                Metric.time("cli_version", new Budget.Absolute(150)),
                                Metric.time("docker_ps", none),
                                Metric.time("cli_ps", new Budget.OfMetric("docker_ps", 5))),
                        this::cli));
    }

    private static Group cliGroup(String name, double budget, String network) {
        return new Group(
                name,
                20,
                4,
                List.of(Metric.time(name, new Budget.OfPeer(budget))),
                (engine, recorder) -> recorder.record(name, run(engine, network)));
    }

    private static Group apiGroup(String name, String network) {
        return new Group(
                name,
                40,
                8,
                List.of(Metric.time(name, new Budget.OfPeer(1 / 8.0))),
                (engine, recorder) -> {
                    long start = System.nanoTime();
                    engine.cycle(network);
                    recorder.record(name, millisSince(start));
                });
    }

    private static String[] runCommand(Engine engine, String network) {
        return new String[] {
            "run",
            "--rm",
            "--label",
            "corten.bench=" + engine.label(),
            "--log-driver",
            "json-file",
            "--network",
            network,
            "busybox",
            "true"
        };
    }

    static double run(Engine engine, String network) throws IOException, InterruptedException {
        return engine.timed(runCommand(engine, network));
    }

    private void runAndRemove(Engine engine, Group.Recorder recorder)
            throws IOException, InterruptedException {
        long start = System.nanoTime();
        String id =
                engine.output(
                        "run",
                        "-d",
                        "--label",
                        "corten.bench=" + engine.label(),
                        "--log-driver",
                        "json-file",
                        "busybox",
                        "sleep",
                        "1000");
        recorder.record("run_d", millisSince(start));
        recorder.record("rm_f", engine.timed("rm", "-f", id));
    }

    private void cpu(Engine engine, Group.Recorder recorder)
            throws IOException, InterruptedException {
        int cycles = quick ? 10 : 40;
        int daemon = Processes.listening(engine.socket());
        try (var meter = new CpuMeter(daemon, engine.label() + "-" + engine.name())) {
            engine.cycle("bridge");
            double before = meter.used();
            for (int n = 0; n < cycles; n++) {
                engine.cycle("bridge");
            }
            settle(); // what an engine does after its answer is its work as well
            recorder.record("cpu_per_run", (meter.used() - before) / cycles);
        }
    }

    private void memory(Engine engine, Group.Recorder recorder)
            throws IOException, InterruptedException {
        for (int n = 0; n < 10; n++) {
            engine.cycle("bridge");
        }
        int daemon = Processes.listening(engine.socket());
        collectGarbage(daemon);
        Thread.sleep(quick ? 3_000 : 30_000); // the state that is defined as idle
        var idle = Processes.Memory.of(Processes.ofEngine(daemon, new HashSet<>()));
        recorder.record("idle_rss", idle.rss());

        int count = quick ? 10 : 50;
        var ids = new ArrayList<String>();
        var inits = new HashSet<Integer>();
        for (int n = 0; n < count; n++) {
            String id = engine.create("bridge", "sleep", "100000");
            engine.start(id);
            ids.add(id);
            inits.add(engine.processOf(id));
        }
        collectGarbage(daemon);
        settle();
        var loaded = Processes.Memory.of(Processes.ofEngine(daemon, inits));
        recorder.record("pss_per_container", (loaded.pss() - idle.pss()) / count);
        for (String id : ids) {
            engine.remove(id);
        }
    }

    private static void settle() throws InterruptedException {
        Thread.sleep(1_000);
    }

    /// Go gives back on its own; a JVM that nobody asks keeps what it once had.
    static void collectGarbage(int pid) throws IOException, InterruptedException {
        if (!Processes.runsJava(pid)) {
            return;
        }
        Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
        Process process =
                new ProcessBuilder(jcmd.toString(), Integer.toString(pid), "GC.run")
                        .redirectErrorStream(true)
                        .start();
        String said = new String(process.getInputStream().readAllBytes(), US_ASCII);
        if (process.waitFor() != 0) {
            throw new Failure("jcmd GC.run: " + said.strip());
        }
    }

    /// All at once by client processes, until the last has ended.
    private void burst(Engine engine, Group.Recorder recorder)
            throws IOException, InterruptedException {
        int count = quick ? 10 : 50;
        long start = System.nanoTime();
        var clients = new ArrayList<Process>();
        for (int n = 0; n < count; n++) {
            clients.add(engine.spawn(runCommand(engine, "bridge")));
        }
        for (Process client : clients) {
            engine.finish(client, "run");
        }
        recorder.record("burst_cli", millisSince(start));
    }

    private void burstOverApi(Engine engine, Group.Recorder recorder)
            throws IOException, InterruptedException {
        int count = quick ? 10 : 50;
        var cycles = new ArrayList<Callable<Boolean>>();
        for (int n = 0; n < count; n++) {
            cycles.add(() -> {
                try (var own = engine.another()) {
                    own.cycle("bridge");
                    return true;
                }
            });
        }
        try (var threads = Executors.newFixedThreadPool(count)) {
            long start = System.nanoTime();
            for (Future<Boolean> cycle : threads.invokeAll(cycles)) {
                cycle.get();
            }
            recorder.record("burst_api", millisSince(start));
        } catch (ExecutionException e) {
            throw new Failure("a burst: " + e.getCause());
        }
    }

    /// The attached stream of a container that writes lines, and its log afterwards. Each byte
    /// counts: a sum that differs is a failed sample.
    private void output(Engine engine, Group.Recorder recorder)
            throws IOException, InterruptedException {
        int bytes = (quick ? 8 : 48) * 1_000_000 / (LINE.length() + 1) * (LINE.length() + 1);
        String expected = sumOfLines(bytes);
        String name = engine.label() + "-out" + System.nanoTime();
        String script = "yes '" + LINE + "' | head -c " + bytes;
        MessageDigest sum = Archives.newSha256();
        var sink = new DigestOutputStream(OutputStream.nullOutputStream(), sum);
        double millis =
                engine.timed(
                        sink,
                        "run",
                        "--name",
                        name,
                        "--label",
                        "corten.bench=" + engine.label(),
                        "--log-driver",
                        "json-file",
                        "--log-opt",
                        "max-size=1g",
                        "--network",
                        "none",
                        "busybox",
                        "sh",
                        "-c",
                        script);
        try {
            compare("attached output", sum, expected);
            recorder.record("attached", bytes / 1e3 / millis);
            millis = engine.timed(sink, "logs", name);
            compare("logs", sum, expected);
            recorder.record("logs", bytes / 1e3 / millis);
        } finally {
            engine.remove(name);
        }
    }

    private static String sumOfLines(int bytes) {
        MessageDigest sum = Archives.newSha256();
        byte[] line = (LINE + "\n").getBytes(US_ASCII);
        for (int n = 0; n < bytes / line.length; n++) {
            sum.update(line);
        }
        return HexFormat.of().formatHex(sum.digest());
    }

    private static void compare(String what, MessageDigest sum, String expected) {
        String got = HexFormat.of().formatHex(sum.digest());
        if (!got.equals(expected)) {
            throw new Failure(what + ": sha256 " + got + " instead of " + expected);
        }
    }

    private void load(Engine engine, Group.Recorder recorder)
            throws IOException, InterruptedException {
        if (engine.has("big:latest")) {
            engine.call("DELETE", "/images/big:latest?force=1", "");
        }
        recorder.record("load_big", engine.timed("load", "-q", "-i", bigArchive.toString()));
        engine.call("DELETE", "/images/big:latest?force=1", "");
    }

    /// How long command lines take that the engine has little to do for: their start is what counts.
    private void cli(Engine engine, Group.Recorder recorder)
            throws IOException, InterruptedException {
        engine.sleeper();
        recorder.record("docker_version", engine.timed("-v"));
        recorder.record("docker_ps", engine.timed("ps"));
        if (ownCli.isPresent() && engine.name().equals(ours)) {
            Path own = ownCli.get();
            recorder.record(
                    "cli_version", engine.timed(own, OutputStream.nullOutputStream(), "-v"));
            recorder.record("cli_ps", engine.timed(own, OutputStream.nullOutputStream(), "ps"));
        }
    }

    private static double millisSince(long start) {
        return (System.nanoTime() - start) / 1e6;
    }
}
