package dev.corten.store.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corten.archive.TarEntry;
import dev.corten.archive.TarReader;
import dev.corten.archive.unpack.LayerUnpack;
import dev.corten.archive.unpack.UnpackedLayer;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.Directories;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.file.FileData;
import dev.corten.kernel.file.Stat;
import dev.corten.model.PathBytes;
import dev.corten.store.ImageFixture;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Layers that are unpacked apart and then settled look like layers unpacked one onto the other.
class LayerSettlementTest {
    @TempDir Path dir;

    private int stacks;

    @Test
    void impliedDirectoriesTakeWhatIsBelow() throws IOException {
        var secret =
                new TarEntry(
                        PathBytes.of("secret/"),
                        TarEntry.Kind.DIRECTORY,
                        0700,
                        1000,
                        1001,
                        Instant.ofEpochSecond(77),
                        0,
                        PathBytes.of(""),
                        0,
                        0,
                        Map.of(PathBytes.of("user.k"), new byte[] {1}),
                        List.of());
        byte[] base = ImageFixture.layer().add(secret, "").build();
        byte[] top = ImageFixture.layer().file("secret/b", "x").build();
        Map<String, String> tree = merged(base, top);
        assertThat(tree.get("secret")).isEqualTo("dir 700 1000:1001 77");
        assertThat(tree.get("secret/b")).startsWith("file 644");
    }

    @Test
    void aLinkToALowerFileCopiesItUp() throws IOException {
        byte[] base = ImageFixture.layer().file("d/a", "content").build();
        byte[] top = ImageFixture.layer().hardLink("e/b", "d/a").build();
        assertThat(merged(base, top).get("e/b")).isEqualTo("file 644 0:0 0 content");
    }

    @Test
    void aLinkToAFileThatTheLayerHidesIsItsNewName() throws IOException {
        byte[] base = ImageFixture.layer().file("d/a", "content").build();
        for (byte[] top :
                List.of(
                        ImageFixture.layer().whiteout("d/a").hardLink("b", "d/a").build(),
                        ImageFixture.layer()
                                .hardLink("b", "d/a")
                                .hardLink("e/c", "d/a")
                                .whiteout("d/a")
                                .build())) {
            Map<String, String> tree = merged(base, top);
            assertThat(tree).doesNotContainKey("d/a");
            assertThat(tree.get("b")).isEqualTo("file 644 0:0 0 content");
        }
    }

    @Test
    void whatGoesThroughALowerSymlinkArrivesBehindIt() throws IOException {
        byte[] base =
                ImageFixture.layer()
                        .directory("usr", 0755)
                        .directory("usr/bin", 0711)
                        .file("usr/bin/old", "o")
                        .symlink("bin", "usr/bin")
                        .build();
        byte[] top = ImageFixture.layer().file("bin/new", "n").whiteout("bin/old").build();
        Map<String, String> tree = merged(base, top);
        assertThat(tree.get("bin")).startsWith("link usr/bin");
        assertThat(tree.get("usr/bin/new")).endsWith("n");
        assertThat(tree.get("usr/bin")).startsWith("dir 711");
        assertThat(tree).doesNotContainKey("usr/bin/old");
    }

    @Test
    void aWhiteoutNeverHidesItsOwnLayer() throws IOException {
        byte[] base = ImageFixture.layer().file("d/low", "l").file("f", "l").build();
        for (byte[] top :
                List.of(
                        ImageFixture.layer().whiteout("d").file("d/up", "u").build(),
                        ImageFixture.layer().file("d/up", "u").whiteout("d").build(),
                        ImageFixture.layer().file("d/up", "u").opaque("d").build(),
                        ImageFixture.layer().opaque("d").file("d/up", "u").build())) {
            Map<String, String> tree = merged(base, top);
            assertThat(tree).containsKey("d/up").doesNotContainKey("d/low").containsKey("f");
        }
    }

    @Test
    void aWhiteoutOfNothingLeavesNothing() throws IOException {
        byte[] only = ImageFixture.layer().whiteout("d/ghost").file("d/f", "x").build();
        assertThat(merged(only)).containsOnlyKeys("d", "d/f");
        byte[] base = ImageFixture.layer().file("a", "x").build();
        assertThat(merged(base, only)).containsOnlyKeys("a", "d", "d/f");
    }

    @Test
    void randomStacksLookLikeASerialUnpack() throws IOException {
        int rounds = Integer.getInteger("corten.rounds", 40);
        for (long seed = 1; seed <= rounds; seed++) {
            var model = new Model(new Random(seed));
            var layers = new ArrayList<byte[]>();
            for (int i = 0; i < 4; i++) {
                layers.add(model.nextLayer(i));
            }
            if (Boolean.getBoolean("corten.show")) {
                System.err.println(seed + " " + model.script);
            }
            assertThat(merged(layers.toArray(byte[][]::new)))
                    .as("seed " + seed + " " + model.script)
                    .isEqualTo(model.shown());
        }
    }

    // --- the real thing

    /// path → description of the merged tree, which is the same whatever the snapshotter
    private Map<String, String> merged(byte[]... layers) throws IOException {
        Map<String, String> overlaid = merged(new OverlaySnapshotter(), layers);
        assertThat(merged(new CopySnapshotter(), layers)).isEqualTo(overlaid);
        return overlaid;
    }

    private Map<String, String> merged(Snapshotter snapshotter, byte[]... layers)
            throws IOException {
        Path stack = Files.createDirectory(dir.resolve("stack" + stacks++));
        var unpacked = new ArrayList<UnpackedLayer>();
        for (int i = 0; i < layers.length; i++) {
            Path diff = Files.createDirectory(stack.resolve("" + i));
            try (Fd root = FileCalls.openDirectory(diff.toString())) {
                var tar = new TarReader(new ByteArrayInputStream(layers[i]), TarReader.End.MARKED);
                unpacked.add(LayerUnpack.unpack(tar, root, snapshotter.marks()));
            }
        }
        var below = new ArrayList<Path>();
        for (int i = 0; i < layers.length; i++) {
            Path diff = stack.resolve("" + i);
            try (var view = LowerView.open(snapshotter.visible(below));
                    Fd root = FileCalls.openDirectory(diff.toString())) {
                var hidden = LayerSettlement.settle(root, unpacked.get(i), view);
                snapshotter.complete(root, hidden, view);
            }
            below.addFirst(diff);
        }
        var tree = new TreeMap<String, String>();
        try (var view = LowerView.open(snapshotter.visible(below));
                Fd root =
                        view.find(PathBytes.of("."), FileCalls.O_RDONLY | FileCalls.O_DIRECTORY)
                                .orElseThrow()) {
            describe(root, "", tree);
        }
        Layers.delete(stack);
        return tree;
    }

    /// What a layer only implies is of the moment of its unpacking.
    private static String time(long seconds) {
        return seconds < 1_000_000_000 ? Long.toString(seconds) : "now";
    }

    private static void describe(Fd dir, String prefix, Map<String, String> tree)
            throws IOException {
        for (var entry : Directories.list(dir)) {
            Stat stat = FileCalls.lstat(dir, entry.name());
            String path = prefix + entry.name();
            String owner = stat.uid() + ":" + stat.gid() + " " + time(stat.modifySeconds());
            String mode = Integer.toOctalString(stat.permissions()) + " " + owner;
            if (stat.isDirectory()) {
                tree.put(path, "dir " + mode);
                try (Fd child = FileCalls.openDirectory(dir, entry.name())) {
                    describe(child, path + "/", tree);
                }
            } else if (stat.isSymlink()) {
                tree.put(path, "link " + FileCalls.readlink(dir, entry.name()) + " " + owner);
            } else if (stat.isRegular()) {
                try (Fd file = FileCalls.open(dir, entry.name(), FileCalls.O_RDONLY)) {
                    String content =
                            new String(FileData.readAll(file, 1 << 20), StandardCharsets.UTF_8);
                    tree.put(path, "file " + mode + " " + content);
                }
            } else {
                tree.put(path, "node " + Integer.toOctalString(stat.mode()) + " " + owner);
            }
        }
    }

    // --- the model

    /// A merged tree in memory, to which layers are applied serially as they are made up.
    private static final class Model {
        private static final List<String> NAMES = List.of("a", "b", "c", "d");

        private final Random random;
        private final StringBuilder script = new StringBuilder();
        private final Map<String, Node> tree = new TreeMap<>();
        private Set<String> used = new HashSet<>();
        private final Map<String, String> madeAs = new TreeMap<>();

        private record Node(char type, int mode, int uid, long mtime, String text) {
            String shown() {
                String owner = uid + ":" + uid + " " + mtime;
                return switch (type) {
                    case 'd' -> "dir " + Integer.toOctalString(mode) + " " + owner;
                    case 'l' -> "link " + text + " " + owner;
                    default -> "file " + Integer.toOctalString(mode) + " " + owner + " " + text;
                };
            }
        }

        Model(Random random) {
            this.random = random;
        }

        Map<String, String> shown() {
            var shown = new TreeMap<String, String>();
            tree.forEach((path, node) -> shown.put(path, node.shown()));
            return shown;
        }

        byte[] nextLayer(int number) {
            var layer = ImageFixture.layer();
            used = new HashSet<>();
            madeAs.clear();
            script.append("| ");
            var before = new ArrayList<>(tree.keySet());
            // whiteouts first in the model; in the tar before or after the rest
            var hidden = new ArrayList<String>();
            boolean late = random.nextBoolean();
            for (int i = random.nextInt(4); i > 0 && !before.isEmpty(); i--) {
                String path = before.get(random.nextInt(before.size()));
                boolean nested =
                        hidden.stream().anyMatch(h -> related(h, path)) || !tree.containsKey(path);
                if (!nested) {
                    hidden.add(path);
                    tree.keySet().removeIf(p -> p.equals(path) || p.startsWith(path + "/"));
                }
            }
            if (!late) {
                hidden.forEach(path -> whiteout(layer, path));
            }
            int attempts = 1 + random.nextInt(25);
            for (int i = 0; i < attempts; i++) {
                entry(layer, number * 100 + i);
            }
            if (late) {
                hidden.forEach(path -> whiteout(layer, path));
            }
            return layer.build();
        }

        private void whiteout(ImageFixture.Layer layer, String path) {
            // Its parents must be there in the merged tree, or the tar would make them anew.
            int slash = path.lastIndexOf('/');
            if (slash > 0 && !isDirectory(path.substring(0, slash))) {
                return;
            }
            script.append("wh ").append(path).append(", ");
            layer.whiteout(path);
        }

        private boolean isDirectory(String path) {
            Node node = tree.get(path);
            return node != null && node.type == 'd';
        }

        private static boolean related(String a, String b) {
            return a.equals(b) || a.startsWith(b + "/") || b.startsWith(a + "/");
        }

        private void entry(ImageFixture.Layer layer, int stamp) {
            var path = new ArrayList<String>();
            for (int depth = random.nextInt(3); depth >= 0; depth--) {
                path.add(NAMES.get(random.nextInt(NAMES.size())));
            }
            String written = String.join("/", path);
            Optional<String> parent = canonical(path.subList(0, path.size() - 1));
            if (parent.isEmpty()) {
                return;
            }
            String real = join(parent.get(), path.getLast());
            boolean inUse = used.stream().anyMatch(u -> related(u, real));
            int mode = List.of(0700, 0755, 0711, 0777).get(random.nextInt(4));
            Node old = tree.get(real);
            int kind = tree.size() < 4 ? 0 : random.nextInt(6) % 5;
            if (kind <= 1) {
                boolean explicit = used.contains(real);
                if (explicit || (inUse && (old == null || old.type != 'd'))) {
                    return;
                }
                if (old == null || old.type != 'd') {
                    replace(real);
                }
                implied(parent.get());
                used.add(real);
                tree.put(real, new Node('d', mode, stamp, stamp, ""));
                layer.add(stamped(TarEntry.directory(written, mode), stamp), "");
            } else if (inUse) {
                return;
            } else if (kind == 2) {
                // an absolute link to an existing directory, or a dangling one
                List<String> directories =
                        tree.keySet().stream()
                                .filter(p -> tree.get(p).type == 'd' && !related(p, real))
                                .toList();
                if (directories.isEmpty()) {
                    return;
                }
                String target = "/" + directories.get(random.nextInt(directories.size()));
                replace(real);
                implied(parent.get());
                used.add(real);
                madeAs.put(real, written);
                tree.put(real, new Node('l', 0777, stamp, stamp, target));
                layer.add(stamped(TarEntry.symlink(written, target), stamp), "");
            } else if (kind == 3) {
                List<String> files =
                        tree.keySet().stream()
                                .filter(p -> tree.get(p).type == 'f' && !related(p, real))
                                .toList();
                if (files.isEmpty()) {
                    return;
                }
                String target = files.get(random.nextInt(files.size()));
                Node file = tree.get(target);
                replace(real);
                implied(parent.get());
                used.add(real);
                used.add(target);
                tree.put(real, file);
                layer.hardLink(written, target);
                script.append("-> ").append(target).append(' ');
            } else {
                replace(real);
                implied(parent.get());
                used.add(real);
                tree.put(real, new Node('f', mode, stamp, stamp, "c" + stamp));
                layer.add(
                        stamped(TarEntry.file(written, mode, ("c" + stamp).length()), stamp),
                        "c" + stamp);
            }
            script.append("dflhx".charAt(kind)).append(' ').append(written).append(", ");
        }

        private static TarEntry stamped(TarEntry entry, int stamp) {
            return entry.withOwner(stamp, stamp).withMtime(Instant.ofEpochSecond(stamp));
        }

        private void replace(String path) {
            tree.keySet().removeIf(p -> p.equals(path) || p.startsWith(path + "/"));
        }

        /// Only parents that are there or were made explicitly: an implied one without a lower one
        /// has no defined time.
        private void implied(String parent) {
            for (String at = parent; !at.isEmpty(); at = above(at)) {
                used.add(at + "/.");
            }
        }

        private static String above(String path) {
            int slash = path.lastIndexOf('/');
            return slash < 0 ? "" : path.substring(0, slash);
        }

        private static String join(String parent, String name) {
            return parent.isEmpty() ? name : parent + "/" + name;
        }

        /// Where a parent path leads; empty if it is not a directory now.
        private Optional<String> canonical(List<String> path) {
            String at = "";
            int hops = 0;
            var left = new ArrayList<>(path);
            while (!left.isEmpty()) {
                String name = left.removeFirst();
                String next = join(at, name);
                Node node = tree.get(next);
                if (node == null || node.type == 'f' || ++hops > 30) {
                    return Optional.empty();
                }
                if (node.type == 'l' && used.contains(next)) {
                    // Made by this layer, maybe by a way that only the layers below explain.
                    boolean plain = hops == next.split("/").length;
                    if (!plain || !next.equals(madeAs.get(next))) {
                        return Optional.empty();
                    }
                }
                if (node.type == 'l') {
                    // What a layer goes through it does not replace later: which of the two
                    // a parent that is listed after its child means depends on the tar's order.
                    used.add(next);
                    at = "";
                    left.addAll(0, List.of(node.text.substring(1).split("/")));
                } else {
                    at = next;
                }
            }
            return Optional.of(at);
        }
    }
}
