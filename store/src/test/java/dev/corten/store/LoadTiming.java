package dev.corten.store;

import dev.corten.store.image.ImageUse;
import dev.corten.store.image.Images.Force;
import dev.corten.store.image.Images.Parents;
import java.io.BufferedInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;

/// Times `load` of one archive, several times in one JVM: `LoadTiming DATA_ROOT ARCHIVE [RUNS]`.
final class LoadTiming {
    private LoadTiming() {}

    public static void main(String[] args) throws Exception {
        int runs = args.length > 2 ? Integer.parseInt(args[2]) : 5;
        try (var store = Store.open(Path.of(args[0]), new Durable(), Clock.systemUTC())) {
            for (int run = 0; run < runs; run++) {
                long start = System.nanoTime();
                try (var in = new BufferedInputStream(Files.newInputStream(Path.of(args[1])))) {
                    var loaded = store.images().load(in, event -> {});
                    long millis = (System.nanoTime() - start) / 1_000_000;
                    System.out.println(loaded.getFirst().repoTags() + " " + millis + " ms");
                    start = System.nanoTime();
                    store.images()
                            .remove(
                                    loaded.getFirst().id().toString(),
                                    Force.YES,
                                    Parents.PRUNE,
                                    ImageUse.NONE);
                    millis = (System.nanoTime() - start) / 1_000_000;
                    System.out.println("  removed " + millis + " ms");
                }
            }
        }
    }
}
