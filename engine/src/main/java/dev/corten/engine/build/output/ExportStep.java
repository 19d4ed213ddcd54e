package dev.corten.engine.build.output;

import dev.corten.build.solve.Listener;
import dev.corten.build.solve.Operation;
import dev.corten.build.solve.StepOutput;
import dev.corten.build.solve.Vertex;
import dev.corten.model.Digest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// A part of an export as people see it: like a step of the build.
public final class ExportStep implements StepOutput {
    private final Listener listener;
    private final Vertex vertex;

    private ExportStep(Listener listener, Vertex vertex) {
        this.listener = listener;
        this.vertex = vertex;
    }

    /// Something that may take a while.
    @FunctionalInterface
    public interface Work<T> {
        T run(ExportStep step) throws IOException, InterruptedException;
    }

    /// @param name one line: `exporting to image`
    public static <T> T of(Listener listener, String name, Work<T> work)
            throws IOException, InterruptedException {
        var vertex = new Vertex(name, new Named(name), List.of());
        Listener.End end = Listener.End.FAILED;
        listener.begun(vertex);
        try {
            T made = work.run(new ExportStep(listener, vertex));
            end = Listener.End.DONE;
            return made;
        } catch (InterruptedException e) {
            end = Listener.End.CANCELED;
            throw e;
        } finally {
            listener.ended(vertex, end);
        }
    }

    /// Does a part of it.
    public <T> T part(String name, Work<T> work) throws IOException, InterruptedException {
        progress(name, 0, 0, false);
        T made = work.run(this);
        done(name);
        return made;
    }

    /// Says that a part is done.
    public void done(String name) {
        progress(name, 0, 0, true);
    }

    @Override
    public void write(int stream, byte[] bytes) {
        listener.wrote(vertex, stream, bytes);
    }

    @Override
    public void runsIn(String sandbox) {
        listener.runsIn(vertex, sandbox);
    }

    @Override
    public void progress(String part, long current, long total, boolean done) {
        listener.progressed(vertex, part, current, total, done);
    }

    private record Named(String name) implements Operation {
        @Override
        public Digest definition() {
            return Digest.of(("export\n" + name).getBytes(StandardCharsets.UTF_8));
        }
    }
}
