package dev.corten.store.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.file.Xattrs;
import dev.corten.model.PathBytes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Upper directories and what they mean.
class ChangesTest {
    @TempDir Path dir;

    private Path below;
    private Path upper;

    @BeforeEach
    void layer() throws IOException {
        below = Files.createDirectories(dir.resolve("below"));
        upper = Files.createDirectories(dir.resolve("upper"));
        Files.createDirectories(below.resolve("etc/d"));
        Files.writeString(below.resolve("etc/a"), "a");
        Files.writeString(below.resolve("etc/d/b"), "b");
    }

    private List<String> changes() throws IOException {
        try (Fd fd = FileCalls.openDirectory(upper.toString());
                LowerView lower = LowerView.open(List.of(below))) {
            return Changes.of(fd, lower, Set.of(PathBytes.of("/dev/pts"))).stream()
                    .map(change -> change.kind().name().charAt(0) + " " + change.path())
                    .toList();
        }
    }

    private void whiteout(String path) throws IOException {
        FileCalls.mknod(Fd.CWD, upper.resolve(path).toString(), 0020000, 0, 0);
    }

    @Test
    void nothing() throws IOException {
        assertThat(changes()).isEmpty();
    }

    @Test
    void addedTreesAreListedWhole() throws IOException {
        Files.createDirectories(upper.resolve("x/y"));
        Files.writeString(upper.resolve("x/y/z"), "");
        Files.createSymbolicLink(upper.resolve("link"), Path.of("elsewhere"));
        assertThat(changes()).containsExactly("A /link", "A /x", "A /x/y", "A /x/y/z");
    }

    @Test
    void parentsOfChangesAreModified() throws IOException {
        Files.createDirectories(upper.resolve("etc/d"));
        Files.writeString(upper.resolve("etc/d/b"), "more");
        assertThat(changes()).containsExactly("M /etc", "M /etc/d", "M /etc/d/b");
    }

    @Test
    void whatWasCopiedUpWithoutAChangeIsNone() throws IOException {
        Files.createDirectories(upper.resolve("etc"));
        Files.copy(
                below.resolve("etc/a"), upper.resolve("etc/a"), StandardCopyOption.COPY_ATTRIBUTES);
        assertThat(changes()).isEmpty();
        FileCalls.chmod(Fd.CWD, upper.resolve("etc/a").toString(), 0600);
        assertThat(changes()).containsExactly("M /etc", "M /etc/a");
    }

    @Test
    void whiteoutsAreDeletions() throws IOException {
        Files.createDirectories(upper.resolve("etc"));
        whiteout("etc/a");
        whiteout("etc/never-there");
        assertThat(changes()).containsExactly("M /etc", "D /etc/a");
    }

    @Test
    void opaqueDirectoriesHideAllBelow() throws IOException {
        Files.createDirectories(upper.resolve("etc"));
        Files.writeString(upper.resolve("etc/new"), "");
        try (Fd etc = FileCalls.openDirectory(upper.resolve("etc").toString())) {
            Xattrs.set(etc, "trusted.overlay.opaque", "y".getBytes(StandardCharsets.US_ASCII), 0);
        }
        assertThat(changes()).containsExactly("M /etc", "D /etc/a", "D /etc/d", "A /etc/new");
    }

    @Test
    void aFileInTheDirectorysPlace() throws IOException {
        Files.writeString(upper.resolve("etc"), "now a file");
        assertThat(changes()).containsExactly("M /etc", "D /etc/a", "D /etc/d");
    }

    @Test
    void linksOfTheContainerLeadNowhere() throws IOException {
        Files.createSymbolicLink(upper.resolve("etc"), Path.of("elsewhere"));
        assertThat(changes()).containsExactly("M /etc", "D /etc/a", "D /etc/d");
    }

    @Test
    void whatWasMadeForTheContainerIsNoChange() throws IOException {
        Files.createDirectories(upper.resolve("dev/pts"));
        assertThat(changes()).isEmpty();
        Files.writeString(upper.resolve("dev/own"), "");
        assertThat(changes()).containsExactly("A /dev/own");
    }
}
