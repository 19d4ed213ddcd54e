package dev.corten.build.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corten.build.dockerfile.RunMount.Sharing;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.Directories;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.file.FileData;
import dev.corten.kernel.file.Stat;
import dev.corten.store.Durable;
import dev.corten.store.Store;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Directories that steps leave for later steps.
class CacheMountsTest {
    @TempDir Path dir;
    private Store store;
    private CacheMounts mounts;

    @BeforeEach
    void open() throws IOException {
        store = Store.open(dir.resolve("root"), new Durable(), Clock.systemUTC());
        mounts = new CacheMounts(store, Clock.systemUTC());
    }

    @AfterEach
    void close() throws IOException {
        store.close();
        try (Fd parent = FileCalls.openDirectory(dir.toString())) {
            Directories.deleteTree(parent, "root");
        }
    }

    private static CacheMounts.Request request(String id, Sharing sharing) {
        return new CacheMounts.Request(
                id,
                "cached mount /c",
                Optional.empty(),
                OptionalInt.empty(),
                OptionalInt.empty(),
                OptionalInt.empty(),
                sharing);
    }

    private CacheMount take(Sharing sharing) throws Exception {
        return mounts.open(request("one", sharing));
    }

    private static void write(Fd root, String path, String text) throws IOException {
        int flags = FileCalls.O_WRONLY | FileCalls.O_CREAT | FileCalls.O_TRUNC;
        try (Fd file = FileCalls.open(root, path, flags, 0644)) {
            FileData.writeFully(file, text.getBytes(StandardCharsets.UTF_8));
        }
    }

    private static boolean has(CacheMount mount, String name) throws IOException {
        return FileCalls.exists(mount.directory(), name);
    }

    @Test
    void whatAStepLeavesIsFoundAgain() throws Exception {
        try (CacheMount mount = take(Sharing.SHARED);
                Fd detached = mount.mount()) {
            write(detached, "left", "left");
        }
        store.close();
        open();
        for (Sharing sharing : Sharing.values()) {
            try (CacheMount mount = take(sharing)) {
                assertThat(has(mount, "left")).as(sharing.toString()).isTrue();
            }
        }
        try (CacheMount other = mounts.open(request("other", Sharing.SHARED))) {
            assertThat(has(other, "left")).isFalse();
        }
    }

    @Test
    void sharedOnesAreOne() throws Exception {
        try (CacheMount one = take(Sharing.SHARED);
                CacheMount two = take(Sharing.SHARED)) {
            write(one.directory(), "x", "x");
            assertThat(has(two, "x")).isTrue();
        }
    }

    @Test
    void privateOnesAreNobodyElses() throws Exception {
        try (CacheMount one = take(Sharing.PRIVATE)) {
            write(one.directory(), "x", "x");
            try (CacheMount two = take(Sharing.PRIVATE);
                    CacheMount shared = take(Sharing.SHARED)) {
                assertThat(has(two, "x")).isFalse();
                write(two.directory(), "y", "y");
                assertThat(has(shared, "x")).isFalse();
                assertThat(has(shared, "y")).isFalse();
            }
        }
        try (CacheMount again = take(Sharing.PRIVATE)) {
            assertThat(has(again, "x")).isTrue();
        }
    }

    @Test
    void aLockedOneIsWaitedFor() throws Exception {
        var holder = take(Sharing.LOCKED);
        var began = new CountDownLatch(1);
        var second = new CompletableFuture<Boolean>();
        Thread waiting =
                Thread.ofVirtual()
                        .start(() -> {
                            began.countDown();
                            try (CacheMount mount = take(Sharing.LOCKED)) {
                                second.complete(has(mount, "x"));
                            } catch (Exception e) {
                                second.completeExceptionally(e);
                            }
                        });
        began.await();
        write(holder.directory(), "x", "x");
        assertThat(second).isNotDone();
        holder.close();
        assertThat(second.get(10, TimeUnit.SECONDS)).isTrue();
        waiting.join();
    }

    @Test
    void whoWaitsCanBeInterrupted() throws Exception {
        try (CacheMount _ = take(Sharing.SHARED)) {
            var ended = new CompletableFuture<Class<?>>();
            Thread waiting =
                    Thread.ofVirtual()
                            .start(() -> {
                                try (CacheMount _ = take(Sharing.LOCKED)) {
                                    ended.complete(CacheMount.class);
                                } catch (Exception e) {
                                    ended.complete(e.getClass());
                                }
                            });
            waiting.interrupt();
            assertThat(ended.get(10, TimeUnit.SECONDS)).isEqualTo(InterruptedException.class);
        }
        try (CacheMount free = take(Sharing.LOCKED)) {
            assertThat(has(free, "x")).isFalse();
        }
    }

    @Test
    void ownerAndModeAreThoseOfANewOne() throws Exception {
        var request =
                new CacheMounts.Request(
                        "one",
                        "",
                        Optional.empty(),
                        OptionalInt.of(0700),
                        OptionalInt.of(7),
                        OptionalInt.of(8),
                        Sharing.SHARED);
        try (CacheMount mount = mounts.open(request);
                CacheMount plain = take(Sharing.SHARED)) {
            Stat stat = FileCalls.stat(mount.directory());
            assertThat(stat.permissions()).isEqualTo(0700);
            assertThat(stat.uid()).isEqualTo(7);
            assertThat(stat.gid()).isEqualTo(8);
            assertThat(FileCalls.stat(plain.directory()).permissions()).isEqualTo(0755);
        }
    }

    @Test
    void aNewOneBeginsAsItsBase() throws Exception {
        Path base = Files.createDirectory(dir.resolve("base"));
        Files.createDirectory(base.resolve("d"));
        Files.writeString(base.resolve("d/f"), "f");
        var request =
                new CacheMounts.Request(
                        "one",
                        "",
                        Optional.of(
                                new CacheMounts.Base(
                                        "base", () -> FileCalls.openDirectory(base.toString()))),
                        OptionalInt.empty(),
                        OptionalInt.empty(),
                        OptionalInt.empty(),
                        Sharing.SHARED);
        try (CacheMount mount = mounts.open(request);
                CacheMount plain = take(Sharing.SHARED)) {
            assertThat(has(mount, "d/f")).isTrue();
            assertThat(has(plain, "d")).isFalse();
            write(mount.directory(), "d/f", "changed");
        }
        assertThat(base.resolve("d/f")).hasContent("f");
        Files.delete(base.resolve("d/f"));
        try (CacheMount mount = mounts.open(request)) {
            assertThat(has(mount, "d/f")).isTrue();
        }
    }

    @Test
    void theyAreListedAndRemoved() throws Exception {
        assertThat(mounts.usage()).isEmpty();
        String id;
        try (CacheMount mount = take(Sharing.SHARED)) {
            write(mount.directory(), "x", "12345");
            CacheUsage usage = mounts.usage().getFirst();
            assertThat(usage.inUse()).isTrue();
            assertThat(usage.type()).isEqualTo("exec.cachemount");
            assertThat(usage.description()).isEqualTo("cached mount /c");
            assertThat(usage.size()).isEqualTo(5);
            assertThat(usage.id()).matches("[0-9a-z]{25}");
            id = usage.id();
            assertThat(mounts.remove(id)).isFalse();
            write(mount.directory(), "y", "12345");
        }
        try (CacheMount _ = take(Sharing.PRIVATE)) {
            assertThat(mounts.usage().getFirst().uses()).isEqualTo(2);
        }
        assertThat(mounts.usage().getFirst().size()).isEqualTo(10);
        assertThat(mounts.remove(id)).isTrue();
        assertThat(mounts.remove(id)).isFalse();
        assertThat(mounts.usage()).isEmpty();
    }

    @Test
    void leftoversAndDamageAreNoTrouble() throws Exception {
        take(Sharing.SHARED).close();
        Path all = store.layout().buildRecords().resolveSibling("mounts");
        Files.createDirectories(all.resolve(".new-of another daemon/data"));
        Path record;
        try (var places = Files.list(all)) {
            record =
                    places.filter(it -> !it.getFileName().toString().startsWith("."))
                            .findFirst()
                            .orElseThrow()
                            .resolve("record");
        }
        Files.writeString(record, "nonsense");
        assertThat(mounts.usage()).hasSize(1);
        try (var places = Files.list(all)) {
            assertThat(places).hasSize(1);
        }
        take(Sharing.SHARED).close();
        assertThat(mounts.usage().getFirst().description()).isEqualTo("cached mount /c");
    }
}
