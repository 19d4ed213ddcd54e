package dev.corten.store.image;

import dev.corten.store.Store;
import dev.corten.store.StoreLayout;
import dev.corten.store.image.StoreFinding.Kind;
import dev.corten.store.image.StoreFinding.Outcome;
import dev.corten.store.snapshot.Layer;
import dev.corten.store.snapshot.Layers;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.function.Consumer;

/// Directories and links of a store that nothing refers to, and links that are not there.
///
/// What is younger than an hour may belong to an import that is under way.
final class StrayFiles {
    private static final Duration YOUNG = Duration.ofHours(1);

    private final Store store;
    private final StoreLayout layout;
    private final StoreCheck.Mode mode;
    private final Consumer<StoreFinding> findings;

    StrayFiles(Store store, StoreCheck.Mode mode, Consumer<StoreFinding> findings) {
        this.store = store;
        this.layout = store.layout();
        this.mode = mode;
        this.findings = findings;
    }

    void run() throws IOException {
        if (!store.layers().isDamaged()) {
            directories();
            links();
        }
        for (Path halfMade :
                new Path[] {
                    layout.newSnapshots(), layout.newLayerRecords(), layout.partialBlobs()
                }) {
            unfinished(halfMade);
        }
    }

    private void directories() throws IOException {
        try (DirectoryStream<Path> directories =
                Files.newDirectoryStream(layout.snapshots(), "[0-9a-f]*")) {
            for (Path directory : directories) {
                String name = directory.getFileName().toString();
                boolean container = Files.exists(directory.resolve("chain"));
                boolean layer =
                        store.layers().list().stream().anyMatch(l -> l.cacheId().equals(name));
                if (!container && !layer && isOld(directory)) {
                    remove(directory, "belongs to nothing");
                }
            }
        }
    }

    private void links() throws IOException {
        Map<String, Layer> wanted = new HashMap<>();
        for (Layer layer : store.layers().list()) {
            wanted.put(layer.link(), layer);
        }
        var present = new HashSet<String>();
        try (DirectoryStream<Path> links = Files.newDirectoryStream(layout.shortLinks())) {
            for (Path link : links) {
                String name = link.getFileName().toString();
                present.add(name);
                Layer layer = wanted.get(name);
                if (layer == null) {
                    if (isOld(link)) {
                        remove(link, "belongs to nothing");
                    }
                } else if (!Files.readSymbolicLink(link).equals(target(layer))) {
                    present.remove(name);
                    if (mode == StoreCheck.Mode.REPAIR) {
                        store.durable().delete(link);
                    }
                }
            }
        }
        for (Map.Entry<String, Layer> entry : wanted.entrySet()) {
            if (!present.contains(entry.getKey())) {
                Path link = layout.shortLinks().resolve(entry.getKey());
                if (mode == StoreCheck.Mode.REPAIR) {
                    store.durable().symlink(link, target(entry.getValue()));
                }
                tell(
                        link,
                        "does not lead to its layer",
                        mode == StoreCheck.Mode.REPAIR ? Outcome.REPAIRED : Outcome.FOUND);
            }
        }
    }

    private static Path target(Layer layer) {
        return Path.of("..", layer.cacheId(), "diff");
    }

    private void unfinished(Path directory) throws IOException {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            for (Path entry : entries) {
                if (Layers.isNursery(entry)) {
                    unfinished(entry);
                } else if (isOldWithin(entry)
                        && !entry.equals(layout.resumable())
                        && !store.layers().isWorking(entry)) {
                    remove(entry, "was left unfinished");
                }
            }
        }
    }

    private static boolean isOld(Path path) throws IOException {
        FileTime time = Files.getLastModifiedTime(path, LinkOption.NOFOLLOW_LINKS);
        return time.toInstant().isBefore(Instant.now().minus(YOUNG));
    }

    /// A layer is unpacked into directories that are older than what is written now: its record grows
    /// beside them.
    private static boolean isOldWithin(Path entry) throws IOException {
        if (!isOld(entry)) {
            return false;
        }
        if (!Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
            return true;
        }
        try (DirectoryStream<Path> parts = Files.newDirectoryStream(entry)) {
            for (Path part : parts) {
                if (!isOld(part)) {
                    return false;
                }
            }
        }
        return true;
    }

    private void remove(Path path, String problem) throws IOException {
        if (mode == StoreCheck.Mode.REPAIR) {
            if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
                store.layers().discardStray(path);
            } else {
                store.durable().delete(path);
            }
        }
        tell(path, problem, mode == StoreCheck.Mode.REPAIR ? Outcome.REMOVED : Outcome.FOUND);
    }

    private void tell(Path path, String problem, Outcome outcome) {
        findings.accept(
                new StoreFinding(
                        Kind.FILE,
                        layout.dataRoot().relativize(path).toString(),
                        problem,
                        outcome));
    }
}
