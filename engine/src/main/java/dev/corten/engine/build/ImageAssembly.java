package dev.corten.engine.build;

import dev.corten.build.dockerfile.Instruction;
import dev.corten.build.front.BuildArguments;
import dev.corten.build.graph.BuildPlan;
import dev.corten.build.graph.PlannedStage;
import dev.corten.build.graph.PlannedStep;
import dev.corten.build.solve.Vertex;
import dev.corten.build.work.Tree;
import dev.corten.engine.build.output.ExportRequest;
import dev.corten.engine.build.output.Exported;
import dev.corten.engine.build.output.Exports;
import dev.corten.engine.build.output.Finished;
import dev.corten.engine.build.output.Material;
import dev.corten.engine.build.remote.RemoteCaches;
import dev.corten.model.Reference;
import dev.corten.model.image.History;
import dev.corten.model.image.Image;
import dev.corten.model.image.ImageConfig;
import dev.corten.store.image.BuiltImage;
import dev.corten.store.snapshot.Layer;
import dev.corten.store.snapshot.Layers;
import dev.corten.store.snapshot.StepLayers;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Makes images of what builds have made, in BuildKit's style.
public final class ImageAssembly {
    private static final String COMMENT = "buildkit.dockerfile.v0";

    /// Of a layer that no instruction has made.
    private static final String LAYER = "buildkit.exporter.image.v0";

    private final Layers layers;
    private final StepLayers steps;
    private final Exports exports;
    private final Clock clock;

    public ImageAssembly(Layers layers, StepLayers steps, Exports exports, Clock clock) {
        this.layers = layers;
        this.steps = steps;
        this.exports = exports;
        this.clock = clock;
    }

    /// Makes of a build what was asked for.
    ///
    /// @param results the files of each plan's target
    BuildResult export(
            BuildRequest request,
            List<BuildPlan> plans,
            List<Tree> results,
            Instant started,
            RemoteCaches.Caches caches,
            BuildObserver observer)
            throws IOException, InterruptedException {
        // An image must not be there without its layers, even after a power cut.
        steps.settle();
        var finished = new ArrayList<Finished>();
        for (int i = 0; i < plans.size(); i++) {
            BuildPlan plan = plans.get(i);
            Tree tree = results.get(i);
            finished.add(
                    new Finished(
                            Optional.of(tree), image(request, plan, tree), plan, materials(plan)));
        }
        ExportRequest asked = exportRequest(request, started);
        Exported exported =
                exports.export(
                        finished, caches.isInline() ? asked.with(caches::inline) : asked, observer);
        caches.export(finished, observer);
        exported.image().ifPresent(observer::exported);
        return new BuildResult(exported.image(), exported.metadata());
    }

    static ExportRequest exportRequest(BuildRequest request, Instant started) {
        var targets = new ArrayList<ExportRequest.Target>();
        for (BuildRequest.Output output : request.outputs()) {
            targets.add(
                    new ExportRequest.Target(
                            output.type(),
                            output.attributes(),
                            output.sink().map(sink -> sink::take)));
        }
        return new ExportRequest(
                targets,
                request.tags().stream().map(Reference::orLatest).toList(),
                request.annotations(),
                request.attestations(),
                request.credentials(),
                Builds.epoch(request),
                request.platforms().size() > 1,
                new ExportRequest.Invocation(
                        request.dockerfileName(),
                        request.dockerfile(),
                        request.target(),
                        arguments(request),
                        request.labels(),
                        List.copyOf(request.contexts().keySet()),
                        Optional.empty(),
                        started),
                Optional.empty());
    }

    /// Those that are worth being told: proxies say where a build ran, and may have passwords.
    private static SortedMap<String, String> arguments(BuildRequest request) {
        var arguments = new TreeMap<>(request.arguments());
        arguments.keySet().removeAll(BuildArguments.PROXIES);
        return arguments;
    }

    private static List<Material> materials(BuildPlan plan) {
        var materials = new TreeSet<Material>();
        for (PlannedStage stage : plan.stages()) {
            stage.base().ifPresent(image -> materials.add(material(stage.baseName(), image)));
        }
        return List.copyOf(materials);
    }

    private static Material material(String name, Image image) {
        Reference reference = Reference.parse(name).orLatest();
        var digests = new TreeMap<String, String>();
        digests.put(
                "sha256",
                image.repoDigests().stream()
                        .flatMap(known -> known.digest().stream())
                        .findFirst()
                        .orElse(image.id())
                        .hex());
        return new Material(
                "pkg:docker/"
                        + reference.familiar().replaceFirst(":([^:/]+)$", "@$1")
                        + "?platform="
                        + image.platform().toString().replace("/", "%2F"),
                digests);
    }

    /// The image of a plan.
    ///
    /// @param tree its files
    BuiltImage image(BuildRequest request, BuildPlan plan, Tree tree) throws IOException {
        List<Layer> chain = tree.chainId().map(layers::chain).orElse(List.of()).reversed();
        Optional<Instant> epoch = Builds.epoch(request);
        Optional<Image> base = base(plan.target());
        List<History> history = history(plan.target(), base, chain, epoch);
        Optional<Instant> created =
                epoch.or(() ->
                        history.reversed().stream()
                                .flatMap(step -> step.created().stream())
                                .findFirst());
        return new BuiltImage(
                plan.platform(),
                base.map(Image::osVersion).orElse(""),
                config(request, plan.target().config()),
                chain.stream().map(Layer::diffId).toList(),
                history,
                created,
                author(plan.target(), base),
                Optional.empty(),
                List.of(),
                Optional.empty());
    }

    private static ImageConfig config(BuildRequest request, ImageConfig config) {
        if (request.labels().isEmpty()) {
            return config;
        }
        var editor = config.edit();
        var labels = new TreeMap<String, String>();
        @Nullable Map<String, String> before = editor.labels;
        if (before != null) {
            labels.putAll(before);
        }
        labels.putAll(request.labels());
        editor.labels = labels;
        return editor.done();
    }

    /// The image below all stages that a stage stands on.
    private static Optional<Image> base(PlannedStage stage) {
        return stage.from().isPresent() ? base(stage.from().get()) : stage.base();
    }

    /// Of a stage that stands on a context: what has made its first layer.
    private static Optional<String> baseOfFiles(PlannedStage stage) {
        return stage.from().isPresent()
                ? baseOfFiles(stage.from().get())
                : stage.root().filter(_ -> stage.base().isEmpty()).map(Vertex::name);
    }

    private static String author(PlannedStage stage, Optional<Image> base) {
        String author = base.map(Image::author).orElse("");
        for (PlannedStep step : steps(stage)) {
            if (step.step().instruction() instanceof Instruction.Maintainer maintainer) {
                author = maintainer.name();
            }
        }
        return author;
    }

    private static List<PlannedStep> steps(PlannedStage stage) {
        var all = new ArrayList<PlannedStep>();
        stage.from().ifPresent(from -> all.addAll(steps(from)));
        all.addAll(stage.steps());
        return all;
    }

    /// As BuildKit has it, a step gets the time at which its layer was made, so that an image whose
    /// steps were all found in the cache is the same image again.
    private List<History> history(
            PlannedStage stage, Optional<Image> base, List<Layer> chain, Optional<Instant> epoch)
            throws IOException {
        var history = new ArrayList<>(base.map(Image::history).orElse(List.of()));
        int next = base.map(image -> image.diffIds().size()).orElse(0);
        Optional<Instant> time =
                next < chain.size()
                        ? Optional.of(madeAt(chain.get(next)))
                        : history.reversed().stream()
                                .flatMap(step -> step.created().stream())
                                .findFirst();
        Optional<String> files = baseOfFiles(stage);
        if (files.isPresent()) {
            next++;
            history.add(
                    new History(epoch.isPresent() ? epoch : time, files.get(), "", LAYER, false));
        }
        for (PlannedStep step : steps(stage)) {
            if (step.createdBy().isEmpty()) {
                continue;
            }
            boolean layer = step.vertex().isPresent();
            if (layer) {
                time = Optional.of(madeAt(chain.get(next++)));
            }
            history.add(
                    new History(
                            epoch.isPresent() ? epoch : time,
                            step.createdBy(),
                            "",
                            COMMENT,
                            !layer));
        }
        return history;
    }

    private Instant madeAt(Layer layer) throws IOException {
        return layers.madeAt(layer.chainId()).orElseGet(clock::instant);
    }
}
