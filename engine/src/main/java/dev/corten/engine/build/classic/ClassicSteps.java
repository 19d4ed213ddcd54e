package dev.corten.engine.build.classic;

import dev.corten.build.dockerfile.Instruction;
import dev.corten.build.graph.BuildPlan;
import dev.corten.build.graph.ClassicHistory;
import dev.corten.build.graph.PlannedStage;
import dev.corten.build.graph.PlannedStep;
import dev.corten.build.solve.Listener;
import dev.corten.build.solve.Vertex;
import dev.corten.build.step.RunOperation;
import dev.corten.build.work.Tree;
import dev.corten.engine.build.BuildFailure;
import dev.corten.engine.build.Building;
import dev.corten.engine.build.classic.ClassicImages.State;
import dev.corten.model.ContainerId;
import dev.corten.model.Digest;
import dev.corten.model.image.ImageConfig;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.regex.Pattern;

/// The steps of one build, told in the order of the Dockerfile, each with its image. For one thread.
final class ClassicSteps implements AutoCloseable {
    private static final int KILLED = 137;

    private final Building building;
    private final BuildPlan plan;
    private final Headings headings;
    private final StepOutputs outputs;
    private final ClassicImages images;
    private final Layering layering;
    private final Narrator narrator;
    private final StepContainers containers;
    private Optional<Failed> failed = Optional.empty();
    private final Options options;
    private final Map<PlannedStage, State> stages = new HashMap<>();

    /// What images are made of: as long as they are open, nobody collects it.
    private final List<Tree> held = new ArrayList<>();

    /// What the layers of trees are.
    interface Layering {
        /// @return the diff IDs, lowest first
        List<Digest> of(Tree tree) throws IOException;

        /// What was copied, for a history: `file:…`, `dir:…`, `multi:…`.
        ///
        /// @param layer that it has come to
        String copied(Vertex vertex, Digest layer, Building building)
                throws IOException, InterruptedException, BuildFailure;
    }

    /// @param noCache whether no image of an earlier build is taken
    /// @param removeFailed whether containers of steps that fail are removed
    /// @param labels of `--label`, a step each
    record Options(boolean noCache, boolean removeFailed, SortedMap<String, String> labels) {}

    /// A command that failed and stays as a container.
    ///
    /// @param image that it was to change
    /// @param container its name
    record Failed(Digest image, String container) {}

    Optional<Failed> failed() {
        return failed;
    }

    ClassicSteps(
            Building building,
            Headings headings,
            StepOutputs outputs,
            ClassicImages images,
            Layering layering,
            Narrator narrator,
            StepContainers containers,
            Options options) {
        this.building = building;
        this.plan = building.plans().getFirst();
        this.headings = headings;
        this.outputs = outputs;
        this.images = images;
        this.layering = layering;
        this.narrator = narrator;
        this.containers = containers;
        this.options = options;
    }

    /// All of them.
    ///
    /// @param ends whether the last stage is at its end
    /// @return what it has come to
    State run(boolean ends) throws IOException, InterruptedException, BuildFailure {
        headings.globals();
        State state = ClassicImages.nothing(plan.platform());
        for (PlannedStage stage : plan.stages()) {
            state = stage(stage);
            if (ends || !isTarget(stage)) {
                state.image().ifPresent(id -> narrator.tell(new ClassicMessage.Stage(id)));
            }
        }
        return state;
    }

    private boolean isTarget(PlannedStage stage) {
        return stage.stage().index() == plan.target().stage().index();
    }

    private State stage(PlannedStage stage) throws IOException, InterruptedException, BuildFailure {
        headings.next(stage.stage().from());
        State state = begin(stage);
        List<PlannedStep> triggers =
                stage.steps().stream().filter(step -> step.step().triggered()).toList();
        if (!triggers.isEmpty()) {
            narrator.text("# Executing " + triggers.size() + " build trigger");
            if (triggers.size() > 1) {
                narrator.text("s");
            }
            narrator.text("\n");
        }
        for (PlannedStep step : triggers) {
            state = step(step, state);
        }
        tellImage(state);
        for (PlannedStep step : stage.steps()) {
            if (!step.step().triggered()) {
                headings.next(step.step().instruction());
                state = step(step, state);
                tellImage(state);
            }
        }
        if (isTarget(stage)) {
            for (Map.Entry<String, String> label : options.labels().entrySet()) {
                headings.next("LABEL " + label.getKey() + "=" + label.getValue());
                state = label(state, label.getKey(), label.getValue());
                tellImage(state);
            }
        }
        stages.put(stage, state);
        return state;
    }

    private State begin(PlannedStage stage) {
        return stage.from()
                .map(from -> stages.getOrDefault(from, ClassicImages.nothing(plan.platform())))
                .map(state -> state.by(""))
                .or(() -> stage.base().map(ClassicImages::of))
                .orElseGet(() -> ClassicImages.nothing(plan.platform()));
    }

    private void tellImage(State state) {
        narrator.text(" ---> " + state.image().map(Digest::shortHex).orElse("") + "\n");
    }

    private State step(PlannedStep step, State before)
            throws IOException, InterruptedException, BuildFailure {
        State known =
                step.step().instruction() instanceof Instruction.Maintainer maintainer
                        ? before.by(maintainer.name())
                        : before;
        return step.vertex().isPresent()
                ? files(step, step.vertex().get(), known)
                : config(
                        known,
                        step.step().config(),
                        ClassicHistory.ofConfig(step.step(), plan.file().escape()));
    }

    private State label(State before, String name, String value) {
        var labels = new LinkedHashMap<String, String>();
        Map<String, String> old = before.config().labels();
        if (old != null) {
            labels.putAll(old);
        }
        labels.put(name, value);
        var editor = before.config().edit();
        editor.labels = labels;
        return config(before, editor.done(), ClassicHistory.ofLabel(before.config(), name, value));
    }

    /// A step that changes the configuration only.
    private State config(State before, ImageConfig config, List<String> command) {
        var step = new ClassicImages.Step(config, before.diffIds(), command);
        Optional<State> found =
                options.noCache()
                        ? Optional.empty()
                        : images.find(before, step, step.createdBy()::equals);
        if (found.isPresent()) {
            narrator.text(" ---> Using cache\n");
            return found.get();
        }
        StepContainers.One container =
                containers.begin(ContainerId.random(), before.image(), config, false);
        container.done(command, config, Optional.empty());
        return images.make(before, step, container.id);
    }

    // ---- steps that make files

    /// In which container a step runs, which is told before anything else of it.
    private final class Place implements StepOutputs.Turn {
        private final Optional<Digest> image;
        private final ImageConfig config;
        private final boolean runs;
        private final boolean shown;
        private Optional<StepContainers.One> container = Optional.empty();

        private Place(PlannedStep step, State before) {
            this.image = before.image();
            this.config = step.step().config();
            this.runs = step.step().instruction() instanceof Instruction.Run;
            this.shown = runs || step.step().instruction() instanceof Instruction.Workdir;
        }

        /// @return empty if it has none, as far as people see
        private Optional<StepContainers.One> get() {
            if (container.isEmpty() && shown) {
                begun(ContainerId.random());
            }
            return container;
        }

        private void begun(ContainerId id) {
            container = Optional.of(containers.begin(id, image, config, runs));
        }

        @Override
        public void runsIn(String sandbox) {
            begun(new ContainerId(sandbox));
        }

        @Override
        public void wrote(int stream, byte[] bytes) {
            get();
            narrator.tell(ClassicMessage.output(stream, bytes));
        }
    }

    private State files(PlannedStep step, Vertex vertex, State before)
            throws IOException, InterruptedException, BuildFailure {
        Instruction instruction = step.step().instruction();
        var place = new Place(step, before);
        Followed followed;
        try {
            followed = follow(vertex, place);
        } catch (BuildFailure e) {
            failed(e, e.where().step().filter(step::equals).isPresent(), place);
            throw e;
        }
        held.add(followed.tree);
        List<Digest> layers = layering.of(followed.tree);
        ImageConfig config = step.step().config();
        if (followed.cached && place.container.isEmpty()) {
            narrator.text(" ---> Using cache\n");
            var wanted = new ClassicImages.Step(config, layers, List.of());
            Optional<State> found = images.find(before, wanted, createdBy(step, instruction));
            if (found.isPresent()) {
                return found.get();
            }
            return images.make(
                    before,
                    new ClassicImages.Step(config, layers, command(step, vertex, layers)),
                    ContainerId.random());
        }
        var made = new ClassicImages.Step(config, layers, command(step, vertex, layers));
        Optional<StepContainers.One> container = place.get();
        container.ifPresent(one -> done(one, made, vertex, before, followed.tree));
        return images.make(
                before, made, container.map(one -> one.id).orElseGet(ContainerId::random));
    }

    private static void done(
            StepContainers.One container,
            ClassicImages.Step made,
            Vertex vertex,
            State before,
            Tree tree) {
        List<String> command = made.command();
        ImageConfig config = made.config();
        if (vertex.operation() instanceof RunOperation run) {
            command = run.arguments();
            var editor = config.edit();
            editor.env = run.environment();
            config = editor.done();
        }
        boolean changed = !made.layers().equals(before.diffIds());
        container.done(command, config, changed ? tree.chainId() : Optional.empty());
    }

    /// @param own whether it is this step that has
    private void failed(BuildFailure e, boolean own, Place place) {
        Optional<StepContainers.One> container = own && place.runs ? place.get() : place.container;
        boolean stays = own && place.runs && !options.removeFailed() && place.image.isPresent();
        if (stays) {
            failed = container.map(one -> new Failed(place.image.get(), one.name));
        }
        int code = own ? e.where().exitCode() : KILLED;
        container.ifPresent(one -> one.failed(code, stays, options.removeFailed()));
    }

    /// What an image's history says if it is of the same step. What was copied stands in it as a
    /// digest; the layers have been compared already.
    private java.util.function.Predicate<String> createdBy(
            PlannedStep step, Instruction instruction) {
        return switch (instruction) {
            case Instruction.Copy _, Instruction.Add _ -> {
                String mark = "\0";
                String[] around =
                        String.join(" ", ClassicHistory.ofFiles(step.step(), mark)).split(mark, -1);
                yield Pattern.compile(
                                Pattern.quote(around[0])
                                        + "(?:file|dir|multi):[0-9a-f]{64}"
                                        + Pattern.quote(around[1]))
                        .asMatchPredicate();
            }
            case Instruction.Run _ ->
                    String.join(" ", ClassicHistory.ofRun(step.step(), run(step)))::equals;
            default ->
                    String.join(" ", ClassicHistory.ofConfig(step.step(), plan.file().escape()))
                            ::equals;
        };
    }

    private List<String> command(PlannedStep step, Vertex vertex, List<Digest> layers)
            throws IOException, InterruptedException, BuildFailure {
        return switch (step.step().instruction()) {
            case Instruction.Copy _, Instruction.Add _ ->
                    ClassicHistory.ofFiles(
                            step.step(), layering.copied(vertex, layers.getLast(), building));
            case Instruction.Run _ -> ClassicHistory.ofRun(step.step(), run(step));
            default -> ClassicHistory.ofConfig(step.step(), plan.file().escape());
        };
    }

    private static List<String> run(PlannedStep step) {
        return ClassicHistory.run(step);
    }

    private record Followed(Tree tree, boolean cached) {}

    /// Waits for a step, and tells what it says.
    private Followed follow(Vertex vertex, Place place)
            throws IOException, InterruptedException, BuildFailure {
        var result = new CompletableFuture<Tree>();
        Thread waiting =
                Thread.ofVirtual()
                        .name("classic-step")
                        .start(() -> {
                            try {
                                result.complete(building.result(vertex));
                            } catch (Exception e) {
                                result.completeExceptionally(e);
                            }
                        });
        boolean heard = false;
        try {
            Optional<Listener.End> end = outputs.follow(vertex, result, place);
            heard = true;
            return new Followed(result.get(), end.equals(Optional.of(Listener.End.CACHED)));
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case BuildFailure failure -> throw failure;
                case IOException failure -> throw failure;
                case InterruptedException failure -> throw failure;
                case RuntimeException failure -> throw failure;
                case null, default -> throw new IllegalStateException(e);
            }
        } finally {
            if (!heard) {
                waiting.interrupt();
                result.whenComplete((tree, _) -> {
                    if (tree != null) {
                        tree.close();
                    }
                });
            }
        }
    }

    /// Lets go of what the images are made of, which are stored by now.
    @Override
    public void close() {
        held.forEach(Tree::close);
    }
}
