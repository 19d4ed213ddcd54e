package dev.corten.build.context;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.corten.archive.TarEntry;
import dev.corten.archive.TarWriter;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.file.Stat;
import dev.corten.model.Digest;
import dev.corten.model.Internal;
import dev.corten.model.InvalidParameter;
import dev.corten.model.PathBytes;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TarContextTest {
    private static final long LIMIT = 1 << 20;

    @TempDir Path parent;
    private Folders folders;

    @FunctionalInterface
    private interface Members {
        void write(TarWriter tar) throws IOException;
    }

    @BeforeEach
    void makeFolders() {
        folders = new Folders(parent, () -> LIMIT, Runnable::run);
    }

    private static byte[] tar(Members members) throws IOException {
        var bytes = new ByteArrayOutputStream();
        var tar = new TarWriter(bytes);
        members.write(tar);
        tar.finish();
        return bytes.toByteArray();
    }

    private static void file(TarWriter tar, TarEntry entry, String text) throws IOException {
        tar.add(entry, new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
    }

    private static void file(TarWriter tar, String name, String text) throws IOException {
        file(tar, TarEntry.file(name, 0644, text.length()), text);
    }

    private Folder unpack(byte[] tar) throws Exception {
        return folders.unpack(new ByteArrayInputStream(tar));
    }

    private static String text(Folder folder, String name) throws IOException {
        return folder.read(name, 1000)
                .map(bytes -> new String(bytes, StandardCharsets.UTF_8))
                .orElse("absent");
    }

    @Test
    void keepsModesAndTimesAndGivesFilesToRoot() throws Exception {
        byte[] tar =
                tar(t ->
                        file(
                                t,
                                TarEntry.file("a", 0751, 1)
                                        .withOwner(1000, 1001)
                                        .withMtime(Instant.ofEpochSecond(77, 5)),
                                "x"));
        try (Folder folder = unpack(tar);
                Fd root = folder.open()) {
            Stat stat = FileCalls.lstat(root, "a");
            assertEquals(0751, stat.permissions());
            assertEquals(0, stat.uid());
            assertEquals(0, stat.gid());
            assertEquals(77, stat.modifySeconds());
        }
    }

    @Test
    void knowsTheDigestsOfFiles() throws Exception {
        byte[] tar =
                tar(t -> {
                    t.add(TarEntry.directory("./d/", 0755));
                    file(t, "./d/f", "hello");
                });
        try (Folder folder = unpack(tar)) {
            assertEquals(
                    Optional.of(Digest.of("hello".getBytes(StandardCharsets.UTF_8))),
                    folder.known(PathBytes.of("d/f")));
            assertEquals(Optional.empty(), folder.known(PathBytes.of("d/g")));
        }
    }

    @Test
    void knowsNothingIfAFileIsNotWhereTheArchiveSays() throws Exception {
        byte[] tar =
                tar(t -> {
                    file(t, "f", "first");
                    file(t, "f", "second");
                });
        try (Folder folder = unpack(tar)) {
            assertEquals("second", text(folder, "f"));
            assertEquals(Optional.empty(), folder.known(PathBytes.of("f")));
        }
    }

    @Test
    void contentIsOfAllButTimes() throws Exception {
        Digest first = content(t -> file(t, "f", "text"));
        assertEquals(
                first,
                content(t ->
                        file(
                                t,
                                TarEntry.file("f", 0644, 4).withMtime(Instant.ofEpochSecond(9)),
                                "text")));
        assertNotEquals(first, content(t -> file(t, "f", "tuxt")));
        assertNotEquals(first, content(t -> file(t, "g", "text")));
        assertNotEquals(first, content(t -> file(t, TarEntry.file("f", 0755, 4), "text")));
    }

    private Digest content(Members members) throws Exception {
        try (Folder folder = unpack(tar(members))) {
            return folder.content();
        }
    }

    @Test
    void namesAndLinksStayInside() throws Exception {
        byte[] tar =
                tar(t -> {
                    file(t, "../../up", "1");
                    file(t, "/root", "2");
                    t.add(TarEntry.symlink("out", "/etc"));
                    file(t, "out/passwd", "3");
                    t.add(TarEntry.symlink("link", "../../../../../etc/hostname"));
                });
        try (Folder folder = unpack(tar)) {
            assertEquals("1", text(folder, "up"));
            assertEquals("2", text(folder, "root"));
            assertEquals("3", text(folder, "etc/passwd"));
            assertEquals("absent", text(folder, "link"));
            assertEquals("1", text(folder, "../../up"));
        }
    }

    @Test
    void namesOfWhiteoutsAreNames() throws Exception {
        byte[] tar =
                tar(t -> {
                    file(t, "a", "1");
                    file(t, ".wh.a", "2");
                });
        try (Folder folder = unpack(tar)) {
            assertEquals("1", text(folder, "a"));
            assertEquals("2", text(folder, ".wh.a"));
        }
    }

    @Test
    void hardLinksNeedTheirTarget() throws Exception {
        byte[] tar = tar(t -> t.add(TarEntry.hardLink("a", "etc/passwd")));
        Internal e = assertThrows(Internal.class, () -> unpack(tar));
        assertTrue(e.message().contains("no such file"), e.message());
    }

    @Test
    void isBounded() throws Exception {
        byte[] tar = tar(t -> file(t, "a", "x".repeat((int) LIMIT + 1)));
        InvalidParameter e = assertThrows(InvalidParameter.class, () -> unpack(tar));
        assertTrue(e.message().contains("max-layer-size"), e.message());
    }

    @Test
    void whatIsNoArchiveIsRefused() {
        assertThrows(Internal.class, () -> unpack("no tar at all".repeat(100).getBytes()));
    }

    @Test
    void ignoredDockerfileIsTakenOut() throws Exception {
        byte[] tar =
                tar(t -> {
                    file(t, ".dockerignore", "Dockerfile\n.dockerignore\nb\n");
                    file(t, "Dockerfile", "FROM scratch");
                    file(t, "b", "sent all the same");
                });
        try (Folder folder = unpack(tar)) {
            Digest before = folder.content();
            byte[] rules = IgnoredFiles.remove(folder, "Dockerfile");
            assertArrayEquals(
                    "Dockerfile\n.dockerignore\nb\n".getBytes(StandardCharsets.UTF_8), rules);
            assertEquals("absent", text(folder, "Dockerfile"));
            assertEquals("absent", text(folder, ".dockerignore"));
            assertEquals("sent all the same", text(folder, "b"));
            assertNotEquals(before, folder.content());
        }
    }

    @Test
    void lastShareEndsIt() throws Exception {
        var ended = new boolean[1];
        var folder =
                new Folder(
                        parent,
                        Digest.of(new byte[0]),
                        _ -> Optional.empty(),
                        () -> ended[0] = true);
        Folder share = folder.share();
        folder.close();
        folder.close();
        assertFalse(ended[0]);
        share.close();
        assertTrue(ended[0]);
    }
}
