package dev.corten.build.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileCalls;
import dev.corten.model.CortenException;
import dev.corten.model.InvalidParameter;
import dev.corten.model.PathBytes;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Trees that change while they are used, or are made to be awkward (CVE-2018-15664,
/// CVE-2024-23651 and their kin).
class HostileTreeTest {
    @TempDir Path dir;

    private Path source;
    private Path destination;
    private Path outside;

    @BeforeEach
    void directories() throws IOException {
        source = Files.createDirectory(dir.resolve("source"));
        destination = Files.createDirectory(dir.resolve("destination"));
        outside = Files.createDirectory(dir.resolve("outside"));
        Files.writeString(outside.resolve("secret"), "untouched");
        Files.writeString(source.resolve("secret"), "from the context");
    }

    private void copy(CopyRequest request) throws IOException {
        try (Fd from = FileCalls.openDirectory(source.toString());
                Fd to = FileCalls.openDirectory(destination.toString())) {
            FileCopy.copy(from, to, request);
        }
    }

    /// Somebody exchanges a directory of the destination for a link out of it, all the time.
    @Test
    void aDirectoryThatBecomesALink() throws Exception {
        Files.createDirectories(destination.resolve("a/b"));
        Files.createSymbolicLink(destination.resolve("a/link"), outside);
        var end = new AtomicBoolean();
        Thread swap =
                Thread.ofPlatform()
                        .start(() -> {
                            try (Fd a =
                                    FileCalls.openDirectory(destination.resolve("a").toString())) {
                                while (!end.get()) {
                                    FileCalls.rename(a, "b", a, "link", FileCalls.RENAME_EXCHANGE);
                                }
                            } catch (Errno e) {
                                throw new AssertionError(e);
                            }
                        });
        try {
            for (int i = 0; i < 400; i++) {
                try {
                    copy(CopyRequest.of(List.of("secret"), "/a/b/"));
                    copy(CopyRequest.of(List.of("."), "/a/b"));
                } catch (Errno | CortenException lost) {
                    // it was a link at the wrong moment
                }
            }
        } finally {
            end.set(true);
            swap.join();
        }
        assertThat(outside.resolve("secret")).hasContent("untouched");
        try (var names = Files.list(outside)) {
            assertThat(names).hasSize(1);
        }
    }

    /// The same with the source: nothing from outside may come in.
    @Test
    void aSourceThatBecomesALink() throws Exception {
        Files.createDirectories(source.resolve("a/b"));
        Files.writeString(source.resolve("a/b/secret"), "from the context");
        Files.createSymbolicLink(source.resolve("a/link"), outside);
        var end = new AtomicBoolean();
        Thread swap =
                Thread.ofPlatform()
                        .start(() -> {
                            try (Fd a = FileCalls.openDirectory(source.resolve("a").toString())) {
                                while (!end.get()) {
                                    FileCalls.rename(a, "b", a, "link", FileCalls.RENAME_EXCHANGE);
                                }
                            } catch (Errno e) {
                                throw new AssertionError(e);
                            }
                        });
        int copies = 0;
        try {
            for (int i = 0; i < 400; i++) {
                try {
                    copy(CopyRequest.of(List.of("a/b/secret"), "/x"));
                    assertThat(destination.resolve("x")).hasContent("from the context");
                    copies++;
                } catch (Errno | MissingSource | CortenException lost) {
                    // it was a link at the wrong moment
                }
            }
        } finally {
            end.set(true);
            swap.join();
        }
        assertThat(copies).isPositive();
    }

    @Test
    void treesThatAreTooDeepAreRefused() throws IOException {
        Fd at = FileCalls.openDirectory(source.toString());
        PathBytes name = PathBytes.of("d");
        for (int i = 0; i < 1600; i++) {
            FileCalls.mkdir(at, name, 0755);
            Fd next = FileCalls.openDirectory(at, name);
            at.close();
            at = next;
        }
        at.close();
        try {
            assertThatThrownBy(() -> copy(CopyRequest.of(List.of("."), "/x")))
                    .isInstanceOf(InvalidParameter.class)
                    .hasMessageContaining("levels deep");
        } finally {
            dev.corten.kernel.file.Directories.deleteTree(Fd.CWD, source.toString()).orThrow();
            dev.corten.kernel.file.Directories.deleteTree(Fd.CWD, destination.toString()).orThrow();
        }
    }

    @Test
    void holesStayHoles() throws IOException {
        long size = 4L << 30;
        try (var file = new RandomAccessFile(source.resolve("sparse").toFile(), "rw")) {
            file.setLength(size);
            file.seek(size / 2);
            file.write("middle".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        }
        copy(CopyRequest.of(List.of("sparse"), "/x"));
        var stat = FileCalls.lstat(Fd.CWD, destination + "/x");
        assertThat(stat.size()).isEqualTo(size);
        assertThat(stat.blocks()).isLessThan(1024);
        try (var file = new RandomAccessFile(destination.resolve("x").toFile(), "r")) {
            file.seek(size / 2);
            assertThat((char) file.read()).isEqualTo('m');
        }
    }

    @Test
    void interruptsEndACopy() throws IOException {
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> copy(CopyRequest.of(List.of("."), "/x")))
                .isInstanceOf(java.io.InterruptedIOException.class);
        assertThat(Thread.interrupted()).isTrue();
    }
}
