package dev.corten.bench;

import dev.corten.bench.Metric.Better;
import dev.corten.bench.Metric.Budget;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Builds: ours by `corten build`, those of others by buildx, and all of them by the classic API.
final class BuildGroups {
    private static final int SMALL_FILES = 20_000;
    private static final int FOLDERS = 200;
    private static final long MIB = 1 << 20;

    private static final Pattern EXPORT =
            Pattern.compile("\\{[^{}]*\"name\":\"exporting to image\"[^{}]*}");
    private static final Pattern STARTED = Pattern.compile("\"started\":\"([^\"]+)\"");
    private static final Pattern COMPLETED = Pattern.compile("\"completed\":\"([^\"]+)\"");

    private final boolean quick;
    private final Path builds;
    private final Path scratch;
    private final Optional<Path> ownCli;
    private final Optional<Path> buildx;
    private final String ours;
    private final Set<String> warm = new HashSet<>();
    private final Instant started = Instant.now();
    private int round;

    /// @param builds the folder of the Dockerfiles
    /// @param scratch where contexts are made that are too large to be kept
    /// @param buildx the program; without it BuildKit is not measured
    BuildGroups(
            boolean quick,
            Path builds,
            Path scratch,
            Optional<Path> ownCli,
            Optional<Path> buildx,
            String ours) {
        this.quick = quick;
        this.builds = builds;
        this.scratch = scratch;
        this.ownCli = ownCli;
        this.buildx = buildx;
        this.ours = ours;
    }

    List<Group> groups() {
        var half = new Budget.OfPeer(1 / 2.0);
        var third = new Budget.OfPeer(1 / 3.0);
        var quarter = new Budget.OfPeer(1 / 4.0);
        var none = new Budget.None();
        return List.of(
                new Group(
                        "build",
                        8,
                        1,
                        List.of(
                                Metric.time("build_20_uncached", half),
                                Metric.time("build_20_cached", quarter),
                                Metric.time("build_20_export", none)),
                        this::steps),
                new Group(
                        "build_classic",
                        5,
                        1,
                        List.of(
                                Metric.time("classic_20_uncached", half),
                                Metric.time("classic_20_cached", none)),
                        this::classic),
                new Group(
                        "build_stages",
                        3,
                        1,
                        List.of(
                                Metric.time("stages_sequence", none),
                                Metric.time(
                                        "stages_10",
                                        new Budget.OfMetric("stages_sequence", 1 / 1.7))),
                        this::stages),
                new Group(
                        "build_context",
                        5,
                        1,
                        List.of(
                                Metric.time("context_20k_first", none),
                                Metric.time("context_20k_again", third)),
                        this::context),
                new Group("build_copy", 5, 1, List.of(Metric.time("copy_500m", half)), this::copy),
                new Group(
                        "build_memory",
                        1,
                        1,
                        List.of(
                                new Metric(
                                        "build_1g_growth",
                                        "MiB",
                                        Better.LOWER,
                                        new Budget.Absolute(96))),
                        this::memory));
    }

    private void steps(Engine engine, Group.Recorder recorder)
            throws IOException, InterruptedException {
        Path context = builds.resolve("steps20");
        if (warm.add(engine.name())) {
            // The first one of a daemon's life is another thing.
            build(engine, context, "--no-cache");
        }
        recorder.record("build_20_uncached", build(engine, context, "--no-cache"));
        recorder.record("build_20_cached", build(engine, context));
        recorder.record("build_20_export", export(engine, context));
    }

    /// How much of a build without a cache is the making of the image, as its progress has it.
    private double export(Engine engine, Path context) throws IOException, InterruptedException {
        String told =
                engine.told(
                        program(engine),
                        "build",
                        "--progress=rawjson",
                        "--no-cache",
                        "-t",
                        engine.label() + "-build",
                        context.toString());
        Matcher vertex = EXPORT.matcher(told);
        double export = -1;
        while (vertex.find()) {
            Matcher started = STARTED.matcher(vertex.group());
            Matcher completed = COMPLETED.matcher(vertex.group());
            if (started.find() && completed.find()) {
                export =
                        Duration.between(time(started.group(1)), time(completed.group(1))).toNanos()
                                / 1e6;
            }
        }
        if (export < 0) {
            throw new Failure("nothing is told of an export: " + told);
        }
        return export;
    }

    private static Instant time(String text) {
        return OffsetDateTime.parse(text).toInstant();
    }

    private void classic(Engine engine, Group.Recorder recorder)
            throws IOException, InterruptedException {
        Path context = builds.resolve("steps20");
        recorder.record("classic_20_uncached", classicBuild(engine, context, "--no-cache"));
        recorder.record("classic_20_cached", classicBuild(engine, context));
    }

    private void stages(Engine engine, Group.Recorder recorder)
            throws IOException, InterruptedException {
        Path context = builds.resolve("stages10");
        // A peer may remember what an earlier run has built.
        String fresh = "ROUND=" + started.toEpochMilli() + "-" + round++;
        recorder.record(
                "stages_sequence",
                build(
                        engine,
                        context,
                        "--build-arg",
                        fresh,
                        "-f",
                        context.resolve("sequence.Dockerfile").toString()));
        recorder.record("stages_10", build(engine, context, "--build-arg", fresh));
    }

    private void context(Engine engine, Group.Recorder recorder)
            throws IOException, InterruptedException {
        int files = quick ? SMALL_FILES / 10 : SMALL_FILES;
        Path context = scratch.resolve("context-of-" + files);
        if (!Files.exists(context.resolve("Dockerfile"))) {
            for (int i = 0; i < files; i++) {
                Path folder = context.resolve("folder" + i % FOLDERS);
                Files.createDirectories(folder);
                Files.writeString(folder.resolve("file" + i), "file " + i + "\n");
            }
            dockerfile(context);
        }
        recorder.record("context_20k_first", build(engine, context));
        recorder.record("context_20k_again", build(engine, context));
    }

    private void copy(Engine engine, Group.Recorder recorder)
            throws IOException, InterruptedException {
        Path context = large(quick ? 20 : 500);
        recorder.record("copy_500m", build(engine, context, "--no-cache"));
    }

    /// How much more memory the daemon ever has while it builds with a large context than at rest.
    private void memory(Engine engine, Group.Recorder recorder)
            throws IOException, InterruptedException {
        Path context = large(quick ? 50 : 1024);
        int daemon = Processes.listening(engine.socket());
        Groups.collectGarbage(daemon);
        Processes.forgetPeak(daemon);
        double idle = Processes.peak(daemon);
        build(engine, context, "--no-cache");
        recorder.record("build_1g_growth", Processes.peak(daemon) - idle);
    }

    private Path large(int mebibytes) throws IOException {
        Path context = scratch.resolve("context-of-" + mebibytes + "m");
        if (!Files.exists(context.resolve("Dockerfile"))) {
            Files.createDirectories(context);
            var random = new Random(mebibytes);
            byte[] block = new byte[(int) MIB];
            try (OutputStream out = Files.newOutputStream(context.resolve("large"))) {
                for (int i = 0; i < mebibytes; i++) {
                    random.nextBytes(block);
                    out.write(block);
                }
            }
            dockerfile(context);
        }
        return context;
    }

    private static void dockerfile(Path context) throws IOException {
        Files.write(
                context.resolve("Dockerfile"),
                "FROM busybox\nCOPY . /context/\n".getBytes(StandardCharsets.UTF_8));
    }

    private double build(Engine engine, Path context, String... options)
            throws IOException, InterruptedException {
        var arguments = new ArrayList<String>();
        arguments.add("build");
        arguments.add("--quiet");
        arguments.addAll(List.of(options));
        arguments.add("-t");
        arguments.add(engine.label() + "-build");
        arguments.add(context.toString());
        return engine.timed(
                program(engine), OutputStream.nullOutputStream(), arguments.toArray(String[]::new));
    }

    private Path program(Engine engine) {
        return (engine.name().equals(ours) ? ownCli : buildx)
                .orElseThrow(() -> new Failure("builds want --buildx PATH"));
    }

    private static double classicBuild(Engine engine, Path context, String... options)
            throws IOException, InterruptedException {
        var arguments = new ArrayList<String>();
        arguments.add("build");
        arguments.add("--quiet");
        arguments.addAll(List.of(options));
        arguments.add("-t");
        arguments.add(engine.label() + "-classic");
        arguments.add(context.toString());
        return engine.timed(arguments.toArray(String[]::new));
    }
}
