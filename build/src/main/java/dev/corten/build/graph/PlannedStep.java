package dev.corten.build.graph;

import dev.corten.build.front.Step;
import dev.corten.build.solve.Vertex;
import java.util.Optional;

/// An instruction with what it makes.
///
/// @param vertex what makes files; empty for an instruction that changes the configuration only
/// @param tree the files after it; empty: none yet
/// @param createdBy for the history, in BuildKit's style
public record PlannedStep(
        Step step, Optional<Vertex> vertex, Optional<Vertex> tree, String createdBy) {}
