package dev.corten.store.migration;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corten.model.Digest;
import dev.corten.model.InvalidParameter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is damaged in a data root of Docker keeps nobody from taking the rest.
final class DockerRootTest {
    private static final Digest DIFF = Digest.of(new byte[] {1});

    @TempDir private Path root;
    private DockerRoot docker;
    private Path configs;

    @BeforeEach
    void make() throws IOException {
        configs = Files.createDirectories(root.resolve("image/overlay2/imagedb/content/sha256"));
        Files.createDirectories(root.resolve("image/overlay2/layerdb/sha256"));
        Files.createDirectories(root.resolve("containers"));
        docker = DockerRoot.open(root);
    }

    private Digest image(String more) throws IOException {
        byte[] config =
                ("{\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"" + DIFF + "\"]}" + more + "}")
                        .getBytes(UTF_8);
        Digest id = Digest.of(config);
        Files.write(configs.resolve(id.hex()), config);
        return id;
    }

    @Test
    void aDamagedImageIsOneOfSeveral() throws IOException {
        Digest good = image("");
        Digest bad = image(",\"author\":\"x\"");
        Files.writeString(configs.resolve(bad.hex()), "{");
        // What Docker left when it was killed.
        Files.writeString(configs.resolve(".tmp-123"), "{");
        Path parent = root.resolve("image/overlay2/imagedb/metadata/sha256").resolve(good.hex());
        Files.writeString(Files.createDirectories(parent).resolve("parent"), "?");
        assertThat(docker.images()).containsOnlyKeys(good, bad);
        assertThat(docker.image(good, List.of("x:1")).diffIds()).containsExactly(DIFF);
        assertThatThrownBy(() -> docker.image(bad, List.of()))
                .isInstanceOf(InvalidParameter.class)
                .hasMessageContaining("is damaged");
    }

    @Test
    void aLayerThatCannotBePutTogetherIsAnError() throws IOException {
        DockerRoot.ForeignImage image = docker.image(image(""), List.of());
        Path record = root.resolve("image/overlay2/layerdb/sha256").resolve(DIFF.hex());
        Files.createDirectories(root.resolve("overlay2/cafe/diff"));
        Files.writeString(Files.createDirectories(record).resolve("cache-id"), "cafe");
        long open = descriptors();
        for (byte[] split :
                List.of(
                        "no gzip".getBytes(UTF_8),
                        packed("{\"type\":2,\"payload\":\"*\"}"),
                        packed("{\"type\":2,"),
                        packed("{\"type\":\"x\"}"),
                        packed("[1]"),
                        packed("nonsense"))) {
            Files.write(record.resolve("tar-split.json.gz"), split);
            assertThatThrownBy(
                            () -> {
                                try (InputStream archive = docker.archive(image)) {
                                    archive.transferTo(OutputStream.nullOutputStream());
                                } catch (java.io.UncheckedIOException e) {
                                    throw e.getCause();
                                }
                            })
                    .isInstanceOfAny(IOException.class, InvalidParameter.class);
        }
        assertThat(descriptors()).isEqualTo(open);
    }

    private static byte[] packed(String text) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var out = new GZIPOutputStream(bytes)) {
            out.write(text.getBytes(UTF_8));
        }
        return bytes.toByteArray();
    }

    /// Of this process, in files of this test.
    private long descriptors() throws IOException {
        try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
            return all.filter(
                            fd -> {
                                try {
                                    return Files.readSymbolicLink(fd).startsWith(root);
                                } catch (IOException e) {
                                    return false; // the listing's own
                                }
                            })
                    .count();
        }
    }

    @Test
    void aVolumeOfWhichNothingCanBeReadIsAnError() throws IOException {
        Files.createDirectories(root.resolve("volumes/v/_data"));
        assertThat(docker.volumes()).containsExactly("v");
        assertThat(docker.volume("v").labels()).isEmpty();
        Files.writeString(root.resolve("volumes/metadata.db"), "nonsense");
        DockerRoot again = DockerRoot.open(root);
        assertThat(again.volumes()).containsExactly("v");
        assertThatThrownBy(() -> again.volume("v")).isInstanceOf(InvalidParameter.class);
        Files.createDirectories(root.resolve("containers").resolve("z".repeat(64)));
        Files.writeString(
                root.resolve("containers").resolve("z".repeat(64)).resolve("config.v2.json"), "{}");
        assertThat(docker.containers()).isEmpty();
    }
}
