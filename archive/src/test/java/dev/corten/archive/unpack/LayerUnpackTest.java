package dev.corten.archive.unpack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corten.archive.TarEntry;
import dev.corten.archive.TarFormatException;
import dev.corten.archive.TarReader;
import dev.corten.archive.TarWriter;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.file.Stat;
import dev.corten.kernel.file.Xattrs;
import dev.corten.model.PathBytes;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LayerUnpackTest {
    @TempDir Path dir;

    private Path target;
    private Path outside;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final TarWriter tar = new TarWriter(bytes);

    @BeforeEach
    void prepare() throws IOException {
        target = Files.createDirectory(dir.resolve("target"));
        outside = Files.createDirectory(dir.resolve("outside"));
        Files.writeString(outside.resolve("secret"), "untouched");
    }

    @Test
    void namesWithDotsAndSlashesStayInside() throws IOException {
        file("../outside/secret", "evil");
        file("/abs", "a");
        file("a/../../../b", "b");
        file("./c/./d//e", "e");
        unpack();
        assertThat(target.resolve("outside/secret")).hasContent("evil");
        assertThat(target.resolve("abs")).hasContent("a");
        assertThat(target.resolve("b")).hasContent("b");
        assertThat(target.resolve("c/d/e")).hasContent("e");
        assertThat(outside.resolve("secret")).hasContent("untouched");
    }

    @Test
    void symlinksAreFollowedInsideOnly() throws IOException {
        tar.add(TarEntry.symlink("up", "../outside"));
        file("up/secret", "evil");
        tar.add(TarEntry.symlink("abs", outside.toString()));
        file("abs/secret", "evil");
        tar.add(TarEntry.symlink("here", "real/dir"));
        file("here/f", "f");
        tar.add(TarEntry.symlink("magic", "/proc/self/root"));
        file("magic/f", "m");
        unpack();
        assertThat(outside.resolve("secret")).hasContent("untouched");
        assertThat(Files.readSymbolicLink(target.resolve("up"))).hasToString("../outside");
        assertThat(target.resolve("outside/secret")).hasContent("evil");
        assertThat(target.resolve("real/dir/f")).hasContent("f");
        assertThat(target.resolve("proc/self/root/f")).hasContent("m");
    }

    @Test
    void aFileReplacesASymlinkInsteadOfWritingThroughIt() throws IOException {
        tar.add(TarEntry.symlink("x", outside.resolve("secret").toString()));
        file("x", "new");
        unpack();
        assertThat(outside.resolve("secret")).hasContent("untouched");
        assertThat(Files.isSymbolicLink(target.resolve("x"))).isFalse();
        assertThat(target.resolve("x")).hasContent("new");
    }

    @Test
    void hardLinksOutsideAreNoLinksOutside() throws IOException {
        tar.add(TarEntry.hardLink("h", "../outside/secret"));
        tar.add(TarEntry.symlink("s", "../outside"));
        tar.add(TarEntry.hardLink("i", "s/secret"));
        UnpackedLayer layer = unpack();
        assertThat(layer.pendingLinks())
                .extracting(l -> l.target().toString())
                .containsExactly("outside/secret", "s/secret");
        assertThat(target.resolve("h")).doesNotExist();
        assertThat(Files.getAttribute(outside.resolve("secret"), "unix:nlink")).isEqualTo(1);
    }

    @Test
    void aCircleOfSymlinksIsRefused() throws IOException {
        tar.add(TarEntry.symlink("a", "b"));
        tar.add(TarEntry.symlink("b", "a"));
        file("a/f", "x");
        assertThatThrownBy(this::unpack)
                .isInstanceOf(TarFormatException.class)
                .hasMessageContaining("too many symbolic links");
    }

    /// CVE-2017-14992: what is remembered until the end has a bound.
    @Test
    void directoriesWithoutEndAreRefused() throws IOException {
        byte[] large = new byte[900 << 10];
        for (int i = 0; i < 60; i++) {
            TarEntry plain = TarEntry.directory("d" + i, 0755);
            tar.add(
                    new TarEntry(
                            plain.name(),
                            plain.kind(),
                            plain.mode(),
                            0,
                            0,
                            plain.mtime(),
                            0,
                            plain.linkTarget(),
                            0,
                            0,
                            Map.of(PathBytes.of("user.large"), large),
                            List.of()));
        }
        assertThatThrownBy(this::unpack)
                .isInstanceOf(TarFormatException.class)
                .hasMessageContaining("too many directories");
    }

    @Test
    void whiteoutsOfDotsAreRefused() throws IOException {
        file("d/.wh...", "");
        assertThatThrownBy(this::unpack).isInstanceOf(TarFormatException.class);
    }

    @Test
    void aFileWhereADirectoryIsNeededIsAnError() throws IOException {
        file("f", "x");
        file("f/g", "y");
        assertThatThrownBy(this::unpack).hasMessageContaining("f is not a directory");
    }

    @Test
    void ownersModesAttributesAndTimesSurvive() throws Exception {
        Path source = Files.createDirectory(dir.resolve("source"));
        shell(
                source,
                "mkdir -p sg/sub ro; echo x > suid; chown 7:8 suid; chmod 6751 suid;"
                        + " chown 0:55 sg; chmod 2775 sg; echo y > sg/sub/f; echo z > ro/f; chmod 555"
                        + " ro; ln suid hard; ln -s nowhere dangling; touch -h -d 2001-02-03 dangling;"
                        + " mkfifo p; mknod c c 5 300; mknod b b 7 70000; echo 한 > 한글; printf n >"
                        + " $(printf 'n\\377'); truncate -s 1M sparse; printf q | dd of=sparse bs=1"
                        + " seek=700000 conv=notrunc status=none; cp /bin/true cap; python3 -c 'import"
                        + " os; os.setxattr(\"cap\", \"security.capability\","
                        + " bytes.fromhex(\"0100000200200000000000000000000000000000\"));"
                        + " os.setxattr(\"sg\", \"user.d\", b\"\\x00\\xff\")'; touch -d"
                        + " '2005-06-07 08:09:10.987654321' suid sg/sub ro sg .");
        shell(dir, "tar --xattrs --xattrs-include='*' --sparse --format=pax -C source -cf s.tar .");
        try (InputStream in = Files.newInputStream(dir.resolve("s.tar"))) {
            unpack(in);
        }
        String list =
                "find . -printf '%P %y %m %U:%G %s %l %T@\\n' | grep -v '^ ' | sort; for f in c b;"
                        + " do stat -c '%n %t %T' $f; done; getfattr -hR -d -m - . 2>/dev/null ||"
                        + " python3 -c 'import os; print([(f, os.getxattr(f, x)) for f in (\"cap\","
                        + " \"sg\") for x in os.listxattr(f)])'; cat sg/sub/f ro/f 한글; sha256sum"
                        + " sparse; [ suid -ef hard ] && echo linked";
        assertThat(shell(target, list)).isEqualTo(shell(source, list)).contains("linked");
        try (Fd fd = FileCalls.openDirectory(target.toString())) {
            Stat sparse = FileCalls.lstat(fd, "sparse");
            assertThat(sparse.blocks() * 512).isLessThan(100_000);
        }
    }

    @Test
    void overlaysOwnAttributesAreNotTaken() throws IOException {
        tar.add(
                TarEntry.directory("d/", 0755)
                        .withXattrs(
                                Map.of(
                                        PathBytes.of("trusted.overlay.redirect"),
                                        "/etc".getBytes(StandardCharsets.UTF_8),
                                        PathBytes.of("user.ok"),
                                        new byte[] {1})));
        unpack();
        try (Fd fd = FileCalls.openDirectory(target.resolve("d").toString())) {
            assertThat(Xattrs.list(fd)).containsExactly("user.ok");
        }
    }

    @Test
    void laterEntriesReplaceEarlierOnes() throws IOException {
        file("a/b/c", "1");
        file("a/b", "2");
        tar.add(TarEntry.directory("x", 0711));
        file("x/y", "3");
        tar.add(TarEntry.symlink("x", "a"));
        file("x/z", "4");
        UnpackedLayer layer = unpack();
        assertThat(target.resolve("a/b")).hasContent("2");
        assertThat(Files.isSymbolicLink(target.resolve("x"))).isTrue();
        assertThat(target.resolve("a/z")).hasContent("4");
        assertThat(layer.impliedDirectories()).extracting(PathBytes::toString).contains("a");
    }

    @Test
    void deepAndManyDirectoriesNeedFewDescriptors() throws IOException {
        String deep = "d/".repeat(600);
        for (int i = 0; i < 3; i++) {
            file(deep + i, "x");
        }
        for (int i = 0; i < 500; i++) {
            file("many" + i + "/f", "x");
        }
        int before = Files.list(Path.of("/proc/self/fd")).toArray().length;
        UnpackedLayer layer = unpack();
        assertThat(layer.impliedDirectories()).hasSize(1 + 600 + 500);
        assertThat(Files.list(Path.of("/proc/self/fd")).toArray().length)
                .isLessThanOrEqualTo(before + 2);
        assertThat(Files.exists(target.resolve("many499/f"), LinkOption.NOFOLLOW_LINKS)).isTrue();
        try (Fd fd = FileCalls.openDirectory(dir.toString())) {
            dev.corten.kernel.file.Directories.deleteTree(fd, "target");
        }
    }

    private void file(String name, String content) throws IOException {
        tar.add(
                TarEntry.file(name, 0644, content.length()),
                content.getBytes(StandardCharsets.US_ASCII));
    }

    private UnpackedLayer unpack() throws IOException {
        tar.finish();
        return unpack(new ByteArrayInputStream(bytes.toByteArray()));
    }

    private UnpackedLayer unpack(InputStream in) throws IOException {
        try (Fd root = FileCalls.openDirectory(target.toString())) {
            return LayerUnpack.unpack(
                    new TarReader(in, TarReader.End.MARKED), root, LayerUnpack.Marks.OVERLAY);
        }
    }

    private static String shell(Path dir, String script) throws Exception {
        var builder = new ProcessBuilder(List.of("bash", "-c", script));
        builder.environment().put("LC_ALL", "C.UTF-8");
        var process = builder.directory(dir.toFile()).redirectErrorStream(true).start();
        byte[] output = process.getInputStream().readAllBytes();
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return new String(output, StandardCharsets.ISO_8859_1);
    }
}
