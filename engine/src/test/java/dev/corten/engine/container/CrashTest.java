package dev.corten.engine.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corten.engine.container.view.ContainerView;
import dev.corten.engine.container.view.WaitResult;
import dev.corten.engine.volume.VolumeRequest;
import dev.corten.model.container.ContainerStatus;
import dev.corten.model.container.RestartPolicy;
import dev.corten.store.Durable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The engine dies before each durable step of each operation, and is opened anew.
class CrashTest {
    private static final int MAX_STEPS = 60;
    private static final RestartPolicy ALWAYS = new RestartPolicy("always", 0);

    @TempDir Path directory;

    /// Ends everything that the engine does, its clean-up too.
    private static final class Death extends Error {
        private static final long serialVersionUID = 1L;

        Death() {
            super("kill -9", null, false, false);
        }
    }

    /// Lets so many steps happen and none afterwards.
    private static Durable dyingAfter(int steps) {
        var left = new AtomicInteger(steps);
        return new Durable(step -> {
            if (left.getAndDecrement() <= 0) {
                throw new Death();
            }
        });
    }

    @FunctionalInterface
    private interface Work {
        void on(World world) throws Exception;
    }

    /// Does the work with a death before step 0, 1, 2, …, until it has no more steps.
    private void dyingAtEachStep(Work before, Work work, Predicate<Optional<ContainerView>> allowed)
            throws Exception {
        for (int step = 0; step < MAX_STEPS; step++) {
            try (var world = new World(directory.resolve("world-" + step))) {
                before.on(world);
                world.crash();
                boolean died = false;
                try {
                    // Opening has steps of its own: what it repairs can die too.
                    world.open(dyingAfter(step));
                    work.on(world);
                } catch (Death e) {
                    died = true;
                }
                world.clock = Clock.systemUTC();
                world.reopen();
                settle(world);
                assertThat(world.disorder()).as("after step %d", step).isEmpty();
                assertThat(world.find("box"))
                        .as("after step %d", step)
                        .satisfies(view -> assertThat(allowed.test(view)).as("%s", view).isTrue());
                if (!died) {
                    assertThat(step).isPositive();
                    return;
                }
            }
        }
        throw new AssertionError("more than " + MAX_STEPS + " steps");
    }

    /// What is started by itself is started.
    private static void settle(World world) {
        boolean comes =
                world.find("box")
                        .filter(v ->
                                v.status() instanceof ContainerStatus.Restarting
                                        || v.host().restartPolicy().equals(ALWAYS))
                        .isPresent();
        if (comes) {
            world.await("box", v -> v.status() instanceof ContainerStatus.Running);
        }
    }

    private static boolean is(Optional<ContainerView> view, String... words) {
        return java.util.List.of(words).contains(view.map(v -> v.status().word()).orElse("absent"));
    }

    @Test
    void create() throws Exception {
        dyingAtEachStep(
                world -> {},
                world -> world.create("box", false),
                view -> is(view, "absent", "created"));
    }

    @Test
    void start() throws Exception {
        dyingAtEachStep(
                world -> world.create("box", false),
                world -> world.containers.start("box"),
                view -> is(view, "created", "running"));
    }

    @Test
    void aFailingStart() throws Exception {
        dyingAtEachStep(
                world -> {
                    world.create("box", false);
                    world.monitors.next = FakeMonitors.Start.PROGRAM_MISSING;
                },
                world -> {
                    try {
                        world.containers.start("box");
                    } catch (dev.corten.model.InvalidParameter expected) {
                        assertThat(expected).hasMessageContaining("not found");
                    }
                },
                view -> is(view, "created"));
    }

    @Test
    void exit() throws Exception {
        dyingAtEachStep(
                world -> {
                    world.create("box", false);
                    world.containers.start("box");
                },
                world -> {
                    var id = world.find("box").orElseThrow().id();
                    var exit = world.containers.await("box", WaitCondition.NOT_RUNNING);
                    world.monitors.process(id).orElseThrow().exit(7 << 8);
                    // Nobody tells when the engine is dead.
                    exit.completeOnTimeout(new WaitResult(7, ""), 1, TimeUnit.SECONDS).join();
                },
                view ->
                        is(view, "running")
                                || is(view, "exited")
                                        && view.orElseThrow().status()
                                                instanceof ContainerStatus.Exited e
                                        && e.exitCode() == 7);
    }

    @Test
    void exitAndRestart() throws Exception {
        dyingAtEachStep(
                world -> {
                    world.create("box", ALWAYS);
                    world.containers.start("box");
                },
                world -> {
                    var next = world.containers.await("box", WaitCondition.NEXT_EXIT);
                    var id = world.find("box").orElseThrow().id();
                    world.monitors.process(id).orElseThrow().exit(7 << 8);
                    next.completeOnTimeout(new WaitResult(7, ""), 1, TimeUnit.SECONDS).join();
                    CompletableFuture.runAsync(() ->
                                    world.await(
                                            "box",
                                            v -> v.status() instanceof ContainerStatus.Running))
                            .completeOnTimeout(null, 1, TimeUnit.SECONDS)
                            .join();
                },
                view -> is(view, "running") && view.orElseThrow().restartCount() <= 1);
    }

    @Test
    void stopWhileARestartIsDue() throws Exception {
        dyingAtEachStep(
                world -> {
                    world.crash();
                    world.clock = Clock.offset(Clock.systemUTC(), Duration.ofHours(-1));
                    world.open(new Durable());
                    world.create("box", new RestartPolicy("unless-stopped", 0));
                    world.containers.start("box");
                    var id = world.find("box").orElseThrow().id();
                    world.monitors.process(id).orElseThrow().exit(7 << 8);
                    world.await("box", v -> v.status() instanceof ContainerStatus.Restarting);
                },
                world -> world.containers.stop("box", OptionalInt.empty(), Optional.empty()),
                view -> is(view, "exited", "running"));
    }

    /// A named volume may stay when its container was not made; it is filled or empty.
    @Test
    void createWithVolumes() throws Exception {
        dyingAtEachStep(
                world -> {},
                world -> {
                    world.create("box", false, "named:/data", "/other", "/data/sub");
                    assertThat(World.files(world.volumes.inspect("named").mountpoint()))
                            .containsExactlyInAnyOrder("a", "sub/b");
                },
                view -> is(view, "absent", "created"));
    }

    @Test
    void removeWithVolumes() throws Exception {
        dyingAtEachStep(
                world -> world.create("box", false, "named:/data", "/other", "/data/sub"),
                world -> {
                    world.containers.remove("box", new RemoveOptions(false, true));
                    assertThat(world.volumes.list())
                            .extracting(use -> use.volume().name())
                            .containsExactly("named");
                },
                view -> is(view, "created", "absent"));
    }

    @Test
    void theExitOfAContainerWithVolumesThatGoesWithIt() throws Exception {
        dyingAtEachStep(
                world -> {
                    world.create("box", true, "named:/data", "/other");
                    world.containers.start("box");
                },
                world -> {
                    var id = world.find("box").orElseThrow().id();
                    var gone = world.containers.await("box", WaitCondition.REMOVED);
                    world.monitors.process(id).orElseThrow().exit(0);
                    gone.completeOnTimeout(new WaitResult(0, ""), 1, TimeUnit.SECONDS).join();
                },
                view -> is(view, "running", "absent"));
    }

    @Test
    void aVolume() throws Exception {
        dyingAtEachStep(
                world -> {},
                world -> {
                    world.volumes.create(VolumeRequest.of("data"));
                    world.volumes.remove("data");
                },
                view -> is(view, "absent"));
    }

    /// The volumes of a container that was not made go, those of others stay.
    @Test
    void aContainerThatWasNotMadeTakesNoVolumeOfOthersAlong() throws Exception {
        try (var world = new World(directory.resolve("w"))) {
            world.create("other", false, "/data");
            world.crash();
            world.open(
                    new Durable(step -> {
                        if (step.equals("rename .filled")) {
                            throw new IOException("No space left on device");
                        }
                    }));
            assertThatThrownBy(() -> world.create("box", false, "/other", "/data"))
                    .isInstanceOf(IOException.class)
                    .hasMessage("No space left on device");
            assertThat(world.disorder()).isEmpty();
            assertThat(world.volumes.list()).hasSize(1);
        }
    }

    @Test
    void rename() throws Exception {
        dyingAtEachStep(
                world -> world.create("old", false),
                world -> world.containers.rename("old", "box"),
                view -> is(view, "absent", "created"));
    }

    @Test
    void remove() throws Exception {
        dyingAtEachStep(
                world -> world.create("box", false),
                world -> world.containers.remove("box", new RemoveOptions(false, false)),
                view -> is(view, "created", "absent"));
    }

    @Test
    void theExitOfAContainerThatGoesWithIt() throws Exception {
        dyingAtEachStep(
                world -> {
                    world.create("box", true);
                    world.containers.start("box");
                },
                world -> {
                    var id = world.find("box").orElseThrow().id();
                    var gone = world.containers.await("box", WaitCondition.REMOVED);
                    world.monitors.process(id).orElseThrow().exit(0);
                    gone.completeOnTimeout(new WaitResult(0, ""), 1, TimeUnit.SECONDS).join();
                },
                view -> is(view, "running", "absent"));
    }

    @Test
    void anExitThatWasNeverWrittenDownIsKnownAfterwards() throws Exception {
        try (var world = new World(directory.resolve("w"))) {
            world.create("box", false);
            world.crash();
            // The program runs, but the state that says so cannot be written.
            world.open(
                    new Durable(step -> {
                        if (step.contains("state.json")) {
                            throw new IOException("No space left on device");
                        }
                    }));
            world.containers.start("box");
            var id = world.find("box").orElseThrow().id();
            world.crash();
            world.monitors.process(id).orElseThrow().exit(9 << 8);
            world.open(new Durable());
            assertThat(world.find("box").orElseThrow().status().word()).isEqualTo("exited");
            assertThat(world.containers.await("box", WaitCondition.NOT_RUNNING).join().exitCode())
                    .isEqualTo(9);
            assertThat(world.disorder()).isEmpty();
        }
    }
}
