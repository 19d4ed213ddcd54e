package dev.corten.store.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corten.archive.TarEntry;
import dev.corten.archive.TarEntry.Kind;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.Directories;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.file.FileData;
import dev.corten.kernel.file.Stat;
import dev.corten.kernel.file.Xattrs;
import dev.corten.model.PathBytes;
import dev.corten.model.image.Image;
import dev.corten.store.Durable;
import dev.corten.store.ImageFixture;
import dev.corten.store.Store;
import dev.corten.store.snapshot.Layer;
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
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Random images, loaded as always, that is with all layers unpacked beside each other, show the tree
/// that their layers give when they are unpacked one after the other into one directory; and each
/// layer's tar comes out as it went in.
class SerialUnpackTest {
    private static final int DIRECTORY = FileCalls.O_RDONLY | FileCalls.O_DIRECTORY;

    @TempDir Path dir;

    @Test
    void imagesShowWhatASerialUnpackGives() throws Exception {
        int rounds = Integer.getInteger("corten.rounds", 12);
        long first = Long.getLong("corten.seed", 1);
        for (long seed = first; seed < first + rounds; seed++) {
            Path root = dir.resolve("root" + seed);
            Path serial = Files.createDirectory(dir.resolve("serial" + seed));
            try (var store = Store.open(root, new Durable(), Clock.systemUTC());
                    Fd tree = FileCalls.openDirectory(serial.toString())) {
                var generator = new Generator(new Random(seed), tree);
                var layers = new ArrayList<byte[]>();
                for (int i = 0; i < 6; i++) {
                    layers.add(generator.layer(i));
                }
                String about = "seed " + seed + ": " + generator.script;
                byte[] archive = ImageFixture.archive("a:1", layers.toArray(byte[][]::new)).build();
                Image image =
                        store.images().load(new ByteArrayInputStream(archive), _ -> {}).getFirst();
                try (Fd mount = store.snapshots().mountReadOnly(image.chainId().orElseThrow());
                        Fd merged = FileCalls.openDirectory(mount, ".")) {
                    assertThat(described(merged)).as(about).isEqualTo(described(tree));
                }
                List<Layer> chain = store.layers().chain(image.chainId().orElseThrow()).reversed();
                for (int i = 0; i < layers.size(); i++) {
                    try (InputStream plain = store.layerArchive().plain(chain.get(i)).open()) {
                        assertThat(plain.readAllBytes()).as(about).isEqualTo(layers.get(i));
                    }
                }
            } finally {
                try (Fd parent = FileCalls.openDirectory(dir.toString())) {
                    Directories.deleteTree(parent, "root" + seed);
                    Directories.deleteTree(parent, "serial" + seed);
                }
            }
        }
    }

    // --- what a tree looks like

    private static Map<String, String> described(Fd root) throws IOException {
        var tree = new TreeMap<String, String>();
        describe(root, "", tree);
        return tree;
    }

    private static void describe(Fd directory, String prefix, Map<String, String> tree)
            throws IOException {
        for (var entry : Directories.list(directory)) {
            PathBytes name = entry.name();
            Stat stat = FileCalls.lstat(directory, name);
            var text = new StringBuilder();
            text.append(Integer.toOctalString(stat.mode())).append(' ');
            text.append(stat.uid()).append(':').append(stat.gid());
            for (String key : Xattrs.list(directory, name).stream().sorted().toList()) {
                if (key.startsWith("user.")) {
                    byte[] value = Xattrs.get(directory, name, key).orElseThrow();
                    text.append(' ').append(key).append('=').append(Arrays.toString(value));
                }
            }
            if (!stat.isDirectory()) {
                // A directory's time is of what was last put into it.
                text.append(' ')
                        .append(stat.modifySeconds())
                        .append('.')
                        .append(stat.modifyNanos());
            }
            if (stat.isSymlink()) {
                text.append(" -> ").append(FileCalls.readlink(directory, name));
            } else if (stat.isRegular()) {
                try (Fd file = FileCalls.open(directory, name, FileCalls.O_RDONLY)) {
                    text.append(' ')
                            .append(
                                    new String(
                                            FileData.readAll(file, 1 << 16),
                                            StandardCharsets.ISO_8859_1));
                }
            } else if (stat.isDevice()) {
                text.append(' ').append(stat.rdevMajor()).append(',').append(stat.rdevMinor());
            }
            tree.put(prefix + name, text.toString());
            if (stat.isDirectory()) {
                try (Fd child = FileCalls.openDirectory(directory, name)) {
                    describe(child, prefix + name + "/", tree);
                }
            }
        }
    }

    // --- layers, and the same done serially

    /// Makes up layers, and does with each system call what they say.
    private static final class Generator {
        private static final List<String> NAMES = List.of("a", "b", "c");

        private final Random random;
        private final Fd tree;
        private final StringBuilder script = new StringBuilder();

        /// Paths that the layer at hand has said something of, or of what is in them.
        private Set<String> used = new HashSet<>();

        Generator(Random random, Fd tree) {
            this.random = random;
            this.tree = tree;
        }

        byte[] layer(int number) throws IOException {
            var layer = ImageFixture.layer();
            used = new HashSet<>();
            script.append("| ");
            List<String> before = new ArrayList<>(described(tree).keySet());
            var marks = new ArrayList<String>();
            for (int i = random.nextInt(4); i > 0 && !before.isEmpty(); i--) {
                hide(before.get(random.nextInt(before.size())), marks);
            }
            boolean late = random.nextBoolean();
            if (!late) {
                marks.forEach(mark -> layer.file(mark, ""));
            }
            for (int i = 2 + random.nextInt(20); i > 0; i--) {
                entry(layer, path(), number * 100 + i);
            }
            if (late) {
                marks.forEach(mark -> layer.file(mark, ""));
            }
            return layer.build();
        }

        /// A whiteout, or an opaque directory.
        private void hide(String path, List<String> marks) throws IOException {
            if (type(path) == 0 || used.stream().anyMatch(u -> related(u, path))) {
                return;
            }
            used.add(path + "/hidden");
            if (type(path) == Stat.S_IFDIR && random.nextBoolean()) {
                script.append("opaque ").append(path).append(", ");
                try (Fd directory = FileCalls.open(tree, path, DIRECTORY)) {
                    Directories.deleteContents(directory);
                }
                marks.add(path + "/.wh..wh..opq");
            } else {
                script.append("hide ").append(path).append(", ");
                Directories.deleteTree(tree, path);
                int slash = path.lastIndexOf('/') + 1;
                marks.add(path.substring(0, slash) + ".wh." + path.substring(slash));
            }
        }

        private String path() {
            var names = new ArrayList<String>();
            for (int depth = random.nextInt(3); depth >= 0; depth--) {
                names.add(NAMES.get(random.nextInt(NAMES.size())));
            }
            return String.join("/", names);
        }

        private void entry(ImageFixture.Layer layer, String path, int stamp) throws IOException {
            boolean once = used.stream().noneMatch(u -> u.equals(path) || u.startsWith(path + "/"));
            if (!once || !hasRoom(path)) {
                return;
            }
            Kind kind =
                    List.of(
                                    Kind.DIRECTORY,
                                    Kind.DIRECTORY,
                                    Kind.FILE,
                                    Kind.FILE,
                                    Kind.SYMLINK,
                                    Kind.HARD_LINK,
                                    Kind.FIFO,
                                    Kind.CHARACTER_DEVICE)
                            .get(random.nextInt(8));
            String content = kind == Kind.FILE ? "content " + stamp : "";
            String target = "/a/b";
            if (kind == Kind.HARD_LINK) {
                List<String> files =
                        described(tree).keySet().stream()
                                .filter(p -> type(p) == Stat.S_IFREG && !related(p, path))
                                .toList();
                if (files.isEmpty()) {
                    return;
                }
                target = files.get(random.nextInt(files.size()));
                used.add(target);
            }
            boolean link = kind == Kind.SYMLINK || kind == Kind.HARD_LINK;
            boolean plain = kind == Kind.FILE || kind == Kind.DIRECTORY;
            Map<PathBytes, byte[]> xattrs =
                    plain && random.nextInt(3) == 0
                            ? Map.of(PathBytes.of("user.k"), new byte[] {(byte) stamp, -1, 0})
                            : Map.of();
            var entry =
                    new TarEntry(
                            PathBytes.of(kind == Kind.DIRECTORY ? path + "/" : path),
                            kind,
                            List.of(0755, 0700, 04755, 02711, 01777).get(random.nextInt(5)),
                            stamp,
                            stamp + 1,
                            Instant.ofEpochSecond(stamp, random.nextInt(2) * 250_000_000),
                            content.length(),
                            PathBytes.of(link ? target : ""),
                            kind == Kind.CHARACTER_DEVICE ? 1 : 0,
                            kind == Kind.CHARACTER_DEVICE ? 3 : 0,
                            xattrs,
                            List.of());
            used.add(path);
            layer.add(entry, content);
            script.append(kind).append(' ').append(path);
            script.append(kind == Kind.HARD_LINK ? " -> " + target : "").append(", ");
            apply(entry, path, target, content);
        }

        /// Whether all above it are directories, or nothing as yet.
        private boolean hasRoom(String path) {
            for (int slash = path.indexOf('/'); slash > 0; slash = path.indexOf('/', slash + 1)) {
                int type = type(path.substring(0, slash));
                if (type != 0 && type != Stat.S_IFDIR) {
                    return false;
                }
            }
            return true;
        }

        private static boolean related(String a, String b) {
            return a.equals(b) || a.startsWith(b + "/") || b.startsWith(a + "/");
        }

        private int type(String path) {
            try {
                return FileCalls.findStat(tree, path).map(Stat::type).orElse(0);
            } catch (IOException notThere) {
                return 0;
            }
        }

        private void apply(TarEntry entry, String path, String target, String content)
                throws IOException {
            for (int slash = path.indexOf('/'); slash > 0; slash = path.indexOf('/', slash + 1)) {
                String above = path.substring(0, slash);
                if (type(above) == 0) {
                    FileCalls.mkdir(tree, above, 0755);
                    // A setgid directory gives its group and its bit away.
                    FileCalls.chown(tree, above, 0, 0);
                    FileCalls.chmod(tree, above, 0755);
                }
            }
            boolean merges = entry.kind() == Kind.DIRECTORY && type(path) == Stat.S_IFDIR;
            if (type(path) != 0 && !merges) {
                Directories.deleteTree(tree, path);
            }
            PathBytes name = PathBytes.of(path);
            switch (entry.kind()) {
                case HARD_LINK -> {
                    FileCalls.link(tree, target, tree, path, 0);
                    return;
                }
                case DIRECTORY -> {
                    if (merges) {
                        for (String key : Xattrs.list(tree, name)) {
                            Xattrs.remove(tree, name, key);
                        }
                    } else {
                        FileCalls.mkdir(tree, path, 0700);
                    }
                }
                case FILE -> {
                    try (Fd file =
                            FileCalls.open(
                                    tree, path, FileCalls.O_WRONLY | FileCalls.O_CREAT, 0600)) {
                        FileData.writeFully(file, content.getBytes(StandardCharsets.US_ASCII));
                    }
                }
                case SYMLINK -> FileCalls.symlink(target, tree, path);
                case FIFO -> FileCalls.mknod(tree, path, Stat.S_IFIFO | 0600, 0, 0);
                default -> FileCalls.mknod(tree, path, Stat.S_IFCHR | 0600, 1, 3);
            }
            FileCalls.chown(tree, path, (int) entry.uid(), (int) entry.gid());
            if (entry.kind() != Kind.SYMLINK) {
                FileCalls.chmod(tree, path, entry.mode());
            }
            for (var xattr : entry.xattrs().entrySet()) {
                Xattrs.set(tree, name, xattr.getKey().toString(), xattr.getValue(), 0);
            }
            long seconds = entry.mtime().getEpochSecond();
            int nanos = entry.mtime().getNano();
            FileCalls.times(tree, name, seconds, nanos, seconds, nanos);
        }
    }
}
