package dev.corten.engine.build.classic;

import dev.corten.build.check.CheckOptions;
import dev.corten.build.check.Warnings;
import dev.corten.build.dockerfile.Dockerfile;
import dev.corten.build.dockerfile.Instruction;
import dev.corten.build.dockerfile.Stage;
import dev.corten.build.front.BuildArguments;
import dev.corten.build.front.Evaluation;
import dev.corten.build.front.StageOrder;
import dev.corten.build.front.StageSteps;
import dev.corten.build.front.Step;
import dev.corten.build.graph.BuildPlan;
import dev.corten.build.graph.PlannedStage;
import dev.corten.build.graph.PlannedStep;
import dev.corten.build.solve.Listener.End;
import dev.corten.build.solve.Vertex;
import dev.corten.build.work.Tree;
import dev.corten.engine.build.BuildFailure;
import dev.corten.engine.build.BuildObserver;
import dev.corten.engine.build.BuildRequest;
import dev.corten.engine.build.Building;
import dev.corten.kernel.Fd;
import dev.corten.model.Digest;
import dev.corten.model.Platform;
import dev.corten.model.image.Image;
import dev.corten.model.image.ImageConfig;
import dev.corten.store.image.Images;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// A builder whose steps do what a test says. What it has done once it takes from its cache.
final class ScriptedBuilder implements ClassicBuilds.Starter, ClassicBuilds.Layering {
    static final String SANDBOX = "5a".repeat(32);

    /// What a step does.
    @FunctionalInterface
    interface Script {
        /// @return the exit code
        int run(Vertex vertex, BuildObserver observer) throws InterruptedException;
    }

    private final Images images;
    private final Map<String, Script> scripts = new HashMap<>();
    private final Set<Digest> done = new HashSet<>();
    private final Map<Digest, List<Digest>> layers = new HashMap<>();

    ScriptedBuilder(Images images) {
        this.images = images;
    }

    /// @param step as it stands in the file
    void on(String step, Script script) {
        scripts.put(step, script);
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private record Files(Digest content) implements Tree {
        @Override
        public Optional<Digest> chainId() {
            return Optional.of(content);
        }

        @Override
        public Fd open() {
            throw new AssertionError("the front reads no files of steps");
        }

        @Override
        public Tree share() {
            return this;
        }

        @Override
        public void close() {}
    }

    @Override
    public Building start(BuildRequest request, BuildObserver observer) throws BuildFailure {
        try {
            BuildPlan plan = plan(request);
            return new Running(plan, observer);
        } catch (dev.corten.build.dockerfile.DockerfileException e) {
            throw new BuildFailure(String.valueOf(e.getMessage()), BuildFailure.Where.NOWHERE, e);
        }
    }

    private BuildPlan plan(BuildRequest request)
            throws dev.corten.build.dockerfile.DockerfileException {
        Dockerfile file = Dockerfile.parse(request.dockerfile());
        StageOrder order = StageOrder.of(file, request.target());
        var evaluation =
                new Evaluation(
                        file,
                        new BuildArguments(
                                request.arguments(), Platform.host(), Platform.host(), "default"),
                        new Warnings(CheckOptions.parse("")),
                        signal -> signal.startsWith("SIG"),
                        true);
        var planned = new LinkedHashMap<Stage, PlannedStage>();
        for (Stage stage : order.wanted()) {
            Optional<PlannedStage> from = order.base(stage).map(planned::get);
            String name = evaluation.base(stage).name();
            Optional<Image> base =
                    from.isPresent() || name.equals("scratch")
                            ? Optional.empty()
                            : Optional.of(images.get(name));
            base.ifPresent(image -> layers.put(image.id(), image.diffIds()));
            ImageConfig config =
                    from.map(PlannedStage::config)
                            .or(() -> base.map(Image::config))
                            .orElse(ImageConfig.EMPTY);
            StageSteps steps = evaluation.steps(stage, config, null);
            Optional<Vertex> tree = from.flatMap(PlannedStage::tree);
            var made = new ArrayList<PlannedStep>();
            String below = base.map(image -> image.id().toString()).orElse("");
            for (Step step : steps.steps()) {
                Optional<Vertex> own = vertex(step, tree, below);
                tree = own.or(() -> tree0(made, from));
                made.add(new PlannedStep(step, own, tree, ""));
            }
            planned.put(
                    stage,
                    new PlannedStage(
                            stage,
                            stage.label(),
                            name,
                            base,
                            from,
                            Optional.empty(),
                            made,
                            steps.config()));
        }
        return new BuildPlan(
                file, Platform.host(), List.copyOf(planned.values()), planned.get(order.target()));
    }

    private static Optional<Vertex> tree0(List<PlannedStep> made, Optional<PlannedStage> from) {
        return made.isEmpty() ? from.flatMap(PlannedStage::tree) : made.getLast().tree();
    }

    private Optional<Vertex> vertex(Step step, Optional<Vertex> below, String base) {
        boolean files =
                step.instruction() instanceof Instruction.Run
                        || step.instruction() instanceof Instruction.Copy
                        || step.instruction() instanceof Instruction.Workdir;
        if (!files) {
            return Optional.empty();
        }
        String text = step.instruction().statement().text();
        Digest before =
                below.map(vertex -> vertex.operation().definition()).orElse(Digest.of(bytes(base)));
        Digest content = Digest.of(bytes(before + " " + text));
        var all =
                new ArrayList<>(
                        layers.getOrDefault(
                                before,
                                base.isEmpty()
                                        ? List.of()
                                        : layers.getOrDefault(Digest.parse(base), List.of())));
        if (!text.contains("true")) {
            all.add(content);
        }
        layers.put(content, List.copyOf(all));
        return Optional.of(new Vertex(text, () -> content, below.stream().toList()));
    }

    private final class Running implements Building {
        private final BuildPlan plan;
        private final BuildObserver observer;

        Running(BuildPlan plan, BuildObserver observer) {
            this.plan = plan;
            this.observer = observer;
        }

        @Override
        public List<BuildPlan> plans() {
            return List.of(plan);
        }

        @Override
        public Set<String> unusedArguments() {
            return Set.of();
        }

        @Override
        public Tree result(Vertex vertex) throws InterruptedException, BuildFailure {
            observer.begun(vertex);
            Digest content = vertex.operation().definition();
            if (!done.contains(content)) {
                Script script = scripts.getOrDefault(vertex.name(), (v, o) -> 0);
                int code = script.run(vertex, observer);
                if (code != 0) {
                    observer.ended(vertex, End.FAILED);
                    throw new BuildFailure(
                            "The command failed: " + code,
                            new BuildFailure.Where(step(vertex), 0, 0, code, Optional.empty()),
                            new IllegalStateException());
                }
                done.add(content);
                observer.ended(vertex, End.DONE);
            } else {
                observer.ended(vertex, End.CACHED);
            }
            return new Files(content);
        }

        private Optional<PlannedStep> step(Vertex vertex) {
            return plan.stages().stream()
                    .flatMap(stage -> stage.steps().stream())
                    .filter(step -> step.vertex().equals(Optional.of(vertex)))
                    .findFirst();
        }

        @Override
        public void close() {}
    }

    @Override
    public List<Digest> of(Tree tree) {
        return layers.getOrDefault(tree.content(), List.of());
    }

    @Override
    public String copied(Vertex vertex, Digest layer, Building building) {
        return "file:" + layer.hex();
    }

    @Override
    public void settle() {}
}
