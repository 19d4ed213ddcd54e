package dev.corten.engine.build;

import dev.corten.build.check.Warning;
import dev.corten.build.graph.BuildPlan;
import dev.corten.build.solve.Listener;
import dev.corten.build.solve.Vertex;
import dev.corten.engine.pull.PullMessage;
import dev.corten.model.Digest;
import java.util.List;

/// Hears how a build gets on, from many threads at once. Vertices that are no steps of the
/// Dockerfile (loading the definition, the metadata of images, exporting) are told of too.
public interface BuildObserver extends Listener {
    /// What there is to do; before the first step.
    void planned(BuildPlan plan);

    /// What the build checks found.
    void warned(List<Warning> warnings);

    /// What there is to say of an image that has to be pulled.
    default void pulling(Vertex vertex, List<PullMessage> messages) {}

    /// Why a step was or was not taken from the cache, if that was asked for.
    default void explained(Vertex vertex, String why) {}

    /// An image of the result, once it is stored.
    default void exported(Digest imageId) {}
}
