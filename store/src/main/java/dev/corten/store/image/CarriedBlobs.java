package dev.corten.store.image;

import dev.corten.model.Digest;
import dev.corten.store.content.Content;
import dev.corten.store.image.ArchiveIndex.Found;
import dev.corten.store.image.ArchiveIndex.Origin;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/// What an archive has of images beside their layers and configurations, on its way into the store:
/// manifests, indexes, and what these name that is no image.
final class CarriedBlobs implements AutoCloseable {
    private final Content content;
    private final Map<String, byte[]> documents;
    private final Function<String, Content.Ingest> spooled;
    private final Map<Digest, Content.Ingest> used;
    private final Map<Digest, Content.Ingest> written = new HashMap<>();
    private boolean fresh;

    /// @param documents of the archive by their path
    /// @param spooled gives the file of a member that is none of these
    /// @param used takes what is to be published
    CarriedBlobs(
            Content content,
            Map<String, byte[]> documents,
            Function<String, Content.Ingest> spooled,
            Map<Digest, Content.Ingest> used) {
        this.content = content;
        this.documents = documents;
        this.spooled = spooled;
        this.used = used;
    }

    /// Takes what came with an image, and notes that.
    ///
    /// @param kept blobs of its layers that have to be kept for it
    Images.NewImage note(Found found, Images.NewImage image, List<Digest> kept) throws IOException {
        Optional<Origin> origin = found.origin();
        if (origin.isEmpty()) {
            return image;
        }
        for (Digest manifest : origin.get().manifests()) {
            take(ArchiveDocuments.blob(manifest));
        }
        var all = new ArrayList<>(kept);
        for (String extra : origin.get().extras()) {
            all.add(take(extra));
        }
        fresh |= !all.isEmpty();
        return image.as(origin.get().target(), origin.get().manifests(), all);
    }

    private Digest take(String path) throws IOException {
        Digest digest = ArchiveDocuments.stated(path);
        if (used.containsKey(digest)) {
            return digest;
        }
        byte[] bytes = documents.get(path);
        Content.Ingest ingest;
        if (bytes == null) {
            ingest = spooled.apply(path);
        } else {
            ingest = content.ingest();
            written.put(digest, ingest);
            ingest.out().write(bytes);
        }
        ingest.verify(digest);
        used.put(digest, ingest);
        return digest;
    }

    /// Whether there are blobs that nobody could make again.
    boolean hasNew() {
        return fresh;
    }

    /// Discards what was written and not published.
    @Override
    public void close() throws IOException {
        for (Content.Ingest ingest : written.values()) {
            ingest.close();
        }
    }
}
