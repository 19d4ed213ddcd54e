package dev.corten.build.front;

import dev.corten.model.image.ImageConfig;
import java.util.List;

/// A stage with the steps that it comes to.
///
/// @param config of its image
/// @param variables at its end, for stages that begin with it
public record StageSteps(List<Step> steps, ImageConfig config, Variables variables) {}
