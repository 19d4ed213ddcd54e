package dev.corten.build.file;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.file.Stat;
import dev.corten.kernel.file.Xattrs;
import dev.corten.model.Digest;
import dev.corten.model.PathBytes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Large files that a layer has in common with a context.
class SharedFilesTest {
    private static final int LARGE = 2 << 20;
    private static final long OLD = 981158400;

    @TempDir Path dir;

    private Path source;
    private Path layer;
    private final SharedFiles shared = new SharedFiles();

    @BeforeEach
    void directories() throws IOException {
        source = Files.createDirectory(dir.resolve("source"));
        layer = Files.createDirectory(dir.resolve("layer"));
        Files.createDirectory(source.resolve("d"));
        large("d/large", 1);
    }

    private void large(String name, int filling) throws IOException {
        byte[] bytes = new byte[LARGE];
        Arrays.fill(bytes, (byte) filling);
        Files.write(source.resolve(name), bytes);
    }

    private void copy(Known known, String destination, String... sources) throws IOException {
        CopyRequest request = CopyRequest.of(List.of(sources), destination).withLinkable(true);
        try (Fd from = FileCalls.openDirectory(source.toString());
                Fd to = FileCalls.openDirectory(layer.toString())) {
            FileCopy.copy(from, to, request, known, shared);
        }
    }

    private void settle() throws IOException {
        try (shared;
                Fd to = FileCalls.openDirectory(layer.toString())) {
            shared.settle(to);
        }
    }

    private Stat from(String name) throws IOException {
        return FileCalls.lstat(Fd.CWD, source.resolve(name).toString());
    }

    private Stat to(String name) throws IOException {
        return FileCalls.lstat(Fd.CWD, layer.resolve(name).toString());
    }

    @Test
    void areLinkedWhenTheStepIsOver() throws IOException {
        FileCalls.times(Fd.CWD, PathBytes.of(source + "/d"), OLD, 0, OLD, 0);
        copy(Known.NOTHING, "/x", ".");
        assertThat(to("x/d/large").size()).isZero();
        settle();
        assertThat(to("x/d/large").sameFile(from("d/large"))).isTrue();
        assertThat(to("x/d").modifySeconds()).isEqualTo(OLD);
        try (var names = Files.list(layer.resolve("x/d"))) {
            assertThat(names).hasSize(1);
        }
        try (Fd fd = FileCalls.open(layer + "/x/d/large", FileCalls.O_RDONLY)) {
            assertThat(Xattrs.list(fd)).isEmpty();
        }
    }

    @Test
    void namesOfOneFileStayThat() throws IOException {
        Files.createLink(source.resolve("d/second"), source.resolve("d/large"));
        copy(Known.NOTHING, "/x", "d");
        settle();
        assertThat(to("x/large").sameFile(to("x/second"))).isTrue();
        assertThat(to("x/large").sameFile(from("d/large"))).isTrue();
    }

    @Test
    void twoCopiesOfAFileAreTwoFiles() throws IOException {
        copy(Known.NOTHING, "/x/", "d", ".");
        settle();
        assertThat(to("x/large").sameFile(to("x/d/large"))).isFalse();
        assertThat(layer.resolve("x/d/large")).hasSameBinaryContentAs(source.resolve("d/large"));
        assertThat(layer.resolve("x/large")).hasSameBinaryContentAs(source.resolve("d/large"));
    }

    @Test
    void whatIsNotAsItShallBeIsCopied() throws IOException {
        FileCalls.chown(Fd.CWD, source + "/d/large", 5, 5);
        Files.write(source.resolve("d/small"), new byte[100]);
        copy(Known.NOTHING, "/x", "d");
        settle();
        assertThat(to("x/large").sameFile(from("d/large"))).isFalse();
        assertThat(to("x/large").uid()).isZero();
        assertThat(to("x/large").size()).isEqualTo(LARGE);
        assertThat(to("x/small").sameFile(from("d/small"))).isFalse();
    }

    @Test
    void whatWasReplacedSinceStays() throws IOException {
        large("other", 2);
        copy(Known.NOTHING, "/x", "d");
        try (Fd to = FileCalls.openDirectory(layer.toString())) {
            FileCopy.write(
                    to,
                    CopyRequest.of(List.of(), "/x/large"),
                    List.of(InlineFile.of("EOF", "replaced")),
                    shared);
        }
        copy(Known.NOTHING, "/y", "d/large");
        copy(Known.NOTHING, "/y", "other");
        settle();
        assertThat(layer.resolve("x/large")).hasContent("replaced");
        assertThat(to("y").sameFile(from("other"))).isTrue();
    }

    @Test
    void anotherFileSystemGetsACopy() throws IOException {
        Path memory = Path.of("/dev/shm/corten-shared-files-test");
        Files.createDirectory(memory);
        try {
            source = memory;
            large("large", 3);
            Files.createDirectory(source.resolve("d"));
            FileCalls.chmod(Fd.CWD, source + "/large", 0604);
            copy(Known.NOTHING, "/x", "large");
            settle();
            assertThat(layer.resolve("x")).hasSameBinaryContentAs(source.resolve("large"));
            assertThat(to("x").permissions()).isEqualTo(0604);
            assertThat(to("x").modifySeconds()).isEqualTo(from("large").modifySeconds());
            try (Fd fd = FileCalls.open(layer + "/x", FileCalls.O_RDONLY)) {
                assertThat(Xattrs.list(fd)).isEmpty();
            }
        } finally {
            dev.corten.kernel.file.Directories.deleteTree(Fd.CWD, memory.toString()).orThrow();
        }
    }

    @Test
    void digestsOfCopiesAreThoseOfTheirSources() throws IOException {
        Digest digest = Digest.of("large".getBytes(StandardCharsets.US_ASCII));
        Known known = path -> path.is("d/large") ? Optional.of(digest) : Optional.empty();
        copy(known, "/x", ".");
        copy(known, "/y", "d/large");
        assertThat(shared.digest(PathBytes.of("x/d/large"))).contains(digest);
        assertThat(shared.digest(PathBytes.of("y"))).contains(digest);
        large("other", 2);
        copy(known, "/y", "other");
        assertThat(shared.digest(PathBytes.of("y"))).isEmpty();
        settle();
    }
}
