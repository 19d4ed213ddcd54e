package dev.corten.engine.build;

import dev.corten.build.solve.Listener.Decision;
import dev.corten.build.solve.Vertex;
import dev.corten.model.Digest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;

/// Remembers of which inputs steps were made, so that one can say which of them has changed when a
/// step has to run again. Forgotten with the daemon's end: the cache itself is not.
final class Explanations {
    /// Steps; each takes some hundred bytes.
    private static final int STEPS_MAX = 8192;

    private record Made(String name, Digest definition, List<Digest> inputs) {}

    private final ReentrantLock lock = new ReentrantLock();

    /// Guarded by lock; the last one is the one made last.
    private final LinkedHashMap<String, Made> byPlace =
            new LinkedHashMap<>(16, 0.75f, true) {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<String, Made> eldest) {
                    return size() > STEPS_MAX;
                }
            };

    /// Those of one build.
    ///
    /// @param project what is built: steps of others are not compared with its own
    /// @param told vertex and why
    OfBuild of(String project, BiConsumer<Vertex, String> told) {
        return new OfBuild(project, told);
    }

    final class OfBuild {
        private final String project;
        private final BiConsumer<Vertex, String> told;

        private OfBuild(String project, BiConsumer<Vertex, String> told) {
            this.project = project;
            this.told = told;
        }

        void decided(Vertex vertex, Decision decision, List<Digest> inputs) {
            if (vertex.inputs().isEmpty()) {
                return; // an image or files from elsewhere, not made of anything
            }
            switch (decision) {
                case SAME_INPUTS -> told.accept(vertex, "its inputs are what they were");
                case SAME_PARTS -> {
                    exchange(vertex, inputs);
                    told.accept(vertex, "what it reads is what it was");
                }
                case RUNS -> {
                    Optional<Made> before = exchange(vertex, inputs);
                    told.accept(vertex, why(vertex, inputs, before));
                }
            }
        }

        private Optional<Made> exchange(Vertex vertex, List<Digest> inputs) {
            var made = new Made(vertex.name(), vertex.operation().definition(), inputs);
            lock.lock();
            try {
                return Optional.ofNullable(byPlace.put(project + "\n" + place(vertex), made));
            } finally {
                lock.unlock();
            }
        }
    }

    /// `[build 2/4]` of `[build 2/4] RUN make`.
    private static String place(Vertex vertex) {
        String name = vertex.name();
        int end = name.indexOf("] ");
        return end < 0 ? name : name.substring(0, end + 1);
    }

    private static String why(Vertex vertex, List<Digest> inputs, Optional<Made> before) {
        if (vertex.operation().alwaysRuns()) {
            return "the cache is not asked for it (--no-cache)";
        }
        if (before.isEmpty()) {
            return "it was not built since the daemon has started";
        }
        Made made = before.get();
        if (!made.name().equals(vertex.name())) {
            return "it is another step now, it was " + made.name();
        }
        if (!made.definition().equals(vertex.operation().definition())) {
            return "its definition has changed: flags, variables, user or directory";
        }
        if (made.inputs().size() != inputs.size()) {
            return "it has other inputs now";
        }
        var changed = new ArrayList<String>();
        for (int i = 0; i < inputs.size(); i++) {
            if (!made.inputs().get(i).equals(inputs.get(i))) {
                String input = vertex.inputs().get(i).name();
                changed.add(
                        vertex.operation().readsPartOf(i)
                                ? "files that it reads of " + input
                                : "the result of " + input);
            }
        }
        return changed.isEmpty()
                ? "its result was removed from the cache"
                : String.join(", and ", changed) + " changed";
    }
}
