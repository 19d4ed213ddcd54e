package dev.corten.store.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.Directories;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.file.FileData;
import dev.corten.kernel.file.Stat;
import dev.corten.model.Digest;
import dev.corten.model.InvalidParameter;
import dev.corten.model.NotFound;
import dev.corten.model.PathBytes;
import dev.corten.model.image.Image;
import dev.corten.store.Durable;
import dev.corten.store.ImageFixture;
import dev.corten.store.StorageDriver;
import dev.corten.store.Store;
import dev.corten.store.image.StoreCheck;
import dev.corten.store.snapshot.StepLayers.Made;
import dev.corten.store.snapshot.StepLayers.Working;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Layers that steps of builds make, by each driver.
class StepLayersTest {
    private static final byte[] BASE =
            ImageFixture.layer()
                    .directory("etc", 0755)
                    .file("etc/passwd", "root:x:0:0::/root:/bin/sh\n")
                    .file("etc/old", "old")
                    .directory("data", 0750)
                    .file("data/one", "one")
                    .file("data/two", "two")
                    .build();
    private static final Instant NOON = Instant.parse("2020-02-02T12:00:00Z");

    @TempDir Path dir;
    private Path root;
    private StorageDriver driver = StorageDriver.OVERLAY;
    private Store store;
    private Digest base;

    private void start(StorageDriver chosen) throws Exception {
        driver = chosen;
        root = dir.resolve("root");
        open(new Durable());
        byte[] archive = ImageFixture.archive("a:1", BASE).build();
        Image image =
                store.images().load(new ByteArrayInputStream(archive), event -> {}).getFirst();
        base = image.chainId().orElseThrow();
    }

    private void open(Durable durable) throws IOException {
        store = Store.open(root, Optional.of(driver), durable, Clock.systemUTC());
    }

    @AfterEach
    void close() throws IOException {
        store.close();
        try (Fd parent = FileCalls.openDirectory(dir.toString())) {
            Directories.deleteTree(parent, "root");
        }
    }

    @FunctionalInterface
    private interface Step {
        void run(Fd root) throws IOException;
    }

    private Made make(Optional<Digest> below, Step step) throws IOException {
        return make(below, Optional.empty(), Set.of(), step);
    }

    private Made make(
            Optional<Digest> below, Optional<Instant> clamp, Set<PathBytes> leftOut, Step step)
            throws IOException {
        try (Working working = store.stepLayers().begin(below)) {
            try (Fd mount = working.mount()) {
                step.run(mount);
            }
            return working.finish(clamp, leftOut);
        }
    }

    private static void write(Fd root, String path, String text) throws IOException {
        int flags = FileCalls.O_WRONLY | FileCalls.O_CREAT | FileCalls.O_TRUNC;
        try (Fd file = FileCalls.open(root, path, flags, 0644)) {
            FileData.writeFully(file, text.getBytes(StandardCharsets.UTF_8));
        }
    }

    private static String text(Fd root, String path) throws IOException {
        return new String(FileData.readFile(root, path, 1 << 20), StandardCharsets.UTF_8);
    }

    private static void change(Fd root) throws IOException {
        write(root, "etc/passwd", "changed");
        FileCalls.unlink(root, PathBytes.of("etc/old"));
        Directories.deleteTree(root, "data").orThrow();
        FileCalls.mkdir(root, "made", 0700);
        write(root, "made/file", "made");
        FileCalls.link(root, "made/file", root, "made/name", 0);
        FileCalls.symlink("file", root, "made/link");
    }

    /// The layer's tar as a push would send it.
    private byte[] tar(Digest chainId) throws IOException {
        Layer layer = store.layers().find(chainId).orElseThrow();
        try (InputStream in = store.layerArchive().plain(layer).open()) {
            return in.readAllBytes();
        }
    }

    private int layers() {
        return store.layers().list().size();
    }

    private int directories() throws IOException {
        try (var found = Files.list(store.layout().snapshots())) {
            return (int) found.filter(it -> it.getFileName().toString().length() == 64).count();
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatAStepChangesIsALayer(StorageDriver kind) throws Exception {
        start(kind);
        try (Made made = make(Optional.of(base), StepLayersTest::change);
                Fd seen = store.snapshots().mountReadOnly(made.chainId())) {
            assertThat(made.chainId()).isEqualTo(ChainId.on(Optional.of(base), made.diffId()));
            assertThat(made.size()).isEqualTo("changedmadefile".length());
            assertThat(text(seen, "etc/passwd")).isEqualTo("changed");
            assertThat(FileCalls.exists(seen, "etc/old")).isFalse();
            assertThat(FileCalls.exists(seen, "data")).isFalse();
            assertThat(text(seen, "made/link")).isEqualTo("made");
            assertThat(FileCalls.lstat(seen, "made/name").links()).isEqualTo(2);
            assertThat(Digest.of(tar(made.chainId()))).isEqualTo(made.diffId());
            try (var inside =
                    Files.list(
                            store.layout()
                                    .layer(
                                            store.layers()
                                                    .find(made.chainId())
                                                    .orElseThrow()
                                                    .cacheId()))) {
                assertThat(inside.map(it -> it.getFileName().toString()))
                        .containsExactlyInAnyOrder("diff", "link", "lower", "committed");
            }
        }
    }

    /// The tar of a step's layer, brought in elsewhere, is the same file system.
    @ParameterizedTest
    @EnumSource
    void theLayerIsTheSameElsewhere(StorageDriver kind) throws Exception {
        start(kind);
        byte[] tar;
        Digest diffId;
        try (Made made = make(Optional.of(base), StepLayersTest::change)) {
            tar = tar(made.chainId());
            diffId = made.diffId();
        }
        byte[] archive = ImageFixture.archive("b:1", BASE, tar).build();
        Image image =
                store.images().load(new ByteArrayInputStream(archive), event -> {}).getFirst();
        assertThat(image.diffIds().getLast()).isEqualTo(diffId);
    }

    @ParameterizedTest
    @EnumSource
    void aStepThatChangesNothingIsALayerToo(StorageDriver kind) throws Exception {
        start(kind);
        try (Made made = make(Optional.of(base), mount -> {});
                Fd seen = store.snapshots().mountReadOnly(made.chainId())) {
            assertThat(made.diffId()).isEqualTo(Digest.of(new byte[1024]));
            assertThat(made.size()).isZero();
            assertThat(text(seen, "data/one")).isEqualTo("one");
        }
        try (Made nothing = make(Optional.empty(), mount -> {})) {
            assertThat(nothing.chainId()).isEqualTo(nothing.diffId());
        }
    }

    @ParameterizedTest
    @EnumSource
    void theContentDoesNotDependOnTimes(StorageDriver kind) throws Exception {
        start(kind);
        var contents = new ArrayList<Digest>();
        var diffIds = new ArrayList<Digest>();
        for (int i = 1; i <= 2; i++) {
            int second = i;
            Made made =
                    make(
                            Optional.of(base),
                            mount -> {
                                change(mount);
                                FileCalls.times(
                                        mount, PathBytes.of("made/file"), second, 0, second, 0);
                            });
            contents.add(made.content());
            diffIds.add(made.diffId());
            made.close();
        }
        assertThat(contents.getFirst()).isEqualTo(contents.getLast());
        assertThat(diffIds.getFirst()).isNotEqualTo(diffIds.getLast());
        for (Step other :
                List.<Step>of(
                        mount -> write(mount, "made/file", "mode"),
                        mount -> FileCalls.chmod(mount, "made/file", 0600),
                        mount -> FileCalls.chown(mount, "made/file", 1, 0),
                        mount -> FileCalls.unlink(mount, PathBytes.of("etc/passwd")),
                        mount -> FileCalls.unlink(mount, PathBytes.of("made/link")))) {
            try (Made made =
                    make(
                            Optional.of(base),
                            mount -> {
                                change(mount);
                                other.run(mount);
                            })) {
                assertThat(contents).doesNotContain(made.content());
                contents.add(made.content());
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void knownDigestsAreTakenForTheContent(StorageDriver kind) throws Exception {
        start(kind);
        Made read = make(Optional.of(base), StepLayersTest::change);
        try (Working working = store.stepLayers().begin(Optional.of(base))) {
            try (Fd mount = working.mount()) {
                change(mount);
            }
            var asked = new ArrayList<String>();
            Made known =
                    working.finish(
                            Optional.empty(),
                            Set.of(),
                            path -> {
                                asked.add(path.toString());
                                return path.is("made/file")
                                        ? Optional.of(Digest.of(new byte[] {'m', 'a', 'd', 'e'}))
                                        : Optional.empty();
                            });
            assertThat(known.content()).isEqualTo(read.content());
            assertThat(asked).containsExactly("etc/passwd", "made/file");
            known.close();
        }
        read.close();
    }

    @ParameterizedTest
    @EnumSource
    void newerTimesAreClamped(StorageDriver kind) throws Exception {
        start(kind);
        var diffIds = new ArrayList<Digest>();
        for (int i = 0; i < 2; i++) {
            try (Made made =
                            make(
                                    Optional.of(base),
                                    Optional.of(NOON),
                                    Set.of(),
                                    mount -> {
                                        change(mount);
                                        FileCalls.mkdir(mount, "empty", 0755);
                                        write(mount, "early", "early");
                                        FileCalls.times(mount, PathBytes.of("early"), 5, 6, 5, 6);
                                    });
                    Fd seen = store.snapshots().mountReadOnly(made.chainId())) {
                diffIds.add(made.diffId());
                for (String path : List.of("made", "made/file", "made/link", "empty", "etc")) {
                    Stat stat = FileCalls.lstat(seen, path);
                    assertThat(stat.modifySeconds()).as(path).isEqualTo(NOON.getEpochSecond());
                    assertThat(stat.modifyNanos()).as(path).isZero();
                }
                assertThat(FileCalls.lstat(seen, "early").modifySeconds()).isEqualTo(5);
            }
            store.layers().collect(Set.of(base));
            assertThat(layers()).isEqualTo(1);
        }
        assertThat(diffIds.getFirst()).isEqualTo(diffIds.getLast());
    }

    @ParameterizedTest
    @EnumSource
    void mountPointsAreLeftOut(StorageDriver kind) throws Exception {
        start(kind);
        Set<PathBytes> points =
                Set.of(
                        PathBytes.of("/etc/hosts"),
                        PathBytes.of("/proc"),
                        PathBytes.of("/run/secrets/one"),
                        PathBytes.of("/data/mounted"));
        Digest diffId;
        try (Made made =
                make(
                        Optional.of(base),
                        Optional.empty(),
                        points,
                        mount -> {
                            write(mount, "etc/hosts", "");
                            FileCalls.mkdir(mount, "proc", 0755);
                            FileCalls.mkdir(mount, "run", 0755);
                            FileCalls.mkdir(mount, "run/secrets", 0755);
                            write(mount, "run/secrets/one", "");
                            FileCalls.mkdir(mount, "data/mounted", 0755);
                        })) {
            diffId = made.diffId();
        }
        assertThat(diffId).isEqualTo(Digest.of(new byte[1024]));
    }

    /// A directory above a mount point that the step has changed stays.
    @ParameterizedTest
    @EnumSource
    void changesBesideMountPointsStay(StorageDriver kind) throws Exception {
        start(kind);
        try (Made made =
                        make(
                                Optional.of(base),
                                Optional.empty(),
                                Set.of(PathBytes.of("etc/hosts"), PathBytes.of("data/mounted")),
                                mount -> {
                                    write(mount, "etc/hosts", "");
                                    FileCalls.chmod(mount, "etc", 0700);
                                    FileCalls.mkdir(mount, "data/mounted", 0755);
                                    write(mount, "data/own", "own");
                                });
                Fd seen = store.snapshots().mountReadOnly(made.chainId())) {
            assertThat(FileCalls.lstat(seen, "etc").permissions()).isEqualTo(0700);
            assertThat(FileCalls.exists(seen, "etc/hosts")).isFalse();
            assertThat(FileCalls.exists(seen, "data/mounted")).isFalse();
            assertThat(text(seen, "data/own")).isEqualTo("own");
            assertThat(Digest.of(tar(made.chainId()))).isEqualTo(made.diffId());
        }
    }

    @ParameterizedTest
    @EnumSource
    void socketsArePartOfNoLayer(StorageDriver kind) throws Exception {
        start(kind);
        try (Made made =
                        make(
                                Optional.of(base),
                                mount -> FileCalls.mknod(mount, "etc/s", Stat.S_IFSOCK, 0, 0));
                Fd seen = store.snapshots().mountReadOnly(made.chainId())) {
            assertThat(FileCalls.exists(seen, "etc/s")).isFalse();
        }
    }

    @ParameterizedTest
    @EnumSource
    void theSameLayerTwiceIsOne(StorageDriver kind) throws Exception {
        start(kind);
        Optional<Instant> clamp = Optional.of(NOON);
        try (Made one = make(Optional.of(base), clamp, Set.of(), StepLayersTest::change);
                Made two = make(Optional.of(base), clamp, Set.of(), StepLayersTest::change)) {
            assertThat(two.chainId()).isEqualTo(one.chainId());
            assertThat(layers()).isEqualTo(2);
            assertThat(directories()).isEqualTo(2);
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatIsNotFinishedLeavesNothing(StorageDriver kind) throws Exception {
        start(kind);
        try (Working working = store.stepLayers().begin(Optional.of(base));
                Fd mount = working.mount()) {
            change(mount);
            store.layers().collect(Set.of());
            assertThat(layers()).as("held by the step").isEqualTo(1);
        }
        assertThat(layers()).isEqualTo(1);
        assertThat(directories()).isEqualTo(1);
        try (var entries = Files.walk(store.layout().newSnapshots())) {
            assertThat(entries.filter(it -> it.getFileName().toString().length() == 64)).isEmpty();
        }
        store.layers().collect(Set.of());
        assertThat(layers()).isZero();
        assertThatThrownBy(() -> store.stepLayers().begin(Optional.of(base)))
                .isInstanceOf(NotFound.class);
    }

    /// A step may take longer than anybody thinks.
    @ParameterizedTest
    @EnumSource
    void aStepAtWorkIsNoLeftover(StorageDriver kind) throws Exception {
        start(kind);
        try (Working working = store.stepLayers().begin(Optional.of(base))) {
            var found = new ArrayList<Path>();
            try (var entries = Files.walk(store.layout().newSnapshots(), 3)) {
                entries.forEach(found::add);
            }
            for (Path path : found.reversed()) {
                Files.setLastModifiedTime(path, FileTime.from(NOON));
            }
            new StoreCheck(
                            store,
                            StoreCheck.Mode.REPAIR,
                            StoreCheck.BlobSource.NONE,
                            chain -> false,
                            finding -> {})
                    .run();
            working.finish(Optional.empty(), Set.of()).close();
        }
    }

    @ParameterizedTest
    @EnumSource
    void manyStepsOnEachOther(StorageDriver kind) throws Exception {
        start(kind);
        Optional<Digest> top = Optional.of(base);
        var made = new ArrayList<Made>();
        for (int i = 0; i < 130; i++) {
            String name = "file" + i;
            made.add(make(top, mount -> write(mount, name, name)));
            top = Optional.of(made.getLast().chainId());
        }
        try (Fd seen = store.snapshots().mountReadOnly(top.orElseThrow())) {
            assertThat(text(seen, "file0")).isEqualTo("file0");
            assertThat(text(seen, "file129")).isEqualTo("file129");
        }
        made.forEach(Made::close);
    }

    // --- stacking

    @ParameterizedTest
    @EnumSource
    void aLayerIsStackedOnAnotherChain(StorageDriver kind) throws Exception {
        start(kind);
        try (Made single =
                        make(
                                Optional.empty(),
                                mount -> {
                                    FileCalls.mkdir(mount, "etc", 0711);
                                    write(mount, "etc/linked", "linked");
                                    FileCalls.link(mount, "etc/linked", mount, "again", 0);
                                    FileCalls.symlink("etc", mount, "link");
                                    FileCalls.chown(mount, "etc", 7, 8);
                                });
                Made stacked = store.stepLayers().stack(Optional.of(base), single.chainId());
                Made twice = store.stepLayers().stack(Optional.of(base), single.chainId());
                Made alone = store.stepLayers().stack(Optional.empty(), single.chainId());
                Fd seen = store.snapshots().mountReadOnly(stacked.chainId())) {
            assertThat(stacked.diffId()).isEqualTo(single.diffId());
            assertThat(stacked.chainId())
                    .isEqualTo(ChainId.on(Optional.of(base), single.diffId()))
                    .isEqualTo(twice.chainId());
            assertThat(alone.chainId()).isEqualTo(single.chainId());
            assertThat(layers()).isEqualTo(3);
            assertThat(text(seen, "etc/passwd")).startsWith("root:");
            assertThat(text(seen, "link/linked")).isEqualTo("linked");
            assertThat(FileCalls.lstat(seen, "etc").permissions()).isEqualTo(0711);
            assertThat(FileCalls.lstat(seen, "etc").uid()).isEqualTo(7);
            Layer one = store.layers().find(single.chainId()).orElseThrow();
            Layer other = store.layers().find(stacked.chainId()).orElseThrow();
            try (Fd a = FileCalls.openDirectory(store.layers().diff(one).toString());
                    Fd b = FileCalls.openDirectory(store.layers().diff(other).toString())) {
                assertThat(
                                FileCalls.lstat(a, "etc/linked")
                                        .sameFile(FileCalls.lstat(b, "etc/linked")))
                        .isTrue();
            }
            assertThat(tar(stacked.chainId())).isEqualTo(tar(single.chainId()));
            assertThatThrownBy(() -> store.stepLayers().stack(Optional.of(base), stacked.chainId()))
                    .isInstanceOf(InvalidParameter.class);
        }
    }

    // --- what survives

    private Path mark(Digest chainId) {
        return store.layout().layerRecord(chainId).resolve("unsettled");
    }

    /// Makes the store believe that the machine has crashed.
    private void rebooted(Digest... unsettled) throws IOException {
        for (Digest chainId : unsettled) {
            Files.writeString(mark(chainId), "another boot");
        }
        reopen();
    }

    private void reopen() throws IOException {
        store.close();
        open(new Durable());
    }

    /// Has the builder remember a layer.
    private void remember(Digest chainId) throws IOException {
        Files.createDirectories(store.layout().buildRecords());
        Files.createFile(store.layout().buildRecords().resolve("x1." + chainId.hex()));
    }

    @ParameterizedTest
    @EnumSource
    void aLayerThatIsRememberedSurvivesTheDaemon(StorageDriver kind) throws Exception {
        start(kind);
        Made one = make(Optional.of(base), StepLayersTest::change);
        Made two = make(Optional.of(one.chainId()), mount -> write(mount, "x", "x"));
        Made other = make(Optional.of(base), mount -> write(mount, "y", "y"));
        remember(two.chainId());
        reopen();
        assertThat(store.layers().find(one.chainId())).isPresent();
        assertThat(store.layers().find(two.chainId())).isPresent();
        assertThat(store.layers().find(other.chainId())).isEmpty();
        assertThat(directories()).isEqualTo(3);
        rebooted(one.chainId(), two.chainId());
        assertThat(layers()).isEqualTo(1);
        assertThat(directories()).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource
    void whatIsSettledSurvivesTheMachine(StorageDriver kind) throws Exception {
        start(kind);
        Made one = make(Optional.of(base), StepLayersTest::change);
        store.stepLayers().settle();
        assertThat(mark(one.chainId())).doesNotExist();
        Made two = make(Optional.of(one.chainId()), mount -> write(mount, "x", "x"));
        remember(two.chainId());
        remember(one.chainId());
        // The deletion of a mark need not be on disk.
        rebooted(one.chainId(), two.chainId());
        assertThat(store.layers().find(one.chainId())).isPresent();
        assertThat(mark(one.chainId())).doesNotExist();
        assertThat(store.layers().find(two.chainId())).isEmpty();
    }

    /// What the list of settled layers says is of one directory only.
    @ParameterizedTest
    @EnumSource
    void anotherLayerOfTheSameChainIsNotSettled(StorageDriver kind) throws Exception {
        start(kind);
        Optional<Instant> clamp = Optional.of(NOON);
        make(Optional.of(base), clamp, Set.of(), StepLayersTest::change).close();
        store.stepLayers().settle();
        store.layers().collect(Set.of(base));
        Made again = make(Optional.of(base), clamp, Set.of(), StepLayersTest::change);
        remember(again.chainId());
        rebooted(again.chainId());
        assertThat(store.layers().find(again.chainId())).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void damagedRecordsOfALostBootAreNoDamage(StorageDriver kind) throws Exception {
        start(kind);
        Made one = make(Optional.of(base), StepLayersTest::change);
        Path record = store.layout().layerRecord(one.chainId());
        for (String file : List.of("cache-id", "diff", "size", "unsettled")) {
            Files.write(record.resolve(file), new byte[0]);
        }
        reopen();
        assertThat(store.layers().isDamaged()).isFalse();
        assertThat(layers()).isEqualTo(1);
    }

    /// An import that finds a layer of a build beneath it, or in its place, settles it.
    @ParameterizedTest
    @EnumSource
    void anImportSettlesWhatItReliesOn(StorageDriver kind) throws Exception {
        start(kind);
        Made one = make(Optional.of(base), StepLayersTest::change);
        Made unrelated = make(Optional.of(base), mount -> write(mount, "y", "y"));
        byte[] tar = tar(one.chainId());
        byte[] archive = ImageFixture.archive("b:1", BASE, tar).build();
        store.images().load(new ByteArrayInputStream(archive), event -> {});
        assertThat(mark(one.chainId())).doesNotExist();
        Made two = make(Optional.of(base), mount -> write(mount, "z", "z"));
        byte[] more = ImageFixture.layer().file("more", "more").build();
        archive = ImageFixture.archive("c:1", BASE, tar(two.chainId()), more).build();
        store.images().load(new ByteArrayInputStream(archive), event -> {});
        assertThat(mark(two.chainId())).doesNotExist();
        unrelated.close();
    }

    private static final class Crash extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    /// A daemon that dies at each step in turn: then the layers are there whole, or not at all.
    @ParameterizedTest
    @EnumSource
    void aCrashAtAnyStepLeavesLayersOrNone(StorageDriver kind) throws Exception {
        start(kind);
        Files.createDirectories(store.layout().buildRecords());
        boolean done = false;
        int step = 0;
        for (; !done; step++) {
            store.close();
            var passed = new AtomicInteger();
            int last = step;
            open(
                    new Durable(name -> {
                        if (passed.getAndIncrement() >= last) {
                            throw new Crash();
                        }
                    }));
            try {
                Optional<Instant> clamp = Optional.of(NOON);
                Made one = make(Optional.of(base), clamp, Set.of(), StepLayersTest::change);
                Made two =
                        make(
                                Optional.of(one.chainId()),
                                clamp,
                                Set.of(),
                                mount -> write(mount, "x", "x"));
                store.stepLayers().settle();
                store.stepLayers().stack(Optional.of(two.chainId()), base).close();
                done = true;
            } catch (Crash expected) {
                // the point of it
            }
            store.close();
            open(new Durable());
            assertThat(store.layers().isDamaged()).isFalse();
            assertThat(layers()).as("unremembered layers at step " + step).isEqualTo(1);
            assertThat(directories()).as("step " + step).isEqualTo(1);
        }
        assertThat(step).isGreaterThan(10);
    }

    @ParameterizedTest
    @EnumSource
    void aFileSystemInUseIsNotFinishedTwice(StorageDriver kind) throws Exception {
        start(kind);
        try (Working working = store.stepLayers().begin(Optional.of(base))) {
            working.mount().close();
            working.mount().close();
            Made made = working.finish(Optional.empty(), Set.of());
            made.close();
            if (kind == StorageDriver.OVERLAY) {
                assertThatThrownBy(() -> working.finish(Optional.empty(), Set.of()))
                        .isInstanceOf(IllegalStateException.class);
            }
        } catch (Errno e) {
            throw new AssertionError(e);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aDirectoryIsNoChangeOnlyBecauseAMountPointWasInIt(boolean changed) throws Exception {
        start(StorageDriver.OVERLAY);
        try (Working working = store.stepLayers().begin(Optional.of(base))) {
            try (Fd mount = working.mount()) {
                Stat before = FileCalls.stat(mount, "etc");
                write(mount, "etc/point", "");
                FileCalls.unlink(mount, "etc/point");
                FileCalls.times(
                        mount,
                        PathBytes.of("etc"),
                        0,
                        FileCalls.UTIME_OMIT,
                        before.modifySeconds() + (changed ? 1 : 0),
                        before.modifyNanos());
            }
            working.passed(Set.of(PathBytes.of("/etc/point"), PathBytes.of("/")));
            try (Made made = working.finish(Optional.empty(), Set.of())) {
                assertThat(
                                new String(tar(made.chainId()), StandardCharsets.US_ASCII)
                                        .contains("etc/"))
                        .isEqualTo(changed);
            }
        }
    }
}
