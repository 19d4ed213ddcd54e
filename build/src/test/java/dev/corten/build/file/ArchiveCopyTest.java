package dev.corten.build.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corten.archive.TarEntry;
import dev.corten.archive.TarFormatException;
import dev.corten.archive.TarWriter;
import dev.corten.build.file.CopyRequest.Rules;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.file.Stat;
import dev.corten.model.PathBytes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `ADD` of archives, as both builders of Docker 28.5 do it.
class ArchiveCopyTest {
    @TempDir Path dir;

    private Path source;
    private Path destination;
    private Path outside;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final TarWriter tar = new TarWriter(bytes);

    @BeforeEach
    void directories() throws IOException {
        source = Files.createDirectory(dir.resolve("source"));
        destination = Files.createDirectory(dir.resolve("destination"));
        outside = Files.createDirectory(dir.resolve("outside"));
        Files.writeString(outside.resolve("secret"), "untouched");
    }

    private void file(String name, String text) throws IOException {
        byte[] content = text.getBytes(StandardCharsets.UTF_8);
        tar.begin(TarEntry.file(name, 0640, content.length).withOwner(5, 6));
        bytes.write(content);
        bytes.write(new byte[-content.length & 511]);
    }

    private void plain() throws IOException {
        tar.add(TarEntry.directory("./", 0711).withOwner(9, 9));
        tar.add(TarEntry.directory("e/", 0700));
        file("g", "y");
        tar.add(TarEntry.symlink("l", "g"));
        file("implied/h", "z");
    }

    private Path write(String name) throws IOException {
        tar.finish();
        return Files.write(source.resolve(name), bytes.toByteArray());
    }

    private void add(String destination, String chown, String... sources) throws IOException {
        add(
                new CopyRequest(
                        Rules.BUILDKIT,
                        List.of(sources),
                        destination,
                        chown,
                        "",
                        false,
                        List.of(),
                        true,
                        false,
                        Optional.empty(),
                        false));
    }

    private void add(CopyRequest request) throws IOException {
        try (Fd from = FileCalls.openDirectory(source.toString());
                Fd to = FileCalls.openDirectory(destination.toString())) {
            FileCopy.copy(from, to, request);
        }
    }

    private Stat stat(String path) throws IOException {
        return FileCalls.lstat(Fd.CWD, destination.resolve(path).toString());
    }

    @Test
    void unpacksIntoTheDestination() throws IOException {
        plain();
        write("a.tar");
        add("/x/y", "", "a.tar");
        assertThat(destination.resolve("x/y/g")).hasContent("y");
        assertThat(stat("x/y").permissions()).isEqualTo(0755);
        assertThat(stat("x/y").uid()).isZero();
        assertThat(stat("x/y/e").permissions()).isEqualTo(0700);
        assertThat(stat("x/y/g").uid()).isEqualTo(5);
        assertThat(stat("x/y/implied").permissions()).isEqualTo(0755);
        assertThat(destination.resolve("x/y/l")).isSymbolicLink();
        assertThat(destination.resolve("x/y/a.tar")).doesNotExist();
    }

    @Test
    void ownersThatAreAskedFor() throws IOException {
        plain();
        write("a.tar");
        add("/x", "3:4", "a.tar");
        assertThat(stat("x").uid()).isEqualTo(3);
        assertThat(stat("x/g").gid()).isEqualTo(4);
        assertThat(stat("x/l").gid()).isEqualTo(4);
        assertThat(stat("x/implied").uid()).isZero();
    }

    @Test
    void aFileInTheWay() throws IOException {
        plain();
        write("a.tar");
        Files.writeString(destination.resolve("x"), "");
        assertThatThrownBy(() -> add("/x", "", "a.tar")).hasMessage("mkdir /x: not a directory");
    }

    @Test
    void modesThatAreAskedForAreNotThoseOfAnArchive() throws IOException {
        plain();
        write("a.tar");
        add(
                new CopyRequest(
                        Rules.BUILDKIT,
                        List.of("a.tar"),
                        "/x/",
                        "",
                        "600",
                        false,
                        List.of(),
                        true,
                        false,
                        Optional.empty(),
                        false));
        assertThat(stat("x").permissions()).isEqualTo(0755);
        assertThat(stat("x/e").permissions()).isEqualTo(0700);
    }

    @Test
    void goesOverWhatIsThere() throws IOException {
        plain();
        write("a.tar");
        Files.createDirectories(destination.resolve("x/g/below"));
        Files.createDirectory(destination.resolve("y"));
        Files.createSymbolicLink(destination.resolve("x/e"), Path.of("/y"));
        Files.writeString(destination.resolve("x/other"), "stays");
        FileCalls.chmod(Fd.CWD, destination.resolve("x").toString(), 0750);
        add("/x/", "", "a.tar");
        assertThat(destination.resolve("x/g")).hasContent("y");
        assertThat(stat("x/e").isDirectory()).isTrue();
        assertThat(stat("x").permissions()).isEqualTo(0750);
        assertThat(destination.resolve("x/other")).hasContent("stays");
    }

    @Test
    void bytesTellAndNotNames() throws IOException {
        plain();
        Path plain = write("noextension");
        try (var zipped = new GZIPOutputStream(Files.newOutputStream(source.resolve("zipped")))) {
            zipped.write(Files.readAllBytes(plain));
        }
        try (var zipped = new GZIPOutputStream(Files.newOutputStream(source.resolve("f.gz")))) {
            zipped.write("no archive".getBytes(StandardCharsets.UTF_8));
        }
        Files.write(source.resolve("empty.tar"), new byte[0]);
        Files.write(source.resolve("zero.tar"), new byte[10240]);
        Files.createSymbolicLink(source.resolve("link"), Path.of("noextension"));
        add("/a/", "", "noextension");
        add("/b/", "", "zipped");
        add("/c/", "", "link");
        add("/d/", "", "f.gz", "empty.tar", "zero.tar");
        for (String unpacked : List.of("a/g", "b/g", "c/g")) {
            assertThat(destination.resolve(unpacked)).hasContent("y");
        }
        try (var names = Files.list(destination.resolve("d"))) {
            assertThat(names.map(path -> path.getFileName().toString()))
                    .containsExactlyInAnyOrder("f.gz", "empty.tar", "zero.tar");
        }
    }

    @Test
    void copyDoesNotUnpack() throws IOException {
        plain();
        write("a.tar");
        add(CopyRequest.of(List.of("a.tar"), "/x/"));
        assertThat(destination.resolve("x/a.tar")).isRegularFile();
    }

    @Test
    void whiteoutsOfLayersAreNamesOfFiles() throws IOException {
        file(".wh.x", "hi");
        write("a.tar");
        Files.writeString(Files.createDirectory(destination.resolve("x")).resolve("x"), "stays");
        add("/x/", "", "a.tar");
        assertThat(destination.resolve("x/.wh.x")).hasContent("hi");
        assertThat(destination.resolve("x/x")).hasContent("stays");
    }

    @Test
    void hostileMembersStayInside() throws IOException {
        String up = "../".repeat(12);
        file(up + outside.toString().substring(1) + "/secret", "evil");
        tar.add(TarEntry.symlink("out", outside.toString()));
        file("out/secret", "evil");
        tar.add(TarEntry.symlink("far", up + outside.toString().substring(1)));
        file("far/secret", "evil");
        write("a.tar");
        add("/x/", "", "a.tar");
        assertThat(outside.resolve("secret")).hasContent("untouched");
        try (var names = Files.list(outside)) {
            assertThat(names).hasSize(1);
        }
    }

    @Test
    void linksInTheDestinationDoNotLeadOut() throws IOException {
        file("sub/secret", "evil");
        write("a.tar");
        Files.createSymbolicLink(
                Files.createDirectory(destination.resolve("x")).resolve("sub"), outside);
        add("/x/", "", "a.tar");
        assertThat(outside.resolve("secret")).hasContent("untouched");
    }

    @Test
    void hardLinksToNothingAreRefused() throws IOException {
        tar.add(TarEntry.hardLink("l", "../../" + outside + "/secret"));
        write("a.tar");
        assertThatThrownBy(() -> add("/x/", "", "a.tar")).isInstanceOf(TarFormatException.class);
    }

    @Test
    void downloadsAreUnpackedIfThatIsAskedFor() throws IOException {
        plain();
        Path written = write("a.tar");
        var request =
                new CopyRequest(
                        Rules.BUILDKIT,
                        List.of(),
                        "/x/",
                        "",
                        "",
                        false,
                        List.of(),
                        true,
                        false,
                        Optional.empty(),
                        false);
        try (Fd file = FileCalls.open(written.toString(), FileCalls.O_RDONLY);
                Fd to = FileCalls.openDirectory(destination.toString())) {
            FileCopy.download(file, "a.tar", Optional.of(Instant.EPOCH), to, request);
            FileCopy.download(
                    file, "a.tar", Optional.empty(), to, CopyRequest.of(List.of(), "/y/"));
        }
        assertThat(destination.resolve("x/g")).hasContent("y");
        assertThat(destination.resolve("y/a.tar")).hasSameBinaryContentAs(written);
        assertThat(stat("y/a.tar").permissions()).isEqualTo(0600);
    }

    @Test
    void namesInArchivesMayBeBytes() throws IOException {
        PathBytes name = PathBytes.of(new byte[] {'a', (byte) 0xfe});
        tar.add(TarEntry.file("n", 0644, 0).withName(name));
        write("a.tar");
        add("/x/", "", "a.tar");
        assertThat(FileCalls.exists(Fd.CWD, PathBytes.of(destination + "/x").resolve(name)))
                .isTrue();
    }
}
