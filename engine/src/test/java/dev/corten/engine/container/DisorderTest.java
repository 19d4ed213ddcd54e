package dev.corten.engine.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corten.engine.container.view.StartOutcome;
import dev.corten.engine.container.view.StopOutcome;
import dev.corten.engine.container.view.WaitResult;
import dev.corten.engine.stream.ClientStream;
import dev.corten.kernel.socket.SocketPair;
import dev.corten.kernel.socket.Sockets;
import dev.corten.kernel.socket.UnixSockets;
import dev.corten.model.Conflict;
import dev.corten.model.ContainerId;
import dev.corten.model.container.ContainerStatus;
import dev.corten.store.Durable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What goes wrong around a container, and what must not come of it.
@Timeout(30)
class DisorderTest {
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

    private ContainerStatus status(String name) {
        return world.find(name).orElseThrow().status();
    }

    private static int code(CompletableFuture<WaitResult> wait) throws Exception {
        return wait.get(10, TimeUnit.SECONDS).exitCode();
    }

    @Test
    void whoeverWaitsIsToldOfAStartThatFailedForWhateverReason() throws Exception {
        for (var how :
                new FakeMonitors.Start[] {
                    FakeMonitors.Start.PROGRAM_MISSING,
                    FakeMonitors.Start.ZYGOTE_GONE,
                    FakeMonitors.Start.CONNECTION_BREAKS
                }) {
            String name = "box-" + how.ordinal();
            world.create(name, false);
            var next = world.containers.await(name, WaitCondition.NEXT_EXIT);
            world.monitors.next = how;
            assertThatThrownBy(() -> world.containers.start(name)).isNotNull();
            assertThat(code(next)).isEqualTo(how == FakeMonitors.Start.PROGRAM_MISSING ? 127 : 128);
            assertThat(status(name)).isInstanceOf(ContainerStatus.Created.class);
        }
    }

    @Test
    void aContainerThatGoesWithItsExitGoesWithItsFailedStart() throws Exception {
        world.create("box", true);
        var removed = world.containers.await("box", WaitCondition.REMOVED);
        world.monitors.next = FakeMonitors.Start.ZYGOTE_GONE;
        assertThatThrownBy(() -> world.containers.start("box")).isInstanceOf(IOException.class);
        assertThat(code(removed)).isEqualTo(128);
        assertThat(world.find("box")).isEmpty();
    }

    @Test
    void aFailedRestartDoesNotForgetTheRunBefore() throws Exception {
        world.create("box", false);
        world.containers.start("box");
        world.containers.kill("box", "KILL");
        var before = (ContainerStatus.Exited) status("box");
        world.monitors.next = FakeMonitors.Start.PROGRAM_MISSING;
        assertThatThrownBy(() -> world.containers.start("box")).isNotNull();
        var after = (ContainerStatus.Exited) status("box");
        assertThat(after.startedAt()).isEqualTo(before.startedAt());
        assertThat(after.exitCode()).isEqualTo(127);
    }

    @Test
    void aProgramMayEndBeforeItsStartIsKnown() throws Exception {
        world.create("box", false);
        var next = world.containers.await("box", WaitCondition.NEXT_EXIT);
        world.monitors.next = FakeMonitors.Start.ENDS_AT_ONCE;
        world.containers.start("box");
        assertThat(code(next)).isEqualTo(3);
        world.containers.remove("box", FORCE);
    }

    @Test
    void aLostConnectionIsNotALostMonitor() throws Exception {
        ContainerId id = world.create("box", false);
        world.containers.start("box");
        var exit = world.containers.await("box", WaitCondition.NOT_RUNNING);
        world.monitors.breakConnections();
        // By the new connection; the answer to a kill comes after the exit was recorded.
        while (world.monitors.process(id).isPresent()) {
            world.containers.kill("box", "KILL");
        }
        assertThat(code(exit)).isEqualTo(137);
        assertThat(((ContainerStatus.Exited) status("box")).error()).isEmpty();
    }

    @Test
    void aMonitorThatIsSilentIsWaitedForAndHarmsNobody() throws Exception {
        ContainerId id = world.create("silent", false);
        world.create("fine", false);
        world.containers.start("silent");
        world.containers.start("fine");
        var process = world.monitors.process(id).orElseThrow();
        process.awake = new CompletableFuture<>();
        world.reopen();
        assertThat(world.find("silent").orElseThrow().pid()).isEqualTo(process.identity.pid());
        assertThatThrownBy(() -> world.containers.target("silent"))
                .hasMessageContaining("does not answer");
        world.containers.stop("fine", OptionalInt.of(0), Optional.empty());
        process.awake.complete(null);
        world.await("silent", v -> world.containers.get(id.hex()).monitor().isPresent());
        world.containers.target("silent");
        world.containers.remove("silent", FORCE);
    }

    @Test
    void aMonitorThatWakesUpInTheNextButOneDaemon() throws Exception {
        ContainerId id = world.create("box", false);
        world.containers.start("box");
        var process = world.monitors.process(id).orElseThrow();
        process.awake = new CompletableFuture<>();
        world.reopen();
        world.crash();
        process.awake.complete(null);
        world.open(new Durable());
        world.containers.target("box");
        assertThat(world.monitors.process(id)).isPresent();
    }

    @Test
    void aClientThatComesDuringAStartIsServed() throws Exception {
        ContainerId id = world.create("box", false);
        try (SocketPair pair = UnixSockets.pair(Sockets.SOCK_STREAM)) {
            var client = new ClientStream(pair.first().transfer(), new byte[0]);
            world.monitors.duringStart =
                    () ->
                            world.containers
                                    .attach(
                                            "box",
                                            new AttachRequest(
                                                    false, true, false, true, true, true, ""))
                                    .connect(client);
            world.containers.start("box");
            assertThat(world.monitors.clients(id)).isEqualTo(1);
            assertThat(client.socket().isOpen()).isFalse();
        }
    }

    @Test
    void aStartWaitsForAClientThatWasPromisedAStream() throws Exception {
        ContainerId id = world.create("box", false);
        var request = new AttachRequest(false, true, false, true, true, true, "");
        try (SocketPair pair = UnixSockets.pair(Sockets.SOCK_STREAM);
                Attachment attachment = world.containers.attach("box", request)) {
            Thread start =
                    Thread.ofVirtual()
                            .start(() -> {
                                try {
                                    world.containers.start("box");
                                } catch (Exception e) {
                                    throw new AssertionError(e);
                                }
                            });
            while (!world.containers.get(id.hex()).isUnderWay("start")) {
                Thread.onSpinWait();
            }
            attachment.connect(new ClientStream(pair.first().transfer(), new byte[0]));
            start.join();
            assertThat(world.monitors.clients(id)).isEqualTo(1);
        }
    }

    @Test
    void clientsThatLeftBeforeTheStartAreNotKept() throws Exception {
        ContainerId id = world.create("box", false);
        for (int i = 0; i < 20; i++) {
            try (SocketPair pair = UnixSockets.pair(Sockets.SOCK_STREAM)) {
                world.containers
                        .attach("box", new AttachRequest(false, true, false, true, true, true, ""))
                        .connect(new ClientStream(pair.first().transfer(), new byte[0]));
            }
        }
        assertThat(world.containers.get(id.hex()).waiting()).isEqualTo(1);
    }

    @Test
    void whoWaitsNoLongerIsForgotten() throws Exception {
        ContainerId id = world.create("box", false);
        world.containers.await("box", WaitCondition.NEXT_EXIT).cancel(false);
        world.containers.await("box", WaitCondition.REMOVED).cancel(false);
        assertThat(world.containers.get(id.hex()).waiting()).isZero();
    }

    @Test
    void aForcedRemovalMeetsAStart() throws Exception {
        world.create("box", false);
        var removal = new CompletableFuture<Void>();
        world.monitors.duringStart =
                () ->
                        Thread.startVirtualThread(() -> {
                            try {
                                world.containers.remove("box", FORCE);
                                removal.complete(null);
                            } catch (IOException | InterruptedException | RuntimeException e) {
                                removal.completeExceptionally(e);
                            }
                        });
        world.containers.start("box");
        removal.get(10, TimeUnit.SECONDS);
        assertThat(world.find("box")).isEmpty();
    }

    @Test
    void aForcedRemovalMeetsAStartThatHangs() throws Exception {
        ContainerId id = world.create("box", false);
        world.monitors.next = FakeMonitors.Start.HANGS;
        var start = new CompletableFuture<StartOutcome>();
        Thread.startVirtualThread(() -> {
            try {
                start.complete(world.containers.start("box"));
            } catch (IOException | InterruptedException | RuntimeException e) {
                start.completeExceptionally(e);
            }
        });
        while (!world.containers.get(id.hex()).isUnderWay("start")) {
            Thread.onSpinWait();
        }
        world.containers.remove("box", FORCE);
        assertThat(world.find("box")).isEmpty();
        assertThat(start).isCompletedExceptionally();
    }

    @Test
    void aForcedRemovalOfAContainerThatGoesWithItsExit() throws Exception {
        for (int i = 0; i < 20; i++) {
            ContainerId id = world.create("box", true);
            world.containers.start("box");
            Thread exit =
                    Thread.startVirtualThread(
                            () -> world.monitors.process(id).ifPresent(p -> p.exit(0)));
            try {
                world.containers.remove("box", FORCE);
            } catch (dev.corten.model.NotFound faster) {
                assertThat(faster).hasMessageContaining("No such container");
            }
            exit.join();
            assertThat(world.find("box")).isEmpty();
        }
    }

    @Test
    void aKillOfWhatHasEndedSaysSo() throws Exception {
        world.create("box", false);
        assertThatThrownBy(() -> world.containers.kill("box", "HUP")).isInstanceOf(Conflict.class);
        assertThat(world.containers.stop("box", OptionalInt.of(0), Optional.empty()))
                .isEqualTo(StopOutcome.NOT_RUNNING);
    }

    @Test
    void oneDamagedContainerHarmsNobodyAndKeepsItsData() throws Exception {
        ContainerId damaged = world.create("damaged", false);
        ContainerId stateless = world.create("stateless", false);
        ContainerId fine = world.create("fine", false);
        world.containers.start("fine");
        world.crash();
        Path containers = world.data().resolve("containers");
        Path config = containers.resolve(damaged.hex()).resolve(ContainerFiles.CONFIG);
        byte[] whole = Files.readAllBytes(config);
        Files.writeString(config, "{");
        Files.writeString(containers.resolve(stateless.hex()).resolve(ContainerFiles.STATE), "");
        Files.writeString(containers.resolve(fine.hex()).resolve("sandbox.json"), "[]");
        world.open(new Durable());
        assertThat(world.find("damaged")).isEmpty();
        assertThat(status("fine")).isInstanceOf(ContainerStatus.Running.class);
        assertThat(status("stateless").word()).isEqualTo("created");
        world.crash();
        Files.write(config, whole);
        world.open(new Durable());
        world.containers.start("damaged");
        world.containers.start("stateless");
    }

    @Test
    void aDiskThatIsFullLeavesNothingHalfMade() throws Exception {
        for (int full = 0; full < 12; full++) {
            world.crash();
            int limit = full;
            var steps = new java.util.concurrent.atomic.AtomicInteger();
            var armed = new java.util.concurrent.atomic.AtomicBoolean();
            world.open(
                    new Durable(step -> {
                        if (armed.get() && steps.getAndIncrement() == limit) {
                            throw new IOException("No space left on device");
                        }
                    }));
            armed.set(true);
            String name = "box-" + full;
            try {
                world.create(name, false);
            } catch (IOException e) {
                assertThat(e).hasMessageContaining("No space left");
                assertThat(world.find(name)).isEmpty();
            }
            assertThat(world.disorder()).as("step %d", full).isEmpty();
            world.reopen();
            assertThat(world.disorder()).as("step %d, opened anew", full).isEmpty();
            // Its name is free, or its own.
            if (world.find(name).isEmpty()) {
                world.create(name, false);
            }
        }
    }

    @Test
    void anExitThatCannotBeWrittenIsStillAnExit() throws Exception {
        ContainerId id = world.create("box", false);
        world.containers.start("box");
        world.crash();
        world.open(
                new Durable(step -> {
                    if (step.equals("rename state.json")) {
                        throw new IOException("No space left on device");
                    }
                }));
        var exit = world.containers.await("box", WaitCondition.NOT_RUNNING);
        world.monitors.process(id).orElseThrow().exit(4 << 8);
        assertThat(code(exit)).isEqualTo(4);
        world.reopen();
        assertThat(((ContainerStatus.Exited) status("box")).exitCode()).isEqualTo(4);
    }
}
