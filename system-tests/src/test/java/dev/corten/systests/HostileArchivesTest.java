package dev.corten.systests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Archives that are broken, and archives that want out.
@ExtendWith(PrivateEngine.class)
@Shows("SEC-17")
class HostileArchivesTest {
    private Path outside;
    private Path sentinel;

    @BeforeEach
    void sentinel(Engine engine) throws IOException {
        outside = Files.createDirectories(engine.scratch("outside"));
        sentinel = outside.resolve("sentinel");
        Files.writeString(sentinel, "untouched");
    }

    /// Unpacked somewhere below the data root or not at all; nothing appears out of it.
    private void staysInside(Client docker, Tar layer) throws IOException {
        Finished load =
                docker.runWithInput(new Image("hostile:1").layer(layer.bytes()).archive(), "load");
        assertThat(load.out() + load.err())
                .as("an answer")
                .containsPattern(
                        "Loaded image: hostile:1|layer [0-9a-f]+/layer.tar is damaged: \\w+");
        assertThat(Files.readString(sentinel)).isEqualTo("untouched");
        assertThat(Files.getAttribute(sentinel, "unix:nlink")).isEqualTo(1);
        try (Stream<Path> files = Files.list(outside)) {
            assertThat(files).containsExactly(sentinel);
        }
        assertThat(Files.exists(Path.of("/corten-escaped"))).isFalse();
        docker.run("rmi", "-f", "hostile:1");
    }

    private String up() {
        return "../".repeat(12) + outside.toString().substring(1);
    }

    @Test
    void parentDirectoriesDoNotLeadOut(Client docker) throws IOException {
        staysInside(docker, new Tar().file(cut(up() + "/a"), "escaped"));
        staysInside(docker, new Tar().directory("d", 0755).file("d/../../../corten-escaped", "x"));
    }

    @Test
    void absoluteNamesDoNotLeadOut(Client docker) throws IOException {
        staysInside(docker, new Tar().file(outside + "/a", "escaped"));
        staysInside(docker, new Tar().file("/corten-escaped", "escaped"));
    }

    @Test
    void symbolicLinksDoNotLeadOut(Client docker) throws IOException {
        staysInside(docker, new Tar().symlink("out", outside.toString()).file("out/a", "escaped"));
        staysInside(docker, new Tar().symlink("out", up()).file("out/a", "escaped"));
        staysInside(docker, new Tar().symlink("out", sentinel.toString()).file("out", "escaped"));
        staysInside(docker, new Tar().symlink("out", outside.toString()).directory("out/a", 0755));
    }

    @Test
    void hardLinksDoNotLeadOut(Client docker) throws IOException {
        staysInside(docker, new Tar().hardLink("in", sentinel.toString()).file("in", "escaped"));
        staysInside(docker, new Tar().hardLink("in", cut(up() + "/sentinel")));
        staysInside(
                docker,
                new Tar()
                        .symlink("out", outside.toString())
                        .hardLink("in", "out/sentinel")
                        .file("in", "escaped"));
    }

    @Test
    void whiteoutsDoNotLeadOut(Client docker) throws IOException {
        staysInside(
                docker, new Tar().symlink("out", outside.toString()).file("out/.wh.sentinel", ""));
        staysInside(docker, new Tar().file("../../.wh.sentinel", ""));
        staysInside(docker, new Tar().file(".wh...", ""));
    }

    @Test
    void namesInTheManifestDoNotLeadOut(Client docker) {
        Files.exists(sentinel);
        byte[] archive =
                new Tar()
                        .file(
                                "manifest.json",
                                "[{\"Config\":\"../../../etc/passwd\",\"RepoTags\":[\"m:1\"],"
                                        + "\"Layers\":[\""
                                        + sentinel
                                        + "\"]}]")
                        .bytes();
        nothingComesOf(docker, archive);
    }

    private static String cut(String name) {
        return name.length() > 100
                ? name.substring(name.length() - 99).replaceFirst("^[^.]*", "")
                : name;
    }

    // ---- broken ones

    private void nothingComesOf(Client docker, byte[] archive) {
        Set<String> before = inData();
        String images = docker.ok("images", "-a", "--no-trunc");
        Finished load = docker.runWithInput(archive, "load");
        assertThat(load.status()).isEqualTo(1);
        assertThat(load.out() + load.err()).isNotBlank().doesNotContain("Exception", "Loaded");
        assertThat(docker.ok("images", "-a", "--no-trunc")).isEqualTo(images).contains("busybox");
        Eventually.get(
                "no leftovers",
                () -> {
                    var more = new TreeSet<>(inData());
                    more.removeAll(before);
                    return more;
                },
                Set::isEmpty);
    }

    private Engine engine;

    @BeforeEach
    void remember(Engine engine) {
        this.engine = engine;
    }

    private Set<String> inData() {
        var names = new TreeSet<String>();
        try {
            Files.walkFileTree(
                    engine.dataRoot(),
                    new java.nio.file.SimpleFileVisitor<>() {
                        @Override
                        public java.nio.file.FileVisitResult preVisitDirectory(
                                Path folder,
                                java.nio.file.attribute.BasicFileAttributes attributes) {
                            names.add(folder.toString());
                            // What is inside of a layer is the layer's.
                            return folder.endsWith("diff")
                                    ? java.nio.file.FileVisitResult.SKIP_SUBTREE
                                    : java.nio.file.FileVisitResult.CONTINUE;
                        }

                        @Override
                        public java.nio.file.FileVisitResult visitFile(
                                Path file, java.nio.file.attribute.BasicFileAttributes attributes) {
                            names.add(file.toString());
                            return java.nio.file.FileVisitResult.CONTINUE;
                        }

                        @Override
                        public java.nio.file.FileVisitResult visitFileFailed(
                                Path file, IOException e) {
                            return java.nio.file.FileVisitResult.CONTINUE;
                        }
                    });
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        return names;
    }

    private static Image small() {
        return new Image("small:1")
                .layer(new Tar().file("one", Tile.of("abc", 300_000), 0644).bytes())
                .layer(new Tar().file("two", Tile.of("def", 300_000), 0644).bytes());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 511, 700, 100_000, 301_000, 400_000, 602_000})
    void truncatedArchiveImportsNothing(int length, Client docker) {
        nothingComesOf(docker, Arrays.copyOf(small().archive(), length));
    }

    @Test
    void archiveWithAChangedLayerImportsNothing(Client docker) {
        byte[] archive = small().archive();
        archive[100_000] ^= 1;
        nothingComesOf(docker, archive);
    }

    @Test
    void noiseImportsNothing(Client docker) {
        nothingComesOf(docker, Tile.of("no tar archive at all. ", 100_000));
        nothingComesOf(docker, new byte[] {0x1f, (byte) 0x8b, 8, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
        nothingComesOf(docker, new byte[100_000]);
    }

    @Test
    void archiveWithoutManifestImportsNothing(Client docker) {
        nothingComesOf(docker, new Tar().file("a", "b").bytes());
        nothingComesOf(docker, new Tar().file("manifest.json", "{").bytes());
        nothingComesOf(docker, new Tar().file("manifest.json", "[null]").bytes());
    }

    @Test
    void manifestThatNamesMissingBlobsImportsNothing(Client docker) {
        nothingComesOf(
                docker,
                new Tar()
                        .file(
                                "manifest.json",
                                "[{\"Config\":\"c.json\",\"RepoTags\":[\"m:1\"],\"Layers\":[]}]")
                        .bytes());
        String config =
                "{\"architecture\":\"amd64\",\"os\":\"linux\",\"rootfs\":{\"type\":\"layers\","
                        + "\"diff_ids\":[\"sha256:"
                        + "0".repeat(64)
                        + "\"]}}";
        nothingComesOf(
                docker,
                new Tar()
                        .file("c.json", config)
                        .file(
                                "manifest.json",
                                "[{\"Config\":\"c.json\",\"RepoTags\":[\"m:1\"],"
                                        + "\"Layers\":[\"missing/layer.tar\"]}]")
                        .bytes());
    }

    @Test
    void hugeManifestImportsNothing(Client docker) {
        nothingComesOf(
                docker, new Tar().file("manifest.json", Tile.of("[", 40_000_000), 0644).bytes());
    }

    /// CVE-2017-14992: a few bytes stand for more names than there is memory for.
    @Test
    void archiveOfNamesWithoutEndImportsNothing(Client docker) throws IOException {
        var small = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(small)) {
            for (int i = 0; i <= 200; i++) {
                var tar = new Tar();
                for (int j = 0; j < 1000; j++) {
                    tar.symlink("n" + i + "/" + j, "x");
                }
                byte[] part = tar.bytes();
                gzip.write(part, 0, part.length - 1024);
            }
            gzip.write(new byte[1024]);
        }
        nothingComesOf(docker, small.toByteArray());
        assertThat(docker.runWithInput(small.toByteArray(), "load").err())
                .contains("archive has more than 200000 files");
    }

    @Test
    void brokenImportLeavesNothing(Client docker) {
        Set<String> before = inData();
        byte[] cut = Arrays.copyOf(Image.busyboxLayer(), 50_000);
        Finished imported = docker.runWithInput(cut, "import", "-", "broken:1");
        assertThat(imported.status()).isEqualTo(1);
        assertThat(imported.err()).isNotBlank();
        assertThat(docker.ok("images", "--format", "{{.Repository}}")).isEqualTo("busybox");
        Eventually.get("no leftovers", () -> inData(), now -> before.containsAll(now));
    }

    @Test
    void clientThatLeavesDuringALoadLeavesNothing(Client docker, Api api) {
        Set<String> before = inData();
        byte[] archive = small().archive();
        for (int length : List.of(1000, 200_000, 500_000)) {
            try (var load = api.connect()) {
                load.send(
                        Api.head(
                                "POST",
                                "/images/load",
                                archive.length,
                                "application/x-tar",
                                "close"));
                load.send(Arrays.copyOf(archive, length));
            }
        }
        assertThat(docker.ok("images", "--format", "{{.Repository}}")).isEqualTo("busybox");
        Eventually.get("no leftovers", () -> inData(), now -> before.containsAll(now));
        assertThat(new String(api.get("/_ping").body(), UTF_8)).isEqualTo("OK");
    }
}
