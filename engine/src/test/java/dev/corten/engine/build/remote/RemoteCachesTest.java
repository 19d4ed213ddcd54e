package dev.corten.engine.build.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corten.build.solve.CacheStore;
import dev.corten.build.solve.Vertex;
import dev.corten.build.work.Tree;
import dev.corten.build.work.TreeSource;
import dev.corten.engine.build.output.ExportRequest;
import dev.corten.engine.build.output.Exports;
import dev.corten.engine.build.output.Finished;
import dev.corten.engine.build.output.Results;
import dev.corten.engine.event.Events;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileCalls;
import dev.corten.model.Digest;
import dev.corten.model.InvalidParameter;
import dev.corten.model.Platform;
import dev.corten.model.Reference;
import dev.corten.model.image.RegistryCredentials;
import dev.corten.registry.client.Repository;
import dev.corten.store.document.Manifest;
import dev.corten.store.snapshot.ChainId;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Caches that one machine writes and another one reads.
@Timeout(60)
final class RemoteCachesTest {
    private static final Platform AMD64 = Platform.parse("linux/amd64");
    private static final Vertex STEP =
            new Vertex("[1/1] RUN make", () -> key("operation"), List.of());

    @TempDir Path dir;

    private Results here;
    private Results there;

    @BeforeEach
    void open() throws Exception {
        here = new Results(dir.resolve("here"));
        there = new Results(dir.resolve("there"));
    }

    @AfterEach
    void close() throws IOException {
        here.close();
        there.close();
    }

    private static Digest key(String text) {
        return Digest.of(text.getBytes(StandardCharsets.UTF_8));
    }

    /// What a machine remembers by itself.
    private static final class Memory implements CacheStore<Tree> {
        private final Map<Digest, Digest> contents = new HashMap<>();
        private final Map<Digest, Tree> trees = new HashMap<>();

        @Override
        public Optional<Entry> find(Digest key) {
            return Optional.ofNullable(contents.get(key)).map(it -> new Entry(it, key));
        }

        @Override
        public Optional<Tree> open(Entry entry) {
            return Optional.ofNullable(trees.get(entry.key())).map(Tree::share);
        }

        @Override
        public void add(Digest key, Vertex vertex, Tree result) {
            contents.put(key, result.content());
            trees.put(key, result);
        }

        @Override
        public void alias(Digest key, Entry entry) {
            contents.put(key, entry.content());
            trees.put(key, trees.get(entry.key()));
        }
    }

    private static CachePlace place(String type, String... attributes) {
        var map = new TreeMap<String, String>();
        for (int i = 0; i < attributes.length; i += 2) {
            map.put(attributes[i], attributes[i + 1]);
        }
        return new CachePlace(type, map, Optional.empty(), Optional.empty());
    }

    private static RemoteCaches.Caches caches(
            Results machine, CacheStore<Tree> local, List<CachePlace> from, List<CachePlace> to)
            throws Exception {
        return new RemoteCaches(machine.store, machine.client)
                .open(local, from, to, Map.of(), machine::tree, Results.SILENT);
    }

    /// A build of two steps, of which the first is no part of the image.
    private Finished build(RemoteCaches.Caches caches) throws Exception {
        List<Digest> other = there.layers("tool");
        caches.cache().add(key("one"), STEP, there.tree(other, key("tools")));
        Finished result = there.finished(AMD64, "base", "made");
        assertThat(caches.cache().find(key("two"))).isEmpty();
        caches.cache().add(key("two"), STEP, there.tree(result.diffIds(), key("made")));
        return result;
    }

    private String ref() {
        return there.host + "/cache:1";
    }

    private void exportToRegistry(String mode) throws Exception {
        List<CachePlace> to = List.of(place("registry", "ref", ref(), "mode", mode));
        try (var caches = caches(there, new Memory(), List.of(), to)) {
            caches.export(List.of(build(caches)), Results.SILENT);
        }
    }

    @Test
    void aRegistryKeepsWhatAnotherMachineNeeds() throws Exception {
        exportToRegistry("max");
        var memory = new Memory();
        try (var caches =
                caches(here, memory, List.of(place("registry", "ref", ref())), List.of())) {
            CacheStore<Tree> cache = caches.cache();
            CacheStore.Entry one = cache.find(key("one")).orElseThrow();
            assertThat(one.content()).isEqualTo(key("tools"));
            assertThat(here.store.layers().list()).isEmpty();
            try (Tree tree = cache.open(one).orElseThrow()) {
                assertThat(here.store.layers().list()).hasSize(1);
                assertThat(text(tree, "tool")).isEqualTo("content of tool");
            }
            try (Tree tree = cache.open(cache.find(key("two")).orElseThrow()).orElseThrow()) {
                assertThat(text(tree, "made")).isEqualTo("content of made");
                assertThat(tree.content()).isEqualTo(key("made"));
            }
        } finally {
            memory.trees.values().forEach(Tree::close);
        }
    }

    private static String text(Tree tree, String file) throws IOException {
        try (Fd root = tree.open();
                Fd fd = FileCalls.open(root, file, FileCalls.O_RDONLY)) {
            return Files.readString(Path.of(fd.procPath()));
        }
    }

    @Test
    void theLeastIsTheLayersOfTheImageAndWhatTheOthersHold() throws Exception {
        exportToRegistry("min");
        var memory = new Memory();
        try (var caches =
                caches(here, memory, List.of(place("registry", "ref", ref())), List.of())) {
            CacheStore<Tree> cache = caches.cache();
            CacheStore.Entry one = cache.find(key("one")).orElseThrow();
            assertThat(one.content()).isEqualTo(key("tools"));
            assertThat(cache.open(one)).isEmpty();
            try (Tree tree = cache.open(cache.find(key("two")).orElseThrow()).orElseThrow()) {
                assertThat(tree.chainId()).isPresent();
            }
        } finally {
            memory.trees.values().forEach(Tree::close);
        }
    }

    @Test
    void whatIsImportedCountsForTheBuildsThatNameItOnly() throws Exception {
        exportToRegistry("max");
        var memory = new Memory();
        List<CachePlace> from = List.of(place("registry", "ref", ref()));
        try (var caches = caches(here, memory, from, List.of())) {
            CacheStore<Tree> cache = caches.cache();
            try (Tree tree = cache.open(cache.find(key("two")).orElseThrow()).orElseThrow()) {
                cache.add(key("three"), STEP, tree.share());
                cache.alias(key("four"), cache.find(key("three")).orElseThrow());
            }
            assertThat(cache.find(key("three"))).isPresent();
        }
        for (String known : List.of("one", "two", "three", "four")) {
            assertThat(memory.find(key(known))).isEmpty();
        }
        try (var again = caches(here, memory, from, List.of())) {
            assertThat(again.cache().find(key("three"))).isPresent();
        } finally {
            memory.trees.values().forEach(Tree::close);
        }
    }

    @Test
    void anImageTellsOfItsOwnLayers() throws Exception {
        List<CachePlace> to = List.of(place("inline"));
        String name = there.host + "/image:1";
        var exports =
                new Exports(
                        there.store,
                        there.pushes,
                        (_, _, _) -> List.of(),
                        new Events(Clock.systemUTC()),
                        Clock.systemUTC());
        try (var caches = caches(there, new Memory(), List.of(), to)) {
            Finished result = build(caches);
            exports.export(
                    List.of(result),
                    new ExportRequest(
                            List.of(
                                    new ExportRequest.Target(
                                            "registry", new TreeMap<>(), Optional.empty())),
                            List.of(Reference.parse(name)),
                            new TreeMap<>(),
                            new TreeMap<>(),
                            Map.of(),
                            Optional.empty(),
                            false,
                            new ExportRequest.Invocation(
                                    "Dockerfile",
                                    new byte[0],
                                    "",
                                    new TreeMap<>(),
                                    new TreeMap<>(),
                                    List.of(),
                                    Optional.empty(),
                                    Instant.EPOCH),
                            Optional.of(caches::inline)),
                    Results.SILENT);
            assertThat(there.store.images().get(name).diffIds()).isEqualTo(result.diffIds());
        }
        var memory = new Memory();
        try (var caches =
                caches(here, memory, List.of(place("registry", "ref", name)), List.of())) {
            CacheStore<Tree> cache = caches.cache();
            assertThat(cache.open(cache.find(key("one")).orElseThrow())).isEmpty();
            try (Tree tree = cache.open(cache.find(key("two")).orElseThrow()).orElseThrow()) {
                assertThat(text(tree, "made")).isEqualTo("content of made");
            }
        } finally {
            memory.trees.values().forEach(Tree::close);
        }
    }

    @Test
    void aDirectoryKeepsItToo() throws Exception {
        Path folder = Files.createDirectory(dir.resolve("folder"));
        var sink =
                new CachePlace(
                        "local",
                        new TreeMap<>(Map.of("mode", "max")),
                        Optional.empty(),
                        Optional.of(tar -> unpack(tar, folder)));
        try (var caches = caches(there, new Memory(), List.of(), List.of(sink))) {
            caches.export(List.of(build(caches)), Results.SILENT);
        }
        assertThat(folder.resolve("oci-layout")).exists();
        TreeSource source = (_, _) -> new Folder(folder);
        var from = new CachePlace("local", new TreeMap<>(), Optional.of(source), Optional.empty());
        var memory = new Memory();
        try (var caches = caches(here, memory, List.of(from), List.of())) {
            CacheStore<Tree> cache = caches.cache();
            try (Tree tree = cache.open(cache.find(key("one")).orElseThrow()).orElseThrow()) {
                assertThat(text(tree, "tool")).isEqualTo("content of tool");
            }
        } finally {
            memory.trees.values().forEach(Tree::close);
        }
    }

    private static void unpack(InputStream tar, Path folder) throws IOException {
        var reader = new dev.corten.archive.TarReader(tar, dev.corten.archive.TarReader.End.MARKED);
        for (var entry = reader.next(); entry.isPresent(); entry = reader.next()) {
            Path path = folder.resolve(entry.get().name().toString());
            if (entry.get().name().toString().endsWith("/")) {
                Files.createDirectories(path);
            } else {
                Files.write(path, reader.data().readAllBytes());
            }
        }
    }

    private record Folder(Path path) implements Tree {
        @Override
        public Optional<Digest> chainId() {
            return Optional.empty();
        }

        @Override
        public Fd open() throws IOException {
            return FileCalls.openDirectory(path.toString());
        }

        @Override
        public Digest content() {
            return key("folder");
        }

        @Override
        public Tree share() {
            return this;
        }

        @Override
        public void close() {}
    }

    @Test
    void aLayerThatIsAnotherOneIsRefused() throws Exception {
        exportToRegistry("max");
        Repository repository = there.client.push(Reference.parse(ref()), RegistryCredentials.NONE);
        var manifest = (Manifest.OfImage) Manifest.parse("m", "", repository.manifest("1").bytes());
        var config = new ByteArrayOutputStream();
        try (var blob = repository.blob(manifest.config(), 0)) {
            blob.in().transferTo(config);
        }
        // The layers in another order: each claim is another layer's.
        CacheDocument told = CacheDocument.read(config.toByteArray(), Optional.empty());
        byte[] lying =
                new CacheDocument(told.diffIds().reversed(), told.chains(), told.records())
                        .write(false);
        var source = new Lying(lying, manifest, repository);
        try (ImportedCache cache = ImportedCache.read(source, "1", new LayerPull(here.store))) {
            CacheStore.Entry two = cache.find(key("two")).orElseThrow();
            assertThatThrownBy(() -> cache.open(two))
                    .isInstanceOf(InvalidParameter.class)
                    .hasMessageContaining("has the diff ID");
        }
        assertThat(here.store.layers().list()).isEmpty();
    }

    private record Lying(byte[] config, Manifest.OfImage manifest, Repository repository)
            implements CacheBlobs {
        @Override
        public byte[] manifest(String tagOrDigest) throws InterruptedException {
            String text = new String(repository.manifest("1").bytes(), StandardCharsets.UTF_8);
            return text.replace(manifest.config().digest().toString(), Digest.of(config).toString())
                    .getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public InputStream open(dev.corten.model.image.Descriptor blob)
                throws InterruptedException {
            return blob.digest().equals(Digest.of(config))
                    ? new ByteArrayInputStream(config)
                    : repository.blob(blob, 0).in();
        }

        @Override
        public void close() {}
    }

    @Test
    void documentsThatContradictThemselvesAreRefused() {
        for (String bad :
                List.of(
                        "{}",
                        "{\"format\":1,\"diffIds\":[],\"chains\":[[0]],\"records\":[]}",
                        "{\"format\":1,\"diffIds\":[],\"chains\":[],\"records\":[{\"key\":\"sha256:"
                                + "0".repeat(64)
                                + "\",\"content\":\"sha256:"
                                + "0".repeat(64)
                                + "\",\"chain\":0}]}",
                        "{\"format\":1,\"diffIds\":[],\"chains\":[[-1]],\"records\":[]}")) {
            assertThatThrownBy(() ->
                            CacheDocument.read(
                                    bad.getBytes(StandardCharsets.UTF_8), Optional.empty()))
                    .isInstanceOf(InvalidParameter.class);
        }
    }

    @Test
    void aCacheThatIsNotThereIsNoError() throws Exception {
        var from = List.of(place("registry", "ref", there.host + "/nothing"), place("nope"));
        try (var caches = caches(here, new Memory(), from, List.of())) {
            assertThat(caches.cache().find(key("one"))).isEmpty();
        }
    }

    @Test
    void anImageWithoutACacheHasNone() throws Exception {
        assertThat(ChainId.of(there.layers("x"))).hasSize(1);
        assertThatThrownBy(() -> RemoteCaches.check(List.of(place("registry"))))
                .hasMessage("registry cache exporter requires ref");
        assertThatThrownBy(() -> RemoteCaches.check(List.of(place("nope"))))
                .hasMessage("unknown cache exporter: \"nope\"");
    }
}
