package dev.corten.store.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corten.model.ContainerId;
import dev.corten.store.Durable;
import dev.corten.store.ImageFixture;
import dev.corten.store.StorageDriver;
import dev.corten.store.Store;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Clock;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CopySnapshotterTest extends SnapshotterContract {
    CopySnapshotterTest() {
        super(StorageDriver.COPY);
    }

    /// Layers share files with the ones below; containers share none.
    @Test
    void onlyLayersShareFiles() throws Exception {
        byte[] base = ImageFixture.layer().file("a", "a").build();
        byte[] top = ImageFixture.layer().file("b", "b").build();
        byte[] archive = ImageFixture.archive("a:1", base, top).build();
        Path data = dir.resolve("shared");
        try (var store =
                Store.open(
                        data, Optional.of(StorageDriver.COPY), new Durable(), Clock.systemUTC())) {
            var image =
                    store.images().load(new ByteArrayInputStream(archive), event -> {}).getFirst();
            var id = ContainerId.random();
            store.snapshots().prepare(id, image.chainId());
            var chain = store.layers().chain(image.chainId().orElseThrow());
            Object below = key(store.layers().diff(chain.getLast()));
            Object above = key(store.layers().diff(chain.getFirst()));
            assertThat(above).isEqualTo(below);
            assertThat(key(store.snapshots().paths(id).upper())).isNotEqualTo(above);
        }
    }

    private static Object key(Path diff) throws IOException {
        return Files.readAttributes(diff.resolve("a"), BasicFileAttributes.class).fileKey();
    }
}
