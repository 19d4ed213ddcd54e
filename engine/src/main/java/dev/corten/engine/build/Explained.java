package dev.corten.engine.build;

import dev.corten.build.solve.Listener;
import dev.corten.build.solve.Vertex;
import dev.corten.build.step.FileOperation;
import dev.corten.build.step.ImageOperation;
import dev.corten.build.step.SourceOperation;
import dev.corten.model.Digest;
import dev.corten.model.PathBytes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/// Notes what the steps of one build are, and says what is another thing than the last time.
final class Explained implements Listener {
    private final BuildObserver observer;
    private final Stories stories;
    private final String project;
    private final boolean asked;
    private final Map<Vertex, List<Digest>> parts = new ConcurrentHashMap<>();

    /// @param project what tells builds of one thing from those of others
    /// @param asked whether anybody wants to know
    Explained(BuildObserver observer, Stories stories, String project, boolean asked) {
        this.observer = observer;
        this.stories = stories;
        this.project = project;
        this.asked = asked;
    }

    @Override
    public void begun(Vertex vertex) {
        observer.begun(vertex);
    }

    @Override
    public void wrote(Vertex vertex, int stream, byte[] bytes) {
        observer.wrote(vertex, stream, bytes);
    }

    @Override
    public void runsIn(Vertex vertex, String sandbox) {
        observer.runsIn(vertex, sandbox);
    }

    @Override
    public void progressed(Vertex vertex, String part, long current, long total, boolean done) {
        observer.progressed(vertex, part, current, total, done);
    }

    @Override
    public void decided(Vertex vertex, Decision decision, List<Digest> inputs) {
        if (decision == Decision.RUNS) {
            parts.put(vertex, inputs);
        } else if (asked && isStep(vertex)) {
            observer.explained(
                    vertex,
                    decision == Decision.SAME_INPUTS
                            ? "nothing that it depends on has changed"
                            : "what it reads is what it was");
        }
    }

    private static boolean isStep(Vertex vertex) {
        return !(vertex.operation() instanceof ImageOperation
                || vertex.operation() instanceof SourceOperation);
    }

    @Override
    public void ended(Vertex vertex, End end) {
        if (isStep(vertex) && end == End.DONE) {
            done(vertex);
        }
        observer.ended(vertex, end);
    }

    private void done(Vertex vertex) {
        List<Digest> found = parts.remove(vertex);
        if (found == null) {
            return;
        }
        var inputs = new ArrayList<Story.Input>();
        for (int i = 0; i < found.size(); i++) {
            inputs.add(new Story.Input(found.get(i), vertex.inputs().get(i).name()));
        }
        var files = new TreeMap<String, String>();
        if (vertex.operation() instanceof FileOperation operation) {
            SortedMap<PathBytes, String> read = stories.lists().take(operation);
            read.forEach((path, state) -> files.put(path.toString(), state));
        }
        var story =
                new Story(
                        project + " " + place(vertex.name()),
                        vertex.name(),
                        vertex.operation().definition(),
                        List.copyOf(inputs),
                        files);
        if (asked) {
            observer.explained(vertex, why(vertex, story));
        }
        stories.write(story);
        stories.write(story.byDefinition());
    }

    private String why(Vertex vertex, Story story) {
        if (vertex.operation().alwaysRuns()) {
            return "the cache was not to be used";
        }
        return stories.find(story.key())
                .or(() -> stories.find(Story.byDefinition(story.definition())))
                .map(story::since)
                .orElse("it was not built here before");
    }

    /// `build 2` of `[build 2/4] RUN make`: the number of steps may change.
    private static String place(String name) {
        int end = name.indexOf('/');
        return end < 0 || !name.startsWith("[") ? name : name.substring(1, end).strip();
    }
}
