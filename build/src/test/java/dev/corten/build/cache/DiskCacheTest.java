package dev.corten.build.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corten.build.solve.CacheStore.Entry;
import dev.corten.build.solve.Operation;
import dev.corten.build.solve.Result;
import dev.corten.build.solve.Vertex;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.Directories;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.file.FileData;
import dev.corten.model.Digest;
import dev.corten.model.Platform;
import dev.corten.model.image.ImageConfig;
import dev.corten.store.Durable;
import dev.corten.store.Store;
import dev.corten.store.image.BuiltImage;
import dev.corten.store.snapshot.Layers;
import dev.corten.store.snapshot.StepLayers;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Results of steps on disk.
class DiskCacheTest {
    private static final Digest KEY = key("key");

    @TempDir Path dir;
    private Store store;
    private DiskCache<Layered> cache;
    private Instant now = Instant.parse("2026-11-22T12:00:00Z");
    private final List<PruneRule> policy = new ArrayList<>();

    /// A result for tests.
    private record Layered(Digest content, Digest chainId, Layers layers, Layers.Pin pin)
            implements Result<Layered> {
        @Override
        public Layered share() {
            return new Layered(content, chainId, layers, layers.pin(chainId).orElseThrow());
        }

        @Override
        public void close() {
            pin.close();
        }
    }

    private final class Remembering implements DiskCache.Remembering<Layered> {
        @Override
        public Optional<Digest> chainId(Vertex vertex, Layered result) {
            return vertex.name().startsWith("source")
                    ? Optional.empty()
                    : Optional.of(result.chainId());
        }

        @Override
        public Layered restore(Digest content, Digest chainId, Layers.Pin pin) {
            return new Layered(content, chainId, store.layers(), pin);
        }
    }

    private static Digest key(String text) {
        return Digest.of(text.getBytes(StandardCharsets.UTF_8));
    }

    @BeforeEach
    void open() throws IOException {
        open(new Durable());
    }

    private void open(Durable durable) throws IOException {
        store = Store.open(dir.resolve("root"), durable, Clock.systemUTC());
        cache = new DiskCache<>(store, () -> now, new Remembering(), () -> List.copyOf(policy));
    }

    private void reopen() throws IOException {
        store.close();
        open();
    }

    @AfterEach
    void close() throws IOException {
        cache.close();
        store.close();
        try (Fd parent = FileCalls.openDirectory(dir.toString())) {
            Directories.deleteTree(parent, "root");
        }
    }

    private static Vertex vertex(String name) {
        Operation operation = () -> key(name);
        return new Vertex(name, operation, List.of());
    }

    private Layered make(Optional<Digest> base, String file) throws IOException {
        try (StepLayers.Working working = store.stepLayers().begin(base)) {
            try (Fd mount = working.mount();
                    Fd out =
                            FileCalls.open(
                                    mount, file, FileCalls.O_WRONLY | FileCalls.O_CREAT, 0644)) {
                FileData.writeFully(out, file.getBytes(StandardCharsets.UTF_8));
            }
            var made = working.finish(Optional.of(Instant.EPOCH), Set.of());
            return new Layered(made.content(), made.chainId(), store.layers(), made.pin());
        }
    }

    private Digest remember(Digest key, Optional<Digest> base, String file) throws IOException {
        try (Layered result = make(base, file)) {
            cache.add(key, vertex("RUN touch " + file), result);
            return result.chainId();
        }
    }

    private Optional<Layered> find(Digest key) {
        return cache.find(key).flatMap(cache::open);
    }

    @Test
    void aResultIsFoundAgain() throws Exception {
        assertThat(cache.find(KEY)).isEmpty();
        Digest chain = remember(KEY, Optional.empty(), "file");
        for (int i = 0; i < 2; i++) {
            Entry entry = cache.find(KEY).orElseThrow();
            try (Layered found = cache.open(entry).orElseThrow()) {
                assertThat(found.chainId()).isEqualTo(chain);
                assertThat(found.content()).isEqualTo(entry.content());
                assertThat(store.layers().isPinned(chain)).isTrue();
            }
            assertThat(store.layers().isPinned(chain)).isFalse();
            store.images().collectLayers();
            reopen();
        }
    }

    @Test
    void aSecondKeyLeadsToTheSame() throws Exception {
        remember(KEY, Optional.empty(), "file");
        cache.alias(key("second"), cache.find(KEY).orElseThrow());
        reopen();
        find(key("second")).orElseThrow().close();
        assertThat(cache.usage()).hasSize(1);
    }

    @Test
    void whatHasNoLayersIsNotRemembered() throws Exception {
        try (Layered result = make(Optional.empty(), "file")) {
            cache.add(KEY, vertex("source"), result);
        }
        assertThat(cache.find(KEY)).isEmpty();
        store.images().collectLayers();
        assertThat(store.layers().list()).isEmpty();
    }

    @Test
    void aContentIsRememberedWithoutLayers() {
        cache.addContent(KEY, "imported", key("content"));
        Entry entry = cache.find(KEY).orElseThrow();
        assertThat(entry.content()).isEqualTo(key("content"));
        assertThat(cache.open(entry)).isEmpty();
    }

    @Test
    void damageIsAMiss() throws Exception {
        Path builder = store.layout().buildRecords().getParent();
        for (String damage : List.of("", "x", "nonsense nonsense", "\0".repeat(90))) {
            remember(KEY, Optional.empty(), "file");
            Files.writeString(builder.resolve("keys").resolve(KEY.hex()), damage);
            assertThat(cache.find(KEY)).as(damage).isEmpty();
        }
        remember(KEY, Optional.empty(), "file");
        try (var records = Files.list(builder.resolve("records"))) {
            Files.writeString(records.findFirst().orElseThrow(), "");
        }
        find(KEY).orElseThrow().close();
        assertThat(cache.usage()).isEmpty();
        assertThat(find(KEY)).isEmpty();
    }

    @Test
    void aLayerThatIsGoneIsAMiss() throws Exception {
        Digest chain = remember(KEY, Optional.empty(), "file");
        store.layers().retire(chain);
        assertThat(cache.find(KEY)).isEmpty();
        assertThat(cache.usage()).isEmpty();
        remember(KEY, Optional.empty(), "file");
        find(KEY).orElseThrow().close();
    }

    @Test
    void usesAreCountedAndWrittenInTime() throws Exception {
        remember(KEY, Optional.empty(), "file");
        now = now.plusSeconds(60);
        cache.find(KEY);
        cache.find(KEY);
        CacheUsage usage = cache.usage().getFirst();
        assertThat(usage.uses()).isEqualTo(3);
        assertThat(usage.lastUsed()).isEqualTo(now);
        assertThat(usage.created()).isEqualTo(now.minusSeconds(60));
        assertThat(usage.description()).isEqualTo("RUN touch file");
        assertThat(usage.type()).isEqualTo("regular");
        assertThat(usage.size()).isEqualTo(4);
        assertThat(usage.id()).matches("[0-9a-z]{25}");
        cache.close();
        reopen();
        assertThat(cache.usage()).containsExactly(usage);
    }

    @Test
    void aPruneRemovesRecordsKeysAndLayers() throws Exception {
        Digest below = remember(KEY, Optional.empty(), "one");
        remember(key("two"), Optional.of(below), "two");
        List<CacheUsage> usage = cache.usage();
        CacheUsage upper =
                usage.stream().filter(it -> !it.parents().isEmpty()).findFirst().orElseThrow();
        assertThat(upper.description()).isEqualTo("RUN touch two");
        assertThat(usage.stream().map(CacheUsage::id)).containsAll(upper.parents());
        var pruned = cache.prune(PruneRule.everything());
        assertThat(pruned.ids()).hasSize(2).first().isEqualTo(upper.id());
        assertThat(pruned.bytes()).isEqualTo(6);
        assertThat(store.layers().list()).isEmpty();
        assertThat(cache.usage()).isEmpty();
        assertThat(cache.find(KEY)).isEmpty();
        Path keys = store.layout().buildRecords().resolveSibling("keys");
        try (var left = Files.list(keys)) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void whatImagesHaveIsNotReclaimed() throws Exception {
        Digest layer = remember(KEY, Optional.empty(), "one");
        store.stepLayers().settle();
        store.images()
                .addBuilt(
                        List.of(
                                new BuiltImage(
                                        Platform.host(),
                                        "",
                                        ImageConfig.EMPTY,
                                        List.of(store.layers().find(layer).orElseThrow().diffId()),
                                        List.of(),
                                        Optional.empty(),
                                        "",
                                        Optional.empty(),
                                        List.of(),
                                        Optional.empty())));
        var pruned = cache.prune(PruneRule.everything());
        assertThat(pruned.ids()).hasSize(1);
        assertThat(pruned.bytes()).isZero();
        assertThat(store.layers().find(layer)).isPresent();
    }

    @Test
    void whatABuildHasOpenStays() throws Exception {
        remember(KEY, Optional.empty(), "one");
        remember(key("two"), Optional.empty(), "two");
        try (Layered open = find(KEY).orElseThrow()) {
            assertThat(cache.prune(PruneRule.everything()).ids()).hasSize(1);
            assertThat(store.layers().find(open.chainId())).isPresent();
            assertThat(cache.usage().getFirst().inUse()).isTrue();
        }
        assertThat(cache.prune(PruneRule.everything()).ids()).hasSize(1);
    }

    @Test
    void otherThingsAreListedAndPrunedToo() throws Exception {
        var removed = new ArrayList<String>();
        cache.include(
                new Kept() {
                    @Override
                    public List<CacheUsage> usage() {
                        return List.of(
                                new CacheUsage(
                                        "context",
                                        List.of(),
                                        CacheUsage.LOCAL_SOURCE,
                                        "local source for context",
                                        false,
                                        false,
                                        12,
                                        now,
                                        now,
                                        1));
                    }

                    @Override
                    public boolean remove(String id) {
                        return removed.add(id);
                    }
                });
        assertThat(cache.usage()).hasSize(1);
        assertThat(cache.prune(PruneRule.everything()).bytes()).isEqualTo(12);
        assertThat(removed).containsExactly("context");
    }

    @Test
    void thePolicyIsAppliedAfterBuilds() throws Exception {
        remember(KEY, Optional.empty(), "one");
        policy.add(new PruneRule(false, CacheFilter.ALL, Duration.ofHours(1), 0, 1, 0));
        assertThat(cache.collectNow().ids()).isEmpty();
        now = now.plus(Duration.ofHours(2));
        assertThat(cache.collectNow().ids()).hasSize(1);
        assertThat(store.layers().list()).isEmpty();
    }

    private static final class Crash extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    /// A daemon that dies at each step in turn: then a key leads to a whole result, or nowhere, and
    /// no layer is left that nothing remembers.
    @Test
    void aCrashAtAnyStepLeavesAResultOrNone() throws Exception {
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
                Digest below = remember(KEY, Optional.empty(), "one");
                remember(key("two"), Optional.of(below), "two");
                cache.collectNow();
                cache.prune(PruneRule.everything());
                done = true;
            } catch (Crash expected) {
                // the point of it
            }
            store.close();
            open();
            for (Digest key : List.of(KEY, key("two"))) {
                boolean known = cache.find(key).isPresent();
                Optional<Layered> result = find(key);
                assertThat(result.isPresent()).as("step " + step).isEqualTo(known);
                result.ifPresent(Layered::close);
            }
            cache.prune(PruneRule.everything());
            assertThat(store.layers().list()).as("step " + step).hasSize(0);
        }
        assertThat(step).isGreaterThan(15);
    }
}
