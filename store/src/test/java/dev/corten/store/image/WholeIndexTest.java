package dev.corten.store.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corten.archive.TarReader;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileCalls;
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
import dev.corten.store.image.ImageSave.Saved;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Images of several platforms on their way through archives, whole.
class WholeIndexTest {
    private static final String INDEX = "application/vnd.oci.image.index.v1+json";
    private static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";
    private static final Platform HOST = Platform.host();
    private static final Platform FOREIGN = new Platform("linux", "s390x", "");

    @TempDir Path dir;
    private Store store;
    private final List<LoadEvent> events = new ArrayList<>();

    @BeforeEach
    void open() throws IOException {
        store = Store.open(dir.resolve("root"), new Durable(), Clock.systemUTC());
    }

    @AfterEach
    void close() throws IOException {
        store.close();
        try (Fd parent = FileCalls.openDirectory(dir.toString())) {
            dev.corten.kernel.file.Directories.deleteTree(parent, "root");
        }
    }

    private void reopen() throws IOException {
        store.close();
        open();
    }

    // ---- a layout ------------------------------------------------------------------------------

    /// An OCI image layout in the making.
    private static final class Layout {
        private final Map<String, byte[]> blobs = new LinkedHashMap<>();
        private final List<String> members = new ArrayList<>();
        private final List<String> entries = new ArrayList<>();

        private String put(String type, byte[] bytes, String more) {
            Digest digest = Digest.of(bytes);
            blobs.put("blobs/sha256/" + digest.hex(), bytes);
            return "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d%s}"
                    .formatted(type, digest, bytes.length, more);
        }

        /// @return the manifest's digest
        Digest image(Platform platform, boolean gzip, byte[]... tars) {
            var diffIds = new ArrayList<String>();
            var layers = new ArrayList<String>();
            String type = "application/vnd.oci.image.layer.v1.tar" + (gzip ? "+gzip" : "");
            for (byte[] tar : tars) {
                diffIds.add("\"" + Digest.of(tar) + "\"");
                layers.add(put(type, gzip ? ImageFixture.gzip(tar) : tar, ""));
            }
            String config =
                    put(
                            "application/vnd.oci.image.config.v1+json",
                            bytes(
                                    "{\"architecture\":\"%s\",\"os\":\"linux\",\"config\":{},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[%s]}}"
                                            .formatted(
                                                    platform.architecture(),
                                                    String.join(",", diffIds))),
                            "");
            return manifest(
                    config,
                    String.join(",", layers),
                    ",\"platform\":{\"architecture\":\"%s\",\"os\":\"linux\"}"
                            .formatted(platform.architecture()));
        }

        /// What a builder says of an image: no image of its own.
        void attestation(Digest about) {
            manifest(
                    put(
                            "application/vnd.oci.image.config.v1+json",
                            bytes("{\"os\":\"unknown\"}"),
                            ""),
                    put("application/vnd.in-toto+json", bytes("{\"predicate\":1}"), "")
                            + ","
                            + put("application/octet-stream", new byte[] {1, 2, 3}, ""),
                    (",\"annotations\":{\"vnd.docker.reference.type\":\"attestation-manifest\","
                                    + "\"vnd.docker.reference.digest\":\"%s\"},"
                                    + "\"platform\":{\"architecture\":\"unknown\",\"os\":\"unknown\"}")
                            .formatted(about));
        }

        private Digest manifest(String config, String layers, String more) {
            byte[] manifest =
                    bytes(
                            "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"config\":%s,\"layers\":[%s]}"
                                    .formatted(MANIFEST, config, layers));
            members.add(put(MANIFEST, manifest, more));
            return Digest.of(manifest);
        }

        /// @return the digest of an index of what was added since the last one
        Digest index(String name) {
            byte[] index =
                    bytes(
                            "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"manifests\":[%s]}"
                                    .formatted(INDEX, String.join(",", members)));
            members.clear();
            entries.add(
                    put(
                            INDEX,
                            index,
                            ",\"annotations\":{\"io.containerd.image.name\":\"docker.io/library/%s\"}"
                                    .formatted(name)));
            return Digest.of(index);
        }

        byte[] tar() throws IOException {
            var archive = new ImageFixture.Archive();
            archive.file("oci-layout", bytes("{\"imageLayoutVersion\":\"1.0.0\"}"));
            blobs.forEach(archive::file);
            archive.file(
                    "index.json",
                    bytes(
                            "{\"schemaVersion\":2,\"manifests\":[%s]}"
                                    .formatted(String.join(",", entries))));
            return archive.buildBare();
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] layer(String name) throws IOException {
        return ImageFixture.layer().file(name, name).build();
    }

    private static Layout multi() throws IOException {
        var layout = new Layout();
        Digest host = layout.image(HOST, true, layer("common"), layer("host"));
        layout.image(FOREIGN, true, layer("common"), layer("foreign"));
        layout.attestation(host);
        return layout;
    }

    private List<Image> load(byte[] archive) throws Exception {
        return store.images().load(new ByteArrayInputStream(archive), events::add);
    }

    private Saved saved(String name) {
        return new Saved(
                store.images().get(name),
                List.of(Reference.parse(name)),
                store.images().target(Reference.parse(name)),
                List.of());
    }

    private Map<String, byte[]> save(Saved... images) throws IOException {
        var out = new ByteArrayOutputStream();
        new ImageSave(store.images(), store.layers(), store.layerArchive())
                .write(List.of(images), out);
        var members = new LinkedHashMap<String, byte[]>();
        var tar = new TarReader(new ByteArrayInputStream(out.toByteArray()), TarReader.End.MARKED);
        for (var entry = tar.next(); entry.isPresent(); entry = tar.next()) {
            members.put(entry.get().name().toString(), tar.data().readAllBytes());
        }
        return members;
    }

    private static byte[] tar(Map<String, byte[]> members) throws IOException {
        var archive = new ImageFixture.Archive();
        members.forEach((name, bytes) -> {
            if (!name.endsWith("/")) {
                archive.file(name, bytes);
            }
        });
        return archive.buildBare();
    }

    // ---- tests ---------------------------------------------------------------------------------

    @Test
    void whatWasLoadedIsSavedToTheByte() throws Exception {
        Layout layout = multi();
        Digest index = layout.index("multi:1");
        List<Image> loaded = load(layout.tar());
        assertThat(loaded).singleElement().matches(image -> HOST.covers(image.platform()));
        assertThat(events.stream().filter(LoadEvent.Named.class::isInstance)).hasSize(1);
        assertThat(events).noneMatch(LoadEvent.Unnamed.class::isInstance);
        reopen();
        assertThat(store.images().targetOf("multi:1").orElseThrow().digest()).isEqualTo(index);
        assertThat(store.images().find("multi:1", FOREIGN)).isPresent();
        assertThat(store.images().companions()).hasSize(1);
        Map<String, byte[]> members = save(saved("multi:1"));
        assertThat(members).containsAllEntriesOf(layout.blobs);
        assertThat(members.keySet().stream().filter(name -> name.matches("blobs/sha256/.+")))
                .hasSameSizeAs(layout.blobs.keySet());
        assertThat(new String(members.get("index.json"), StandardCharsets.UTF_8))
                .contains("\"digest\":\"" + index + "\"", "docker.io/library/multi:1");
        assertThat(new String(members.get("manifest.json"), StandardCharsets.UTF_8))
                .contains("multi:1", loaded.getFirst().id().hex())
                .doesNotContain("LayerSources");
        // And the same once more, from an archive in both forms.
        store.images().remove("multi:1", Images.Force.NO, Images.Parents.PRUNE, ImageUse.NONE);
        assertThat(store.images().list()).isEmpty();
        assertThat(store.content().list()).isEmpty();
        load(tar(members));
        assertThat(save(saved("multi:1"))).containsAllEntriesOf(members);
    }

    @Test
    void whatTheArchiveHasNotStaysAbsent() throws Exception {
        Layout layout = multi();
        layout.index("one:1");
        Image foreign;
        {
            load(layout.tar());
            foreign = store.images().find("one:1", FOREIGN).orElseThrow();
            store.images().remove("one:1", Images.Force.NO, Images.Parents.PRUNE, ImageUse.NONE);
        }
        String gone = "blobs/sha256/" + foreign.id().hex();
        byte[] config = layout.blobs.remove(gone);
        assertThat(config).isNotNull();
        load(layout.tar());
        assertThat(store.images().list()).hasSize(1);
        assertThat(store.images().find("one:1", FOREIGN)).isEmpty();
        Map<String, byte[]> members = save(saved("one:1"));
        assertThat(members).doesNotContainKey(gone);
        assertThat(members).containsKey("manifest.json");
    }

    @Test
    void anIndexOfOtherPlatformsAloneIsLoadedToo() throws Exception {
        var layout = new Layout();
        layout.image(FOREIGN, true, layer("a"));
        layout.index("foreign:1");
        assertThat(load(layout.tar()).getFirst().platform()).isEqualTo(FOREIGN);
        assertThat(save(saved("foreign:1"))).containsAllEntriesOf(layout.blobs);
        var nothing = new Layout();
        nothing.image(FOREIGN, true, layer("b"));
        nothing.index("nothing:1");
        nothing.blobs.values().removeIf(bytes -> new String(bytes).contains("\"layers\""));
        assertThatThrownBy(() -> load(nothing.tar()))
                .isInstanceOf(InvalidParameter.class)
                .hasMessageContaining("no image of this index is in the archive");
    }

    @Test
    void onePlatformIsChosenAtLoadAndAtSave() throws Exception {
        Layout layout = multi();
        Digest index = layout.index("multi:1");
        var in = new ByteArrayInputStream(layout.tar());
        Image chosen = store.images().load(in, Optional.of(FOREIGN), events::add).getFirst();
        assertThat(chosen.platform()).isEqualTo(FOREIGN);
        assertThat(store.images().list()).containsExactly(chosen);
        assertThat(store.images().targetOf("multi:1").orElseThrow().digest()).isEqualTo(index);
        var arm = new Platform("linux", "arm", "v7");
        var again = new ByteArrayInputStream(layout.tar());
        assertThatThrownBy(() -> store.images().load(again, Optional.of(arm), events::add))
                .isInstanceOf(NotFound.class)
                .hasMessage("requested platform (linux/arm/v7) not found");
        load(layout.tar());
        Image foreign = store.images().find("multi:1", FOREIGN).orElseThrow();
        var own = store.images().manifest(foreign.id(), Optional.empty()).orElseThrow();
        var one =
                new Saved(
                        foreign,
                        List.of(Reference.parse("multi:1")),
                        Optional.of(own),
                        List.of(FOREIGN));
        Map<String, byte[]> members = save(one);
        assertThat(new String(members.get("index.json"), StandardCharsets.UTF_8))
                .contains(own.descriptor().digest().toString())
                .doesNotContain(index.toString());
        assertThat(members.keySet().stream().filter(name -> name.matches("blobs/sha256/.+")))
                .hasSize(4);
    }

    /// Several images in one archive, of which one was made here, and one has plain layers.
    @Test
    void severalImagesOfEachKind() throws Exception {
        Layout layout = multi();
        Digest first = layout.index("multi:1");
        layout.image(HOST, false, layer("plain"), layer("tar"));
        layout.image(FOREIGN, false, layer("plain"), layer("other"));
        Digest second = layout.index("plain:1");
        load(layout.tar());
        load(ImageFixture.archive("made:1", layer("made")).build());
        Map<String, byte[]> members = save(saved("multi:1"), saved("made:1"), saved("plain:1"));
        assertThat(members).containsAllEntriesOf(layout.blobs);
        try (var other = Store.open(dir.resolve("root2"), new Durable(), Clock.systemUTC())) {
            other.images().load(new ByteArrayInputStream(tar(members)), events::add);
            assertThat(other.images().targetOf("multi:1").orElseThrow().digest()).isEqualTo(first);
            assertThat(other.images().targetOf("plain:1").orElseThrow().digest()).isEqualTo(second);
            assertThat(other.images().targetOf("made:1")).isEmpty();
            assertThat(other.images().list()).hasSize(5);
        } finally {
            try (Fd parent = FileCalls.openDirectory(dir.toString())) {
                dev.corten.kernel.file.Directories.deleteTree(parent, "root2");
            }
        }
    }

    /// The layers are here already, from a blob that was packed otherwise: what came with the index is
    /// kept beside it.
    @Test
    void layersThatAreHereInAnotherFormDoNotChangeWhatIsSent() throws Exception {
        load(ImageFixture.archive("before:1", layer("common"), layer("host")).build());
        Layout layout = multi();
        layout.index("multi:1");
        load(layout.tar());
        assertThat(save(saved("multi:1"))).containsAllEntriesOf(layout.blobs);
        var outgoing =
                new OutgoingImages(
                        store.images(), store.content(), store.layers(), store.layerArchive());
        try (var image = outgoing.of(Reference.parse("multi:1"), Optional.empty())) {
            assertThat(image.original()).isEmpty();
            assertThat(image.members()).hasSize(3);
        }
        reopen();
        assertThat(save(saved("multi:1"))).containsAllEntriesOf(layout.blobs);
        store.images().remove("multi:1", Images.Force.NO, Images.Parents.PRUNE, ImageUse.NONE);
        assertThat(store.content().list()).isEmpty();
        assertThat(store.images().list()).hasSize(1);
    }

    @Test
    void anImageWithoutANameKnowsItsIndexToo() throws Exception {
        Layout layout = multi();
        Digest index = layout.index("multi:1");
        layout.entries.replaceAll(entry -> entry.replaceAll(",\"annotations\".*", "}"));
        Image image = load(layout.tar()).getFirst();
        assertThat(image.repoTags()).isEmpty();
        assertThat(events).filteredOn(LoadEvent.Unnamed.class::isInstance).hasSize(1);
        assertThat(store.images().targetOf(image.id().hex()).orElseThrow().digest())
                .isEqualTo(index);
        assertThat(store.images().find(image.id().hex(), FOREIGN)).isPresent();
        var whole = new Saved(image, List.of(), store.images().document(index), List.of());
        assertThat(save(whole)).containsAllEntriesOf(layout.blobs);
    }

    /// Whatever step is the last one: all of it is there under its name, or nothing is but images that
    /// nobody knows by a name.
    @Test
    void aCrashLeavesTheWholeIndexOrNothing() throws Exception {
        Layout layout = multi();
        layout.index("multi:1");
        byte[] archive = layout.tar();
        boolean crashed = true;
        for (int last = 1; crashed; last++) {
            crashed = crash(archive, last);
            open();
            if (store.images().find("multi:1").isPresent()) {
                assertThat(save(saved("multi:1"))).containsAllEntriesOf(layout.blobs);
                store.images()
                        .remove("multi:1", Images.Force.NO, Images.Parents.PRUNE, ImageUse.NONE);
            }
            for (Image image : store.images().list()) {
                assertThat(image.repoTags()).isEmpty();
                store.images()
                        .remove(
                                image.id().hex(),
                                Images.Force.NO,
                                Images.Parents.PRUNE,
                                ImageUse.NONE);
            }
            assertThat(store.content().list()).as("after step %d", last).isEmpty();
        }
    }

    /// @return whether it ended before it was done
    private boolean crash(byte[] archive, int last) throws Exception {
        store.close();
        var left = new AtomicInteger(Integer.MAX_VALUE);
        var durable =
                new Durable(step -> {
                    if (left.getAndDecrement() <= 0) {
                        throw new IOException("the end, before: " + step);
                    }
                });
        try (var failing = Store.open(dir.resolve("root"), durable, Clock.systemUTC())) {
            left.set(last);
            failing.images().load(new ByteArrayInputStream(archive), events::add);
            return left.get() < 0;
        } catch (IOException end) {
            return true;
        }
    }

    @Test
    void otherPlatformsGoWithTheLastNameUnlessTheyAreUsed() throws Exception {
        Layout layout = multi();
        layout.index("multi:1");
        load(layout.tar());
        store.images().tag("multi:1", Reference.parse("again:1"));
        Digest foreign = store.images().find("multi:1", FOREIGN).orElseThrow().id();
        store.images().remove("multi:1", Images.Force.NO, Images.Parents.PRUNE, ImageUse.NONE);
        assertThat(store.images().companions()).isEqualTo(Set.of(foreign));
        var container = new dev.corten.model.ContainerId("ab".repeat(32));
        ImageUse used =
                image ->
                        image.equals(foreign)
                                ? List.of(new ImageUse.Use(container, false))
                                : List.of();
        store.images().remove("again:1", Images.Force.NO, Images.Parents.PRUNE, used);
        assertThat(store.images().list()).singleElement().matches(i -> i.id().equals(foreign));
        assertThat(store.images().companions()).isEmpty();
        List<Removal> removed =
                store.images()
                        .remove(
                                foreign.hex(),
                                Images.Force.NO,
                                Images.Parents.PRUNE,
                                ImageUse.NONE);
        assertThat(removed).contains(new Removal.Deleted(foreign));
        assertThat(store.content().list()).isEmpty();
    }
}
