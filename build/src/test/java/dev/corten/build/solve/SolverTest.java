package dev.corten.build.solve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corten.model.Digest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SolverTest {
    private static Digest digest(String text) {
        return Digest.of(text.getBytes(StandardCharsets.UTF_8));
    }

    private interface Doing {
        String of(List<String> inputs) throws IOException, InterruptedException;
    }

    /// A toy step. What it reads of its first input is what stands before a colon there.
    private record Toy(String name, Doing doing, boolean partial, boolean alwaysRuns)
            implements Operation {
        @Override
        public Digest definition() {
            return digest(name);
        }

        @Override
        public boolean readsPartOf(int input) {
            return partial && input == 0;
        }
    }

    private static class Text implements Result<Text> {
        private final String text;
        private final AtomicInteger open;
        private boolean closed;

        Text(String text, AtomicInteger open) {
            this.text = text;
            this.open = open;
            open.incrementAndGet();
        }

        @Override
        public Digest content() {
            return digest(text);
        }

        @Override
        public Text share() {
            return new Text(text, open);
        }

        @Override
        public void close() {
            assertThat(closed).isFalse();
            closed = true;
            open.decrementAndGet();
        }
    }

    private final AtomicInteger open = new AtomicInteger();
    private final List<String> ran = Collections.synchronizedList(new ArrayList<>());
    private final List<String> cached = Collections.synchronizedList(new ArrayList<>());
    private final StringBuffer written = new StringBuffer();

    private final Worker<Text> worker =
            new Worker<>() {
                @Override
                public Optional<Digest> content(Operation operation) {
                    return Optional.empty();
                }

                @Override
                public Digest selection(Operation operation, int input, Text result) {
                    return digest(result.text.split(":")[0]);
                }

                @Override
                public Text run(Operation operation, List<Text> inputs, StepOutput output)
                        throws IOException, InterruptedException {
                    Toy toy = (Toy) operation;
                    ran.add(toy.name);
                    output.write(1, (toy.name + "\n").getBytes(StandardCharsets.UTF_8));
                    var made =
                            new Text(
                                    toy.doing.of(inputs.stream().map(text -> text.text).toList()),
                                    open);
                    if (inputs.stream().anyMatch(input -> input.closed)) {
                        made.close();
                        throw new IOException("an input of " + toy.name + " was closed meanwhile");
                    }
                    return made;
                }
            };

    private static final class Memory implements CacheStore<Text> {
        private final Map<Digest, Entry> entries = new HashMap<>();
        private final Map<Digest, String> texts = new HashMap<>();
        private final AtomicInteger open;

        Memory(AtomicInteger open) {
            this.open = open;
        }

        @Override
        public synchronized Optional<Entry> find(Digest key) {
            return Optional.ofNullable(entries.get(key));
        }

        @Override
        public synchronized Optional<Text> open(Entry entry) {
            return Optional.ofNullable(texts.get(entry.key())).map(text -> new Text(text, open));
        }

        @Override
        public synchronized void add(Digest key, Vertex vertex, Text result) {
            entries.put(key, new Entry(result.content(), key));
            texts.put(key, result.text);
        }

        @Override
        public synchronized void alias(Digest key, Entry entry) {
            entries.put(key, entry);
        }

        /// Forgets the results, not what their contents were.
        synchronized void collect() {
            texts.clear();
        }
    }

    private final Memory memory = new Memory(open);
    private final Solver<Text> solver = new Solver<>(worker, memory);

    private final Listener listener =
            new Listener() {
                @Override
                public void begun(Vertex vertex) {}

                @Override
                public void wrote(Vertex vertex, int stream, byte[] bytes) {
                    written.append(new String(bytes, StandardCharsets.UTF_8));
                }

                @Override
                public void ended(Vertex vertex, End end) {
                    if (end == End.CACHED) {
                        cached.add(vertex.name());
                    }
                }
            };

    private static Vertex step(String name, Doing doing, Vertex... inputs) {
        return new Vertex(name, new Toy(name, doing, false, false), List.of(inputs));
    }

    private static Vertex join(String name, Vertex... inputs) {
        return step(name, texts -> name + texts, inputs);
    }

    private String solve(Vertex target) throws Exception {
        ran.clear();
        cached.clear();
        try (Text result = solver.solve(target, listener)) {
            return result.text;
        }
    }

    @AfterEach
    void nothingStaysOpen() {
        assertThat(open).hasValue(0);
    }

    @Test
    void eachStepRunsOnce() throws Exception {
        Vertex base = join("base");
        assertThat(solve(join("top", join("left", base), join("right", base))))
                .isEqualTo("top[left[base[]], right[base[]]]");
        assertThat(ran).containsExactlyInAnyOrder("base", "left", "right", "top");
    }

    @Test
    void nothingRunsTheSecondTime() throws Exception {
        solve(join("top", join("base")));
        solve(join("top", join("base")));
        assertThat(ran).isEmpty();
        assertThat(cached).containsExactlyInAnyOrder("base", "top");
    }

    @Test
    void whatIsBehindAStepThatMadeTheSameIsReused() throws Exception {
        solve(join("top", step("one way", _ -> "same")));
        solve(join("top", step("another way", _ -> "same")));
        assertThat(ran).containsExactly("another way");
        assertThat(cached).containsExactly("top");
    }

    @Test
    void whatAStepDoesNotReadMakesNoDifference() throws Exception {
        Doing doing = texts -> "copy of " + texts.getFirst().split(":")[0];
        solve(
                new Vertex(
                        "copy",
                        new Toy("copy", doing, true, false),
                        List.of(step("c1", _ -> "a:1"))));
        Vertex second =
                new Vertex(
                        "copy",
                        new Toy("copy", doing, true, false),
                        List.of(step("c2", _ -> "a:2")));
        assertThat(solve(second)).isEqualTo("copy of a");
        assertThat(ran).containsExactly("c2");
        solve(
                new Vertex(
                        "copy",
                        new Toy("copy", doing, true, false),
                        List.of(step("c3", _ -> "b:2"))));
        assertThat(ran).containsExactly("c3", "copy");
    }

    @Test
    void withoutTheCacheAStepRunsAndTheNextOneNeedNot() throws Exception {
        solve(join("top", join("base")));
        Vertex base = new Vertex("base", new Toy("base", _ -> "base[]", false, true), List.of());
        solve(join("top", base));
        assertThat(ran).containsExactly("base");
        assertThat(cached).containsExactly("top");
    }

    @Test
    void inputsOfWhatIsThereNeedNotBeThere() throws Exception {
        Vertex base = join("base");
        solve(join("top", base));
        memory.collect();
        solve(join("top", base));
        assertThat(ran).containsExactly("base", "top");
        memory.texts
                .keySet()
                .removeIf(key ->
                        !key.equals(
                                Keys.broad(join("top").operation(), List.of(digest("base[]")))));
        solve(join("top", base));
        assertThat(ran).isEmpty();
    }

    @Test
    void aStepThatMakesAnotherResultThanBeforeIsBelieved() throws Exception {
        var runs = new AtomicInteger();
        Vertex base = step("clock", _ -> "run " + runs.incrementAndGet());
        assertThat(solve(join("top", base))).isEqualTo("top[run 1]");
        memory.collect();
        assertThat(solve(join("top", base))).isEqualTo("top[run 2]");
        assertThat(solve(join("top", base))).isEqualTo("top[run 2]");
        assertThat(ran).isEmpty();
    }

    @Test
    void independentStepsRunAtTheSameTime() throws Exception {
        var both = new CountDownLatch(2);
        Doing meeting =
                _ -> {
                    both.countDown();
                    both.await();
                    return "met";
                };
        assertThat(solve(join("top", step("one", meeting), step("two", meeting))))
                .isEqualTo("top[met, met]");
    }

    @Test
    void whatAStepIsToReadIsMadeWhileThatOfAStepBeforeItIsMade() throws Exception {
        var both = new CountDownLatch(2);
        Doing meeting =
                _ -> {
                    both.countDown();
                    return both.await(10, TimeUnit.SECONDS) ? "met" : "alone";
                };
        Doing copy = texts -> String.join("+", texts);
        Vertex first =
                new Vertex(
                        "first",
                        new Toy("first", copy, true, false),
                        List.of(step("one", meeting)));
        assertThat(solve(step("second", copy, first, step("two", meeting)))).isEqualTo("met+met");
    }

    @Test
    void aFailureEndsWhatIsRunning() {
        var running = new CountDownLatch(1);
        var ended = new CountDownLatch(1);
        Vertex endless =
                step(
                        "endless",
                        _ -> {
                            running.countDown();
                            try {
                                new CountDownLatch(1).await();
                                return "";
                            } finally {
                                ended.countDown();
                            }
                        });
        Vertex broken =
                step(
                        "broken",
                        _ -> {
                            running.await();
                            throw new IOException("out of luck");
                        });
        assertThatThrownBy(() -> solve(join("top", endless, broken)))
                .isInstanceOfSatisfying(
                        StepFailure.class,
                        e -> {
                            assertThat(e.vertex()).isSameAs(broken);
                            assertThat(e).hasCauseInstanceOf(IOException.class);
                            assertThat(e).hasMessage("out of luck");
                        });
        assertThat(ended.getCount()).isZero();
        assertThat(memory.entries).isEmpty();
    }

    @Test
    void twoBuildsShareAStepAndOneMayLeave() throws Exception {
        var running = new CountDownLatch(1);
        var go = new CountDownLatch(1);
        Vertex slow =
                step(
                        "slow",
                        _ -> {
                            running.countDown();
                            go.await();
                            return "done";
                        },
                        join("base"));
        var one = new FutureTask<>(() -> solver.solve(join("first", slow), listener));
        var two = new FutureTask<>(() -> solver.solve(join("second", slow), listener));
        Thread first = Thread.startVirtualThread(one);
        running.await();
        Thread second = Thread.startVirtualThread(two);
        // The second one has joined when it has heard what was written before.
        while (written.indexOf("slow") == written.lastIndexOf("slow")) {
            Thread.onSpinWait();
        }
        first.interrupt();
        first.join();
        assertThatThrownBy(one::get).hasCauseInstanceOf(InterruptedException.class);
        go.countDown();
        try (Text text = two.get()) {
            assertThat(text.text).isEqualTo("second[done]");
        }
        second.join();
        assertThat(ran).containsExactly("base", "slow", "second");
    }

    @Test
    void whoDoesNotListenKeepsNobodyFromLeaving() throws Exception {
        var told = new CountDownLatch(1);
        var deaf = new CountDownLatch(1);
        var joining = new CountDownLatch(1);
        Vertex step = join("step");
        class Heard implements Listener {
            private final Runnable begun;
            private final Doing wrote;

            Heard(Runnable begun, Doing wrote) {
                this.begun = begun;
                this.wrote = wrote;
            }

            @Override
            public void begun(Vertex vertex) {
                begun.run();
            }

            @Override
            public void wrote(Vertex vertex, int stream, byte[] bytes) {
                try {
                    wrote.of(List.of());
                } catch (IOException | InterruptedException e) {
                    throw new AssertionError(e);
                }
            }

            @Override
            public void ended(Vertex vertex, End end) {}
        }
        Doing waiting =
                _ -> {
                    told.countDown();
                    deaf.await();
                    return "";
                };
        var one = new FutureTask<>(() -> solver.solve(step, new Heard(() -> {}, waiting)));
        Thread first = Thread.startVirtualThread(one);
        told.await();
        var two =
                new FutureTask<>(() -> solver.solve(step, new Heard(joining::countDown, _ -> "")));
        Thread second = Thread.startVirtualThread(two);
        joining.await();
        second.interrupt();
        assertThatThrownBy(two::get).hasCauseInstanceOf(InterruptedException.class);
        deaf.countDown();
        one.get().close();
        first.join();
    }

    @Test
    void aStepOfOneBuildAloneIsSharedWithNobody() throws Exception {
        var both = new CountDownLatch(2);
        Operation own =
                new Operation() {
                    @Override
                    public Digest definition() {
                        return digest("own");
                    }

                    @Override
                    public boolean isShared() {
                        return false;
                    }
                };
        Worker<Text> meeting =
                new Worker<>() {
                    @Override
                    public Optional<Digest> content(Operation operation) {
                        return Optional.empty();
                    }

                    @Override
                    public Digest selection(Operation operation, int input, Text result) {
                        return result.content();
                    }

                    @Override
                    public Text run(Operation operation, List<Text> inputs, StepOutput output)
                            throws InterruptedException {
                        both.countDown();
                        both.await();
                        return new Text("met", open);
                    }
                };
        var two = new Solver<>(meeting, memory);
        var task = new FutureTask<>(() -> two.solve(new Vertex("o", own, List.of()), listener));
        Thread thread = Thread.startVirtualThread(task);
        two.solve(new Vertex("o", own, List.of()), listener).close();
        task.get().close();
        thread.join();
    }

    @Test
    void whoeverLeavesLastEndsTheStep() throws Exception {
        var running = new CountDownLatch(1);
        var ended = new CountDownLatch(1);
        Vertex endless =
                step(
                        "endless",
                        _ -> {
                            running.countDown();
                            try {
                                new CountDownLatch(1).await();
                                return "";
                            } finally {
                                ended.countDown();
                            }
                        });
        var build = new FutureTask<>(() -> solver.solve(endless, listener));
        Thread thread = Thread.startVirtualThread(build);
        running.await();
        thread.interrupt();
        assertThatThrownBy(build::get).hasCauseInstanceOf(InterruptedException.class);
        assertThat(ended.getCount()).isZero();
    }

    /// What a build has just got when it is told to end is let go of.
    @Test
    void resultThatComesAtTheEndOfABuildIsClosed() {
        var made =
                new Text("made", open) {
                    @Override
                    public Text share() {
                        Thread.currentThread().interrupt();
                        return super.share();
                    }
                };
        var executions = new Executions<Text>();
        assertThatThrownBy(() ->
                        executions.run(
                                digest("key"),
                                List.of(),
                                (inputs, output) -> made,
                                new StepOutput() {
                                    @Override
                                    public void write(int stream, byte[] bytes) {
                                        throw new AssertionError("it says nothing");
                                    }
                                }))
                .isInstanceOf(InterruptedException.class);
        assertThat(open).hasValue(0);
    }
}
