package dev.corten.store.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileCalls;
import dev.corten.model.Digest;
import dev.corten.model.Platform;
import dev.corten.model.Reference;
import dev.corten.model.image.Image;
import dev.corten.model.image.ImageConfig;
import dev.corten.store.Durable;
import dev.corten.store.ImageFixture;
import dev.corten.store.Store;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Many images, many names, many layers. The bounds are generous, for slow machines under load: what
/// grows with the square of a number is beyond them by far.
class ScaleTest {
    private static final int IMAGES = 2000;
    private static final int NAMES = 10_000;

    @TempDir Path dir;

    @AfterEach
    void delete() throws IOException {
        try (Fd parent = FileCalls.openDirectory(dir.toString())) {
            dev.corten.kernel.file.Directories.deleteTree(parent, "root");
        }
    }

    private interface Work {
        void run() throws Exception;
    }

    private static long millis(Work work) throws Exception {
        long start = System.nanoTime();
        work.run();
        return (System.nanoTime() - start) / 1_000_000;
    }

    private static Images.NewImage image(int number) {
        var document =
                new ImageDocument(
                        Optional.of(Instant.ofEpochSecond(number)),
                        "",
                        "",
                        "",
                        Platform.host(),
                        "",
                        ImageConfig.EMPTY,
                        List.of(),
                        List.of());
        byte[] bytes = document.write();
        var names = new ArrayList<Reference>();
        for (int i = number; i < NAMES; i += IMAGES) {
            names.add(Reference.parse("r" + number + ":t" + i));
        }
        return new Images.NewImage(Digest.of(bytes), bytes, document, names);
    }

    @Test
    void manyNamesCostLittle() throws Exception {
        try (var store = Store.open(dir.resolve("root"), new Durable(), Clock.systemUTC())) {
            var all = new ArrayList<Images.NewImage>();
            for (int i = 0; i < IMAGES; i++) {
                all.add(image(i));
            }
            Images images = store.images();
            assertThat(millis(() -> images.add(all))).isLessThan(20_000);
            long list = millis(() -> assertThat(images.list()).hasSize(IMAGES));
            long find =
                    millis(() -> {
                        for (int i = 0; i < 1000; i++) {
                            assertThat(images.find("r7:t7")).isPresent();
                        }
                    });
            images.tag("r1:t1", Reference.parse("warm:up"));
            long tag =
                    millis(() -> {
                        for (int i = 0; i < 10; i++) {
                            images.tag("r1:t1", Reference.parse("more:" + i));
                        }
                    });
            long remove =
                    millis(() ->
                            images.remove(
                                    "more:1",
                                    Images.Force.NO,
                                    Images.Parents.PRUNE,
                                    ImageUse.NONE));
            System.getLogger("scale")
                    .log(
                            System.Logger.Level.INFO,
                            "list %d ms, 1000 finds %d ms, 10 tags %d ms, remove %d ms"
                                    .formatted(list, find, tag, remove));
            assertThat(list).isLessThan(500);
            assertThat(find).isLessThan(1000);
            assertThat(tag).isLessThan(10_000);
            assertThat(images.get("more:2").id()).isEqualTo(images.get("r1:t1").id());
            assertThat(images.find("more:1")).isEmpty();
        }
        long open =
                millis(() -> {
                    try (var again =
                            Store.open(dir.resolve("root"), new Durable(), Clock.systemUTC())) {
                        assertThat(again.images().list()).hasSize(IMAGES);
                    }
                });
        assertThat(open).isLessThan(20_000);
    }

    @Test
    void anImageMayHaveAsManyLayersAsDockerAllows() throws Exception {
        var layers = new byte[ImageDocument.MAX_LAYERS][];
        for (int i = 0; i < layers.length; i++) {
            layers[i] = ImageFixture.layer().file("d/f" + i, "content " + i).build();
        }
        byte[] archive = ImageFixture.archive("deep:1", layers).build();
        try (var store = Store.open(dir.resolve("root"), new Durable(), Clock.systemUTC())) {
            Image image =
                    store.images().load(new ByteArrayInputStream(archive), _ -> {}).getFirst();
            try (Fd mount = store.snapshots().mountReadOnly(image.chainId().orElseThrow());
                    Fd directory = FileCalls.openDirectory(mount, "d")) {
                assertThat(dev.corten.kernel.file.Directories.list(directory))
                        .hasSize(ImageDocument.MAX_LAYERS);
            }
            assertThat(millis(() -> assertThat(store.images().list()).hasSize(1))).isLessThan(500);
        }
    }
}
