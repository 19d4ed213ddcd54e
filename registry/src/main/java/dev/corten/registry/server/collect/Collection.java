package dev.corten.registry.server.collect;

import dev.corten.model.Digest;
import dev.corten.model.InvalidParameter;
import dev.corten.model.image.Descriptor;
import dev.corten.registry.RepositoryName;
import dev.corten.registry.server.storage.Blobs;
import dev.corten.registry.server.storage.Layout;
import dev.corten.registry.server.storage.Repository;
import dev.corten.registry.server.storage.Storage;
import dev.corten.registry.server.storage.StorageFiles;
import dev.corten.store.document.Json;
import dev.corten.store.document.Manifest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// One collection: marks what manifests refer to, then sweeps what is old and unmarked.
///
/// One at a time in a tree, whichever process it is in.
public final class Collection {
    private final Storage storage;
    private final Layout layout;
    private final Options options;
    private final Consumer<String> told;

    /// Everything that some manifest refers to.
    private final Set<Digest> marked = new HashSet<>();

    private Instant limit = Instant.MIN;
    private int manifests;
    private int blobs;
    private long bytes;

    /// @param grace what was used after that much time before the start stays
    /// @param untagged whether manifests go that no tag names, no index has, and that are about no
    ///     manifest that stays
    /// @param dryRun only says what would go
    public record Options(Duration grace, boolean untagged, boolean dryRun) {}

    /// What a collection did, or would have done.
    public record Report(int manifests, int blobs, long bytes) {}

    /// @param told what happens, line by line, in the words of Docker Registry's `garbage-collect`
    public Collection(Storage storage, Options options, Consumer<String> told) {
        this.storage = storage;
        this.layout = storage.layout();
        this.options = options;
        this.told = told;
    }

    /// Puts back what a collection that was killed had moved aside.
    public static void recover(Storage storage) throws IOException {
        if (Files.isDirectory(storage.layout().trash())) {
            var none = new Options(Duration.ZERO, false, false);
            new Collection(storage, none, _ -> {}).alone(Optional::empty);
        }
    }

    /// @return empty if another collection is going on
    public Optional<Report> run() throws IOException {
        return alone(() -> {
            Duration blur = options.grace().isZero() ? Duration.ZERO : Blobs.BLUR;
            limit = Instant.now().minus(options.grace()).minus(blur);
            for (RepositoryName name : storage.repositories(Optional.empty(), Integer.MAX_VALUE)) {
                collect(storage.repository(name));
            }
            sweepBlobs();
            return Optional.of(new Report(manifests, blobs, bytes));
        });
    }

    /// What is done while no other collection is going on.
    @FunctionalInterface
    private interface Work {
        Optional<Report> run() throws IOException;
    }

    private Optional<Report> alone(Work work) throws IOException {
        Files.createDirectories(layout.own());
        try (var lock =
                FileChannel.open(
                        layout.collectionLock(),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE)) {
            try {
                if (lock.tryLock() == null) {
                    return Optional.empty();
                }
            } catch (OverlappingFileLockException _) {
                return Optional.empty();
            }
            if (!options.dryRun()) {
                restoreLeftovers();
            }
            return work.run();
        }
    }

    // ---- repositories ----------------------------------------------------------------------

    private void collect(Repository repository) throws IOException {
        told.accept(repository.name().path());
        List<Digest> revisions = repository.manifests();
        var parsed = new HashMap<Digest, Manifest>();
        boolean understood = true;
        for (Digest digest : revisions) {
            Optional<Manifest> manifest = parse(repository, digest);
            manifest.ifPresent(found -> parsed.put(digest, found));
            understood &= manifest.isPresent() || storage.blobs().size(digest).isEmpty();
        }
        // Nobody knows what a manifest refers to that cannot be read: all that it can stays.
        Set<Digest> staying =
                options.untagged() && understood
                        ? tagged(repository, parsed)
                        : new HashSet<>(revisions);
        for (Digest digest : revisions) {
            Path link = layout.revision(repository.name(), digest);
            if (!staying.contains(digest) && isOld(link)) {
                told.accept("manifest eligible for deletion: " + digest);
                if (remove(link)) {
                    manifests++;
                    continue;
                }
            }
            staying.add(digest);
        }
        var referred = new HashSet<Digest>();
        for (Digest digest : staying) {
            told.accept(repository.name() + ": marking manifest " + digest + " ");
            marked.add(digest);
            Manifest manifest = parsed.get(digest);
            if (manifest != null) {
                referred.addAll(references(manifest));
            }
        }
        if (!understood) {
            referred.addAll(repository.layers());
        }
        marked.addAll(referred);
        for (Digest digest : repository.layers()) {
            Path link = layout.layer(repository.name(), digest);
            // Without its blob a link is a promise that cannot be kept.
            if (!referred.contains(digest) && !staying.contains(digest) && isOld(link)) {
                remove(link);
            } else if (!referred.contains(digest)) {
                keepYoung(digest, link);
            }
        }
    }

    /// A link that was used a moment ago keeps its blob, whose own time may be older.
    private void keepYoung(Digest digest, Path link) throws IOException {
        if (!isOld(link)) {
            marked.add(digest);
        }
    }

    private Optional<Manifest> parse(Repository repository, Digest digest) throws IOException {
        if (storage.blobs().size(digest).orElse(0) > Json.MAX_DOCUMENT) {
            told.accept(repository.name() + ": " + digest + " is no manifest: it is too large");
            return Optional.empty();
        }
        Optional<byte[]> content = repository.manifest(digest, Json.MAX_DOCUMENT);
        try {
            return content.map(bytes -> Manifest.parse(digest.toString(), "", bytes));
        } catch (InvalidParameter e) {
            told.accept(repository.name() + ": " + digest + " is no manifest: " + e.message());
            return Optional.empty();
        }
    }

    /// What tags name, with all that belongs to it.
    private Set<Digest> tagged(Repository repository, Map<Digest, Manifest> parsed)
            throws IOException {
        var bySubject = new HashMap<Digest, List<Digest>>();
        parsed.forEach((digest, manifest) ->
                subject(manifest)
                        .ifPresent(subject ->
                                bySubject
                                        .computeIfAbsent(subject, _ -> new ArrayList<>())
                                        .add(digest)));
        var staying = new HashSet<Digest>();
        var open = new ArrayDeque<Digest>();
        for (String tag : repository.tags()) {
            repository.tag(tag).ifPresent(open::add);
        }
        while (!open.isEmpty()) {
            Digest digest = open.remove();
            if (staying.add(digest)) {
                open.addAll(bySubject.getOrDefault(digest, List.of()));
                if (parsed.get(digest) instanceof Manifest.OfIndex index) {
                    index.manifests().forEach(child -> open.add(child.digest()));
                }
            }
        }
        return staying;
    }

    private static Optional<Digest> subject(Manifest manifest) {
        return switch (manifest) {
            case Manifest.OfImage image -> image.subject().map(Descriptor::digest);
            case Manifest.OfIndex index -> index.subject().map(Descriptor::digest);
            case Manifest.OfSchemaOne _ -> Optional.empty();
        };
    }

    private static List<Digest> references(Manifest manifest) {
        return switch (manifest) {
            case Manifest.OfImage image ->
                    Stream.concat(Stream.of(image.config()), image.layers().stream())
                            .map(Descriptor::digest)
                            .toList();
            case Manifest.OfIndex index ->
                    index.manifests().stream().map(Descriptor::digest).toList();
            case Manifest.OfSchemaOne old -> old.layers();
        };
    }

    // ---- blobs -----------------------------------------------------------------------------

    private void sweepBlobs() throws IOException {
        for (String prefix : StorageFiles.names(layout.blobs())) {
            for (String hex : StorageFiles.names(layout.blobs().resolve(prefix))) {
                Digest digest;
                try {
                    digest = new Digest(hex);
                } catch (InvalidParameter _) {
                    continue;
                }
                if (!marked.contains(digest)) {
                    sweep(digest);
                }
            }
        }
    }

    private void sweep(Digest digest) throws IOException {
        Path file = layout.blob(digest);
        long size = storage.blobs().size(digest).orElse(-1);
        if (size < 0 || !isOld(file)) {
            return;
        }
        told.accept("blob eligible for deletion: " + digest);
        if (remove(file)) {
            blobs++;
            bytes += size;
        }
    }

    private boolean isOld(Path file) throws IOException {
        return StorageFiles.modified(file).filter(time -> time.isBefore(limit)).isPresent();
    }

    // ---- removal in two steps --------------------------------------------------------------

    /// @return whether it is gone, or would be
    private boolean remove(Path file) throws IOException {
        if (options.dryRun()) {
            return true;
        }
        Path aside = layout.trash(file);
        try {
            storage.files().move(file, aside);
        } catch (NoSuchFileException _) {
            return false;
        }
        if (!isOld(aside)) {
            // Somebody relies on it since a moment ago.
            restore(aside, file);
            return false;
        }
        storage.files().delete(aside);
        @Nullable Path directory = file.getParent();
        if (directory != null) {
            storage.files().deleteIfEmpty(directory);
        }
        return true;
    }

    /// What another collection was deciding about when it was killed is decided about anew.
    private void restoreLeftovers() throws IOException {
        if (!Files.isDirectory(layout.trash())) {
            return;
        }
        try (Stream<Path> below = Files.walk(layout.trash())) {
            below.filter(Files::isRegularFile)
                    .forEach(aside -> {
                        try {
                            restore(aside, layout.fromTrash(aside));
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    });
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        storage.files().deleteTree(layout.trash());
    }

    private void restore(Path aside, Path file) throws IOException {
        if (Files.exists(file)) {
            // Pushed again meanwhile, with the same content.
            storage.files().delete(aside);
            return;
        }
        storage.files().move(aside, file);
    }
}
