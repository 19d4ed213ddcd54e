package dev.corten.store.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corten.archive.Compression;
import dev.corten.archive.TarEntry;
import dev.corten.archive.TarEntry.Kind;
import dev.corten.archive.TarReader;
import dev.corten.archive.TarWriter;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileCalls;
import dev.corten.model.Digest;
import dev.corten.model.PathBytes;
import dev.corten.model.image.Descriptor;
import dev.corten.model.image.Image;
import dev.corten.model.image.MediaTypes;
import dev.corten.store.Durable;
import dev.corten.store.ImageFixture;
import dev.corten.store.Store;
import dev.corten.store.snapshot.Layer;
import dev.corten.store.snapshot.LayerTar;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LayerArchiveTest {
    private static final byte[] BASE =
            ImageFixture.layer()
                    .directory("bin", 0755)
                    .file("bin/sh", "x".repeat(1000))
                    .hardLink("bin/ash", "bin/sh")
                    .file("etc/old", "old")
                    .build();

    @TempDir Path dir;

    private Store store;
    private LayerArchive archive;

    @BeforeEach
    void open() throws IOException {
        store = Store.open(dir.resolve("root"), new Durable(), Clock.systemUTC());
        archive =
                new LayerArchive(store.layout(), store.durable(), store.content(), store.layers());
    }

    @AfterEach
    void close() throws IOException {
        store.close();
        try (Fd parent = FileCalls.openDirectory(dir.toString())) {
            dev.corten.kernel.file.Directories.deleteTree(parent, "root");
        }
    }

    private List<Layer> load(byte[]... layers) throws Exception {
        byte[] saved = ImageFixture.archive("a:1", layers).build();
        Image image = store.images().load(new ByteArrayInputStream(saved), _ -> {}).getFirst();
        return store.layers().chain(image.chainId().orElseThrow()).reversed();
    }

    private byte[] plain(Layer layer) throws IOException {
        LayerArchive.Plain plain = archive.plain(layer);
        try (InputStream in = plain.open()) {
            byte[] bytes = in.readAllBytes();
            assertThat(plain.size()).isEqualTo(bytes.length);
            return bytes;
        }
    }

    @Test
    void aPlainTarIsMadeAgainByteForByteAndNotKept() throws Exception {
        byte[] odd = Arrays.copyOf(BASE, BASE.length + 5120); // padded, as GNU tar does
        byte[] top =
                ImageFixture.layer()
                        .whiteout("etc/old")
                        .add(ImageFixture.rich("rich", Kind.FILE, 04755, 3), "abc")
                        .opaque("usr")
                        .symlink("link", "bin/sh")
                        .hardLink("low", "bin/sh")
                        .build();
        List<Layer> layers = load(odd, top);
        assertThat(plain(layers.get(0))).isEqualTo(odd);
        assertThat(plain(layers.get(1))).isEqualTo(top);
        assertThat(store.content().list()).isEmpty();
    }

    @Test
    void aNameThatIsNoTextIsMadeAgain() throws Exception {
        var bytes = new ByteArrayOutputStream();
        var tar = new TarWriter(bytes);
        for (byte[] name : List.of(new byte[] {'a', (byte) 0xFF}, new byte[] {'"', '\\', 1})) {
            tar.add(TarEntry.file("x", 0644, 2).withName(PathBytes.of(name)), new byte[] {1, 2});
        }
        tar.finish();
        Layer layer = load(bytes.toByteArray()).getFirst();
        assertThat(plain(layer)).isEqualTo(bytes.toByteArray());
    }

    @Test
    void aTarOfWhichTheDirectoryDoesNotHaveAllIsKept() throws Exception {
        byte[] twice = ImageFixture.layer().file("a", "first").file("a", "second").build();
        byte[] through =
                ImageFixture.layer()
                        .directory("usr/bin", 0755)
                        .symlink("bin", "usr/bin")
                        .file("bin/x", "x")
                        .build();
        byte[] replaced =
                ImageFixture.layer().file("d/f", "in a directory").symlink("d", "e").build();
        for (byte[] tar : List.of(twice, through, replaced)) {
            Layer layer = load(tar).getFirst();
            assertThat(layer.blob()).contains(Digest.of(tar));
            assertThat(plain(layer)).isEqualTo(tar);
        }
    }

    @Test
    void whatALinkBelowMovesIsKept() throws Exception {
        byte[] below =
                ImageFixture.layer().directory("usr/bin", 0755).symlink("bin", "usr/bin").build();
        byte[] top = ImageFixture.layer().file("bin/x", "x").build();
        Layer layer = load(below, top).get(1);
        assertThat(layer.blob()).contains(Digest.of(top));
        assertThat(plain(layer)).isEqualTo(top);
    }

    @Test
    void aCompressedLayerStaysWhatItWas() throws Exception {
        byte[] packed = ImageFixture.gzip(BASE);
        Layer layer = load(packed).getFirst();
        Descriptor blob = archive.blob(layer);
        assertThat(blob)
                .isEqualTo(
                        Descriptor.of(MediaTypes.OCI_LAYER_GZIP, Digest.of(packed), packed.length));
        assertThat(plain(layer)).isEqualTo(BASE);
        assertThat(store.content().list()).containsExactly(Digest.of(packed));
    }

    @Test
    void compressesOnceAndKeepsIt() throws Exception {
        Layer layer = load(BASE).getFirst();
        Descriptor blob = archive.blob(layer);
        byte[] packed = store.content().read(blob.digest()).readAllBytes();
        assertThat(blob.size()).isEqualTo(packed.length);
        assertThat(unpacked(packed)).isEqualTo(BASE);
        assertThat(archive.blob(layer)).isEqualTo(blob);
        Descriptor zstd = archive.blob(layer, LayerArchive.Format.ZSTD);
        assertThat(zstd.mediaType()).isEqualTo(MediaTypes.OCI_LAYER_ZSTD);
        assertThat(unpacked(store.content().read(zstd.digest()).readAllBytes())).isEqualTo(BASE);

        store.close();
        store = Store.open(dir.resolve("root"), new Durable(), Clock.systemUTC());
        assertThat(store.layers().list().iterator().next().blobs())
                .containsExactlyInAnyOrder(blob.digest(), zstd.digest());
        assertThat(store.content().list()).containsExactlyInAnyOrder(blob.digest(), zstd.digest());
        store.images().remove("a:1", Images.Force.NO, Images.Parents.PRUNE, ImageUse.NONE);
        assertThat(store.content().list()).isEmpty();
    }

    /// A cut upload of a plain layer goes on in the middle.
    @Test
    void aPlainTarCanBeReadFromSomewhere() throws Exception {
        Layer layer = load(BASE).getFirst();
        try (InputStream in = archive.plain(layer).open()) {
            in.skipNBytes(1000);
            assertThat(in.readAllBytes()).isEqualTo(Arrays.copyOfRange(BASE, 1000, BASE.length));
        }
    }

    /// The same change on another layer has the same blob, which stays as long as one of them does.
    @Test
    void aBlobOfTheSameContentIsUsed() throws Exception {
        List<Layer> twice = load(BASE, ImageFixture.layer().symlink("l", "x").build(), BASE);
        Descriptor blob = archive.blob(twice.getFirst());
        Path file = store.layout().layer(twice.getLast().cacheId()).resolve("diff/bin/sh");
        Files.delete(file);
        assertThat(archive.blob(twice.getLast())).as("nothing is read of it").isEqualTo(blob);
        assertThat(store.layers().find(twice.getLast().chainId()).orElseThrow().blobs())
                .containsExactly(blob.digest());
    }

    @Test
    void damageOfALayerIsTold() throws Exception {
        Layer layer = load(BASE).getFirst();
        Path file = store.layout().layer(layer.cacheId()).resolve("diff/bin/sh");
        byte[] bytes = Files.readAllBytes(file);
        bytes[0] ^= 1;
        Files.write(file, bytes);
        assertThatThrownBy(() -> plain(layer)).hasMessageContaining("damaged in the store");
        assertThatThrownBy(() -> archive.blob(layer)).hasMessageContaining("damaged in the store");
        assertThat(store.content().list()).isEmpty();
    }

    private static byte[] unpacked(byte[] packed) throws IOException {
        return Compression.open(new ByteArrayInputStream(packed)).readAllBytes();
    }

    // --- the canonical tar

    @Test
    void aTreeGivesTheSameTarAlways() throws Exception {
        Path tree = Files.createDirectory(dir.resolve("tree"));
        Files.createDirectories(tree.resolve("b/c"));
        byte[] content = new byte[100_000];
        new Random(7).nextBytes(content);
        Files.write(tree.resolve("b/data"), content);
        Files.createLink(tree.resolve("a-link"), tree.resolve("b/data"));
        Files.createSymbolicLink(tree.resolve("z"), Path.of("/nowhere"));
        try (Fd fd = FileCalls.openDirectory(tree.toString())) {
            FileCalls.mknod(fd, "gone", dev.corten.kernel.file.Stat.S_IFCHR, 0, 0);
            FileCalls.mknod(fd, "pipe", dev.corten.kernel.file.Stat.S_IFIFO | 0600, 0, 0);
            FileCalls.mknod(fd, "socket", dev.corten.kernel.file.Stat.S_IFSOCK, 0, 0);
            FileCalls.mknod(fd, "null", dev.corten.kernel.file.Stat.S_IFCHR | 0666, 1, 3);
            FileCalls.times(fd, PathBytes.of("b/data"), 12, 500_000_000, 12, 500_000_000);
            dev.corten.kernel.file.Xattrs.set(
                    fd, PathBytes.of("b"), "trusted.overlay.opaque", new byte[] {'y'}, 0);
            dev.corten.kernel.file.Xattrs.set(
                    fd, PathBytes.of("b/data"), "security.capability", CAPABILITY, 0);
        }
        byte[] tar = tar(tree);
        assertThat(tar(tree)).isEqualTo(tar);
        var names = new ArrayList<String>();
        var entries = new java.util.HashMap<String, TarEntry>();
        var reader = new TarReader(new ByteArrayInputStream(tar), TarReader.End.MARKED);
        for (var entry = reader.next(); entry.isPresent(); entry = reader.next()) {
            String name = entry.get().name().toString();
            names.add(name);
            entries.put(name, entry.get());
            if (name.equals("a-link")) {
                assertThat(reader.data().readAllBytes()).isEqualTo(content);
            }
        }
        assertThat(names)
                .containsExactly(
                        "a-link",
                        "b/",
                        "b/.wh..wh..opq",
                        "b/c/",
                        "b/data",
                        ".wh.gone",
                        "null",
                        "pipe",
                        "z");
        TarEntry first = entry(entries, "a-link");
        assertThat(first.mtime()).isEqualTo("1970-01-01T00:00:12.5Z");
        assertThat(first.xattrs().get(PathBytes.of("security.capability"))).isEqualTo(CAPABILITY);
        assertThat(entry(entries, "b/").xattrs()).isEmpty();
        assertThat(entry(entries, "b/data").kind()).isEqualTo(Kind.HARD_LINK);
        assertThat(entry(entries, "b/data").linkTarget()).isEqualTo(PathBytes.of("a-link"));
        assertThat(entry(entries, "null").deviceMinor()).isEqualTo(3);
        assertThat(entry(entries, "z").linkTarget()).isEqualTo(PathBytes.of("/nowhere"));
    }

    /// VFS_CAP_REVISION_2, effective, all permitted: bytes that no text has.
    private static final byte[] CAPABILITY = {
        1, 0, 0, 2, -1, -1, -1, -1, 0, 0, 0, 0, -1, 1, 0, 0, 0, 0, 0, 0
    };

    private static TarEntry entry(Map<String, TarEntry> entries, String name) {
        return Optional.ofNullable(entries.get(name)).orElseThrow();
    }

    private static byte[] tar(Path tree) throws IOException {
        try (InputStream in =
                LayerTar.of(FileCalls.openDirectory(tree.toString()), LayerTar.View.LAYER)) {
            return in.readAllBytes();
        }
    }
}
