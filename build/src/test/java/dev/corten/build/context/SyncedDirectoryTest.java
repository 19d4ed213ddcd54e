package dev.corten.build.context;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.corten.build.solve.StepOutput;
import dev.corten.build.work.Tree;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.file.Stat;
import dev.corten.model.Digest;
import dev.corten.model.InvalidParameter;
import dev.corten.model.PathBytes;
import dev.corten.store.Durable;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SyncedDirectoryTest {
    private static final StepOutput QUIET = (_, _) -> {};

    @TempDir Path root;
    private final Client client = new Client();
    private SyncedDirectories directories;

    @BeforeEach
    void open() {
        directories = new SyncedDirectories(root, new Durable(), () -> 1 << 20, Runnable::run);
    }

    /// A directory in memory.
    private static final class Client implements ClientDirectory {
        /// A directory's name ends in a slash; a link's text begins with `->`.
        final TreeMap<String, String> files = new TreeMap<>(Client::inOrder);

        final List<String> sent = new ArrayList<>();
        long changes;
        int mode = 0644;
        boolean vanishes;

        private static int inOrder(String a, String b) {
            return ListEntry.compare(bytes(a), bytes(b));
        }

        private static byte[] bytes(String path) {
            String bare = path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
            return bare.getBytes(StandardCharsets.UTF_8);
        }

        void write(String path, String text) {
            files.put(path, text);
            changes++;
        }

        @Override
        public InputStream list(Collection<String> paths) throws IOException {
            var list = new ByteArrayOutputStream();
            var out = new DataOutputStream(list);
            for (var file : files.entrySet()) {
                byte[] path = bytes(file.getKey());
                String text = file.getValue();
                boolean directory = file.getKey().endsWith("/");
                boolean link = text.startsWith("->");
                boolean other = text.startsWith("=");
                if (other) {
                    text = files.get(text.substring(1));
                }
                out.writeShort(path.length);
                out.write(path);
                out.writeInt(
                        directory
                                ? Stat.S_IFDIR | 0750
                                : link ? Stat.S_IFLNK | 0777 : Stat.S_IFREG | mode);
                out.writeInt(1000);
                out.writeInt(1000);
                out.writeLong(directory || link ? 0 : text.length());
                out.writeLong(1000 + text.hashCode() % 100);
                out.writeInt(7);
                out.writeLong(0);
                out.writeInt(0);
                out.writeLong(file.getKey().hashCode());
                byte[] target =
                        link
                                ? text.substring(2).getBytes(StandardCharsets.UTF_8)
                                : other ? bytes(file.getValue().substring(1)) : new byte[0];
                out.writeShort(target.length);
                out.write(target);
                out.writeShort(0);
            }
            return new ByteArrayInputStream(list.toByteArray());
        }

        @Override
        public Files files() throws IOException {
            List<String> names = List.copyOf(files.keySet());
            var asks = new PipedOutputStream();
            var asked = new DataInputStream(new PipedInputStream(asks));
            var answered = new PipedOutputStream();
            var answers = new PipedInputStream(answered);
            Thread.ofVirtual()
                    .start(() -> {
                        try (var out = new DataOutputStream(answered)) {
                            while (true) {
                                byte[] four = asked.readNBytes(4);
                                if (four.length < 4) {
                                    return;
                                }
                                int i = java.nio.ByteBuffer.wrap(four).getInt();
                                String text = files.get(names.get(i));
                                sent.add(names.get(i));
                                if (vanishes) {
                                    out.writeLong(-1);
                                } else {
                                    out.writeLong(text.length());
                                    out.writeBytes(text);
                                }
                            }
                        } catch (IOException e) {
                            throw new java.io.UncheckedIOException(e);
                        }
                    });
            return new Files() {
                @Override
                public OutputStream asks() {
                    return asks;
                }

                @Override
                public InputStream answers() {
                    return answers;
                }

                @Override
                public void close() {}
            };
        }
    }

    private Tree sync() throws Exception {
        return directories.source("key", client).open(List.of(""), QUIET);
    }

    private static String text(Tree tree, String path) throws IOException {
        try (Fd root = tree.open()) {
            return RootedFile.read(root, path, 1000)
                    .map(bytes -> new String(bytes, StandardCharsets.UTF_8))
                    .orElse("absent");
        }
    }

    private static long inode(Tree tree, String path) throws IOException {
        try (Fd root = tree.open()) {
            return FileCalls.lstat(root, path).inode();
        }
    }

    @Test
    void bringsFilesWithAllThatBelongsToThem() throws Exception {
        client.write("a", "one");
        client.write("d/", "");
        client.write("d/b", "two");
        client.write("d-e", "three");
        client.write("link", "->d/b");
        try (Tree tree = sync();
                Fd files = tree.open()) {
            assertEquals("one", text(tree, "a"));
            assertEquals("two", text(tree, "d/b"));
            assertEquals("two", text(tree, "link"));
            Stat stat = FileCalls.lstat(files, "a");
            assertEquals(0644, stat.permissions());
            assertEquals(0, stat.uid());
            assertEquals(1000 + "one".hashCode() % 100, stat.modifySeconds());
            assertEquals(0750, FileCalls.lstat(files, "d").permissions());
            assertEquals(1000, FileCalls.lstat(files, "d").modifySeconds());
            assertEquals(
                    Optional.of(Digest.of("two".getBytes(StandardCharsets.UTF_8))),
                    tree.known(PathBytes.of("d/b")));
            assertEquals(Optional.empty(), tree.known(PathBytes.of("d")));
        }
    }

    @Test
    void oneFileMayHaveSeveralNames() throws Exception {
        client.write("a", "one");
        client.write("b", "=a");
        client.write("d/", "");
        client.write("d/c", "=a");
        client.write("e", "one");
        try (Tree tree = sync()) {
            assertEquals(List.of("a", "e"), client.sent);
            assertEquals("one", text(tree, "d/c"));
            assertEquals(inode(tree, "a"), inode(tree, "b"));
            assertEquals(inode(tree, "a"), inode(tree, "d/c"));
            assertNotEquals(inode(tree, "a"), inode(tree, "e"));
            assertEquals(tree.known(PathBytes.of("a")), tree.known(PathBytes.of("d/c")));
        }
        client.sent.clear();
        client.write("a", "changed");
        Digest content;
        try (Tree before = sync();
                Tree tree = changed("e", "other")) {
            assertEquals(List.of("a", "e"), client.sent);
            assertEquals("changed", text(tree, "d/c"));
            assertEquals(inode(tree, "a"), inode(tree, "b"));
            assertEquals("one", text(before, "e"));
            content = tree.content();
        }
        // The first of them goes: the next one is the file.
        client.files.remove("a");
        client.files.put("b", "changed");
        client.files.put("d/c", "=b");
        try (Tree tree = sync()) {
            assertEquals("changed", text(tree, "d/c"));
            assertEquals(inode(tree, "b"), inode(tree, "d/c"));
            assertNotEquals(content, tree.content());
        }
        // They part.
        client.files.put("d/c", "changed");
        try (Tree tree = sync()) {
            assertEquals("changed", text(tree, "d/c"));
            assertNotEquals(inode(tree, "b"), inode(tree, "d/c"));
        }
    }

    private Tree changed(String path, String text) throws Exception {
        client.write(path, text);
        return sync();
    }

    @Test
    void asksForNothingIfNothingHasChanged() throws Exception {
        client.write("a", "one");
        Digest content;
        try (Tree tree = sync()) {
            content = tree.content();
        }
        client.sent.clear();
        try (Tree tree = sync()) {
            assertEquals(List.of(), client.sent);
            assertEquals(content, tree.content());
        }
    }

    @Test
    void asksOnlyForWhatHasChanged() throws Exception {
        client.write("a", "one");
        client.write("b", "two");
        client.write("c/", "");
        client.write("c/d", "three");
        long before;
        Digest content;
        try (Tree tree = sync()) {
            before = inode(tree, "a");
            content = tree.content();
        }
        client.sent.clear();
        client.write("b", "other");
        client.files.remove("c/");
        client.files.remove("c/d");
        client.write("c", "a file now");
        client.write("e", "->a");
        try (Tree tree = sync()) {
            assertEquals(List.of("b", "c"), client.sent);
            assertEquals("other", text(tree, "b"));
            assertEquals("a file now", text(tree, "c"));
            assertEquals("one", text(tree, "e"));
            assertEquals(before, inode(tree, "a"));
            assertNotEquals(content, tree.content());
        }
        client.files.remove("c");
        client.write("c/", "");
        client.write("c/x", "again");
        client.write("e", "no link");
        try (Tree tree = sync()) {
            assertEquals("again", text(tree, "c/x"));
            assertEquals("no link", text(tree, "e"));
            assertEquals("one", text(tree, "a"));
        }
    }

    @Test
    void changedFileIsANewInode() throws Exception {
        client.write("a", "one");
        long before;
        try (Tree tree = sync()) {
            before = inode(tree, "a");
            // As a layer would hold it.
            Files.createLink(
                    root.resolve("held"),
                    Path.of("/proc/self/fd/" + held(tree)).toRealPath().resolve("a"));
        }
        client.mode = 0600;
        try (Tree tree = sync()) {
            assertNotEquals(before, inode(tree, "a"));
        }
        assertEquals("one", Files.readString(root.resolve("held")));
        Files.delete(root.resolve("held"));
    }

    private static int held(Tree tree) throws IOException {
        return tree.open().release();
    }

    @Test
    void whoReadsSeesNoChange() throws Exception {
        client.write("a", "one");
        client.write("d/", "");
        client.write("d/b", "two");
        try (Tree first = sync()) {
            client.write("a", "changed");
            client.files.remove("d/b");
            try (Tree second = sync()) {
                assertEquals("one", text(first, "a"));
                assertEquals("two", text(first, "d/b"));
                assertEquals("changed", text(second, "a"));
                assertEquals("absent", text(second, "d/b"));
                assertEquals(
                        Optional.of(Digest.of("two".getBytes(StandardCharsets.UTF_8))),
                        first.known(PathBytes.of("d/b")));
            }
        }
    }

    @Test
    void survivesTheDaemon() throws Exception {
        client.write("a", "one");
        sync().close();
        client.sent.clear();
        open();
        try (Tree tree = sync()) {
            assertEquals(List.of(), client.sent);
            assertEquals("one", text(tree, "a"));
        }
    }

    @Test
    void aChangeThatACrashEndedIsForgotten() throws Exception {
        for (int step = 1; step <= 2; step++) {
            int fatal = step;
            int[] passed = {0};
            client.write("a", "one");
            open();
            sync().close();
            client.write("a", "changed " + step);
            directories =
                    new SyncedDirectories(
                            root,
                            new Durable(name -> {
                                if (!name.startsWith("create") && ++passed[0] == fatal) {
                                    throw new IOException("power is off");
                                }
                            }),
                            () -> 1 << 20,
                            Runnable::run);
            assertThrows(IOException.class, this::sync);
            open();
            try (Tree tree = sync()) {
                assertEquals("changed " + step, text(tree, "a"));
                assertEquals(
                        Optional.of(
                                Digest.of(("changed " + step).getBytes(StandardCharsets.UTF_8))),
                        tree.known(PathBytes.of("a")));
            }
        }
    }

    @Test
    void fileThatKeepsChangingIsAnError() throws Exception {
        client.write("a", "one");
        client.vanishes = true;
        InvalidParameter e = assertThrows(InvalidParameter.class, this::sync);
        assertTrue(e.message().contains("file changed while it was sent: a"), e.message());
    }

    @Test
    void listIsNotBelieved() {
        for (String path : List.of("../a", "a/../b", "/etc", "a//b", "none/b", ".", "a/")) {
            client.files.clear();
            client.files.put("x" + path, "");
            var hostile =
                    new ClientDirectory() {
                        @Override
                        public InputStream list(Collection<String> paths) throws IOException {
                            var bytes = new ByteArrayOutputStream();
                            var out = new DataOutputStream(bytes);
                            out.writeShort(path.length());
                            out.writeBytes(path);
                            out.writeInt(Stat.S_IFREG | 0644);
                            out.write(new byte[8]);
                            out.writeLong(0);
                            out.write(new byte[12 + 12 + 8 + 2 + 2]);
                            return new ByteArrayInputStream(bytes.toByteArray());
                        }

                        @Override
                        public Files files() {
                            throw new AssertionError();
                        }
                    };
            InvalidParameter e =
                    assertThrows(
                            InvalidParameter.class,
                            () ->
                                    directories
                                            .source("hostile", hostile)
                                            .open(List.of(""), QUIET)
                                            .close());
            assertTrue(e.message().startsWith("invalid list of the build context"), e.message());
        }
    }

    @Test
    void isBounded() {
        client.write("a", "x".repeat((1 << 20) + 1));
        InvalidParameter e = assertThrows(InvalidParameter.class, this::sync);
        assertTrue(e.message().contains("max-layer-size"), e.message());
    }

    @Test
    void unusedCopyIsRemoved() throws Exception {
        client.write("a", "one");
        try (Tree tree = sync()) {
            String name = directories.usage().getFirst().name();
            assertTrue(directories.usage().getFirst().inUse());
            assertFalse(directories.remove(name));
            assertEquals("one", text(tree, "a"));
        }
        var usage = directories.usage().getFirst();
        assertEquals(3, usage.bytes());
        assertFalse(usage.inUse());
        assertTrue(directories.remove(usage.name()));
        assertEquals(List.of(), directories.usage());
        sync().close();
    }

    @Test
    void copiesAreAmongWhatIsKept() throws Exception {
        client.write("a", "one");
        var kept = new KeptContexts(directories);
        String id;
        try (Tree _ = sync()) {
            var usage = kept.usage().getFirst();
            id = usage.id();
            assertEquals("source.local", usage.type());
            assertEquals(3, usage.size());
            assertTrue(usage.inUse());
            assertFalse(kept.remove(id));
        }
        assertFalse(kept.usage().getFirst().inUse());
        assertTrue(kept.remove(id));
        assertFalse(kept.remove(id));
        assertEquals(List.of(), kept.usage());
    }
}
