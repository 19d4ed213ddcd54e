package dev.corten.engine.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corten.engine.event.Event;
import dev.corten.engine.event.Events;
import dev.corten.kernel.BlockingCalls;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileCalls;
import dev.corten.model.Conflict;
import dev.corten.model.ContainerId;
import dev.corten.model.InvalidParameter;
import dev.corten.model.NotFound;
import dev.corten.store.Durable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VolumesTest {
    private static final ContainerId BOX = new ContainerId("ab".repeat(32));
    private static final ContainerId OTHER = new ContainerId("cd".repeat(32));

    @TempDir Path root;
    private final Events events = new Events(Clock.systemUTC());
    private final BlockingCalls calls = new BlockingCalls(4, 64);
    private Volumes volumes;

    @BeforeEach
    void open() throws IOException {
        var random = new SecureRandom();
        volumes =
                new Volumes(
                        new VolumeDirectory(root.resolve("volumes"), new Durable(), random),
                        events,
                        Clock.systemUTC(),
                        random,
                        calls);
        volumes.open();
    }

    @AfterEach
    void close() {
        calls.close();
    }

    private List<String> told() throws InterruptedException {
        var all = new ArrayList<String>();
        try (var past = events.subscribe(Optional.of(Instant.EPOCH), event -> true)) {
            for (Optional<Event> event = past.next(Instant.EPOCH);
                    event.isPresent();
                    event = past.next(Instant.EPOCH)) {
                all.add(event.get().action() + " " + event.get().actorId());
            }
        }
        return all;
    }

    @Test
    void aVolumeThatIsThereIsTheAnswer() throws Exception {
        Volume first =
                volumes.create(new VolumeRequest("data", "local", Map.of("a", "b"), Map.of()));
        Volume again = volumes.create(new VolumeRequest("data", "", Map.of("a", "c"), null));
        assertThat(again).isEqualTo(first);
        assertThat(again.labels()).isEqualTo(Map.of("a", "b"));
        assertThat(first.mountpoint()).isDirectory();
        assertThat(first.isAnonymous()).isFalse();
        assertThat(told()).containsExactly("create data");
    }

    @Test
    void whatIsThereIsFoundAgain() throws Exception {
        Volume plain = volumes.create(VolumeRequest.of("plain"));
        Volume full =
                volumes.create(
                        new VolumeRequest(
                                "full",
                                "",
                                Map.of("k", "v"),
                                Map.of("type", "tmpfs", "device", "tmpfs")));
        Volume unnamed =
                volumes.take(new VolumeRequest("", "", null, null), BOX, Durable.Sync.LATER);
        assertThat(unnamed.name()).matches("[0-9a-f]{64}");
        assertThat(unnamed.isAnonymous()).isTrue();
        assertThat(unnamed.madeFor()).contains(BOX);
        Files.createDirectory(root.resolve("volumes/.new-1234"));
        Files.createDirectories(root.resolve("volumes/.gone-1234/_data/x"));
        Files.createDirectory(root.resolve("volumes/foreign"));

        open();

        assertThat(volumes.list())
                .extracting(Volumes.Use::volume)
                .containsExactlyInAnyOrder(plain, full, unnamed);
        assertThat(root.resolve("volumes/.new-1234")).doesNotExist();
        assertThat(root.resolve("volumes/.gone-1234")).doesNotExist();
        assertThat(root.resolve("volumes/foreign")).as("it may be somebody's data").exists();
    }

    /// The form of format 1; it does not change.
    @Test
    void theRecordOnDisk() throws Exception {
        var directory = new VolumeDirectory(root, new Durable(), new SecureRandom());
        String golden =
                "{\"Format\":1,\"Name\":\"data\",\"Created\":\"2026-01-02T12:00:00.500Z\","
                        + "\"Labels\":{\"a\":\"b\"},\"Options\":null,\"MadeFor\":null}";
        var record =
                new VolumeDirectory.Saved(
                        1,
                        "data",
                        Instant.parse("2026-01-02T12:00:00.500Z"),
                        Map.of("a", "b"),
                        null,
                        null);
        assertThat(directory.parse(golden.getBytes(StandardCharsets.UTF_8))).isEqualTo(record);
        assertThat(new String(directory.write(record), StandardCharsets.UTF_8)).isEqualTo(golden);
        byte[] later = golden.replace(":1,", ":2,").getBytes(StandardCharsets.UTF_8);
        assertThatThrownBy(() -> directory.parse(later))
                .hasMessage("written in format 2, this version reads 1");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a | volume name is too short, names should be at least two alphanumeric characters",
                "a b | \"a b\" includes invalid characters",
                "a/b | \"a/b\" includes invalid characters",
                ".. | \"..\" includes invalid characters",
                ".new-x | \".new-x\" includes invalid characters",
                "_x | \"_x\" includes invalid characters",
            })
    void badNames(String name, String why) {
        assertThatThrownBy(() -> volumes.create(VolumeRequest.of(name)))
                .isInstanceOf(InvalidParameter.class)
                .hasMessageStartingWith("create " + name + ": " + why);
        assertThat(volumes.list()).isEmpty();
    }

    @Test
    void theLongestName() throws Exception {
        volumes.create(VolumeRequest.of("n".repeat(255)));
        volumes.remove("n".repeat(255));
        assertThatThrownBy(() -> volumes.create(VolumeRequest.of("n".repeat(256))))
                .isInstanceOf(InvalidParameter.class);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "foo=x | invalid option: \"foo\"",
                "type=tmpfs | missing required option: \"device\"",
                "o=bind | missing required option: \"device\"",
                "device=/x | missing required option: \"type\"",
                "size=1m | quota size requested but no quota support",
                "size=zz | invalid size: 'zz'",
            })
    void badOptions(String option, String why) {
        String[] parts = option.split("=");
        var request = new VolumeRequest("vol", "", null, Map.of(parts[0], parts[1]));
        assertThatThrownBy(() -> volumes.create(request))
                .isInstanceOf(InvalidParameter.class)
                .hasMessage("create vol: " + why);
    }

    @Test
    void anotherDriverIsNotThere() throws Exception {
        String message =
                "create vol: error looking up volume plugin nfsd: plugin \"nfsd\" not found";
        var request = new VolumeRequest("vol", "nfsd", null, null);
        assertThatThrownBy(() -> volumes.create(request))
                .isInstanceOf(NotFound.class)
                .hasMessage(message);
        volumes.create(VolumeRequest.of("vol"));
        assertThatThrownBy(() -> volumes.create(request)).hasMessage(message);
    }

    @Test
    void whatAContainerHasIsNotRemoved() throws Exception {
        volumes.take(VolumeRequest.of("data"), BOX, Durable.Sync.NOW);
        volumes.share("data", OTHER);
        assertThatThrownBy(() -> volumes.remove("data"))
                .isInstanceOf(Conflict.class)
                .hasMessage("remove data: volume is in use - [" + BOX + ", " + OTHER + "]");
        volumes.release("data", BOX);
        assertThatThrownBy(() -> volumes.remove("data")).hasMessageEndingWith("[" + OTHER + "]");
        volumes.release("data", OTHER);
        volumes.remove("data");
        assertThatThrownBy(() -> volumes.inspect("data"))
                .isInstanceOf(NotFound.class)
                .hasMessage("get data: no such volume");
        assertThatThrownBy(() -> volumes.share("data", BOX)).isInstanceOf(NotFound.class);
        assertThat(told()).containsExactly("create data", "destroy data");
    }

    @Test
    void pruningSparesWhatIsUsedOrElsewhere() throws Exception {
        Volume used = volumes.take(new VolumeRequest("", "", null, null), BOX, Durable.Sync.LATER);
        Volume left =
                volumes.take(new VolumeRequest("", "", null, null), OTHER, Durable.Sync.LATER);
        volumes.release(left.name(), OTHER);
        volumes.create(VolumeRequest.of("named"));
        volumes.create(
                new VolumeRequest(
                        "elsewhere", "", null, Map.of("type", "tmpfs", "device", "tmpfs")));
        Files.write(left.mountpoint().resolve("file"), new byte[7]);
        var pruned = volumes.prune(Volume::isAnonymous);
        assertThat(pruned.removed()).containsExactly(left.name());
        assertThat(pruned.bytes()).isEqualTo(7);
        assertThat(volumes.prune(volume -> true).removed()).containsExactly("named");
        assertThat(volumes.list())
                .extracting(use -> use.volume().name())
                .containsExactlyInAnyOrder(used.name(), "elsewhere");
    }

    @Test
    void onlyVolumesThatWereMadeForAContainerGoWithItsFailure() throws Exception {
        volumes.take(VolumeRequest.of("named"), BOX, Durable.Sync.NOW);
        Volume made = volumes.take(new VolumeRequest("", "", null, null), BOX, Durable.Sync.LATER);
        Volume others =
                volumes.take(new VolumeRequest("", "", null, null), OTHER, Durable.Sync.LATER);
        open();
        volumes.removeMadeFor(Set.of(BOX));
        assertThat(volumes.list())
                .extracting(use -> use.volume().name())
                .containsExactlyInAnyOrder("named", others.name());
        assertThat(made.mountpoint()).doesNotExist();
    }

    /// Whoever takes a volume has it, whatever others do to it at the same time.
    @Test
    void takingAndRemovingAtOnce() throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<Boolean>> work =
                    IntStream.range(0, 200)
                            .mapToObj(i -> (Callable<Boolean>) () -> i % 2 == 0 ? take() : remove())
                            .toList();
            int kept = 0;
            for (Future<Boolean> done : threads.invokeAll(work)) {
                kept += done.get() ? 1 : 0;
            }
            assertThat(kept).isEqualTo(100);
        }
    }

    private boolean take() throws IOException {
        ContainerId id = ContainerId.random();
        Volume volume = volumes.take(VolumeRequest.of("data"), id, Durable.Sync.LATER);
        Path mine = volume.mountpoint().resolve(id.hex());
        Files.createFile(mine);
        boolean there = Files.exists(mine);
        volumes.release("data", id);
        return there;
    }

    private boolean remove() throws IOException {
        volumes.removeUnused("data");
        return false;
    }

    @Test
    void aMemoryVolumeIsMountedWhileAContainerRuns() throws Exception {
        Volume volume =
                volumes.create(
                        new VolumeRequest(
                                "memory",
                                "",
                                null,
                                Map.of("type", "tmpfs", "device", "tmpfs", "o", "size=1m,ro")));
        volumes.take(VolumeRequest.of("memory"), BOX, Durable.Sync.NOW);
        volumes.take(VolumeRequest.of("memory"), OTHER, Durable.Sync.NOW);
        assertThat(DeviceMount.isMounted(volume.mountpoint())).isFalse();
        try (Fd first = volumes.open("memory", "", BOX);
                Fd second = volumes.open("memory", "", OTHER)) {
            assertThat(FileCalls.stat(first).sameFile(FileCalls.stat(second))).isTrue();
            assertThat(DeviceMount.isMounted(volume.mountpoint())).isTrue();
        }
        volumes.close("memory", BOX);
        volumes.close("memory", BOX);
        assertThat(DeviceMount.isMounted(volume.mountpoint())).isTrue();
        // The daemon dies; one container lives on, and ends later.
        open();
        volumes.adopt("memory", OTHER);
        volumes.resume("memory", OTHER);
        volumes.settle();
        assertThat(DeviceMount.isMounted(volume.mountpoint())).isTrue();
        volumes.close("memory", OTHER);
        assertThat(DeviceMount.isMounted(volume.mountpoint())).isFalse();
    }

    @Test
    void whatADeadContainerHasLeftMountedIsUnmounted() throws Exception {
        Volume volume =
                volumes.create(
                        new VolumeRequest(
                                "memory", "", null, Map.of("type", "tmpfs", "device", "tmpfs")));
        volumes.take(VolumeRequest.of("memory"), BOX, Durable.Sync.NOW);
        volumes.open("memory", "", BOX).close();
        open();
        volumes.adopt("memory", BOX);
        volumes.settle();
        assertThat(DeviceMount.isMounted(volume.mountpoint())).isFalse();
    }

    /// A volume that shows another directory: its removal leaves that one alone.
    @Test
    void removingAVolumeDeletesNothingElsewhere() throws Exception {
        Path elsewhere = Files.createDirectory(root.resolve("elsewhere"));
        Files.writeString(elsewhere.resolve("precious"), "x");
        volumes.create(
                new VolumeRequest(
                        "view",
                        "",
                        null,
                        Map.of("type", "none", "device", elsewhere.toString(), "o", "bind")));
        volumes.take(VolumeRequest.of("view"), BOX, Durable.Sync.NOW);
        volumes.open("view", "", BOX).close();
        // Its container is forgotten while it is still mounted.
        open();
        volumes.remove("view");
        assertThat(elsewhere.resolve("precious")).exists();
    }

    @Test
    void aMountThatTheKernelRefusesSaysWhyAndKeepsThePassword() throws Exception {
        Volume volume =
                volumes.create(
                        new VolumeRequest(
                                "bad",
                                "",
                                null,
                                Map.of(
                                        "type",
                                        "tmpfs",
                                        "device",
                                        "tmpfs",
                                        "o",
                                        "noexec,password=secret")));
        volumes.take(VolumeRequest.of("bad"), BOX, Durable.Sync.NOW);
        assertThatThrownBy(() -> volumes.open("bad", "", BOX))
                .hasMessage(
                        "error while mounting volume '"
                                + volume.mountpoint()
                                + "': failed to mount local volume: mount tmpfs:"
                                + volume.mountpoint()
                                + ", flags: 0x8, data: password=********: invalid argument");
        volumes.release("bad", BOX);
        volumes.remove("bad");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "abs | path concatenation escapes the base directory",
                "up | path concatenation escapes the base directory",
                "sub/../../x | path concatenation escapes the base directory",
                "abs/passwd | path concatenation escapes the base directory",
                "nope | cannot access path",
                "file/x | cannot access path",
                "loop | cannot access path",
            })
    void subpathsStayInside(String subpath, String why) throws Exception {
        Volume volume = volumes.create(VolumeRequest.of("data"));
        Path data = volume.mountpoint();
        Files.createDirectory(data.resolve("sub"));
        Files.writeString(data.resolve("file"), "x");
        Files.createSymbolicLink(data.resolve("abs"), Path.of("/etc"));
        Files.createSymbolicLink(data.resolve("up"), Path.of("../../.."));
        Files.createSymbolicLink(data.resolve("in"), Path.of("sub"));
        Files.createSymbolicLink(data.resolve("loop"), Path.of("loop"));
        volumes.open("data", "in", BOX).close();
        volumes.open("data", "file", BOX).close();
        assertThatThrownBy(() -> volumes.open("data", subpath, BOX)).hasMessageStartingWith(why);
    }
}
