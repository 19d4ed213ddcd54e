package dev.corten.engine.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corten.engine.container.view.ContainerView;
import dev.corten.engine.container.view.StartOutcome;
import dev.corten.engine.container.view.StopOutcome;
import dev.corten.engine.container.view.WaitResult;
import dev.corten.model.Conflict;
import dev.corten.model.ContainerId;
import dev.corten.model.container.ContainerStatus;
import dev.corten.model.container.RestartPolicy;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Containers that are started again when they have ended.
@Timeout(60)
class RestartTest {
    private static final RestartPolicy ALWAYS = new RestartPolicy("always", 0);
    private static final RestartPolicy UNLESS_STOPPED = new RestartPolicy("unless-stopped", 0);
    private static final RestartPolicy TWICE = new RestartPolicy("on-failure", 2);
    private static final RemoveOptions GENTLY = new RemoveOptions(false, false);
    private static final RemoveOptions FORCE = new RemoveOptions(true, false);

    @TempDir Path directory;
    private World world;

    @BeforeEach
    void open() throws Exception {
        world = new World(directory);
    }

    @AfterEach
    void close() throws Exception {
        assertThat(world.disorder()).isEmpty();
        world.close();
    }

    private ContainerView view() {
        return world.find("box").orElseThrow();
    }

    private boolean runs(ContainerId id) {
        return world.monitors.process(id).isPresent();
    }

    private void exit(int code) {
        world.monitors.process(view().id()).orElseThrow().exit(code << 8);
    }

    private static int code(CompletableFuture<WaitResult> wait) throws Exception {
        return wait.get(10, TimeUnit.SECONDS).exitCode();
    }

    /// Due in an hour.
    private ContainerId waiting(RestartPolicy policy) throws Exception {
        world.crash();
        world.clock = Clock.offset(Clock.systemUTC(), Duration.ofHours(-1));
        world.open(new dev.corten.store.Durable());
        ContainerId id = world.create("box", policy);
        world.containers.start("box");
        exit(3);
        world.await("box", v -> v.status() instanceof ContainerStatus.Restarting);
        return id;
    }

    private void reopenOnTime() throws Exception {
        world.crash();
        world.clock = Clock.systemUTC();
        world.open(new dev.corten.store.Durable());
    }

    @Test
    void startedAgainAfterEachExit() throws Exception {
        world.create("box", ALWAYS);
        world.containers.start("box");
        for (int i = 1; i <= 2; i++) {
            int count = i;
            exit(0);
            world.await(
                    "box",
                    v ->
                            v.status() instanceof ContainerStatus.Running
                                    && v.restartCount() == count);
            assertThat(view().finishedAt()).isPresent();
        }
        world.containers.stop("box", OptionalInt.of(0), Optional.empty());
        assertThat(view().status()).isInstanceOf(ContainerStatus.Exited.class);
        assertThat(view().restartCount()).isEqualTo(2);
        world.containers.start("box");
        assertThat(view().restartCount()).isZero();
        world.containers.remove("box", FORCE);
    }

    @Test
    void onFailureGivesUp() throws Exception {
        world.create("box", TWICE);
        world.monitors.next = FakeMonitors.Start.ENDS_AT_ONCE;
        world.containers.start("box");
        world.await("box", v -> v.status() instanceof ContainerStatus.Exited);
        assertThat(view().restartCount()).isEqualTo(2);
        assertThat(view().status().exitCode()).isEqualTo(3);
        world.reopen();
        assertThat(view().status()).isInstanceOf(ContainerStatus.Exited.class);
    }

    @Test
    void whileItWaitsItCountsAsRunning() throws Exception {
        waiting(ALWAYS);
        assertThat(view().running()).isTrue();
        assertThat(view().pid()).isZero();
        assertThat(view().status().word()).isEqualTo("restarting");
        assertThat(world.containers.start("box"))
                .extracting(StartOutcome::started)
                .isEqualTo(false);
        assertThatThrownBy(() -> world.containers.remove("box", GENTLY))
                .isInstanceOf(Conflict.class)
                .hasMessage(
                        "cannot remove container \"box\": container is restarting: stop the"
                                + " container before removing or force remove");
        assertThatThrownBy(() ->
                        world.containers.attach(
                                "box", new AttachRequest(false, true, false, true, true, true, "")))
                .hasMessage("container box is restarting, wait until the container is running");
        assertThatThrownBy(() -> world.containers.target("box"))
                .isInstanceOf(Conflict.class)
                .hasMessageEndingWith(" is restarting, wait until the container is running");
        assertThatThrownBy(() -> world.containers.pause("box"))
                .hasMessageEndingWith(" is restarting, wait until the container is running");
    }

    @Test
    void aStopCallsTheRestartOff() throws Exception {
        waiting(UNLESS_STOPPED);
        var next = world.containers.await("box", WaitCondition.NOT_RUNNING);
        assertThat(world.containers.stop("box", OptionalInt.empty(), Optional.empty()))
                .isEqualTo(StopOutcome.STOPPED);
        assertThat(code(next)).isEqualTo(3);
        assertThat(view().status()).isInstanceOf(ContainerStatus.Exited.class);
        reopenOnTime();
        assertThat(view().status()).isInstanceOf(ContainerStatus.Exited.class);
    }

    @Test
    void alwaysIsStartedWithTheDaemonAlsoAfterAStop() throws Exception {
        waiting(ALWAYS);
        world.containers.kill("box", "HUP");
        assertThat(view().status()).isInstanceOf(ContainerStatus.Exited.class);
        reopenOnTime();
        world.await("box", v -> v.status() instanceof ContainerStatus.Running);
        assertThat(view().restartCount()).isZero();
    }

    /// None starts before the one that it has a link to.
    @Test
    void linkedContainersAreStartedFirst() throws Exception {
        for (int i = 0; i < 5; i++) {
            String before = "c" + (i - 1);
            boolean first = i == 0;
            world.create(
                    "c" + i,
                    host -> {
                        host.networkMode = "bridge";
                        host.restartPolicy = ALWAYS;
                        host.links = first ? null : List.of(before + ":before");
                    });
            world.containers.start("c" + i);
        }
        world.powerCut();
        world.open(new dev.corten.store.Durable());
        for (int i = 4; i >= 0; i--) {
            world.await("c" + i, v -> v.status() instanceof ContainerStatus.Running);
        }
        assertThat(world.find("c4").orElseThrow().host().links()).containsExactly("/c3:/c4/before");
        for (int i = 0; i < 5; i++) {
            world.containers.remove("c" + i, FORCE);
        }
    }

    @Test
    void aForcedRemovalDoesNotWait() throws Exception {
        ContainerId id = waiting(ALWAYS);
        var removed = world.containers.await("box", WaitCondition.REMOVED);
        world.containers.remove("box", FORCE);
        assertThat(code(removed)).isEqualTo(3);
        assertThat(world.find("box")).isEmpty();
        assertThat(runs(id)).isFalse();
    }

    @Test
    void theNextDaemonTakesTheWaitUp() throws Exception {
        waiting(TWICE);
        world.reopen();
        assertThat(view().status().word()).isEqualTo("restarting");
        reopenOnTime();
        world.await("box", v -> v.status() instanceof ContainerStatus.Running);
        assertThat(view().restartCount()).isEqualTo(1);
        exit(4);
        world.await(
                "box", v -> v.status() instanceof ContainerStatus.Running && v.restartCount() == 2);
    }

    @Test
    void whatEndedWithoutADaemonIsStartedByTheNext() throws Exception {
        world.create("box", TWICE);
        world.containers.start("box");
        world.crash();
        exit(4);
        world.open(new dev.corten.store.Durable());
        world.await("box", v -> v.status() instanceof ContainerStatus.Running);
        assertThat(view().restartCount()).isEqualTo(1);
    }

    @Test
    void aStopThatTheDaemonDidNotSurviveIsHonoured() throws Exception {
        world.create("box", UNLESS_STOPPED);
        world.containers.start("box");
        var process = world.monitors.process(view().id()).orElseThrow();
        process.ignoresTerm = true;
        Thread stop =
                Thread.ofVirtual()
                        .start(() -> {
                            try {
                                world.containers.stop("box", OptionalInt.of(-1), Optional.empty());
                            } catch (java.io.IOException | InterruptedException e) {
                                throw new AssertionError(e);
                            }
                        });
        process.signalled.get(10, TimeUnit.SECONDS);
        world.crash();
        process.exit(0);
        world.open(new dev.corten.store.Durable());
        assertThat(view().status()).isInstanceOf(ContainerStatus.Exited.class);
        stop.interrupt();
    }

    @Test
    void aRestartThatFailsIsTheLast() throws Exception {
        world.create("box", ALWAYS);
        world.containers.start("box");
        world.monitors.next = FakeMonitors.Start.PROGRAM_MISSING;
        exit(3);
        world.await("box", v -> v.status() instanceof ContainerStatus.Exited);
        var status = (ContainerStatus.Exited) view().status();
        assertThat(status.exitCode()).isEqualTo(3);
        assertThat(status.error()).contains("executable file not found");
    }

    @Test
    void oneThatGoesWithItsExitStaysOverARestart() throws Exception {
        ContainerId id = world.create("box", true);
        world.containers.start("box");
        world.containers.restart("box", OptionalInt.of(0), Optional.empty());
        assertThat(view().id()).isEqualTo(id);
        var removed = world.containers.await("box", WaitCondition.REMOVED);
        world.containers.stop("box", OptionalInt.of(0), Optional.empty());
        code(removed);
        assertThat(world.find("box")).isEmpty();
    }
}
