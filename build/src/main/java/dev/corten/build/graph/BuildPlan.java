package dev.corten.build.graph;

import dev.corten.build.dockerfile.Dockerfile;
import dev.corten.model.Platform;
import java.util.List;

/// What a build has to do for one platform.
///
/// @param stages those that the target needs, in the order of the file
/// @param target the last of them
public record BuildPlan(
        Dockerfile file, Platform platform, List<PlannedStage> stages, PlannedStage target) {
    public BuildPlan {
        stages = List.copyOf(stages);
    }
}
