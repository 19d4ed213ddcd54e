package dev.corten.engine.build;

import dev.corten.build.solve.Listener;
import dev.corten.build.solve.Vertex;
import dev.corten.build.step.StackOperation;
import dev.corten.model.Digest;
import java.util.List;
import java.util.Set;

/// Leaves out what is no step for people.
///
/// @param sandboxes gets the IDs of those in which the commands of the build ran; thread-safe
record Shown(Listener listener, Set<String> sandboxes) implements Listener {
    private static boolean isHidden(Vertex vertex) {
        return vertex.operation() instanceof StackOperation;
    }

    @Override
    public void decided(Vertex vertex, Decision decision, List<Digest> inputs) {
        if (!isHidden(vertex)) {
            listener.decided(vertex, decision, inputs);
        }
    }

    @Override
    public void begun(Vertex vertex) {
        if (!isHidden(vertex)) {
            listener.begun(vertex);
        }
    }

    @Override
    public void runsIn(Vertex vertex, String sandbox) {
        sandboxes.add(sandbox);
        listener.runsIn(vertex, sandbox);
    }

    @Override
    public void wrote(Vertex vertex, int stream, byte[] bytes) {
        listener.wrote(vertex, stream, bytes);
    }

    @Override
    public void progressed(Vertex vertex, String part, long current, long total, boolean done) {
        listener.progressed(vertex, part, current, total, done);
    }

    @Override
    public void ended(Vertex vertex, End end) {
        if (!isHidden(vertex)) {
            listener.ended(vertex, end);
        }
    }
}
