package dev.corten.engine.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.file.Stat;
import dev.corten.kernel.file.Xattrs;
import dev.corten.model.PathBytes;
import dev.corten.store.Durable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CopyUpTest {
    /// Not UTF-8, and with a line feed in it.
    private static final PathBytes STRANGE = PathBytes.of(new byte[] {'n', (byte) 0xff, '\n'});

    @TempDir Path directory;
    private Path image;
    private Path volume;
    private Path data;

    @BeforeEach
    void places() throws IOException {
        image = Files.createDirectory(directory.resolve("image"));
        volume = Files.createDirectory(directory.resolve("volume"));
        data = Files.createDirectory(volume.resolve("_data"));
    }

    private void fill(Durable durable) throws IOException {
        try (Fd from = FileCalls.openDirectory(image.toString())) {
            new CopyUp(durable).fill(from, volume, Durable.Sync.NOW);
        }
    }

    private static Stat stat(Path path) throws IOException {
        return FileCalls.lstat(Fd.CWD, path.toString());
    }

    private static Set<String> names(Path path) throws IOException {
        try (Stream<Path> found = Files.list(path)) {
            return found.map(p -> p.getFileName().toString()).collect(Collectors.toSet());
        }
    }

    private void someFiles() throws IOException {
        Files.writeString(image.resolve("a"), "text");
        Files.createDirectories(image.resolve("d/e"));
        Files.writeString(image.resolve("d/e/f"), "deep");
    }

    @Test
    void everythingThatAFileHasIsCopied() throws Exception {
        someFiles();
        Files.createLink(image.resolve("d/hard"), image.resolve("a"));
        Files.createSymbolicLink(image.resolve("link"), Path.of("/etc/passwd"));
        try (Fd top = FileCalls.openDirectory(image.toString());
                Fd file = FileCalls.open(image.resolve("a").toString(), FileCalls.O_RDONLY)) {
            FileCalls.mknod(top, "pipe", Stat.S_IFIFO | 0620, 0, 0);
            FileCalls.mknod(top, "null", Stat.S_IFCHR | 0666, 1, 3);
            FileCalls.mknod(top, "whiteout", Stat.S_IFCHR, 0, 0);
            FileCalls.symlink(PathBytes.of("x"), top, STRANGE);
            FileCalls.chown(file, 5, 6);
            FileCalls.chmod(file, 04751);
            Xattrs.set(file, "user.note", new byte[] {1, 0, 2}, 0);
            FileCalls.times(file, 1_000_000_000, 123_456_789, 1_000_000_000, 123_456_789);
            FileCalls.chown(top, 7, 8);
            FileCalls.chmod(top, 02770);
        }

        fill(new Durable());

        assertThat(names(volume)).containsExactly("_data");
        assertThat(stat(data).permissions()).isEqualTo(02770);
        assertThat(stat(data).uid()).isEqualTo(7);
        assertThat(stat(data).gid()).isEqualTo(8);
        Stat file = stat(data.resolve("a"));
        assertThat(file.permissions()).isEqualTo(04751);
        assertThat(file.uid()).isEqualTo(5);
        assertThat(file.gid()).isEqualTo(6);
        assertThat(file.modifySeconds()).isEqualTo(1_000_000_000);
        assertThat(file.modifyNanos()).isEqualTo(123_456_789);
        assertThat(file.sameFile(stat(data.resolve("d/hard")))).isTrue();
        assertThat(Files.readString(data.resolve("d/e/f"))).isEqualTo("deep");
        assertThat(Files.readSymbolicLink(data.resolve("link"))).hasToString("/etc/passwd");
        assertThat(stat(data.resolve("pipe")).type()).isEqualTo(Stat.S_IFIFO);
        assertThat(stat(data.resolve("null")).rdevMinor()).isEqualTo(3);
        assertThat(Files.exists(data.resolve("whiteout"))).isFalse();
        try (Fd top = FileCalls.openDirectory(data.toString());
                Fd copy = FileCalls.open(data.resolve("a").toString(), FileCalls.O_RDONLY)) {
            assertThat(FileCalls.readlink(top, STRANGE)).isEqualTo(PathBytes.of("x"));
            assertThat(Xattrs.get(copy, "user.note").orElseThrow()).containsExactly(1, 0, 2);
        }
    }

    @Test
    void aVolumeWithSomethingInItStaysAsItIs() throws Exception {
        someFiles();
        Files.writeString(data.resolve("mine"), "x");
        fill(new Durable());
        assertThat(names(data)).containsExactly("mine");
    }

    @Test
    void anEmptyDirectoryLendsItsOwnerAndMode() throws Exception {
        try (Fd top = FileCalls.openDirectory(image.toString())) {
            FileCalls.chown(top, 9, 9);
            FileCalls.chmod(top, 0700);
        }
        fill(new Durable());
        assertThat(stat(data).uid()).isEqualTo(9);
        assertThat(stat(data).permissions()).isEqualTo(0700);
        assertThat(names(volume)).containsExactly("_data");
    }

    /// Before the decision there is nothing, after it everything, once the next daemon has looked.
    @Test
    void aDeathAtAnyStepLeavesAnEmptyVolumeOrAFullOne() throws Exception {
        someFiles();
        int steps = 0;
        for (boolean died = true; died; steps++) {
            int last = steps;
            int[] count = {0};
            var durable =
                    new Durable(step -> {
                        if (count[0]++ >= last) {
                            throw new Error("kill -9 before " + step);
                        }
                    });
            try {
                fill(durable);
                died = false;
            } catch (Error e) {
                assertThat(e).hasMessageStartingWith("kill -9");
            }
            new CopyUp(new Durable()).finish(volume);
            assertThat(names(volume)).containsExactly("_data");
            if (!names(data).isEmpty()) {
                assertThat(names(data)).containsExactlyInAnyOrder("a", "d");
                assertThat(Files.readString(data.resolve("d/e/f"))).isEqualTo("deep");
            }
        }
        assertThat(steps).isGreaterThan(3);
        assertThat(names(data)).hasSize(2);
    }

    @Test
    void aMoveThatWasCutShortIsFinishedAndOverwritesNothing() throws Exception {
        Path filled = Files.createDirectory(volume.resolve(".filled"));
        Files.writeString(filled.resolve("a"), "image");
        Files.writeString(filled.resolve("b"), "image");
        Files.writeString(data.resolve("a"), "container");
        new CopyUp(new Durable()).finish(volume);
        assertThat(names(volume)).containsExactly("_data");
        assertThat(Files.readString(data.resolve("a"))).isEqualTo("container");
        assertThat(Files.readString(data.resolve("b"))).isEqualTo("image");
    }

    @Test
    void aDiskThatIsFullLeavesNothing() throws Exception {
        someFiles();
        var full =
                new Durable(step -> {
                    if (step.startsWith("rename")) {
                        throw new IOException("No space left on device");
                    }
                });
        assertThatThrownBy(() -> fill(full)).hasMessage("No space left on device");
        assertThat(names(volume)).containsExactly("_data");
        assertThat(names(data)).isEmpty();
    }

    @Test
    void sizesCountEachFileOnceAndFollowNoLink() throws Exception {
        Files.write(data.resolve("a"), new byte[1000]);
        Files.createLink(data.resolve("b"), data.resolve("a"));
        Files.createSymbolicLink(data.resolve("c"), Path.of("/usr"));
        Files.createDirectory(data.resolve("d"));
        Files.write(data.resolve("d/e"), new byte[10]);
        assertThat(TreeSize.of(data.toString())).isEqualTo(1000 + "/usr".length() + 10);
    }
}
