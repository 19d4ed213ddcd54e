package dev.corten.engine.build.classic;

import dev.corten.build.file.CopyRequest;
import dev.corten.build.file.FileCopy;
import dev.corten.build.solve.Vertex;
import dev.corten.build.step.FileAction;
import dev.corten.build.step.FileOperation;
import dev.corten.build.step.StackOperation;
import dev.corten.build.work.Tree;
import dev.corten.engine.build.BuildFailure;
import dev.corten.engine.build.Building;
import dev.corten.kernel.Fd;
import dev.corten.model.Digest;
import dev.corten.store.snapshot.Layer;
import dev.corten.store.snapshot.Layers;
import dev.corten.store.snapshot.StepLayers;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// What the trees of builds are made of in the store.
public final class StoreLayering implements ClassicBuilds.Layering {
    private final Layers layers;
    private final StepLayers steps;

    public StoreLayering(Layers layers, StepLayers steps) {
        this.layers = layers;
        this.steps = steps;
    }

    @Override
    public List<Digest> of(Tree tree) {
        return tree.chainId().map(layers::chain).orElse(List.of()).reversed().stream()
                .map(Layer::diffId)
                .toList();
    }

    @Override
    public void settle() throws IOException {
        steps.settle();
    }

    @Override
    public String copied(Vertex vertex, Digest layer, Building building)
            throws IOException, InterruptedException, BuildFailure {
        // A layer of its own is the last input of what puts it on others.
        Vertex files =
                vertex.operation() instanceof StackOperation ? vertex.inputs().getLast() : vertex;
        var kinds = new ArrayList<String>();
        if (files.operation() instanceof FileOperation operation) {
            for (FileAction action : operation.actions()) {
                switch (action) {
                    case FileAction.Copy copy ->
                            kinds.add(
                                    kind(
                                            building,
                                            files.inputs().get(copy.input()),
                                            copy.request()));
                    case FileAction.Write write ->
                            kinds.add(write.documents().size() == 1 ? "file" : "multi");
                    case FileAction.MakeDirectory _ -> kinds.add("dir");
                }
            }
        }
        return (kinds.size() == 1 ? kinds.getFirst() : "multi") + ":" + layer.hex();
    }

    private static String kind(Building building, Vertex source, CopyRequest request)
            throws IOException, InterruptedException, BuildFailure {
        try (Tree tree = building.result(source);
                Fd root = tree.open()) {
            return switch (FileCopy.named(root, request)) {
                case FILE -> "file";
                case DIRECTORY -> "dir";
                case SEVERAL -> "multi";
            };
        }
    }
}
