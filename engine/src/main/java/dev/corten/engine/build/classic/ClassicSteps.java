package dev.corten.engine.build.classic;

import dev.corten.build.dockerfile.Assignment;
import dev.corten.build.dockerfile.Instruction;
import dev.corten.build.front.BuildArguments;
import dev.corten.build.graph.BuildPlan;
import dev.corten.build.graph.ClassicHistory;
import dev.corten.build.graph.PlannedStage;
import dev.corten.build.graph.PlannedStep;
import dev.corten.build.solve.Listener;
import dev.corten.build.solve.Vertex;
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
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.regex.Pattern;

/// The steps of one build, told in the order of the Dockerfile, each with its image. For one thread.
final class ClassicSteps implements AutoCloseable {
    private final Building building;
    private final BuildPlan plan;
    private final Headings headings;
    private final StepOutputs outputs;
    private final ClassicImages images;
    private final Layering layering;
    private final Narrator narrator;
    private Optional<Digest> failedOn = Optional.empty();
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
    /// @param remove whether containers of steps that succeed are removed
    /// @param removeFailed whether those of others are
    /// @param labels of `--label`, a step each
    record Options(
            boolean noCache,
            boolean remove,
            boolean removeFailed,
            SortedMap<String, String> labels) {}

    /// The image on which a command failed that stays as a container.
    Optional<Digest> failedOn() {
        return failedOn;
    }

    ClassicSteps(
            Building building,
            Headings headings,
            StepOutputs outputs,
            ClassicImages images,
            Layering layering,
            Narrator narrator,
            Options options) {
        this.building = building;
        this.plan = building.plans().getFirst();
        this.headings = headings;
        this.outputs = outputs;
        this.images = images;
        this.layering = layering;
        this.narrator = narrator;
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
        ContainerId container = ContainerId.random();
        narrator.text(" ---> Running in " + container.shortHex() + "\n");
        if (options.remove()) {
            removed(container);
        }
        return images.make(before, step, container);
    }

    private void removed(ContainerId container) {
        narrator.text(" ---> Removed intermediate container " + container.shortHex() + "\n");
    }

    // ---- steps that make files

    /// In which container a step runs, which is told before anything else of it.
    private final class Place implements StepOutputs.Turn {
        private final boolean shown;
        private Optional<ContainerId> container = Optional.empty();

        /// @param shown whether it has one, as far as people see
        private Place(boolean shown) {
            this.shown = shown;
        }

        private ContainerId get() {
            if (container.isEmpty()) {
                begun(ContainerId.random());
            }
            return container.orElseThrow();
        }

        private void begun(ContainerId id) {
            container = Optional.of(id);
            if (shown) {
                narrator.text(" ---> Running in " + id.shortHex() + "\n");
            }
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
        var place =
                new Place(
                        instruction instanceof Instruction.Run
                                || instruction instanceof Instruction.Workdir);
        Followed followed;
        try {
            followed = follow(vertex, place);
        } catch (BuildFailure e) {
            boolean own = e.where().step().filter(step::equals).isPresent();
            if (own && instruction instanceof Instruction.Run) {
                place.get();
            }
            if (own && instruction instanceof Instruction.Run && !options.removeFailed()) {
                failedOn = before.image();
            }
            if (place.container.isPresent() && place.shown && options.removeFailed()) {
                removed(place.get());
            }
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
        ContainerId container = place.get();
        if (place.shown && options.remove()) {
            removed(container);
        }
        return images.make(
                before,
                new ClassicImages.Step(config, layers, command(step, vertex, layers)),
                container);
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

    // ---- arguments

    /// Those that were given and that nothing has asked for.
    static Set<String> unused(BuildPlan plan, Set<String> given) {
        var unused = new TreeSet<>(given);
        unused.removeAll(BuildArguments.PROXIES);
        plan.file().globals().forEach(arg -> used(arg, unused));
        for (PlannedStage stage : plan.stages()) {
            for (PlannedStep step : stage.steps()) {
                if (step.step().instruction() instanceof Instruction.Arg arg) {
                    used(arg, unused);
                }
            }
        }
        return unused;
    }

    private static void used(Instruction.Arg arg, Set<String> unused) {
        arg.assignments().stream().map(Assignment::name).forEach(unused::remove);
    }

    /// Lets go of what the images are made of, which are stored by now.
    @Override
    public void close() {
        held.forEach(Tree::close);
    }
}
