package dev.corten.bench;

import dev.corten.bench.Metric.Better;
import dev.corten.bench.Metric.Budget;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;

/// Images on their way: out of a registry, into one, into a file, out of a container. The registries are
/// Debian's, so that they are the same for all engines.
final class ImageGroups {
    private static final String HUGE = "huge";
    private static final String BIG = "big:latest";

    private final Images images;

    /// What the groups need, made when the first of them runs.
    interface Images {
        /// A registry that has this image.
        LocalRegistry source(String image) throws IOException, InterruptedException;

        /// One that may be emptied.
        LocalRegistry target() throws IOException, InterruptedException;

        /// Has the engine load `big:latest` if it is not there.
        void big(Engine engine) throws IOException, InterruptedException;
    }

    ImageGroups(Images images) {
        this.images = images;
    }

    List<Group> groups() {
        var half = new Budget.OfPeer(1 / 2.0);
        var third = new Budget.OfPeer(1 / 3.0);
        return List.of(
                new Group(
                        "pull",
                        3,
                        1,
                        List.of(Metric.time("pull_big", half)),
                        (engine, recorder) -> recorder.record("pull_big", pull(engine, "big"))),
                new Group(
                        "pull_layers",
                        5,
                        1,
                        List.of(Metric.time("pull_60_layers", third)),
                        (engine, recorder) ->
                                recorder.record("pull_60_layers", pull(engine, "layers"))),
                new Group(
                        "push",
                        3,
                        1,
                        List.of(
                                Metric.time("push_loaded", half),
                                Metric.time("push_big", half),
                                Metric.time("push_again", new Budget.None())),
                        this::push),
                new Group("save", 3, 1, List.of(Metric.time("save_big", half)), this::save),
                new Group(
                        "commit",
                        10,
                        2,
                        List.of(
                                Metric.time("commit_1m", third),
                                Metric.time("api_commit_1m", third),
                                Metric.time("commit_client", new Budget.None())),
                        this::commit),
                new Group(
                        "pull_memory",
                        1,
                        1,
                        List.of(
                                new Metric(
                                        "pull_2g_growth",
                                        "MiB",
                                        Better.LOWER,
                                        new Budget.Absolute(64)),
                                Metric.time("pull_2g", new Budget.None())),
                        this::memory));
    }

    private double pull(Engine engine, String image) throws IOException, InterruptedException {
        String name = images.source(image).host() + "/" + image + ":latest";
        engine.removeImage(name);
        // Layers that another name keeps would not be fetched.
        engine.removeImage(BIG);
        try {
            return engine.timed("pull", "-q", name);
        } finally {
            engine.removeImage(name);
        }
    }

    /// Loaded from an archive just now, so that every layer has to be compressed; the same once more
    /// into a registry without it; and into one that has all of it.
    private void push(Engine engine, Group.Recorder recorder)
            throws IOException, InterruptedException {
        LocalRegistry registry = images.target();
        String name = registry.host() + "/" + engine.label() + "/big:latest";
        engine.removeImage(BIG);
        images.big(engine);
        engine.timed("tag", BIG, name);
        try {
            registry.empty();
            recorder.record("push_loaded", engine.timed("push", "-q", name));
            registry.empty();
            recorder.record("push_big", engine.timed("push", "-q", name));
            recorder.record("push_again", engine.timed("push", "-q", name));
        } finally {
            engine.removeImage(name);
            registry.empty();
        }
    }

    private void save(Engine engine, Group.Recorder recorder)
            throws IOException, InterruptedException {
        images.big(engine);
        recorder.record("save_big", engine.timed(OutputStream.nullOutputStream(), "save", BIG));
    }

    private void commit(Engine engine, Group.Recorder recorder)
            throws IOException, InterruptedException {
        String script = "head -c 1048576 /dev/urandom > /changed";
        String id = engine.create("none", "sh", "-c", script);
        engine.start(id);
        engine.call("POST", "/containers/" + id + "/wait", "");
        String image = engine.label() + "-commit:latest";
        try {
            recorder.record("commit_1m", engine.timed("commit", id, image));
            engine.removeImage(image);
            long start = System.nanoTime();
            engine.call(
                    "POST", "/commit?container=" + id + "&repo=" + engine.label() + "-commit", "");
            recorder.record("api_commit_1m", (System.nanoTime() - start) / 1e6);
            // What the docker client takes by itself: it starts and asks once more.
            recorder.record(
                    "commit_client", engine.timed("image", "ls", "-q", "nothing-of-this-name"));
        } finally {
            engine.remove(id);
            engine.removeImage(image);
        }
    }

    /// How much more memory the daemon ever has while it pulls 2 GiB than it had at rest.
    private void memory(Engine engine, Group.Recorder recorder)
            throws IOException, InterruptedException {
        String name = images.source(HUGE).host() + "/" + HUGE + ":latest";
        engine.removeImage(name);
        int daemon = Processes.listening(engine.socket());
        Groups.collectGarbage(daemon);
        Processes.forgetPeak(daemon);
        double idle = Processes.peak(daemon);
        try {
            recorder.record("pull_2g", engine.timed("pull", "-q", name));
            recorder.record("pull_2g_growth", Processes.peak(daemon) - idle);
        } finally {
            engine.removeImage(name);
        }
    }
}
