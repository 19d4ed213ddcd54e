package dev.corten.engine.container;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corten.engine.container.view.ContainerView;
import dev.corten.engine.container.view.WaitResult;
import dev.corten.model.CortenException;
import dev.corten.model.NotFound;
import dev.corten.model.container.ContainerStatus;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Random lives of a few containers, against a model of one word each. A failure names its seed;
/// `-Dseed=N` repeats it.
@Timeout(120)
class LifeCycleModelTest {
    private static final int STEPS = 150;
    private static final int RUNS = 4;
    private static final List<String> NAMES = List.of("ant", "bee", "cat");
    private static final String ABSENT = "absent";
    private static final String CREATED = "created";
    private static final String RUNNING = "running";
    private static final String EXITED = "exited";

    @TempDir Path directory;

    private static List<Long> seeds() {
        Long fixed = Long.getLong("seed");
        return fixed != null ? List.of(fixed) : new Random().longs(RUNS).boxed().toList();
    }

    /// What the engine should say.
    private static final class Model {
        private final Map<String, String> words = new HashMap<>();
        private final Map<String, Boolean> autoRemove = new HashMap<>();

        String word(String name) {
            return words.getOrDefault(name, ABSENT);
        }

        void ended(String name) {
            words.put(name, autoRemove.get(name) ? ABSENT : EXITED);
        }
    }

    @Test
    void oneAfterTheOther() throws Exception {
        for (long seed : seeds()) {
            var done = new ArrayList<String>();
            try (var world = new World(directory.resolve("one-" + seed))) {
                var random = new Random(seed);
                var model = new Model();
                for (int i = 0; i < STEPS; i++) {
                    step(world, model, random, done);
                    for (String name : NAMES) {
                        String word = world.find(name).map(c -> c.status().word()).orElse(ABSENT);
                        assertThat(word)
                                .as("%s; seed %d, after %s", name, seed, done)
                                .isEqualTo(model.word(name));
                    }
                    assertThat(lastingDisorder(world))
                            .as("seed %d, after %s", seed, done)
                            .isEmpty();
                }
            }
        }
    }

    /// The disorder that stays: a container that goes with its exit is out of the list a little
    /// before its files are gone, and nothing tells of that.
    private static Set<String> lastingDisorder(World world) throws IOException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        Set<String> disorder = world.disorder();
        while (!disorder.isEmpty() && System.nanoTime() < end) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
            disorder = world.disorder();
        }
        return disorder;
    }

    private static void step(World world, Model model, Random random, List<String> done)
            throws Exception {
        String name = NAMES.get(random.nextInt(NAMES.size()));
        String word = model.word(name);
        int what = random.nextInt(9);
        done.add(what + " " + name);
        boolean refused = false;
        try {
            switch (what) {
                case 0, 1 -> {
                    boolean auto = random.nextBoolean();
                    world.create(name, auto);
                    model.words.put(name, CREATED);
                    model.autoRemove.put(name, auto);
                }
                case 2, 3 -> {
                    var starts =
                            EnumSet.complementOf(EnumSet.of(FakeMonitors.Start.HANGS))
                                    .toArray(FakeMonitors.Start[]::new);
                    var how = starts[random.nextInt(3) == 0 ? random.nextInt(starts.length) : 0];
                    start(world, model, name, word, how);
                }
                case 4 -> {
                    world.containers.stop(name, OptionalInt.of(0), Optional.empty());
                    if (word.equals(RUNNING)) {
                        gone(world, model, name);
                        model.ended(name);
                    }
                }
                case 5 -> {
                    world.containers.kill(name, "KILL");
                    gone(world, model, name);
                    model.ended(name);
                }
                case 6 -> {
                    boolean force = random.nextBoolean();
                    world.containers.remove(name, new RemoveOptions(force, false));
                    model.words.put(name, ABSENT);
                }
                case 7 -> {
                    if (word.equals(RUNNING)) {
                        var exit = world.containers.await(name, WaitCondition.NEXT_EXIT);
                        var id = world.find(name).orElseThrow().id();
                        world.monitors.process(id).orElseThrow().exit(0);
                        exit.get(10, TimeUnit.SECONDS);
                        gone(world, model, name);
                        model.ended(name);
                    }
                }
                default -> {
                    world.reopen();
                    // What goes with its exit and does not run has no later.
                    for (String one : NAMES) {
                        if (model.word(one).equals(CREATED) && model.autoRemove.get(one)) {
                            model.words.put(one, ABSENT);
                        }
                    }
                }
            }
        } catch (CortenException e) {
            refused = true;
        }
        if (refused) {
            assertThat(mayRefuse(what, word))
                    .as("%s refused, was %s", done.getLast(), word)
                    .isTrue();
        }
    }

    private static boolean mayRefuse(int what, String word) {
        return switch (what) {
            case 0, 1 -> !word.equals(ABSENT);
            case 2, 3, 4 -> word.equals(ABSENT);
            case 5 -> !word.equals(RUNNING);
            case 6 -> word.equals(ABSENT) || word.equals(RUNNING);
            default -> false;
        };
    }

    private static void gone(World world, Model model, String name) throws Exception {
        if (model.autoRemove.get(name) && world.find(name).isPresent()) {
            try {
                world.containers.await(name, WaitCondition.REMOVED).get(10, TimeUnit.SECONDS);
            } catch (dev.corten.model.NotFound faster) {
                assertThat(world.find(name)).isEmpty();
            }
        }
    }

    private static void start(
            World world, Model model, String name, String word, FakeMonitors.Start how)
            throws Exception {
        world.monitors.next = how;
        var next =
                word.equals(ABSENT)
                        ? new CompletableFuture<WaitResult>()
                        : world.containers.await(name, WaitCondition.NEXT_EXIT);
        try {
            world.containers.start(name);
            if (!word.equals(RUNNING)) {
                model.words.put(name, RUNNING);
                if (how == FakeMonitors.Start.ENDS_AT_ONCE) {
                    next.get(10, TimeUnit.SECONDS);
                    gone(world, model, name);
                    model.ended(name);
                }
            }
        } catch (IOException | CortenException e) {
            if (word.equals(ABSENT)) {
                throw e;
            }
            assertThat(how).isNotIn(FakeMonitors.Start.SUCCEEDS, FakeMonitors.Start.ENDS_AT_ONCE);
            next.get(10, TimeUnit.SECONDS);
            model.words.put(
                    name,
                    model.autoRemove.get(name) ? ABSENT : word.equals(EXITED) ? EXITED : CREATED);
        } finally {
            world.monitors.next = FakeMonitors.Start.SUCCEEDS;
            next.cancel(false);
        }
    }

    @Test
    void allAtOnce() throws Exception {
        for (long seed : seeds()) {
            try (var world = new World(directory.resolve("all-" + seed))) {
                var wrong = new ConcurrentLinkedQueue<Throwable>();
                var threads = new ArrayList<Thread>();
                for (int t = 0; t < 6; t++) {
                    var random = new Random(seed * 31 + t);
                    threads.add(
                            Thread.startVirtualThread(() -> {
                                try {
                                    storm(world, random);
                                } catch (IOException | InterruptedException e) {
                                    wrong.add(e);
                                } catch (RuntimeException | Error e) {
                                    wrong.add(e);
                                }
                            }));
                }
                for (Thread thread : threads) {
                    thread.join();
                }
                assertThat(wrong).as("seed %d", seed).isEmpty();
                for (ContainerView left : world.containers.list()) {
                    if (left.status() instanceof ContainerStatus.Running) {
                        world.containers.remove(left.id().hex(), new RemoveOptions(true, false));
                    }
                }
                letEndsBeFinished(world);
                assertThat(lastingDisorder(world)).as("seed %d", seed).isEmpty();
                world.reopen();
                assertThat(world.disorder()).as("seed %d, opened anew", seed).isEmpty();
            }
        }
    }

    /// A container is seen as exited a little before its last traces are cleared away.
    private static void letEndsBeFinished(World world) {
        for (ContainerView left : world.containers.list()) {
            try {
                Container container = world.containers.get(left.id().hex());
                if (container.beginSurely("look")) {
                    container.end();
                }
            } catch (NotFound gone) {
                assertThat(world.containers.list()).doesNotContain(left);
            }
        }
    }

    /// Only what the API may answer comes out, and nobody waits for ever.
    private static void storm(World world, Random random) throws IOException, InterruptedException {
        for (int i = 0; i < STEPS; i++) {
            String name = NAMES.get(random.nextInt(NAMES.size()));
            try {
                switch (random.nextInt(8)) {
                    case 0, 1 -> world.create(name, random.nextBoolean());
                    case 2, 3 -> world.containers.start(name);
                    case 4 ->
                            world.containers.stop(name, OptionalInt.of(0), Optional.of("SIGKILL"));
                    case 5 -> world.containers.kill(name, "KILL");
                    case 6 ->
                            world.containers.remove(
                                    name, new RemoveOptions(random.nextBoolean(), false));
                    default ->
                            world.find(name)
                                    .flatMap(c -> world.monitors.process(c.id()))
                                    .ifPresent(p -> p.exit(0));
                }
            } catch (dev.corten.model.Internal e) {
                throw e;
            } catch (CortenException refused) {
                assertThat(refused.message()).isNotEmpty();
            }
        }
    }
}
