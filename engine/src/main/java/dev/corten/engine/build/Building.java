package dev.corten.engine.build;

import dev.corten.build.graph.BuildPlan;
import dev.corten.build.solve.Vertex;
import dev.corten.build.work.Tree;
import java.io.IOException;
import java.util.List;
import java.util.Set;

/// A build that is being solved in the background, all that can be at the same time. Closing it ends
/// what is still running.
public interface Building extends AutoCloseable {
    /// One for each platform, in the order in which they were asked for.
    List<BuildPlan> plans();

    /// Build arguments that no `ARG` has asked for.
    Set<String> unusedArguments();

    /// Waits for a step.
    ///
    /// @return its files, to be closed
    /// @throws BuildFailure for the first step that failed, whichever that is
    Tree result(Vertex vertex) throws IOException, InterruptedException, BuildFailure;

    @Override
    void close();
}
