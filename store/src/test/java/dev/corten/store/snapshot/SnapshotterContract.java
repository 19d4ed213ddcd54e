package dev.corten.store.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corten.archive.TarEntry;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.Directories;
import dev.corten.kernel.file.DirectoryEntry;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.file.FileData;
import dev.corten.kernel.file.Stat;
import dev.corten.kernel.file.Xattrs;
import dev.corten.model.Conflict;
import dev.corten.model.ContainerId;
import dev.corten.model.Digest;
import dev.corten.model.NotFound;
import dev.corten.model.PathBytes;
import dev.corten.model.image.Image;
import dev.corten.store.Durable;
import dev.corten.store.ImageFixture;
import dev.corten.store.StorageDriver;
import dev.corten.store.Store;
import dev.corten.store.StoreLayout;
import dev.corten.store.image.ImageUse;
import dev.corten.store.image.Images;
import dev.corten.store.snapshot.Snapshots.Persistence;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What holds however layers and containers' file systems are kept.
abstract class SnapshotterContract {
    private static final byte[] BASE =
            ImageFixture.layer()
                    .directory("etc", 0755)
                    .file("etc/passwd", "root:x:0:0::/root:/bin/sh\n")
                    .file("etc/old", "old")
                    .directory("data", 0755)
                    .file("data/low", "low")
                    .file("data/one", "same")
                    .hardLink("data/two", "data/one")
                    .symlink("link", "etc/passwd")
                    .add(secret(), "")
                    .build();
    private static final byte[] TOP =
            ImageFixture.layer()
                    .whiteout("etc/old")
                    .file("etc/new", "new")
                    .file("secret/inside", "inside")
                    .build();

    @TempDir Path dir;

    private final StorageDriver driver;
    private Path root;
    private Store store;
    private Image image;

    SnapshotterContract(StorageDriver driver) {
        this.driver = driver;
    }

    private static TarEntry secret() {
        return new TarEntry(
                PathBytes.of("secret/"),
                TarEntry.Kind.DIRECTORY,
                0700,
                1000,
                1001,
                Instant.ofEpochSecond(77, 5000),
                0,
                PathBytes.of(""),
                0,
                0,
                Map.of(PathBytes.of("user.k"), new byte[] {1}),
                List.of());
    }

    @BeforeEach
    void load() throws Exception {
        root = dir.resolve("root");
        open(new Durable());
        image = load(store, "a:1", BASE, TOP);
    }

    private void open(Durable durable) throws IOException {
        store = Store.open(root, Optional.of(driver), durable, Clock.systemUTC());
    }

    private static Image load(Store store, String name, byte[]... layers) throws Exception {
        byte[] archive = ImageFixture.archive(name, layers).build();
        return store.images().load(new ByteArrayInputStream(archive), event -> {}).getFirst();
    }

    @AfterEach
    void close() throws IOException {
        store.close();
        delete(root);
    }

    private static void delete(Path tree) throws IOException {
        try (Fd parent = FileCalls.openDirectory(tree.getParent().toString())) {
            Directories.deleteTree(parent, tree.getFileName().toString());
        }
    }

    private ContainerId prepare() throws IOException {
        var id = ContainerId.random();
        store.snapshots().prepare(id, image.chainId());
        return id;
    }

    private Fd mount(ContainerId id) throws IOException {
        return store.snapshots().mountDetached(id, Persistence.DURABLE);
    }

    private static String text(Fd root, String path) throws IOException {
        return new String(FileData.readFile(root, path, 1 << 20), StandardCharsets.UTF_8);
    }

    private static void write(Fd root, String path, String text) throws IOException {
        int flags = FileCalls.O_WRONLY | FileCalls.O_CREAT | FileCalls.O_TRUNC;
        try (Fd file = FileCalls.open(root, path, flags, 0644)) {
            FileData.writeFully(file, text.getBytes(StandardCharsets.UTF_8));
        }
    }

    private static List<String> names(Fd directory) throws IOException {
        return Directories.list(directory, ".").stream()
                .map(DirectoryEntry::name)
                .map(PathBytes::toString)
                .sorted()
                .toList();
    }

    private List<String> changes(ContainerId id) throws IOException {
        return store.snapshots().changes(id, Set.of()).stream()
                .map(change -> change.kind().name().charAt(0) + " " + change.path())
                .toList();
    }

    // --- what a container sees

    @Test
    void allLayersAreSeenAsOne() throws Exception {
        ContainerId id = prepare();
        try (Fd mount = mount(id)) {
            assertThat(names(mount)).containsExactly("data", "etc", "link", "secret");
            assertThat(text(mount, "etc/new")).isEqualTo("new");
            assertThat(text(mount, "link")).startsWith("root:");
            assertThat(FileCalls.exists(mount, "etc/old")).isFalse();
            assertThat(text(mount, "secret/inside")).isEqualTo("inside");
        }
    }

    @Test
    void ownersModesTimesAndAttributesAreKept() throws Exception {
        try (Fd mount = mount(prepare());
                Fd secret = FileCalls.openDirectory(mount, "secret")) {
            Stat stat = FileCalls.stat(secret);
            assertThat(stat.permissions()).isEqualTo(0700);
            assertThat(stat.uid()).isEqualTo(1000);
            assertThat(stat.gid()).isEqualTo(1001);
            assertThat(stat.modifySeconds()).isEqualTo(77);
            assertThat(stat.modifyNanos()).isEqualTo(5000);
            assertThat(Xattrs.get(secret, "user.k")).contains(new byte[] {1});
        }
    }

    @Test
    void namesOfOneFileStayNamesOfOneFile() throws Exception {
        try (Fd mount = mount(prepare())) {
            Stat one = FileCalls.lstat(mount, "data/one");
            assertThat(one.sameFile(FileCalls.lstat(mount, "data/two"))).isTrue();
            assertThat(one.links()).isEqualTo(2);
            assertThat(one.sameFile(FileCalls.lstat(mount, "data/low"))).isFalse();
        }
    }

    @Test
    void anImageWithoutLayersIsAnEmptyRoot() throws Exception {
        var id = ContainerId.random();
        store.snapshots().prepare(id, Optional.empty());
        try (Fd mount = mount(id)) {
            assertThat(names(mount)).isEmpty();
            assertThat(FileCalls.stat(mount).permissions()).isEqualTo(0755);
            write(mount, "file", "x");
        }
        assertThat(changes(id)).containsExactly("A /file");
    }

    @Test
    void manyLayersAreSeenAsOne() throws Exception {
        var layers = new ArrayList<byte[]>();
        for (int i = 0; i < 100; i++) {
            layers.add(ImageFixture.layer().file("d/" + i, "" + i).file("top", "" + i).build());
        }
        image = load(store, "many:1", layers.toArray(byte[][]::new));
        try (Fd mount = mount(prepare());
                Fd directory = FileCalls.openDirectory(mount, "d")) {
            assertThat(names(directory)).hasSize(100);
            assertThat(text(mount, "top")).isEqualTo("99");
        }
    }

    // --- what a container writes

    @Test
    void whatIsWrittenStaysWithTheContainer() throws Exception {
        ContainerId one = prepare();
        ContainerId other = prepare();
        try (Fd mount = mount(one)) {
            write(mount, "etc/passwd", "changed");
            write(mount, "data/one", "changed");
            FileCalls.unlink(mount, PathBytes.of("etc/new"));
            FileCalls.mkdir(mount, "made", 0755);
        }
        try (Fd mount = mount(one)) {
            assertThat(text(mount, "etc/passwd")).isEqualTo("changed");
            assertThat(FileCalls.exists(mount, "etc/new")).isFalse();
            assertThat(FileCalls.exists(mount, "made")).isTrue();
        }
        for (ContainerId id : List.of(other, prepare())) {
            try (Fd mount = mount(id)) {
                assertThat(text(mount, "etc/passwd")).startsWith("root:");
                assertThat(text(mount, "data/one")).isEqualTo("same");
                assertThat(text(mount, "etc/new")).isEqualTo("new");
                assertThat(FileCalls.exists(mount, "made")).isFalse();
            }
        }
    }

    @Test
    void changesAreFound() throws Exception {
        ContainerId id = prepare();
        assertThat(changes(id)).isEmpty();
        assertThat(store.snapshots().changedBytes(id)).isZero();
        try (Fd mount = mount(id)) {
            write(mount, "etc/passwd", "12345");
            FileCalls.unlink(mount, PathBytes.of("etc/new"));
            FileCalls.mkdir(mount, "made", 0755);
            write(mount, "made/file", "123");
            FileCalls.chmod(mount, "data", 0700);
        }
        assertThat(changes(id))
                .containsExactly(
                        "M /data",
                        "M /etc",
                        "D /etc/new",
                        "M /etc/passwd",
                        "A /made",
                        "A /made/file");
        assertThat(store.snapshots().changedBytes(id)).isEqualTo(8);
    }

    @Test
    void aDirectoryInTheFilesPlaceAndTheOtherWayRound() throws Exception {
        ContainerId id = prepare();
        try (Fd mount = mount(id)) {
            FileCalls.unlink(mount, PathBytes.of("etc/passwd"));
            FileCalls.mkdir(mount, "etc/passwd", 0755);
            Directories.deleteTree(mount, "data");
            write(mount, "data", "now a file");
        }
        assertThat(changes(id))
                .contains("M /etc/passwd", "M /data", "D /data/low", "D /data/one", "D /data/two");
        try (Fd mount = mount(id)) {
            assertThat(text(mount, "data")).isEqualTo("now a file");
        }
    }

    // --- its life

    @Test
    void aSnapshotIsThereOnce() throws Exception {
        ContainerId id = prepare();
        assertThatThrownBy(() -> store.snapshots().prepare(id, image.chainId()))
                .isInstanceOf(Conflict.class);
        assertThatThrownBy(() -> store.snapshots().paths(ContainerId.random()))
                .isInstanceOf(NotFound.class);
        var unknown = Optional.of(Digest.of(new byte[] {1}));
        assertThatThrownBy(() -> store.snapshots().prepare(ContainerId.random(), unknown))
                .isInstanceOf(NotFound.class);
    }

    @Test
    void aRemovedOneIsGoneAtOnceAndItsMountGoesOn() throws Exception {
        ContainerId id = prepare();
        try (Fd mount = mount(id)) {
            store.snapshots().remove(id);
            store.snapshots().remove(id);
            assertThat(store.snapshots().list()).isEmpty();
            assertThatThrownBy(() -> store.snapshots().paths(id)).isInstanceOf(NotFound.class);
            assertThat(FileCalls.stat(mount).isDirectory()).isTrue();
        }
        store.snapshots().prepare(id, image.chainId());
        assertThat(changes(id)).isEmpty();
    }

    @Test
    void layersStayWhileAContainerHasThem() throws Exception {
        ContainerId id = prepare();
        store.images().remove("a:1", Images.Force.YES, Images.Parents.PRUNE, ImageUse.NONE);
        assertThat(store.layers().list()).hasSize(2);
        try (Fd mount = mount(id)) {
            assertThat(text(mount, "etc/new")).isEqualTo("new");
        }
        store.snapshots().remove(id);
        store.layers().collect(Set.of());
        assertThat(store.layers().list()).isEmpty();
    }

    @Test
    void aNewDaemonFindsEverything() throws Exception {
        ContainerId id = prepare();
        try (Fd mount = mount(id)) {
            write(mount, "made", "x");
        }
        store.close();
        open(new Durable());
        assertThat(store.snapshots().list()).containsExactly(id);
        assertThat(changes(id)).containsExactly("A /made");
        store.snapshots().removeOthers(Set.of());
        assertThat(store.snapshots().list()).isEmpty();
    }

    @Test
    void layersArePartsOfOneAnother() throws Exception {
        byte[] more = ImageFixture.layer().file("more", "more").build();
        Image bigger = load(store, "b:1", BASE, TOP, more);
        assertThat(store.layers().list()).hasSize(3);
        store.images().remove("a:1", Images.Force.NO, Images.Parents.PRUNE, ImageUse.NONE);
        image = bigger;
        try (Fd mount = mount(prepare())) {
            assertThat(text(mount, "etc/new")).isEqualTo("new");
            assertThat(text(mount, "more")).isEqualTo("more");
            assertThat(FileCalls.exists(mount, "etc/old")).isFalse();
        }
    }

    // --- crashes

    /// Ends the daemon at one step.
    private static final class Crash extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    private Durable dyingAt(int step) {
        var passed = new AtomicInteger();
        return new Durable(name -> {
            if (passed.getAndIncrement() >= step) {
                throw new Crash();
            }
        });
    }

    /// Opens, loads, prepares and removes, with a daemon that dies at each step in turn.
    @Test
    void aCrashAtAnyStepLeavesTheOldOrTheNewState() throws Exception {
        ContainerId old = prepare();
        try (Fd mount = mount(old)) {
            write(mount, "mine", "kept");
        }
        byte[] more = ImageFixture.layer().whiteout("data").file("more", "more").build();
        boolean done = false;
        int step = 0;
        for (; !done; step++) {
            store.close();
            var created = ContainerId.random();
            try {
                open(dyingAt(step));
                Image next = load(store, "b:1", BASE, TOP, more);
                store.snapshots().prepare(created, next.chainId());
                store.snapshots().remove(created);
                store.images().remove("b:1", Images.Force.NO, Images.Parents.PRUNE, ImageUse.NONE);
                done = true;
            } catch (Crash expected) {
                // the point of it
            } catch (IllegalStateException expected) {
                assertThat(expected).hasRootCauseInstanceOf(Crash.class);
            }
            store.close();
            open(new Durable());
            checkAfterCrash(step, old, created);
        }
        assertThat(step).isGreaterThan(15);
    }

    private void checkAfterCrash(int step, ContainerId old, ContainerId created) throws Exception {
        String at = "step " + step;
        assertThat(store.snapshots().list()).as(at).contains(old);
        assertThat(changes(old)).as(at).containsExactly("A /mine");
        var layout = new StoreLayout(root, driver);
        try (var entries = Files.list(layout.newSnapshots())) {
            assertThat(entries).as(at).isEmpty();
        }
        if (store.snapshots().list().contains(created)) {
            // All of it or nothing.
            try (Fd mount = mount(created)) {
                assertThat(names(mount)).as(at).containsExactly("etc", "link", "more", "secret");
            }
        }
        store.snapshots().removeOthers(Set.of(old));
        assertThat(store.snapshots().list()).as(at).containsExactly(old);
        var named = store.images().list().stream().map(Image::chainId).flatMap(Optional::stream);
        store.layers().collect(Set.copyOf(named.toList()));
        int layers = store.images().list().size() == 2 ? 3 : 2;
        assertThat(store.layers().list()).as(at).hasSize(layers);
        try (var directories = Files.list(layout.snapshots())) {
            assertThat(directories.filter(path -> path.getFileName().toString().length() == 64))
                    .as(at)
                    .hasSize(layers + 1);
        }
    }

    // --- several drivers in one data root

    @Test
    void anotherDriverSeesNothingOfThis() throws Exception {
        ContainerId id = prepare();
        store.close();
        StorageDriver another =
                driver == StorageDriver.OVERLAY ? StorageDriver.COPY : StorageDriver.OVERLAY;
        try (var other = Store.open(root, Optional.of(another), new Durable(), Clock.systemUTC())) {
            assertThat(other.images().list()).isEmpty();
            assertThat(other.snapshots().list()).isEmpty();
            assertThat(other.snapshots().isElsewhere(id)).isTrue();
            other.snapshots().removeOthers(Set.of());
            load(other, "c:1", BASE);
        }
        assertThatThrownBy(() -> Store.open(root, new Durable(), Clock.systemUTC()))
                .hasMessage(
                        "data root "
                                + root
                                + " contains several valid graphdrivers: overlay2, vfs; cleanup or"
                                + " explicitly choose storage driver (-s <DRIVER>)");
        open(new Durable());
        assertThat(store.snapshots().list()).containsExactly(id);
        assertThat(store.snapshots().isElsewhere(id)).isFalse();
    }

    @Test
    void theDriverOfADataRootIsFoundAgain() throws Exception {
        store.close();
        store = Store.open(root, new Durable(), Clock.systemUTC());
        assertThat(store.snapshots().driver()).isEqualTo(driver);
        assertThat(store.images().list()).hasSize(1);
    }
}
