package dev.corten.store.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corten.archive.ZstdOutput;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileCalls;
import dev.corten.model.InvalidParameter;
import dev.corten.model.NotFound;
import dev.corten.model.Platform;
import dev.corten.model.image.Image;
import dev.corten.store.Durable;
import dev.corten.store.ImageFixture;
import dev.corten.store.Store;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoadFormsTest {
    @TempDir Path dir;
    private Store store;

    @BeforeEach
    void open() throws IOException {
        store = Store.open(dir.resolve("root"), new Durable(), Clock.systemUTC());
    }

    @AfterEach
    void close() throws IOException {
        store.close();
        try (Fd parent = FileCalls.openDirectory(dir.toString())) {
            dev.corten.kernel.file.Directories.deleteTree(parent, "root");
        }
    }

    private List<Image> load(byte[] archive) throws Exception {
        return store.images().load(new ByteArrayInputStream(archive), _ -> {});
    }

    private static byte[] zstd(byte[] plain) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var out = new ZstdOutput(bytes, 1)) {
            out.write(plain);
        }
        return bytes.toByteArray();
    }

    @Test
    void archivesAndLayersMayBeCompressedInAnyWay() throws Exception {
        byte[] layer = ImageFixture.layer().file("a", "a").build();
        byte[] archive = ImageFixture.archive("a:1", zstd(layer)).build();
        Image image = load(zstd(archive)).getFirst();
        assertThat(image.repoTags()).hasSize(1);
        assertThat(store.layers().list().iterator().next().blob())
                .contains(dev.corten.model.Digest.of(zstd(layer)));
    }

    @Test
    void aLayerThatUnpacksToTooMuchIsRefused() throws Exception {
        store.images().layerBound(() -> 1 << 20);
        byte[] zeros =
                ImageFixture.layer()
                        .file("zeros", new String(new byte[2 << 20], StandardCharsets.ISO_8859_1))
                        .build();
        byte[] bomb = ImageFixture.archive("a:1", ImageFixture.gzip(zeros)).build();
        assertThatThrownBy(() -> load(bomb))
                .isInstanceOf(InvalidParameter.class)
                .hasMessageContaining("larger than max-layer-size, 1048576 bytes");
        var request = new Images.ImportRequest(List.of(), "", Optional.empty(), Platform.host());
        assertThatThrownBy(() ->
                        store.images()
                                .importRootfs(
                                        new ByteArrayInputStream(ImageFixture.gzip(zeros)),
                                        request))
                .isInstanceOf(InvalidParameter.class)
                .hasMessageContaining("larger than max-layer-size");
        assertThat(store.layers().list()).isEmpty();
        assertThat(store.content().list()).isEmpty();
    }

    @Test
    void aPlatformChoosesAmongTheImages() throws Exception {
        byte[] archive =
                ImageFixture.archive("a:1", ImageFixture.layer().file("a", "a").build()).build();
        var arm = new Platform("linux", "arm64", "");
        assertThatThrownBy(() ->
                        store.images()
                                .load(new ByteArrayInputStream(archive), Optional.of(arm), _ -> {}))
                .isInstanceOf(NotFound.class)
                .hasMessageContaining("linux/arm64");
        var amd = new Platform("linux", "amd64", "");
        assertThat(
                        store.images()
                                .load(new ByteArrayInputStream(archive), Optional.of(amd), _ -> {}))
                .hasSize(1);
    }
}
