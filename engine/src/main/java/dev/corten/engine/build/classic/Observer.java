package dev.corten.engine.build.classic;

import dev.corten.build.check.Warning;
import dev.corten.build.graph.BuildPlan;
import dev.corten.build.solve.Vertex;
import dev.corten.engine.build.BuildObserver;
import dev.corten.engine.pull.PullMessage;
import java.util.List;

/// Hears of a build: keeps what steps say, and tells of images that are pulled.
record Observer(Narrator narrator, Headings headings, StepOutputs outputs)
        implements BuildObserver {
    Observer(Narrator narrator, Headings headings) {
        this(narrator, headings, new StepOutputs());
    }

    @Override
    public void planned(BuildPlan plan) {
        // Whoever has begun the build gets it.
    }

    @Override
    public void warned(List<Warning> warnings) {
        // The classic builder has no build checks.
    }

    @Override
    public void pulling(Vertex vertex, List<PullMessage> messages) {
        headings.firstImage();
        narrator.tell(new ClassicMessage.Pull(messages));
    }

    @Override
    public void begun(Vertex vertex) {
        outputs.begun(vertex);
    }

    @Override
    public void runsIn(Vertex vertex, String sandbox) {
        outputs.runsIn(vertex, sandbox);
    }

    @Override
    public void wrote(Vertex vertex, int stream, byte[] bytes) {
        outputs.wrote(vertex, stream, bytes);
    }

    @Override
    public void ended(Vertex vertex, End end) {
        outputs.ended(vertex, end);
    }
}
