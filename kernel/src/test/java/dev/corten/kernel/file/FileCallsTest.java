package dev.corten.kernel.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.model.PathBytes;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileCallsTest {
    /// A name that is not UTF-8.
    private static final PathBytes ODD = PathBytes.of(new byte[] {'a', (byte) 0xFF, 'b'});

    @TempDir Path temporary;
    private Fd dir;

    @BeforeEach
    void open() throws Errno {
        dir = FileCalls.openDirectory(temporary.toString());
    }

    @AfterEach
    void close() throws Errno {
        Directories.deleteContents(dir).orThrow(); // JUnit cannot delete names that are no text
        dir.close();
    }

    private void create(PathBytes name, String content) throws Errno {
        try (Fd file = FileCalls.open(dir, name, FileCalls.O_WRONLY | FileCalls.O_CREAT, 0640)) {
            FileData.writeFully(file, content.getBytes(StandardCharsets.UTF_8));
        }
    }

    @Test
    void namesAreBytes() throws Exception {
        create(ODD, "content");
        assertThat(Directories.list(dir))
                .singleElement()
                .satisfies(entry -> {
                    assertThat(entry.name()).isEqualTo(ODD);
                    assertThat(entry.type()).isEqualTo(DirectoryEntry.REGULAR);
                });
        FileCalls.rename(dir, ODD, dir, PathBytes.of("한글"), 0);
        assertThat(FileCalls.exists(dir, ODD)).isFalse();
        assertThat(FileData.readFile(dir, "한글", 100)).asString().isEqualTo("content");
    }

    @Test
    void statTellsEverything() throws Exception {
        create(ODD, "12345");
        FileCalls.chown(dir, ODD, 12, 34);
        FileCalls.chmod(dir, ODD, 06751);
        FileCalls.times(dir, ODD, 5, 6, 1_700_000_000L, 123_456_789);
        Stat stat = FileCalls.lstat(dir, ODD);
        assertThat(stat.isRegular()).isTrue();
        assertThat(stat.permissions()).isEqualTo(06751);
        assertThat(stat.uid()).isEqualTo(12);
        assertThat(stat.gid()).isEqualTo(34);
        assertThat(stat.size()).isEqualTo(5);
        assertThat(stat.links()).isEqualTo(1);
        assertThat(stat.accessSeconds()).isEqualTo(5);
        assertThat(stat.modifySeconds()).isEqualTo(1_700_000_000L);
        assertThat(stat.modifyNanos()).isEqualTo(123_456_789);
        assertThat(stat.mountId()).isPositive();
        Path javaPath = temporary.resolve("plain");
        create(PathBytes.of("plain"), "x");
        assertThat(FileCalls.lstat(dir, "plain").inode())
                .isEqualTo((long) java.nio.file.Files.getAttribute(javaPath, "unix:ino"));
        assertThat(FileCalls.lstat(dir, "plain").device())
                .isEqualTo((long) java.nio.file.Files.getAttribute(javaPath, "unix:dev"));
    }

    @Test
    void openPathDescriptorsTakeModeAndOwner() throws Exception {
        create(ODD, "");
        try (Fd path = FileCalls.open(dir, ODD, FileCalls.O_PATH | FileCalls.O_NOFOLLOW)) {
            FileCalls.chmod(path, 0600);
            FileCalls.chown(path, 7, 8);
            FileCalls.link(path, "", dir, "linked", FileCalls.AT_EMPTY_PATH);
            assertThat(FileCalls.stat(path).permissions()).isEqualTo(0600);
            assertThat(FileCalls.stat(path).uid()).isEqualTo(7);
            assertThat(FileCalls.stat(path).links()).isEqualTo(2);
        }
    }

    @Test
    void linksDevicesAndMissingThings() throws Exception {
        FileCalls.symlink(PathBytes.of("../\u00fc"), dir, ODD);
        assertThat(FileCalls.readlink(dir, ODD)).isEqualTo(PathBytes.of("../\u00fc"));
        assertThat(FileCalls.lstat(dir, ODD).isSymlink()).isTrue();
        FileCalls.mknod(dir, "null", Stat.S_IFCHR | 0600, 1, 3);
        assertThat(FileCalls.lstat(dir, "null").rdevMinor()).isEqualTo(3);
        FileCalls.mknod(dir, "big", Stat.S_IFBLK | 0600, 259, 70000);
        assertThat(FileCalls.lstat(dir, "big").rdevMajor()).isEqualTo(259);
        assertThat(FileCalls.lstat(dir, "big").rdevMinor()).isEqualTo(70000);
        assertThat(FileCalls.find(dir, "missing", FileCalls.O_RDONLY)).isEmpty();
        assertThat(FileCalls.findStat(dir, "null/below")).isEmpty();
        assertThat(FileCalls.removeIfExists(dir, "missing")).isFalse();
        assertThat(FileCalls.ensureDirectory(dir, "d", 02777)).isTrue();
        assertThat(FileCalls.ensureDirectory(dir, "d", 0700)).isFalse();
        assertThat(FileCalls.lstat(dir, "d").permissions()).isEqualTo(02777);
    }

    @Test
    void resolutionStaysInTheRoot() throws Exception {
        FileCalls.mkdir(dir, "root", 0755);
        create(PathBytes.of("outside"), "outside");
        try (Fd root = FileCalls.openDirectory(dir, "root")) {
            FileCalls.symlink("/../../outside", root, "link");
            FileCalls.symlink("/proc/self/root", root, "magic");
            assertThatThrownBy(() ->
                            FileCalls.open2(
                                    root, "link", FileCalls.O_RDONLY, 0, FileCalls.RESOLVE_IN_ROOT))
                    .isInstanceOfSatisfying(
                            Errno.class, e -> assertThat(e.number()).isEqualTo(Errno.ENOENT));
            assertThatThrownBy(() ->
                            FileCalls.open2(
                                    root,
                                    "../outside",
                                    FileCalls.O_PATH,
                                    0,
                                    FileCalls.RESOLVE_BENEATH))
                    .hasMessageContaining("EXDEV")
                    .hasMessageContaining("RESOLVE_BENEATH");
            int create = FileCalls.O_CREAT | FileCalls.O_WRONLY;
            FileCalls.open2(root, "/../../outside", create, 0644, FileCalls.RESOLVE_IN_ROOT)
                    .close();
            assertThat(FileCalls.exists(root, "outside")).isTrue();
        }
    }

    @Test
    void dataSurvivesEveryWayOfMovingIt() throws Exception {
        byte[] data = new byte[777_777];
        new Random(7).nextBytes(data);
        int flags = FileCalls.O_RDWR | FileCalls.O_CREAT | FileCalls.O_TRUNC;
        try (Fd a = FileCalls.open(dir, "a", flags, 0600);
                Fd b = FileCalls.open(dir, "b", flags, 0600);
                Fd memory = FileData.memfd("copy")) {
            FileData.writeFully(a, data);
            FileData.seek(a, 0, FileData.SEEK_SET);
            assertThat(FileCopies.all(a, b)).isEqualTo(data.length);
            FileData.seek(b, 0, FileData.SEEK_SET);
            assertThat(FileCopies.all(b, memory)).isEqualTo(data.length);
            FileData.seek(memory, 0, FileData.SEEK_SET);
            assertThat(FileData.readAll(memory, data.length)).isEqualTo(data);
            FileData.seek(memory, 0, FileData.SEEK_SET);
            assertThatThrownBy(() -> FileData.readAll(memory, data.length - 1))
                    .isInstanceOf(IOException.class);
            ByteBuffer heap = ByteBuffer.allocate(1000);
            ByteBuffer direct = ByteBuffer.allocateDirect(1000);
            FileData.seek(memory, 0, FileData.SEEK_SET);
            assertThat(FileData.read(memory, heap)).isEqualTo(1000);
            FileData.seek(memory, 0, FileData.SEEK_SET);
            assertThat(FileData.read(memory, direct)).isEqualTo(1000);
            assertThat(direct.flip()).isEqualTo(heap.flip());
            FileData.truncate(memory, 0);
            FileData.seek(memory, 0, FileData.SEEK_SET);
            FileData.writeFully(memory, heap);
            FileData.writeFully(memory, direct);
            assertThat(FileCalls.stat(memory).size()).isEqualTo(2000);
            FileData.seal(memory, FileData.F_SEAL_WRITE | FileData.F_SEAL_SEAL);
            assertThatThrownBy(() -> FileData.writeFully(memory, new byte[1]))
                    .hasMessageContaining("EPERM");
            FileData.fsync(a);
            FileData.fdatasync(b);
        }
    }

    @Test
    void filesOfProcAreCopiedThoughTheyHaveNoSize() throws Exception {
        try (Fd from = FileCalls.open("/proc/version", FileCalls.O_RDONLY);
                Fd to = FileData.memfd("copy")) {
            assertThat(FileCopies.all(from, to)).isPositive();
        }
    }

    @Test
    void streamsAndPipes() throws Exception {
        byte[] data = new byte[300_000];
        new Random(8).nextBytes(data);
        var pipe = FileData.pipe();
        Thread writer =
                Thread.ofPlatform()
                        .start(() -> {
                            try (OutputStream out = FileData.outputStream(pipe.writer())) {
                                out.write(data);
                            } catch (IOException e) {
                                throw new AssertionError(e);
                            }
                        });
        try (InputStream in = FileData.inputStream(pipe.reader())) {
            assertThat(in.readAllBytes()).isEqualTo(data);
        }
        writer.join();
        assertThat(pipe.writer().isOpen()).isFalse();
    }

    @Test
    void pollAndEventfd() throws Exception {
        try (var pipe = FileData.pipe();
                var event = Eventfd.create()) {
            Fd[] fds = {pipe.reader(), event.fd()};
            int[] events = {Poll.IN, Poll.IN};
            assertThat(Poll.poll(fds, events, Duration.ofMillis(5))).containsExactly(0, 0);
            event.signal();
            event.signal();
            assertThat(Poll.poll(fds, events, null)).containsExactly(0, Poll.IN);
            assertThat(event.take()).isEqualTo(2);
            pipe.writer().close();
            assertThat(Poll.poll(fds, events, null)).containsExactly(Poll.HUP, 0);
        }
    }

    @Test
    void locksExclude() throws Exception {
        create(ODD, "");
        try (Fd a = FileCalls.open(dir, ODD, FileCalls.O_RDONLY);
                Fd b = FileCalls.open(dir, ODD, FileCalls.O_RDONLY)) {
            assertThat(FileData.tryLock(a, true)).isTrue();
            assertThat(FileData.tryLock(b, false)).isFalse();
            FileData.unlock(a);
            assertThat(FileData.tryLock(b, false)).isTrue();
        }
    }

    @Test
    void holesAreFound() throws Exception {
        create(ODD, "");
        try (Fd file = FileCalls.open(dir, ODD, FileCalls.O_RDWR)) {
            FileData.pwriteFully(file, new byte[] {1}, 0, 1, 1 << 20);
            assertThat(FileData.seek(file, 0, FileData.SEEK_DATA)).isEqualTo(1 << 20);
            assertThat(FileData.seek(file, 2 << 20, FileData.SEEK_DATA)).isEqualTo(-1);
        }
    }

    @Test
    void attributesOfFilesAndLinks() throws Exception {
        create(ODD, "");
        FileCalls.symlink("nowhere", dir, "link");
        PathBytes link = PathBytes.of("link");
        byte[] value = {0, 1, (byte) 0xFF};
        try (Fd file = FileCalls.open(dir, ODD, FileCalls.O_RDONLY)) {
            Xattrs.set(file, "user.test", value, 0);
            assertThat(Xattrs.get(file, "user.test")).contains(value);
            assertThat(Xattrs.get(dir, ODD, "user.test")).contains(value);
            assertThat(Xattrs.list(file)).contains("user.test");
            assertThat(Xattrs.get(file, "user.other")).isEmpty();
            assertThat(Xattrs.remove(file, "user.test")).isTrue();
            assertThat(Xattrs.remove(file, "user.test")).isFalse();
        }
        Xattrs.set(dir, link, "trusted.test", value, Xattrs.XATTR_CREATE);
        assertThat(Xattrs.get(dir, link, "trusted.test")).contains(value);
        assertThat(Xattrs.list(dir, link)).contains("trusted.test");
    }

    @Test
    void treesAreDeletedWithoutFollowingLinks() throws Exception {
        FileCalls.mkdir(dir, "keep", 0755);
        FileCalls.mkdir(dir, "tree", 0755);
        create(PathBytes.of("keep/file"), "precious");
        FileCalls.symlink("../keep", dir, "tree/link");
        Fd level = FileCalls.openDirectory(dir, "tree");
        for (int depth = 0; depth < 300; depth++) { // deeper than descriptors are kept
            FileCalls.mkdir(level, "d", 0755);
            Fd next = FileCalls.openDirectory(level, "d");
            FileCalls.mknod(next, "f", Stat.S_IFREG | 0600, 0, 0);
            level.close();
            level = next;
        }
        level.close();
        Directories.Deletion deletion = Directories.deleteTree(dir, "tree");
        assertThat(deletion.complete()).isTrue();
        assertThat(deletion.removed()).isEqualTo(602);
        assertThat(FileCalls.exists(dir, "tree")).isFalse();
        assertThat(FileCalls.exists(dir, "keep/file")).isTrue();
        assertThat(Directories.deleteTree(dir, "tree").complete()).isTrue();
    }

    @Test
    void manyEntriesAreListedAndDeleted() throws Exception {
        FileCalls.mkdir(dir, "many", 0755);
        try (Fd many = FileCalls.openDirectory(dir, "many")) {
            for (int i = 0; i < 20_000; i++) {
                FileCalls.mknod(many, "file" + i, Stat.S_IFREG | 0600, 0, 0);
            }
            assertThat(Directories.list(many)).hasSize(20_000);
        }
        assertThat(Directories.deleteTree(dir, "many").removed()).isEqualTo(20_001);
    }

    @Test
    void statfsTellsTheFileSystem() throws Exception {
        assertThat(FileData.statfs("/proc").type()).isEqualTo(FileSystemStatus.PROC);
        assertThat(FileData.statfs(dir).totalBytes()).isPositive();
    }
}
