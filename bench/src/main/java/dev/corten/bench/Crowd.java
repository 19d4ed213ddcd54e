package dev.corten.bench;

import dev.corten.bench.Metric.Budget;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// What is measured while an engine has many containers: most of them never started, a few running.
final class Crowd {
    private final boolean quick;
    private final boolean mayRestart;
    private final Optional<Path> ownCli;
    private final String ours;

    /// @param mayRestart whether the daemons of peers may be killed and started again
    /// @param ownCli our command line
    /// @param ours the name of our engine
    Crowd(boolean quick, boolean mayRestart, Optional<Path> ownCli, String ours) {
        this.quick = quick;
        this.mayRestart = mayRestart;
        this.ownCli = ownCli;
        this.ours = ours;
    }

    private int stopped() {
        return quick ? 20 : 480;
    }

    private int running() {
        return quick ? 3 : 20;
    }

    List<Group> groups() {
        return List.of(
                new Group(
                        "stats",
                        5,
                        2,
                        List.of(
                                Metric.time("stats_20", new Budget.OfPeer(1 / 5.0)),
                                Metric.time("corten_stats_20", new Budget.OfPeer(1 / 5.0))),
                        this::stats),
                new Group(
                        "crowd",
                        10,
                        2,
                        List.of(
                                Metric.time("ps_500", new Budget.OfPeer(1 / 2.0)),
                                Metric.time("api_ps_500", new Budget.OfPeer(1 / 2.0)),
                                Metric.time("run_rm_500", new Budget.OfMetric("run_rm", SAME)),
                                Metric.time("exec_500", new Budget.OfMetric("exec_true", SAME))),
                        this::crowd),
                new Group(
                        "start",
                        3,
                        1,
                        List.of(Metric.time("start_500", new Budget.OfPeer(1 / 1.5))),
                        this::start));
    }

    /// Each with the docker client, which waits for a tick of half a second before it prints, and
    /// then with the engine's own: for peers that is the docker client again.
    private void stats(Engine engine, Group.Recorder recorder)
            throws IOException, InterruptedException {
        engine.sleepers(running());
        double withDocker = engine.timed("stats", "--no-stream");
        recorder.record("stats_20", withDocker);
        if (!engine.name().equals(ours)) {
            recorder.record("corten_stats_20", withDocker);
        } else if (ownCli.isPresent()) {
            Thread.sleep(FORGOTTEN.toMillis());
            recorder.record(
                    "corten_stats_20",
                    engine.timed(
                            ownCli.get(), OutputStream.nullOutputStream(), "stats", "--no-stream"));
        }
    }

    /// After this long our daemon compares with no earlier measurement, as at the first time.
    private static final Duration FORGOTTEN = Duration.ofSeconds(3);

    /// Medians of the same thing differ by this much from one group to the next.
    private static final double SAME = 1.2;

    private void crowd(Engine engine, Group.Recorder recorder)
            throws IOException, InterruptedException {
        gather(engine);
        recorder.record("ps_500", engine.timed("ps", "-a"));
        long start = System.nanoTime();
        engine.list();
        recorder.record("api_ps_500", (System.nanoTime() - start) / 1e6);
        recorder.record("run_rm_500", Groups.run(engine, "bridge"));
        recorder.record("exec_500", engine.timed("exec", engine.sleeper(), "true"));
    }

    /// From the start of the daemon's program to its first answer, with all that it finds.
    private void start(Engine engine, Group.Recorder recorder)
            throws IOException, InterruptedException {
        if (!mayRestart && !engine.name().equals(ours)) {
            return;
        }
        gather(engine);
        engine.disconnect();
        recorder.record("start_500", Restart.millis(engine.socket()));
    }

    private void gather(Engine engine) throws IOException {
        engine.sleepers(running());
        engine.created(stopped());
    }
}
