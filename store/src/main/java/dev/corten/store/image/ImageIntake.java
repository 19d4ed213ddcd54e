package dev.corten.store.image;

import dev.corten.model.Digest;
import dev.corten.model.InvalidParameter;
import dev.corten.model.Reference;
import dev.corten.model.image.Descriptor;
import dev.corten.model.image.Image;
import dev.corten.store.content.Content;
import dev.corten.store.image.Images.StoredManifest;
import dev.corten.store.snapshot.LayerImport;
import dev.corten.store.snapshot.StagedLayer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// One image on its way in from elsewhere: its layers are stacked as they arrive, and all of it
/// becomes visible at the end. For one thread at a time, a platform one.
///
/// ```java
/// try (var intake = images.intake()) {
///     int present = intake.present(diffIds);
///     for (int i = present; i < layers.size(); i++) {
///         intake.add(layers.get(i), Optional.of(diffIds.get(i)));
///     }
///     Image image = intake.commit(arrived);
/// }
/// ```
public final class ImageIntake implements AutoCloseable {
    private final Images images;
    private final Content content;
    private final LayerImport.Session session;
    private final LayerImport.Chain chain;
    private final Set<Content.Ingest> blobs = new LinkedHashSet<>();

    /// Blobs that are not kept: their layers give the same bytes again, or were here already.
    private final Set<Content.Ingest> unused = new LinkedHashSet<>();

    ImageIntake(Images images, Content content, LayerImport imports) {
        this.images = images;
        this.content = content;
        this.session = imports.session();
        this.chain = session.chain();
    }

    /// What arrives with the layers.
    ///
    /// @param names that the image is to have
    /// @param target what they stand for where the image came from
    /// @param documents its manifest, and the indexes that led to it
    public record Arrived(
            byte[] config,
            List<Reference> names,
            Descriptor target,
            List<StoredManifest> documents) {
        public Arrived {
            names = List.copyOf(names);
            documents = List.copyOf(documents);
        }
    }

    /// Stacks those of the lowest layers that are here already; from now on they stay.
    ///
    /// @return how many
    public int present(List<Digest> diffIds) {
        int present = 0;
        while (present < diffIds.size() && chain.addExisting(diffIds.get(present))) {
            present++;
        }
        return present;
    }

    /// Puts a layer on top that has been brought and unpacked.
    ///
    /// @param expected its diff ID, if that is known
    /// @return its diff ID
    /// @throws InvalidParameter if it is another one than expected
    public Digest add(IncomingLayer layer, Optional<Digest> expected) throws IOException {
        if (expected.isPresent() && chain.addExisting(expected.get())) {
            layer.ingest().ifPresent(unused::add);
            return expected.get();
        }
        StagedLayer staged = layer.take();
        boolean done = false;
        try {
            Digest diffId = staged.diffId();
            if (expected.isPresent() && !expected.get().equals(diffId)) {
                throw new InvalidParameter(
                        "layers from manifest don't match image configuration: layer "
                                + layer.digest()
                                + " has the diff ID "
                                + diffId
                                + ", the configuration says "
                                + expected.get());
            }
            if (expected.isPresent() || !chain.addExisting(diffId)) {
                boolean kept = chain.add(staged, Optional.of(layer.digest()));
                layer.ingest().ifPresent(kept ? blobs::add : unused::add);
                done = true;
            }
            return diffId;
        } finally {
            if (!done) {
                staged.close();
            }
        }
    }

    /// Makes the image visible, and gives it its names.
    ///
    /// @throws InvalidParameter if the configuration is none
    public Image commit(Arrived arrived) throws IOException {
        Digest id = Digest.of(arrived.config());
        ImageDocument document = ImageDocument.parse("image configuration " + id, arrived.config());
        var arriving = new ArrayList<>(blobs);
        var documents = new ArrayList<Content.Ingest>();
        try {
            for (StoredManifest manifest : arrived.documents()) {
                if (!Digest.of(manifest.bytes()).equals(manifest.descriptor().digest())) {
                    continue; // signed ones of schema 1 are named by a part of them
                }
                Content.Ingest ingest = content.ingest();
                documents.add(ingest);
                ingest.out().write(manifest.bytes());
                ingest.verify(manifest.descriptor().digest());
            }
            arriving.addAll(documents);
            try (var _ = content.publish(arriving)) {
                session.sync();
                session.commit();
                images.add(
                        List.of(
                                Images.NewImage.pulled(
                                        arrived.config(),
                                        document,
                                        arrived.names(),
                                        arrived.target(),
                                        arrived.documents().stream()
                                                .map(m -> m.descriptor().digest())
                                                .toList())));
            }
        } finally {
            for (Content.Ingest ingest : documents) {
                ingest.close();
            }
        }
        unused.stream().filter(ingest -> !blobs.contains(ingest)).forEach(Content.Ingest::discard);
        return images.get(id.toString());
    }

    /// Discards what was not committed.
    @Override
    public void close() {
        session.close();
    }
}
