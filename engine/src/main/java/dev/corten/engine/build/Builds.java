package dev.corten.engine.build;

import dev.corten.archive.ignore.IgnoreRules;
import dev.corten.build.cache.DiskCache;
import dev.corten.build.check.CheckOptions;
import dev.corten.build.check.CopyChecks;
import dev.corten.build.check.FileChecks;
import dev.corten.build.check.Warnings;
import dev.corten.build.dockerfile.Directive;
import dev.corten.build.dockerfile.Dockerfile;
import dev.corten.build.dockerfile.DockerfileException;
import dev.corten.build.front.BuildArguments;
import dev.corten.build.front.Evaluation;
import dev.corten.build.front.StageOrder;
import dev.corten.build.graph.Bases;
import dev.corten.build.graph.BuildPlan;
import dev.corten.build.graph.PlanOptions;
import dev.corten.build.graph.Planner;
import dev.corten.build.graph.Remote;
import dev.corten.build.solve.CacheStore;
import dev.corten.build.solve.Listener;
import dev.corten.build.solve.Solver;
import dev.corten.build.solve.Solving;
import dev.corten.build.solve.Vertex;
import dev.corten.build.step.BuildWorker;
import dev.corten.build.work.LayeredTree;
import dev.corten.build.work.StepCommand;
import dev.corten.build.work.Tree;
import dev.corten.build.work.TreeSource;
import dev.corten.engine.build.output.Exports;
import dev.corten.engine.build.remote.LayoutImages;
import dev.corten.engine.build.remote.RemoteCaches;
import dev.corten.engine.image.Images;
import dev.corten.engine.pull.Pulls;
import dev.corten.kernel.process.Signals;
import dev.corten.model.ContainerId;
import dev.corten.model.Digest;
import dev.corten.model.InvalidParameter;
import dev.corten.model.Platform;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Builds images. Thread-safe; builds that need the same step at the same time share it.
public final class Builds {
    private static final String EPOCH = "SOURCE_DATE_EPOCH";
    private static final String HOSTNAME = "BUILDKIT_SANDBOX_HOSTNAME";
    private static final String CHECK = "BUILDKIT_DOCKERFILE_CHECK";

    private static final int MAX_LINE = Integer.MAX_VALUE;

    private final BuildWorker worker;
    private final Solver<Tree> solver;
    private final DiskCache<Tree> cache;
    private final LayeredTree.Maker trees;
    private final Images images;
    private final Pulls pulls;
    private final RemoteFiles remote;
    private final LayoutImages layouts;
    private final Entitlements entitlements;
    private final ImageAssembly assembly;
    private final FailedContainers failed;
    private final Stories stories;
    private final RemoteCaches caches;
    private final Clock clock;

    public Builds(
            BuildWorker worker,
            DiskCache<Tree> cache,
            LayeredTree.Maker trees,
            Images images,
            Pulls pulls,
            RemoteFiles remote,
            LayoutImages layouts,
            Entitlements entitlements,
            ImageAssembly assembly,
            FailedContainers failed,
            Stories stories,
            RemoteCaches caches,
            Clock clock) {
        this.worker = worker;
        this.solver = new Solver<>(worker, cache);
        this.cache = cache;
        this.trees = trees;
        this.clock = clock;
        this.images = images;
        this.pulls = pulls;
        this.remote = remote;
        this.layouts = layouts;
        this.entitlements = entitlements;
        this.assembly = assembly;
        this.failed = failed;
        this.stories = stories;
        this.caches = caches;
    }

    /// Gives the files behind the addresses of `ADD`, for one build.
    @FunctionalInterface
    public interface RemoteFiles {
        Remote of(BuildRequest request);
    }

    /// Builds, and makes of it what was asked for.
    ///
    /// @throws BuildFailure if the Dockerfile cannot be done, or a step fails
    public BuildResult build(BuildRequest request, BuildObserver observer)
            throws IOException, InterruptedException, BuildFailure {
        entitlements.check(request.allowed());
        Instant started = clock.instant();
        Exports.check(ImageAssembly.exportRequest(request, started));
        RemoteCaches.check(RequestedCaches.to(request));
        try (RemoteCaches.Caches elsewhere =
                        RequestedCaches.open(caches, cache, trees, request, observer);
                Building building = start(request, observer, elsewhere.own())) {
            var results = new ArrayList<Tree>();
            try {
                for (BuildPlan plan : building.plans()) {
                    Optional<Vertex> target = plan.target().tree();
                    results.add(target.isEmpty() ? nothing() : building.result(target.get()));
                }
                return assembly.export(
                        request, building.plans(), results, started, elsewhere, observer);
            } catch (BuildFailure e) {
                throw request.keepFailed() ? failed.opened(e) : e;
            } finally {
                results.forEach(Tree::close);
                cache.built();
            }
        }
    }

    /// Removes the container that a failure speaks of: nobody looks at it any more.
    public void close(ContainerId shell) throws InterruptedException {
        failed.close(shell);
    }

    private Tree nothing() {
        return trees.get(Optional.empty(), LayeredTree.contentOfImage(Optional.empty()));
    }

    /// What the build checks say, without a build.
    public Checked check(BuildRequest request, BuildObserver observer)
            throws IOException, InterruptedException {
        definition(request, observer);
        Preparation prepared;
        try {
            prepared = new Preparation(request);
        } catch (BuildFailure e) {
            return new Checked(List.of(), Optional.of(e));
        }
        Optional<BuildFailure> failure = Optional.empty();
        try (var kept = new LayoutBases(layouts, request, observer)) {
            prepared.plan(observer, kept);
        } catch (BuildFailure e) {
            failure = Optional.of(e);
        }
        // What stands behind it was not looked at.
        int end = failure.map(e -> e.where().firstLine()).filter(line -> line > 0).orElse(MAX_LINE);
        return new Checked(
                prepared.warnings.list().stream()
                        .filter(warning -> warning.firstLine() < end)
                        .toList(),
                failure);
    }

    /// Says that the Dockerfile has come: people look for it in the progress.
    public void definition(BuildRequest request, BuildObserver observer) {
        loaded(
                observer,
                "[internal] load build definition from " + request.dockerfileName(),
                "transferring dockerfile:",
                request.dockerfile().length);
    }

    /// Reads the Dockerfile, fetches the images that it begins with, and begins to solve.
    ///
    /// @throws BuildFailure if the Dockerfile cannot be done
    public Building start(BuildRequest request, BuildObserver observer)
            throws IOException, InterruptedException, BuildFailure {
        return start(request, observer, Optional.empty());
    }

    /// @param own the cache of this build, if it has one
    private Building start(
            BuildRequest request, BuildObserver observer, Optional<CacheStore<Tree>> own)
            throws IOException, InterruptedException, BuildFailure {
        if (request.style() == BuildRequest.Style.BUILDKIT) {
            definition(request, observer);
        }
        worker.warm();
        var kept = new LayoutBases(layouts, request, observer);
        boolean done = false;
        try {
            Building building = start(request, observer, own, kept);
            done = true;
            return building;
        } finally {
            if (!done) {
                kept.close();
            }
        }
    }

    private Building start(
            BuildRequest request,
            BuildObserver observer,
            Optional<CacheStore<Tree>> own,
            LayoutBases kept)
            throws IOException, InterruptedException, BuildFailure {
        var prepared = new Preparation(request);
        List<BuildPlan> plans = prepared.plan(observer, kept);
        observer.warned(prepared.warnings.list());
        if (prepared.check.error() && !prepared.warnings.list().isEmpty()) {
            throw new BuildFailure(
                    "lint violation found for rules: "
                            + String.join(
                                    ", ",
                                    prepared.warnings.list().stream()
                                            .map(warning -> warning.rule().label())
                                            .distinct()
                                            .toList()),
                    BuildFailure.Where.NOWHERE,
                    null);
        }
        plans.forEach(observer::planned);
        String project =
                request.tags().isEmpty()
                        ? request.dockerfileName()
                        : request.tags().getFirst().repository().toString();
        Set<String> sandboxes = ConcurrentHashMap.newKeySet();
        var shown =
                new Shown(new Explained(observer, stories, project, request.explain()), sandboxes);
        Solving<Tree> solving =
                own.isPresent() ? solver.begin(own.get(), shown) : solver.begin(shown);
        var building =
                new RunningBuild(
                        plans,
                        prepared.unused,
                        solving,
                        request.style(),
                        () -> {
                            failed.drop(sandboxes);
                            kept.close();
                        });
        plans.forEach(plan -> plan.target().tree().ifPresent(building::want));
        return building;
    }

    private static void loaded(BuildObserver observer, String name, String part, long bytes) {
        var vertex =
                new Vertex(name, () -> Digest.of(name.getBytes(StandardCharsets.UTF_8)), List.of());
        observer.begun(vertex);
        observer.progressed(vertex, part, bytes, 0, true);
        observer.ended(vertex, Listener.End.DONE);
    }

    /// The Dockerfile of a request, on its way to a plan.
    private final class Preparation {
        private final BuildRequest request;
        private final Dockerfile file;
        private final CheckOptions check;
        private final Warnings warnings;
        private final Set<String> unused = new LinkedHashSet<>();

        /// Whether people have read that the ignore file was.
        private boolean ignoring;

        Preparation(BuildRequest request) throws BuildFailure {
            this.request = request;
            boolean buildKit = request.style() == BuildRequest.Style.BUILDKIT;
            if (buildKit && request.dockerfile().length == 0) {
                throw new BuildFailure(
                        "the Dockerfile cannot be empty", BuildFailure.Where.NOWHERE, null);
            }
            try {
                this.file = Dockerfile.parse(request.dockerfile());
            } catch (DockerfileException e) {
                throw failure(e, request.style());
            }
            this.check = CheckOptions.parse(checks());
            this.warnings = new Warnings(check);
            FileChecks.run(file, warnings);
        }

        private String checks() {
            String given = request.arguments().get(CHECK);
            return given != null
                    ? given
                    : file.directives().stream()
                            .filter(directive -> directive.name().equals("check"))
                            .map(Directive::value)
                            .findFirst()
                            .orElse("");
        }

        List<BuildPlan> plan(BuildObserver observer, LayoutBases kept)
                throws IOException, InterruptedException, BuildFailure {
            List<Platform> platforms =
                    request.platforms().isEmpty() ? List.of(Platform.host()) : request.platforms();
            var plans = new ArrayList<BuildPlan>();
            try (var bases = new PulledBases(images, pulls, request, observer, kept)) {
                for (Platform platform : platforms) {
                    plans.add(plan(platform, platforms.size() > 1, bases, observer));
                }
            } catch (DockerfileException e) {
                throw failure(e, request.style());
            }
            return plans;
        }

        private BuildPlan plan(
                Platform platform, boolean labelled, PulledBases bases, BuildObserver observer)
                throws DockerfileException, IOException, InterruptedException {
            var arguments =
                    new BuildArguments(
                            request.arguments(),
                            Platform.host(),
                            platform,
                            request.target().isEmpty() ? "default" : request.target());
            // Said once, whatever the number of platforms.
            Warnings heard = labelled ? new Warnings(check) : warnings;
            var evaluation =
                    new Evaluation(
                            file,
                            arguments,
                            heard,
                            signal -> Signals.parse(signal).isPresent(),
                            request.style() == BuildRequest.Style.CLASSIC);
            StageOrder order =
                    StageOrder.of(
                            file,
                            request.target(),
                            evaluation::baseName,
                            request.contexts().keySet());
            var planner =
                    new Planner(
                            file,
                            platform,
                            order,
                            evaluation,
                            bases.on(platform),
                            remote.of(request),
                            options(labelled),
                            arguments.proxies());
            BuildPlan plan;
            try {
                plan = planner.plan();
                ignoring(observer);
            } catch (DockerfileException e) {
                boolean name =
                        e.complaint().startsWith("failed to parse stage name")
                                || e.complaint().startsWith("base name");
                if (!name) {
                    ignoring(observer);
                }
                throw e;
            }
            IgnoreRules ignored = IgnoreRules.read(request.ignored());
            plan.stages().stream()
                    .flatMap(stage -> stage.steps().stream())
                    .forEach(step -> CopyChecks.run(step.step().instruction(), ignored, heard));
            unused.addAll(arguments.unused());
            return plan;
        }

        /// Says that the ignore file was read: after names were looked at, before anything else is.
        private void ignoring(BuildObserver observer) {
            if (request.style() == BuildRequest.Style.BUILDKIT && !ignoring) {
                ignoring = true;
                loaded(
                        observer,
                        "[internal] load .dockerignore",
                        "transferring context:",
                        request.ignored().length);
            }
        }

        private PlanOptions options(boolean labelled) {
            Map<String, TreeSource> files = new HashMap<>();
            Map<String, String> named = new HashMap<>();
            request.contexts()
                    .forEach((name, context) -> {
                        String key = name.toLowerCase(Locale.ROOT);
                        switch (context) {
                            case BuildRequest.NamedContext.Files(TreeSource source) ->
                                    files.put(key, source);
                            case BuildRequest.NamedContext.Image(String reference) ->
                                    named.put(key, reference);
                            case BuildRequest.NamedContext.Layout _ ->
                                    named.put(key, Bases.LAYOUT + key);
                        }
                    });
            return new PlanOptions(
                    request.style() == BuildRequest.Style.CLASSIC,
                    labelled,
                    request.context(),
                    files,
                    named,
                    request.noCache(),
                    request.noCacheStages(),
                    hostname(),
                    request.host(),
                    request.allowed(),
                    request.keepFailed(),
                    rewritten() ? epoch(request) : Optional.empty(),
                    request.client(),
                    ContainerId.random().hex());
        }

        private String hostname() {
            return request.style() == BuildRequest.Style.CLASSIC
                    ? ""
                    : request.arguments().getOrDefault(HOSTNAME, StepCommand.BUILDKIT_HOSTNAME);
        }

        private boolean rewritten() {
            return request.outputs().stream()
                    .noneMatch(
                            output -> "false".equals(output.attributes().get("rewrite-timestamp")));
        }
    }

    /// The time that every new file gets at most, and every history.
    ///
    /// @throws InvalidParameter if it is no number of seconds
    static Optional<Instant> epoch(BuildRequest request) {
        String seconds = request.arguments().get(EPOCH);
        if (seconds == null || seconds.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(Instant.ofEpochSecond(Long.parseLong(seconds)));
        } catch (NumberFormatException | java.time.DateTimeException e) {
            throw new InvalidParameter("invalid " + EPOCH + ": " + seconds, e);
        }
    }

    private static BuildFailure failure(DockerfileException e, BuildRequest.Style style) {
        // Only the classic builder says what it was about.
        boolean unread = String.valueOf(e.getMessage()).startsWith("failed to parse Dockerfile: ");
        return new BuildFailure(
                unread && style == BuildRequest.Style.BUILDKIT
                        ? e.complaint()
                        : String.valueOf(e.getMessage()),
                new BuildFailure.Where(
                        Optional.empty(), e.position().line(), e.lastLine(), 0, Optional.empty()),
                e);
    }
}
