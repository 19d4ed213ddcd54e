package dev.corten.store.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.file.FileData;
import dev.corten.model.Conflict;
import dev.corten.model.ContainerId;
import dev.corten.model.CortenException;
import dev.corten.model.Digest;
import dev.corten.model.InvalidParameter;
import dev.corten.model.NotFound;
import dev.corten.model.Platform;
import dev.corten.model.Reference;
import dev.corten.model.image.Image;
import dev.corten.model.image.LoadEvent;
import dev.corten.model.image.Removal;
import dev.corten.store.Durable;
import dev.corten.store.ImageFixture;
import dev.corten.store.Store;
import dev.corten.store.image.Images.Force;
import dev.corten.store.image.Images.Parents;
import dev.corten.store.snapshot.Layer;
import dev.corten.store.snapshot.Layers;
import dev.corten.store.snapshot.Snapshots.Persistence;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImagesTest {
    private static final byte[] BASE =
            ImageFixture.layer()
                    .directory("etc", 0755)
                    .file("etc/passwd", "root:x:0:0::/root:/bin/sh\n")
                    .file("etc/old", "old")
                    .build();
    private static final byte[] TOP =
            ImageFixture.layer().whiteout("etc/old").file("etc/new", "new").build();

    @TempDir Path dir;

    private Path root;
    private Store store;
    private final List<LoadEvent> events = new ArrayList<>();

    @BeforeEach
    void open() throws IOException {
        root = dir.resolve("root");
        store = Store.open(root, new Durable(), Clock.systemUTC());
    }

    @AfterEach
    void close() throws IOException {
        store.close();
        deleteRoot(root);
    }

    private static void deleteRoot(Path root) throws IOException {
        try (Fd parent = FileCalls.openDirectory(root.getParent().toString())) {
            dev.corten.kernel.file.Directories.deleteTree(parent, root.getFileName().toString());
        }
    }

    private void reopen() throws IOException {
        store.close();
        store = Store.open(root, new Durable(), Clock.systemUTC());
    }

    private List<Image> load(byte[] archive) throws Exception {
        return store.images().load(new ByteArrayInputStream(archive), events::add);
    }

    // --- load

    @Test
    void loadsAndMountsAnImage() throws Exception {
        Image image = load(ImageFixture.archive("a:1", BASE, TOP).build()).getFirst();
        assertThat(events.getLast())
                .isEqualTo(new LoadEvent.Named(Reference.parse("a:1"), image.id()));
        assertThat(image.config().cmd()).containsExactly("sh");
        assertThat(image.config().labels()).isNull();
        assertThat(image.config().entrypoint()).isNull();
        assertThat(image.created()).contains(Instant.parse("2024-05-06T07:08:09.123456789Z"));
        assertThat(image.diffIds()).containsExactly(Digest.of(BASE), Digest.of(TOP));
        assertThat(Digest.of(store.images().configBytes(image.id()))).isEqualTo(image.id());
        // A plain tar is not kept beside what is in it.
        assertThat(store.content().list()).isEmpty();

        var id = ContainerId.random();
        store.snapshots().prepare(id, image.chainId());
        try (Fd mount = store.snapshots().mountDetached(id, Persistence.DURABLE)) {
            assertThat(text(mount, "etc/new")).isEqualTo("new");
            assertThat(FileCalls.exists(mount, "etc/old")).isFalse();
            assertThat(text(mount, "etc/passwd")).startsWith("root");
            FileCalls.mkdir(mount, "written", 0755);
        }
        var paths = store.snapshots().paths(id);
        assertThat(paths.upper().resolve("written")).isDirectory();
        assertThat(paths.lower()).hasSize(2);
        store.snapshots().remove(id);
        assertThat(store.snapshots().list()).isEmpty();
        store.snapshots().remove(id);
    }

    private static String text(Fd mount, String path) throws IOException {
        return new String(FileData.readFile(mount, path, 1 << 20), StandardCharsets.UTF_8);
    }

    @Test
    void gzipOfTheArchiveAndOfLayersIsRead() throws Exception {
        byte[] archive = ImageFixture.archive("g:1", ImageFixture.gzip(BASE), TOP).build();
        Image image = load(ImageFixture.gzip(archive)).getFirst();
        assertThat(image.diffIds()).containsExactly(Digest.of(BASE), Digest.of(TOP));
        Digest blob = Digest.of(ImageFixture.gzip(BASE));
        assertThat(store.content().read(blob).readAllBytes()).isEqualTo(ImageFixture.gzip(BASE));
    }

    @Test
    void layersThatAreHereAreNotUnpackedAgain() throws Exception {
        load(ImageFixture.archive("a:1", BASE).build());
        long before = count(root.resolve("overlay2"));
        load(ImageFixture.archive("b:1", BASE, TOP).build());
        assertThat(count(root.resolve("overlay2"))).isEqualTo(before + 1);
        reopen();
        assertThat(store.images().get("b:1").chainId()).isPresent();
        assertThat(store.images().list()).hasSize(2);
    }

    @Test
    void oneLayerTwiceAndImagesThatShareLayers() throws Exception {
        load(ImageFixture.archive("twice:1", BASE, TOP, BASE).image("shares:1", BASE, TOP).build());
        assertThat(store.layers().list()).hasSize(3);
        Image twice = store.images().get("twice:1");
        var id = ContainerId.random();
        store.snapshots().prepare(id, twice.chainId());
        try (Fd mount = store.snapshots().mountDetached(id, Persistence.VOLATILE)) {
            assertThat(text(mount, "etc/old")).isEqualTo("old");
            assertThat(text(mount, "etc/new")).isEqualTo("new");
        }
        store.snapshots().remove(id);
    }

    @Test
    void layersThatAreLinksToOthers() throws Exception {
        String hex = Digest.of(BASE).hex();
        byte[] config = config(BASE);
        String configPath = Digest.of(config).hex() + ".json";
        String manifest =
                "[{\"Config\":\""
                        + configPath
                        + "\",\"RepoTags\":[\"l:1\"],\"Layers\":[\"x/layer.tar\"]}]";
        byte[] archive =
                new ImageFixture.Archive()
                        .symlink("x/layer.tar", "../" + hex + "/layer.tar")
                        .file(hex + "/layer.tar", BASE)
                        .file(configPath, config)
                        .buildWith(manifest.getBytes(StandardCharsets.UTF_8));
        assertThat(load(archive)).hasSize(1);
    }

    @Test
    void aPureOciLayoutIsRead() throws Exception {
        byte[] layer = ImageFixture.gzip(BASE);
        byte[] config = config(BASE);
        String manifest =
                "{\"schemaVersion\":2,\"config\":"
                        + descriptor(config)
                        + ",\"layers\":["
                        + descriptor(layer)
                        + "]}";
        byte[] manifestBytes = manifest.getBytes(StandardCharsets.UTF_8);
        String index =
                "{\"schemaVersion\":2,\"manifests\":["
                        + descriptor(manifestBytes)
                                .replace(
                                        "}",
                                        ",\"annotations\":{\"io.containerd.image.name\":\"docker.io/library/oci:2\"}}")
                        + "]}";
        byte[] archive =
                new ImageFixture.Archive()
                        .file(
                                "oci-layout",
                                "{\"imageLayoutVersion\": \"1.0.0\"}"
                                        .getBytes(StandardCharsets.UTF_8))
                        .file("blobs/sha256/" + Digest.of(layer).hex(), layer)
                        .file("blobs/sha256/" + Digest.of(config).hex(), config)
                        .file("blobs/sha256/" + Digest.of(manifestBytes).hex(), manifestBytes)
                        .file("index.json", index.getBytes(StandardCharsets.UTF_8))
                        .buildBare();
        assertThat(load(archive).getFirst().repoTags()).containsExactly(Reference.parse("oci:2"));
    }

    private static String descriptor(byte[] blob) {
        return "{\"digest\":\"" + Digest.of(blob) + "\",\"size\":" + blob.length + "}";
    }

    private static byte[] config(byte[]... layers) {
        var ids = new ArrayList<String>();
        for (byte[] layer : layers) {
            ids.add("\"" + Digest.of(layer) + "\"");
        }
        return ("{\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":{},\"rootfs\":{\"type\":"
                        + "\"layers\",\"diff_ids\":["
                        + String.join(",", ids)
                        + "]}}")
                .getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void aMovedNameIsReported() throws Exception {
        Image old = load(ImageFixture.archive("m:1", BASE).build()).getFirst();
        Image fresh = load(ImageFixture.archive("m:1", TOP).build()).getFirst();
        assertThat(events).contains(new LoadEvent.NameMoved(Reference.parse("m:1"), old.id()));
        assertThat(store.images().get("m:1").id()).isEqualTo(fresh.id());
        assertThat(store.images().get(old.id().toString()).repoTags()).isEmpty();
    }

    @Test
    void whatIsWrongWithAnArchiveIsSaidAndNothingIsImported() throws Exception {
        byte[] good = ImageFixture.archive("a:1", BASE, TOP).build();
        byte[] damaged = good.clone();
        damaged[1540] ^= 1; // in the first layer's first file
        refused(damaged, "damaged");
        refused(Arrays.copyOf(good, good.length - 1500), "cut short");
        refused(Arrays.copyOf(ImageFixture.gzip(good), 300), "cut short");
        refused(new byte[0], "cut short");
        refused("hello".repeat(200).getBytes(StandardCharsets.UTF_8), "damaged");
        refused(new ImageFixture.Archive().buildBare(), "neither manifest.json");
        refused(
                ImageFixture.archive("a:1", BASE, TOP).without("/layer.tar").build(),
                "is missing or is no tar");
        refused(ImageFixture.archive("a:1", BASE).without(".json").build(), ".json is missing");
        refused(
                ImageFixture.archive("a:1", BASE).buildWith("[{]".getBytes(StandardCharsets.UTF_8)),
                "not valid JSON");
        refused(
                ImageFixture.archive("a:1", BASE)
                        .buildWith("[".repeat(5000).getBytes(StandardCharsets.UTF_8)),
                "not valid JSON");
        byte[] huge = new byte[(4 << 20) + 1];
        Arrays.fill(huge, (byte) ' ');
        huge[0] = '[';
        refused(ImageFixture.archive("a:1", BASE).buildWith(huge), "larger than 4194304");
        refused(
                ImageFixture.archive("a:1", BASE)
                        .buildWith("{\"a\":1}".getBytes(StandardCharsets.UTF_8)),
                "not an array");
        byte[] badLink = ImageFixture.layer().hardLink("a", "nowhere").build();
        refused(ImageFixture.archive("a:1", BASE, badLink).build(), "no such file");
        refused(ImageFixture.archive("UPPER:1", BASE).build(), "must be lowercase");
        refused(
                ImageFixture.archive("a:1", BASE)
                        .image("b:1", TOP)
                        .without(Digest.of(TOP).hex() + "/layer.tar")
                        .build(),
                "missing");
    }

    private void refused(byte[] archive, String message) throws Exception {
        assertThatThrownBy(() -> load(archive))
                .isInstanceOf(InvalidParameter.class)
                .hasMessageContaining(message);
        assertThat(store.images().list()).isEmpty();
        assertThat(store.layers().list()).isEmpty();
        assertThat(store.content().list()).isEmpty();
        assertThat(count(root.resolve("content/blobs/partial"))).isZero();
        assertThat(unfinished(root)).isZero();
        assertThat(count(root.resolve("overlay2/l"))).isZero();
    }

    @Test
    void aClientThatGoesAwayLeavesNothing() throws Exception {
        byte[] archive = ImageFixture.archive("a:1", BASE, TOP).build();
        var dying =
                new InputStream() {
                    private final InputStream in =
                            new ByteArrayInputStream(archive, 0, archive.length / 2);

                    @Override
                    public int read() throws IOException {
                        int b = in.read();
                        if (b < 0) {
                            throw new IOException("connection reset");
                        }
                        return b;
                    }
                };
        assertThatThrownBy(() -> store.images().load(dying, events::add))
                .isInstanceOf(IOException.class)
                .hasMessage("connection reset");
        assertThat(store.layers().list()).isEmpty();
        assertThat(count(root.resolve("content/blobs/partial"))).isZero();
    }

    // --- crashes

    /// Ends the daemon at one step.
    private static final class Crash extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    @Test
    void aCrashAtAnyStepLeavesTheOldOrTheNewState() throws Exception {
        store.close();
        byte[] base = ImageFixture.gzip(BASE);
        byte[] top = ImageFixture.gzip(TOP);
        byte[] first = ImageFixture.archive("a:1", base).build();
        byte[] second = ImageFixture.archive("a:1", base, top).image("b:1", top).build();
        int steps = 0;
        for (int n = 0; n <= steps || steps == 0; n++) {
            Path place = dir.resolve("crash" + n);
            try (var whole = Store.open(place, new Durable(), Clock.systemUTC())) {
                whole.images().load(new ByteArrayInputStream(first), e -> {});
            }
            int at = n;
            int[] count = {0};
            var durable =
                    new Durable(step -> {
                        if (count[0]++ >= at) {
                            throw new Crash();
                        }
                    });
            boolean done = false;
            try (var dying = Store.open(place, durable, Clock.systemUTC())) {
                dying.images().load(new ByteArrayInputStream(second), e -> {});
                dying.images().remove("b:1", Force.NO, Parents.PRUNE, ImageUse.NONE);
                done = true;
            } catch (Crash expected) {
                // the point of it
            } catch (IllegalStateException expected) {
                assertThat(expected).hasRootCauseInstanceOf(Crash.class);
            }
            if (done) {
                steps = n;
            }
            checkConsistent(place, n);
            deleteRoot(place);
            if (done) {
                break;
            }
        }
        assertThat(steps).isGreaterThan(15);
        store = Store.open(root, new Durable(), Clock.systemUTC());
    }

    /// A power cut may take any change of names since the last sync, whatever their order.
    @Test
    void whatMakesAnImageVisibleComesWhenAllOfItIsOnDisk() throws Exception {
        store.close();
        var steps = new ArrayList<String>();
        try (var watched = Store.open(root, new Durable(steps::add), Clock.systemUTC())) {
            steps.clear();
            byte[] archive =
                    ImageFixture.archive("a:1", ImageFixture.gzip(BASE), ImageFixture.gzip(TOP))
                            .build();
            watched.images().load(new ByteArrayInputStream(archive), e -> {});
            int synced = steps.indexOf("sync file system of " + root.getFileName());
            assertThat(synced).isNotNegative();
            var records = new ArrayList<Integer>();
            for (Layer layer : watched.layers().list()) {
                assertThat(steps.indexOf("link " + layer.link())).isBetween(0, synced);
                assertThat(steps.indexOf("rename " + layer.cacheId())).isBetween(0, synced);
                records.add(steps.indexOf("rename " + layer.chainId().hex()));
            }
            assertThat(records).hasSize(2).allMatch(at -> at > synced);
            String config = watched.images().get("a:1").id().hex();
            assertThat(
                            steps.subList(
                                    records.stream().max(Integer::compare).get() + 1, steps.size()))
                    .containsExactly(
                            "sync sha256",
                            "write " + config,
                            "sync " + config,
                            "rename " + config,
                            "sync sha256",
                            "write repositories.json",
                            "sync repositories.json",
                            "rename repositories.json",
                            "sync overlay2");
        }
        store = Store.open(root, new Durable(), Clock.systemUTC());
    }

    private static void checkConsistent(Path place, int n) throws Exception {
        try (var after = Store.open(place, new Durable(), Clock.systemUTC())) {
            Image image = after.images().get("a:1");
            assertThat(image.diffIds().size()).as("step " + n).isIn(1, 2);
            for (Image any : after.images().list()) {
                var id = ContainerId.random();
                after.snapshots().prepare(id, any.chainId());
                try (Fd mount = after.snapshots().mountDetached(id, Persistence.VOLATILE)) {
                    assertThat(FileCalls.exists(mount, "etc")).isTrue();
                }
                after.snapshots().remove(id);
            }
            assertThat(unfinished(place)).as("step " + n).isZero();
            assertThat(count(place.resolve("overlay2/l"))).isEqualTo(after.layers().list().size());
            long directories =
                    Files.list(place.resolve("overlay2"))
                            .filter(p -> p.getFileName().toString().length() == 64)
                            .count();
            assertThat(directories).as("step " + n).isEqualTo(after.layers().list().size());
            var needed = new HashSet<Digest>();
            after.layers().list().forEach(layer -> layer.blob().ifPresent(needed::add));
            assertThat(after.content().list())
                    .as("step " + n)
                    .containsExactlyInAnyOrderElementsOf(needed);
            for (Digest blob : after.content().list()) {
                assertThat(Digest.of(after.content().read(blob).readAllBytes())).isEqualTo(blob);
            }
            // and it still works
            after.images()
                    .load(
                            new ByteArrayInputStream(
                                    ImageFixture.archive("c:1", BASE, TOP).build()),
                            e -> {});
        }
    }

    /// A blob that is published and belongs to no layer yet is not garbage.
    @Test
    void aRemovalBesideALoadKeepsTheLoadsBlobs() throws Exception {
        store.close();
        var armed = new AtomicBoolean();
        var durable =
                new Durable(step -> {
                    // The first step after the blobs have their names.
                    if (step.startsWith("link ") && armed.getAndSet(false)) {
                        store.images().remove("a:1", Force.NO, Parents.PRUNE, ImageUse.NONE);
                    }
                });
        store = Store.open(root, durable, Clock.systemUTC());
        byte[] top = ImageFixture.gzip(TOP);
        load(ImageFixture.archive("a:1", top).build());
        armed.set(true);
        load(ImageFixture.archive("b:1", BASE, top).build());
        assertThat(armed).isFalse();
        assertThat(store.images().list()).hasSize(1);
        assertThat(store.content().read(Digest.of(top)).readAllBytes()).isEqualTo(top);
    }

    @Test
    void twoDaemonsCannotShareADataRoot() {
        assertThatThrownBy(() -> Store.open(root, new Durable(), Clock.systemUTC()))
                .isInstanceOf(Conflict.class)
                .hasMessageContaining("in use by another daemon");
    }

    @Test
    void anUnfitFileSystemIsRefused() throws Exception {
        Path proc = Path.of("/proc/corten-no-such");
        assertThatThrownBy(() -> Store.open(proc, new Durable(), Clock.systemUTC()))
                .isInstanceOf(IOException.class);
    }

    // --- names

    @Test
    void findsByNameIdAndPrefix() throws Exception {
        Image image = load(ImageFixture.archive("repo/a:1", BASE).build()).getFirst();
        for (String name :
                List.of(
                        "repo/a:1",
                        "docker.io/repo/a:1",
                        image.id().toString(),
                        image.id().hex(),
                        image.id().shortHex(),
                        "sha256:" + image.id().hex().substring(0, 7))) {
            assertThat(store.images().find(name)).as(name).contains(image);
        }
        assertThatThrownBy(() -> store.images().get("nope"))
                .isInstanceOf(NotFound.class)
                .hasMessage("No such image: nope:latest");
    }

    @Test
    void tagsAndRemovesLikeDocker() throws Exception {
        Image image = load(ImageFixture.archive("a:1", BASE, TOP).build()).getFirst();
        store.images().tag("a:1", Reference.parse("b"));
        assertThat(store.images().get("b:latest").repoTags()).hasSize(2);
        String shortId = image.id().shortHex();
        conflicts(
                shortId,
                ImageUse.NONE,
                "conflict: unable to delete "
                        + shortId
                        + " (must be forced) - image is referenced in multiple repositories");
        assertThat(remove("a:1", ImageUse.NONE))
                .containsExactly(new Removal.Untagged(Reference.parse("a:1")));
        var container = ContainerId.random();
        ImageUse stopped = id -> List.of(new ImageUse.Use(container, false));
        ImageUse running = id -> List.of(new ImageUse.Use(container, true));
        conflicts(
                "b",
                stopped,
                "conflict: unable to remove repository reference \"b\" (must force) - container "
                        + container.shortHex()
                        + " is using its referenced image "
                        + shortId);
        conflicts(
                shortId,
                stopped,
                "conflict: unable to delete "
                        + shortId
                        + " (must be forced) - image is being"
                        + " used by stopped container "
                        + container.shortHex());
        conflicts(
                shortId,
                running,
                "conflict: unable to delete "
                        + shortId
                        + " (cannot be forced) - image is being"
                        + " used by running container "
                        + container.shortHex());
        assertThat(remove("b", ImageUse.NONE))
                .containsExactly(
                        new Removal.Untagged(Reference.parse("b:latest")),
                        new Removal.Deleted(image.id()),
                        new Removal.Deleted(image.chainId().orElseThrow()),
                        new Removal.Deleted(Digest.of(BASE)));
        assertThat(store.content().list()).isEmpty();
        assertThat(store.images().list()).isEmpty();
        reopen();
        assertThat(store.images().list()).isEmpty();
    }

    @Test
    void anImageStaysWithoutItsNames() throws Exception {
        Image image = load(ImageFixture.archive("a:1", BASE).build()).getFirst();
        store.images().tag("a:1", Reference.parse("b"));
        store.images().tag("a:1", Reference.parse("c"));
        assertThatThrownBy(() ->
                        store.images().untag("a:1", List.of(Reference.parse("nope").orLatest())))
                .isInstanceOf(NotFound.class)
                .hasMessage("image a:1 has no name nope:latest");
        assertThat(store.images().untag("a:1", List.of(Reference.parse("b").orLatest())))
                .containsExactly(Reference.parse("b:latest"));
        assertThat(store.images().untag("a:1", List.of()))
                .containsExactlyInAnyOrder(Reference.parse("a:1"), Reference.parse("c:latest"));
        reopen();
        assertThat(store.images().find(image.id()).orElseThrow().repoTags()).isEmpty();
        assertThat(store.images().find("a:1")).isEmpty();
    }

    @Test
    void aForcedRemovalKeepsTheLayersThatAContainerUses() throws Exception {
        Image image = load(ImageFixture.archive("a:1", BASE, TOP).build()).getFirst();
        var id = ContainerId.random();
        store.snapshots().prepare(id, image.chainId());
        ImageUse stopped = i -> List.of(new ImageUse.Use(id, false));
        store.images().remove("a:1", Force.YES, Parents.PRUNE, stopped);
        reopen();
        try (Fd mount = store.snapshots().mountDetached(id, Persistence.DURABLE)) {
            assertThat(text(mount, "etc/new")).isEqualTo("new");
        }
        store.snapshots().removeOthers(Set.of());
        reopen();
        assertThat(store.layers().list()).isEmpty();
    }

    private List<Removal> remove(String name, ImageUse use) throws IOException {
        return store.images().remove(name, Force.NO, Parents.PRUNE, use);
    }

    private void conflicts(String name, ImageUse use, String message) {
        assertThatThrownBy(() -> remove(name, use))
                .isInstanceOf(Conflict.class)
                .hasMessage(message);
    }

    // --- import

    @Test
    void importsARootFileSystemWithChanges() throws Exception {
        var request =
                new Images.ImportRequest(
                        List.of(
                                "CMD echo hi",
                                "ENTRYPOINT [\"/init\", \"-x\"]",
                                "ENV A=1 B=\"two words\"",
                                "env C three words",
                                "EXPOSE 80 53/udp 8000-8002",
                                "LABEL a=b c='d e'",
                                "USER 1000:1000",
                                "VOLUME /data /more",
                                "WORKDIR /a/../b",
                                "STOPSIGNAL SIGQUIT",
                                "ONBUILD RUN x",
                                "HEALTHCHECK --interval=1m30s --retries=2 CMD curl localhost"),
                        "Imported from -",
                        Optional.of(Reference.parse("imp:1")),
                        Platform.host());
        Image image =
                store.images()
                        .importRootfs(new ByteArrayInputStream(ImageFixture.gzip(BASE)), request);
        assertThat(image.repoTags()).containsExactly(Reference.parse("imp:1"));
        assertThat(image.comment()).isEqualTo("Imported from -");
        assertThat(image.diffIds()).containsExactly(Digest.of(BASE));
        var config = image.config();
        assertThat(config.cmd()).containsExactly("/bin/sh", "-c", "echo hi");
        assertThat(config.entrypoint()).containsExactly("/init", "-x");
        assertThat(config.env()).containsExactly("A=1", "B=two words", "C=three words");
        assertThat(config.exposedPorts())
                .containsExactly("53/udp", "80/tcp", "8000/tcp", "8001/tcp", "8002/tcp");
        assertThat(config.labels()).containsEntry("c", "d e");
        assertThat(config.user()).isEqualTo("1000:1000");
        assertThat(config.volumes()).containsExactly("/data", "/more");
        assertThat(config.workingDir()).isEqualTo("/b");
        assertThat(config.stopSignal()).isEqualTo("SIGQUIT");
        assertThat(config.onBuild()).containsExactly("RUN x");
        assertThat(config.healthcheck().test()).containsExactly("CMD-SHELL", "curl localhost");
        assertThat(config.healthcheck().interval()).isEqualTo(90_000_000_000L);
        reopen();
        assertThat(store.images().get("imp:1").config()).isEqualTo(config);
    }

    @Test
    void aBadImportImportsNothing() {
        for (byte[] bad : List.of(new byte[10], Arrays.copyOf(BASE, BASE.length - 1200))) {
            assertThatThrownBy(() ->
                            store.images()
                                    .importRootfs(
                                            new ByteArrayInputStream(bad),
                                            new Images.ImportRequest(
                                                    List.of(),
                                                    "",
                                                    Optional.empty(),
                                                    Platform.host())))
                    .isInstanceOf(InvalidParameter.class);
        }
        assertThatThrownBy(() ->
                        store.images()
                                .importRootfs(
                                        new ByteArrayInputStream(BASE),
                                        new Images.ImportRequest(
                                                List.of("RUN x"),
                                                "",
                                                Optional.empty(),
                                                Platform.host())))
                .isInstanceOf(CortenException.class)
                .hasMessage("RUN is not a valid change command");
        assertThat(store.images().list()).isEmpty();
        assertThat(store.layers().list()).isEmpty();
    }

    @Test
    void helloWorldIsTheSameImageEachTime() throws Exception {
        Path program = Files.writeString(dir.resolve("hello"), "#!program");
        Image first = store.images().installHelloWorld(program);
        Image second = store.images().installHelloWorld(program);
        assertThat(second.id()).isEqualTo(first.id());
        assertThat(first.config().cmd()).containsExactly("/hello");
        assertThat(first.repoTags()).containsExactly(Reference.parse("hello-world:latest"));
    }

    /// Layers and records that were begun.
    private static long unfinished(Path root) throws IOException {
        long found = 0;
        for (String place : List.of("overlay2/.new", "image/overlay2/layerdb/tmp")) {
            try (Stream<Path> below = Files.walk(root.resolve(place), 2)) {
                found +=
                        below.filter(p -> !p.equals(root.resolve(place)))
                                .filter(p -> !Layers.isNursery(p))
                                .count();
            }
        }
        return found;
    }

    private static long count(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(p -> !p.getFileName().toString().equals(".trash")).count();
        }
    }
}
