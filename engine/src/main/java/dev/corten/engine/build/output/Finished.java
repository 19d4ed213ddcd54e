package dev.corten.engine.build.output;

import dev.corten.build.graph.BuildPlan;
import dev.corten.build.work.Tree;
import dev.corten.model.Digest;
import dev.corten.model.Platform;
import dev.corten.store.image.BuiltImage;
import java.util.List;
import java.util.Optional;

/// What a build has made for one platform.
///
/// @param tree its files, if there are any; stays the caller's, open until the export is over
/// @param image its configuration, without names. Its layers are committed, and stay as long as the
///     tree is open
/// @param materials what went into it
public record Finished(
        Optional<Tree> tree, BuiltImage image, BuildPlan plan, List<Material> materials) {
    public Finished {
        materials = List.copyOf(materials);
    }

    public Platform platform() {
        return image.platform();
    }

    public List<Digest> diffIds() {
        return image.diffIds();
    }
}
