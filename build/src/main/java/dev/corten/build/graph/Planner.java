package dev.corten.build.graph;

import dev.corten.build.dockerfile.Dockerfile;
import dev.corten.build.dockerfile.DockerfileException;
import dev.corten.build.dockerfile.Instruction;
import dev.corten.build.dockerfile.Stage;
import dev.corten.build.file.CopyRequest;
import dev.corten.build.front.Evaluation;
import dev.corten.build.front.StageOrder;
import dev.corten.build.front.StageSteps;
import dev.corten.build.front.Variables;
import dev.corten.build.solve.Vertex;
import dev.corten.build.step.FileAction;
import dev.corten.build.step.FileOperation;
import dev.corten.build.step.ImageOperation;
import dev.corten.model.InvalidParameter;
import dev.corten.model.Platform;
import dev.corten.model.Reference;
import dev.corten.model.image.Image;
import dev.corten.model.image.ImageConfig;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Makes the graph of a build. For one build and one platform; not thread-safe.
public final class Planner {
    private static final String SCRATCH = "scratch";
    private static final List<String> DEFAULT_ENVIRONMENT =
            List.of("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");

    private final Dockerfile file;
    private final Platform platform;
    private final StageOrder order;
    private final Evaluation evaluation;
    private final Bases bases;
    private final PlanOptions options;
    private final Inputs inputs;
    private final Map<String, String> proxies;
    private final Map<Stage, Evaluation.Base> names = new HashMap<>();
    private final Map<Stage, Bases.Coming> coming = new HashMap<>();
    private final Map<Stage, PlannedStage> planned = new HashMap<>();
    private final Map<Stage, Variables> variables = new HashMap<>();

    /// @param platform of the result
    /// @param proxies for every `RUN`
    public Planner(
            Dockerfile file,
            Platform platform,
            StageOrder order,
            Evaluation evaluation,
            Bases bases,
            Remote remote,
            PlanOptions options,
            Map<String, String> proxies) {
        this.file = file;
        this.platform = platform;
        this.order = order;
        this.evaluation = evaluation;
        this.bases = bases;
        this.options = options;
        this.proxies = proxies;
        this.inputs = new Inputs(order, this::planned, bases, remote, options);
    }

    /// @throws DockerfileException if an instruction cannot be done
    /// @throws dev.corten.model.CortenException if an image cannot be had
    public BuildPlan plan() throws DockerfileException, IOException, InterruptedException {
        for (Stage stage : order.wanted()) {
            Evaluation.Base base = evaluation.base(stage);
            names.put(stage, base);
            // All of them are asked for before the first is waited for.
            if (isImage(stage, base)) {
                coming.put(stage, bases.image(imageName(stage, base), base.platform()));
            }
        }
        var stages = new ArrayList<PlannedStage>();
        for (Stage stage : order.wanted()) {
            stages.add(planned(stage));
        }
        return new BuildPlan(file, platform, stages, planned(order.target()));
    }

    private PlannedStage planned(Stage stage)
            throws DockerfileException, IOException, InterruptedException {
        PlannedStage before = planned.get(stage);
        if (before != null) {
            return before;
        }
        Evaluation.Base base = names.get(stage);
        if (base == null) {
            throw new IllegalStateException("stage is not wanted: " + stage.label());
        }
        Bases.Coming image = coming.get(stage);
        PlannedStage fresh =
                plan(
                        stage,
                        base,
                        image == null
                                ? null
                                : inputs.get(image, base.name(), stage.from().statement()));
        planned.put(stage, fresh);
        return fresh;
    }

    private boolean isImage(Stage stage, Evaluation.Base base) {
        return order.base(stage).isEmpty()
                && !base.name().equals(SCRATCH)
                && inputs.files(base.name()).isEmpty();
    }

    private String imageName(Stage stage, Evaluation.Base base) throws DockerfileException {
        String name = inputs.image(base.name());
        if (name.startsWith(Bases.LAYOUT)) {
            return name;
        }
        try {
            Reference.parse(name);
        } catch (InvalidParameter e) {
            throw stage.from()
                    .statement()
                    .cannot("failed to parse stage name \"" + name + "\": " + e.message());
        }
        return name;
    }

    private PlannedStage plan(Stage stage, Evaluation.Base base, @Nullable Image image)
            throws DockerfileException, IOException, InterruptedException {
        Optional<Stage> below = order.base(stage);
        @Nullable PlannedStage before = below.isPresent() ? planned(below.get()) : null;
        ImageConfig config =
                before != null ? before.config() : image != null ? image.config() : scratch();
        @Nullable Variables known = below.map(variables::get).orElse(null);
        StageSteps steps = evaluation.steps(stage, config, known);
        variables.put(stage, steps.variables());
        String label = label(stage);
        int first = image == null ? 0 : 1;
        int total = first + (int) steps.steps().stream().filter(StepPlanner::counts).count();
        var names = new VertexNames(shownLabel(label), total, file.escape());
        Optional<Vertex> root =
                image != null
                        ? Optional.of(
                                new Vertex(
                                        names.from(shownName(base.name())),
                                        new ImageOperation(image),
                                        List.of()))
                        : before != null ? before.tree() : root(base.name());
        boolean fresh =
                options.noCache()
                        || options.noCacheStages().stream()
                                .anyMatch(name -> name.equalsIgnoreCase(label));
        var planner = new StepPlanner(names, inputs, options, proxies, fresh);
        var made = new ArrayList<PlannedStep>();
        Optional<Vertex> tree = root;
        for (var step : steps.steps()) {
            PlannedStep next = planner.plan(step, tree);
            made.add(next);
            tree = next.tree();
        }
        return new PlannedStage(
                stage,
                label,
                base.name(),
                Optional.ofNullable(image),
                Optional.ofNullable(before),
                root,
                made,
                made.isEmpty() ? steps.config() : made.getLast().step().config());
    }

    /// The files of a context become a layer, so that they are there in the image too.
    private Optional<Vertex> root(String name) {
        return inputs.files(name)
                .map(files ->
                        new Vertex(
                                "[context " + name + "] FROM",
                                new FileOperation(
                                        false,
                                        List.of(
                                                new FileAction.Copy(
                                                        0, CopyRequest.of(List.of("/"), "/"))),
                                        options.clamp(),
                                        true,
                                        false),
                                List.of(files)));
    }

    private ImageConfig scratch() {
        var editor = ImageConfig.EMPTY.edit();
        editor.env = DEFAULT_ENVIRONMENT;
        editor.workingDir = options.classic() ? "" : "/";
        return editor.done();
    }

    private static String label(Stage stage) {
        return stage.from().name().orElse("stage-" + stage.index());
    }

    /// Whether steps have to say whose they are: of a file with one stage too, if something else is
    /// mounted or copied from.
    private boolean severalSources() {
        return file.stages().size() > 1
                || file.stages().getFirst().instructions().stream()
                        .anyMatch(instruction ->
                                switch (instruction) {
                                    case Instruction.Run run -> !run.mounts().isEmpty();
                                    case Instruction.Copy copy -> copy.from() != null;
                                    default -> false;
                                });
    }

    private String shownLabel(String label) {
        String stage = severalSources() ? label : "";
        return options.labelled() ? (platform + " " + stage).strip() : stage;
    }

    private static String shownName(String name) {
        return Reference.parse(name).orLatest().toString();
    }
}
