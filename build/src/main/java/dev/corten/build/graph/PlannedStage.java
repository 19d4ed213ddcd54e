package dev.corten.build.graph;

import dev.corten.build.dockerfile.Stage;
import dev.corten.build.solve.Vertex;
import dev.corten.model.image.Image;
import dev.corten.model.image.ImageConfig;
import java.util.List;
import java.util.Optional;

/// A stage with its steps.
///
/// @param label its name, or `stage-2`
/// @param baseName what stands after `FROM`, variables replaced
/// @param base the image that it begins with; empty for another stage and for `scratch`
/// @param from the stage that it begins with
/// @param root what its first step begins with; empty: nothing
/// @param config of its image
public record PlannedStage(
        Stage stage,
        String label,
        String baseName,
        Optional<Image> base,
        Optional<PlannedStage> from,
        Optional<Vertex> root,
        List<PlannedStep> steps,
        ImageConfig config) {
    public PlannedStage {
        steps = List.copyOf(steps);
    }

    /// Its files at its end; empty: none.
    public Optional<Vertex> tree() {
        return steps.isEmpty() ? root : steps.getLast().tree();
    }
}
