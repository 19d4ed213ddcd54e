package dev.corten.bench;

import dev.corten.bench.Metric.Budget;
import java.io.IOException;
import java.util.List;

/// What is measured while an engine has many containers: most of them never started, a few running.
final class Crowd {
    private final boolean quick;
    private final boolean mayRestart;
    private final String ours;

    /// @param mayRestart whether the daemons of peers may be killed and started again
    /// @param ours the name of our engine
    Crowd(boolean quick, boolean mayRestart, String ours) {
        this.quick = quick;
        this.mayRestart = mayRestart;
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
                        List.of(Metric.time("stats_20", new Budget.OfPeer(1 / 5.0))),
                        (engine, recorder) -> {
                            engine.sleepers(running());
                            recorder.record("stats_20", engine.timed("stats", "--no-stream"));
                        }),
                new Group(
                        "crowd",
                        10,
                        2,
                        List.of(
                                Metric.time("ps_500", new Budget.OfPeer(1 / 2.0)),
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

    /// Medians of the same thing differ by this much from one group to the next.
    private static final double SAME = 1.2;

    private void crowd(Engine engine, Group.Recorder recorder)
            throws IOException, InterruptedException {
        gather(engine);
        recorder.record("ps_500", engine.timed("ps", "-a"));
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
