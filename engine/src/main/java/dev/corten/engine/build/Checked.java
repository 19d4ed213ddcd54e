package dev.corten.engine.build;

import dev.corten.build.check.Warning;
import dev.corten.build.graph.BuildPlan;
import dev.corten.build.solve.Vertex;
import java.util.List;

/// Hears of a build that is only checked.
record Checked(List<Warning> warnings) implements BuildObserver {
    @Override
    public void planned(BuildPlan plan) {
        // Nothing is done of it.
    }

    @Override
    public void warned(List<Warning> found) {
        warnings.addAll(found);
    }

    @Override
    public void begun(Vertex vertex) {
        // Only images are fetched.
    }

    @Override
    public void wrote(Vertex vertex, int stream, byte[] bytes) {
        // Nobody watches.
    }

    @Override
    public void ended(Vertex vertex, End end) {
        // Nobody watches.
    }
}
