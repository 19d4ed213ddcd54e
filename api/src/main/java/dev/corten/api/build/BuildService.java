package dev.corten.api.build;

import dev.corten.build.check.Warning;
import dev.corten.engine.build.BuildFailure;
import dev.corten.engine.build.BuildObserver;
import dev.corten.engine.build.BuildRequest;
import dev.corten.engine.build.BuildResult;
import java.io.IOException;
import java.util.List;

/// What a conversation needs of the engine.
public interface BuildService {
    BuildResult build(BuildRequest request, BuildObserver observer)
            throws IOException, InterruptedException, BuildFailure;

    /// What the build checks say, without a build.
    List<Warning> check(BuildRequest request)
            throws IOException, InterruptedException, BuildFailure;
}
