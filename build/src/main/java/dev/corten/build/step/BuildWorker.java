package dev.corten.build.step;

import dev.corten.build.solve.Operation;
import dev.corten.build.solve.StepOutput;
import dev.corten.build.solve.Worker;
import dev.corten.build.work.LayeredTree;
import dev.corten.build.work.StepRunner;
import dev.corten.build.work.Tree;
import dev.corten.model.Digest;
import dev.corten.store.snapshot.StepLayers;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// Carries the steps of builds out. Thread-safe.
public final class BuildWorker implements Worker<Tree> {
    private final LayeredTree.Maker trees;
    private final StepLayers layers;
    private final FileSteps files;
    private final RunSteps runs;
    private final Selections selections = new Selections();

    public BuildWorker(
            LayeredTree.Maker trees,
            StepLayers layers,
            StepRunner runner,
            RunSources sources,
            FailedSteps failed,
            FileLists lists) {
        this.trees = trees;
        this.layers = layers;
        var results = new StepResults(trees, layers);
        this.files = new FileSteps(results, lists);
        this.runs = new RunSteps(results, runner, sources, failed);
    }

    /// Says that commands are likely to be run soon.
    public void warm() {
        runs.warm();
    }

    @Override
    public Optional<Digest> content(Operation operation) {
        return operation instanceof ImageOperation image
                ? Optional.of(LayeredTree.contentOfImage(image.image().chainId()))
                : Optional.empty();
    }

    @Override
    public Digest selection(Operation operation, int input, Tree result) throws IOException {
        return selections.of(step(operation), input, result);
    }

    @Override
    public Tree run(Operation operation, List<Tree> inputs, StepOutput output)
            throws IOException, InterruptedException {
        return switch (step(operation)) {
            case ImageOperation image -> {
                Optional<Digest> chain = image.image().chainId();
                yield trees.get(chain, LayeredTree.contentOfImage(chain));
            }
            case SourceOperation source -> source.source().open(source.wanted(), output);
            case FileOperation file -> files.run(file, inputs);
            case RunOperation run -> runs.run(run, inputs, output);
            case StackOperation _ -> stack(inputs.getFirst(), inputs.getLast());
        };
    }

    private static BuildOperation step(Operation operation) {
        return (BuildOperation) operation;
    }

    private Tree stack(Tree base, Tree layer) throws IOException {
        Digest content = LayeredTree.contentOf(Optional.of(base.content()), layer.content());
        try (StepLayers.Made made = layers.stack(base.chainId(), layer.chainId().orElseThrow())) {
            return trees.get(Optional.of(made.chainId()), content);
        }
    }
}
