package dev.corten.store.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileCalls;
import dev.corten.model.ContainerId;
import dev.corten.model.Digest;
import dev.corten.model.Reference;
import dev.corten.model.image.Image;
import dev.corten.store.Durable;
import dev.corten.store.ImageFixture;
import dev.corten.store.Store;
import dev.corten.store.image.StoreCheck.Mode;
import dev.corten.store.image.StoreFinding.Kind;
import dev.corten.store.image.StoreFinding.Outcome;
import dev.corten.store.snapshot.Layer;
import dev.corten.store.snapshot.Snapshots.Persistence;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Damage of each kind is planted, seen without a change, and repaired.
class StoreCheckTest {
    private static final byte[] PLAIN = ImageFixture.layer().file("etc/a", "content").build();
    private static final byte[] PACKED =
            ImageFixture.gzip(ImageFixture.layer().file("b", "packed").build());

    @TempDir Path dir;
    private Store store;
    private Image image;

    /// What the registry has.
    private final Map<Digest, byte[]> registry = new HashMap<>();

    private Predicate<Digest> inUse = _ -> false;
    private @org.jspecify.annotations.Nullable InputStream endless;

    @BeforeEach
    void open() throws Exception {
        store = Store.open(dir.resolve("root"), new Durable(), Clock.systemUTC());
        byte[] archive = ImageFixture.archive("x.org/a:1", PLAIN, PACKED).build();
        image = store.images().load(new ByteArrayInputStream(archive), _ -> {}).getFirst();
        assertThat(check(Mode.LOOK)).isEmpty();
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
        store = Store.open(dir.resolve("root"), new Durable(), Clock.systemUTC());
    }

    private List<StoreFinding> check(Mode mode) throws IOException {
        var findings = new ArrayList<StoreFinding>();
        new StoreCheck(store, mode, this::fetch, inUse, findings::add).run();
        return findings;
    }

    private Optional<InputStream> fetch(Reference name, Digest digest) {
        assertThat(name.familiar()).isEqualTo("x.org/a");
        if (endless != null) {
            return Optional.of(endless);
        }
        return Optional.ofNullable(registry.get(digest)).map(ByteArrayInputStream::new);
    }

    /// Nothing changes when one only looks; afterwards the image works and nothing is found any more.
    private void repairs(Kind kind, Outcome outcome) throws IOException {
        List<StoreFinding> seen = check(Mode.LOOK);
        assertThat(seen).extracting(StoreFinding::kind).contains(kind);
        assertThat(seen).extracting(StoreFinding::outcome).containsOnly(Outcome.FOUND);
        assertThat(check(Mode.LOOK)).isEqualTo(seen);
        assertThat(check(Mode.REPAIR))
                .anySatisfy(finding -> {
                    assertThat(finding.kind()).isEqualTo(kind);
                    assertThat(finding.outcome()).isEqualTo(outcome);
                });
        assertThat(check(Mode.LOOK)).isEmpty();
        reopen();
        assertThat(check(Mode.LOOK)).isEmpty();
    }

    private void works() throws IOException {
        var id = ContainerId.random();
        store.snapshots().prepare(id, image.chainId());
        try (Fd mount = store.snapshots().mountDetached(id, Persistence.VOLATILE)) {
            assertThat(FileCalls.exists(mount, "etc/a")).isTrue();
            assertThat(FileCalls.exists(mount, "b")).isTrue();
        }
        store.snapshots().remove(id);
    }

    private Layer layer(int at) {
        return store.layers().chain(image.chainId().orElseThrow()).reversed().get(at);
    }

    private void damage(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);
    }

    @Test
    void aDamagedBlobIsFetchedOrLetGo() throws Exception {
        Path blob = store.layout().blob(Digest.of(PACKED));
        registry.put(Digest.of(PACKED), PACKED);
        damage(blob);
        repairs(Kind.BLOB, Outcome.FETCHED);
        assertThat(Files.readAllBytes(blob)).isEqualTo(PACKED);
        registry.clear();
        damage(blob);
        repairs(Kind.BLOB, Outcome.REMOVED);
        assertThat(store.content().list()).isEmpty();
        works();
    }

    @Test
    void aRegistryThatSendsSomethingElseRepairsNothing() throws Exception {
        registry.put(Digest.of(PACKED), new byte[] {1, 2, 3});
        damage(store.layout().blob(Digest.of(PACKED)));
        assertThat(check(Mode.REPAIR)).extracting(StoreFinding::outcome).contains(Outcome.REMOVED);
        works();
    }

    /// A disk that gives errors is what this is for.
    @Test
    void whatCannotBeReadKeepsNothingElseFromBeingFound() throws Exception {
        Path blob = store.layout().blob(Digest.of(PACKED));
        Files.delete(blob);
        Files.createDirectory(blob);
        Path link = store.layout().shortLinks().resolve(layer(0).link());
        Files.delete(link);
        assertThat(check(Mode.LOOK))
                .extracting(StoreFinding::kind)
                .containsExactly(Kind.BLOB, Kind.FILE);
        registry.put(Digest.of(PACKED), PACKED);
        check(Mode.REPAIR);
        assertThat(link).exists();
    }

    /// Neither the blob nor the layer can be had; the check goes on all the same.
    @Test
    void aDamagedBlobThatIsNeededKeepsNothingElseFromBeingRepaired() throws Exception {
        delete(store.layout().layer(layer(1).cacheId()));
        damage(store.layout().blob(Digest.of(PACKED)));
        reopen();
        Path unfinished = Files.createDirectory(store.layout().newSnapshots().resolve("x"));
        Files.setLastModifiedTime(unfinished, FileTime.from(Instant.now().minusSeconds(7200)));
        assertThat(check(Mode.REPAIR))
                .extracting(StoreFinding::outcome)
                .contains(Outcome.LEFT, Outcome.REMOVED);
        assertThat(unfinished).doesNotExist();
    }

    @Test
    void aRegistryThatNeverEndsIsNotReadToTheEnd() throws Exception {
        String manifest =
                """
                {"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",
                 "config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"%s","size":2},
                 "layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":"%s","size":%d}]}
                """
                        .formatted(image.id(), Digest.of(PACKED), PACKED.length);
        byte[] bytes = manifest.getBytes(java.nio.charset.StandardCharsets.UTF_8);
        store.images()
                .pushed(
                        image.id(),
                        Reference.parse("x.org/a"),
                        new Images.StoredManifest(
                                dev.corten.model.image.Descriptor.of(
                                        "application/vnd.oci.image.manifest.v1+json",
                                        Digest.of(bytes),
                                        bytes.length),
                                bytes));
        damage(store.layout().blob(Digest.of(PACKED)));
        endless =
                new InputStream() {
                    private long read;

                    @Override
                    public int read() {
                        assertThat(++read).isLessThan(1 << 20);
                        return 0;
                    }
                };
        assertThat(check(Mode.REPAIR))
                .extracting(StoreFinding::problem)
                .anyMatch(problem -> problem.contains("blob is larger than " + PACKED.length));
        works();
    }

    /// As a pull has it between its publication and the image's.
    @Test
    void aBlobThatSomebodyIsAboutToNeedStays() throws Exception {
        Files.write(store.layout().blob(Digest.of(PLAIN)), PLAIN);
        try (var _ = store.content().hold(List.of(Digest.of(PLAIN)))) {
            assertThat(check(Mode.LOOK)).isEmpty();
            assertThat(check(Mode.REPAIR)).isEmpty();
            assertThat(store.content().contains(Digest.of(PLAIN))).isTrue();
        }
        repairs(Kind.BLOB, Outcome.REMOVED);
    }

    @Test
    void aMissingBlobIsFetched() throws Exception {
        registry.put(Digest.of(PACKED), PACKED);
        Files.delete(store.layout().blob(Digest.of(PACKED)));
        repairs(Kind.BLOB, Outcome.FETCHED);
        assertThat(store.content().contains(Digest.of(PACKED))).isTrue();
    }

    @Test
    void aBlobOfNothingGoes() throws Exception {
        Files.write(store.layout().blob(Digest.of(PLAIN)), PLAIN);
        repairs(Kind.BLOB, Outcome.REMOVED);
        assertThat(store.content().contains(Digest.of(PLAIN))).isFalse();
    }

    @Test
    void aConfigurationIsFetchedOrItsImageForgotten() throws Exception {
        byte[] config = store.images().configBytes(image.id());
        registry.put(image.id(), config);
        Path file = store.layout().imageConfig(image.id());
        Files.writeString(file, "{");
        reopen();
        repairs(Kind.CONFIGURATION, Outcome.FETCHED);
        assertThat(Files.readAllBytes(file)).isEqualTo(config);
        works();
        Files.delete(file);
        reopen();
        repairs(Kind.NAME, Outcome.FETCHED);
        works();
        registry.clear();
        Files.delete(file);
        reopen();
        repairs(Kind.NAME, Outcome.REMOVED);
        assertThat(store.images().list()).isEmpty();
    }

    @Test
    void aLayerIsUnpackedAgain() throws Exception {
        Layer packed = layer(1);
        Path file = store.layout().layer(packed.cacheId()).resolve("diff/b");
        damage(file);
        repairs(Kind.LAYER, Outcome.REPAIRED);
        works();
        delete(store.layout().layer(layer(1).cacheId()).resolve("diff"));
        repairs(Kind.LAYER, Outcome.REPAIRED);
        works();
        delete(store.layout().layer(layer(1).cacheId()));
        reopen();
        repairs(Kind.LAYER, Outcome.REPAIRED);
        works();
        registry.put(Digest.of(PACKED), PACKED);
        delete(store.layout().layer(layer(1).cacheId()));
        Files.delete(store.layout().blob(Digest.of(PACKED)));
        reopen();
        repairs(Kind.BLOB, Outcome.FETCHED);
        works();
    }

    @Test
    void whatIsLoadedAgainIsWhole() throws Exception {
        delete(store.layout().layer(layer(0).cacheId()));
        reopen();
        assertThat(check(Mode.REPAIR)).extracting(StoreFinding::outcome).contains(Outcome.LEFT);
        byte[] archive = ImageFixture.archive("x.org/a:1", PLAIN, PACKED).build();
        store.images().load(new ByteArrayInputStream(archive), _ -> {});
        assertThat(check(Mode.LOOK)).isEmpty();
        works();
    }

    @Test
    void aLayerThatARunningContainerSeesStays() throws Exception {
        damage(store.layout().layer(layer(1).cacheId()).resolve("diff/b"));
        Digest chain = layer(1).chainId();
        inUse = chain::equals;
        assertThat(check(Mode.REPAIR))
                .extracting(StoreFinding::outcome)
                .containsExactly(Outcome.LEFT);
        assertThat(Files.exists(store.layout().layer(layer(1).cacheId()).resolve("diff/b")))
                .isTrue();
        inUse = _ -> false;
        repairs(Kind.LAYER, Outcome.REPAIRED);
    }

    @Test
    void whatCannotBeHadAgainIsOnlyTold() throws Exception {
        damage(store.layout().layer(layer(0).cacheId()).resolve("diff/etc/a"));
        assertThat(check(Mode.REPAIR))
                .extracting(StoreFinding::outcome)
                .containsExactly(Outcome.LEFT);
        works();
    }

    @Test
    void strayFilesGoAndLinksCome() throws Exception {
        Path stray = Files.createDirectories(store.layout().layer("a".repeat(64)).resolve("diff"));
        Path unfinished = Files.createDirectories(store.layout().newSnapshots().resolve("n7/x"));
        Path idle = Files.createDirectory(store.layout().newLayerRecords().resolve("n8"));
        Path young = Files.createDirectory(store.layout().newSnapshots().resolve("young"));
        Path slow = Files.createDirectory(store.layout().newSnapshots().resolve("n7/slow"));
        Files.write(slow.resolve("tar-split"), PLAIN);
        Path partial = Files.write(store.layout().partialBlobs().resolve("ingest-x"), PLAIN);
        FileTime old = FileTime.from(Instant.now().minusSeconds(7200));
        for (Path path : List.of(stray.getParent(), unfinished, idle, slow, partial)) {
            Files.setLastModifiedTime(path, old);
        }
        Path link = store.layout().shortLinks().resolve(layer(0).link());
        Files.delete(link);
        List<StoreFinding> seen = check(Mode.LOOK);
        assertThat(seen).hasSize(4);
        assertThat(unfinished).exists();
        assertThat(check(Mode.REPAIR)).hasSize(4);
        assertThat(check(Mode.LOOK)).isEmpty();
        assertThat(Stream.of(stray, unfinished, partial)).noneMatch(Files::exists);
        assertThat(young).exists();
        assertThat(idle).exists();
        assertThat(slow).exists();
        assertThat(link.resolve("etc/a")).exists();
        works();
    }

    private static void delete(Path directory) throws IOException {
        try (Fd parent = FileCalls.openDirectory(String.valueOf(directory.getParent()))) {
            dev.corten.kernel.file.Directories.deleteTree(
                    parent, String.valueOf(directory.getFileName()));
        }
    }
}
