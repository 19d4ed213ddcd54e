package dev.corten.store.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NurseryTest {
    @TempDir Path directory;
    private Nursery nursery;

    @BeforeEach
    void open() throws IOException {
        nursery = new Nursery(directory);
        nursery.open();
    }

    @Test
    void whatIsMadeTogetherLiesTogether() throws IOException {
        for (int n = 0; n < 64; n++) {
            assertThat(nursery.make("x" + n)).isEqualTo(directory.resolve("n0/x" + n)).exists();
        }
        assertThat(nursery.make("y")).isEqualTo(directory.resolve("n1/y")).exists();
    }

    @Test
    void placesThatAreNotNeededAnyMoreGo() throws IOException {
        for (int n = 0; n < 130; n++) {
            Path made = nursery.make("x" + n);
            if (n != 70) {
                Files.delete(made);
            }
        }
        try (Stream<Path> left = Files.list(directory)) {
            assertThat(left)
                    .containsExactlyInAnyOrder(directory.resolve("n1"), directory.resolve("n2"));
        }
        assertThat(Nursery.isParent(directory.resolve("n1"))).isTrue();
        assertThat(Nursery.isParent(directory.resolve("nobody"))).isFalse();
    }

    @Test
    void whoeverTidiesUpTakesNoPlaceFromAnother() throws Exception {
        try (var threads = Executors.newFixedThreadPool(4)) {
            var making =
                    IntStream.range(0, 4)
                            .mapToObj(thread ->
                                    threads.submit(() -> {
                                        for (int n = 0; n < 500; n++) {
                                            String name = thread + "-" + n;
                                            Files.delete(nursery.make(name));
                                        }
                                        return thread;
                                    }))
                            .toList();
            for (Future<Integer> each : making) {
                assertThat(each.get()).isNotNegative();
            }
        }
    }
}
