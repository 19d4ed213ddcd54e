package dev.corten.cli.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corten.cli.failure.Failure;
import dev.corten.cli.failure.Refusal;
import dev.corten.model.Digest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ArtifactFileTest {
    private static final byte[] CONTENT = "content".getBytes(StandardCharsets.UTF_8);
    private static final Digest DIGEST = Digest.of(CONTENT);

    @TempDir Path dir;

    private static InputStream content() {
        return new ByteArrayInputStream(CONTENT);
    }

    @Test
    void titlesAreNames() {
        assertThat(
                        ArtifactFile.names(
                                List.of(
                                        new ArtifactFile(DIGEST, "a b"),
                                        new ArtifactFile(DIGEST, ""),
                                        new ArtifactFile(DIGEST, "..."))))
                .containsExactly("a b", DIGEST.hex(), "...");
    }

    @ParameterizedTest
    @ValueSource(strings = {"..", ".", "/", "/etc/passwd", "../x", "a/..", "a/", "x\0y"})
    void titlesThatAreNoNames(String title) {
        assertThatThrownBy(() -> ArtifactFile.names(List.of(new ArtifactFile(DIGEST, title))))
                .isInstanceOf(Refusal.class)
                .hasMessageStartingWith("invalid name: ");
    }

    @Test
    void oneNameForTwo() {
        var file = new ArtifactFile(DIGEST, "x");
        assertThatThrownBy(() -> ArtifactFile.names(List.of(file, file)))
                .isInstanceOf(Refusal.class)
                .hasMessage("invalid name: \"x\" is the title of two blobs");
    }

    @Test
    void aLinkOfAStrangersNameIsReplacedAndAUsersOwnIsFollowed() throws IOException {
        Path outside = Files.writeString(dir.resolve("outside"), "old");
        Path folder = Files.createDirectory(dir.resolve("folder"));
        Path link = Files.createSymbolicLink(folder.resolve("link"), outside);
        VerifiedFile.in(folder, "link").write(content(), DIGEST);
        assertThat(Files.isSymbolicLink(link)).isFalse();
        assertThat(link).content().isEqualTo("content");
        assertThat(outside).content().isEqualTo("old");
        Path own = Files.createSymbolicLink(dir.resolve("own"), outside);
        VerifiedFile.at(own).write(content(), DIGEST);
        assertThat(Files.isSymbolicLink(own)).isTrue();
        assertThat(outside).content().isEqualTo("content");
    }

    @Test
    void whatIsDamagedDoesNotAppear() throws IOException {
        Path place = dir.resolve("file");
        Digest other = Digest.of(new byte[0]);
        assertThatThrownBy(() -> VerifiedFile.at(place).write(content(), other))
                .isInstanceOf(Failure.class)
                .hasMessageContaining("is damaged");
        assertThat(dir).isEmptyDirectory();
        Files.createDirectory(place);
        assertThatThrownBy(() -> VerifiedFile.in(dir, "file").write(content(), DIGEST))
                .isInstanceOf(Failure.class)
                .hasMessageEndingWith("is a directory");
        Path nowhere = dir.resolve("no/where");
        assertThatThrownBy(() -> VerifiedFile.at(nowhere).write(content(), DIGEST))
                .isInstanceOf(Failure.class)
                .hasMessageEndingWith("no such file or directory");
    }

    @Test
    void aPathToADeviceIsWrittenTo() throws IOException {
        VerifiedFile.at(Path.of("/dev/null")).write(content(), DIGEST);
        assertThat(Files.isRegularFile(Path.of("/dev/null"))).isFalse();
        Path descriptors = Path.of("/proc/self/fd");
        Path file = Files.writeString(dir.resolve("output"), "before ");
        try (var open = java.nio.channels.FileChannel.open(file)) {
            assertThat(open.isOpen()).isTrue();
            try (var links = Files.list(descriptors)) {
                Path link =
                        links.filter(
                                        each -> {
                                            try {
                                                return Files.readSymbolicLink(each).equals(file);
                                            } catch (IOException gone) {
                                                return false;
                                            }
                                        })
                                .findFirst()
                                .orElseThrow();
                VerifiedFile.at(link).write(content(), DIGEST);
            }
        }
        assertThat(file).content().isEqualTo("before content");
    }
}
