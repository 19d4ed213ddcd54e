package dev.corten.build.step;

import dev.corten.build.work.LayeredTree;
import dev.corten.build.work.Tree;
import dev.corten.model.Digest;
import dev.corten.model.PathBytes;
import dev.corten.store.snapshot.StepLayers;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/// Makes trees of what steps have written.
final class StepResults {
    /// Of an archive without members.
    private static final Digest NOTHING = Digest.of(new byte[1024]);

    private final LayeredTree.Maker trees;
    private final StepLayers layers;

    StepResults(LayeredTree.Maker trees, StepLayers layers) {
        this.trees = trees;
        this.layers = layers;
    }

    static Optional<Tree> base(boolean wanted, List<Tree> inputs) {
        return wanted ? Optional.of(inputs.getFirst()) : Optional.empty();
    }

    StepLayers.Working begin(Optional<Tree> base) throws IOException {
        return layers.begin(base.flatMap(Tree::chainId));
    }

    /// @param keepsEmpty whether a layer without anything in it is one
    Tree finish(
            StepLayers.Working working,
            Optional<Tree> base,
            Optional<Instant> clamp,
            boolean keepsEmpty)
            throws IOException {
        return finish(working, base, clamp, keepsEmpty, path -> Optional.empty());
    }

    /// @param known digests of files that the step has made
    Tree finish(
            StepLayers.Working working,
            Optional<Tree> base,
            Optional<Instant> clamp,
            boolean keepsEmpty,
            Function<PathBytes, Optional<Digest>> known)
            throws IOException {
        Optional<Digest> below = base.map(Tree::content);
        try (StepLayers.Made made = working.finish(clamp, Set.of(), known)) {
            if (!keepsEmpty && made.diffId().equals(NOTHING)) {
                return base.isPresent()
                        ? base.get().share()
                        : trees.get(Optional.empty(), LayeredTree.contentOfImage(Optional.empty()));
            }
            return trees.get(
                    Optional.of(made.chainId()), LayeredTree.contentOf(below, made.content()));
        }
    }
}
