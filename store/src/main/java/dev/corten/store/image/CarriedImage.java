package dev.corten.store.image;

import dev.corten.model.Digest;
import dev.corten.model.InvalidParameter;
import dev.corten.model.NotFound;
import dev.corten.model.Platform;
import dev.corten.model.image.Descriptor;
import dev.corten.model.image.Image;
import dev.corten.model.image.MediaTypes;
import dev.corten.store.content.Content;
import dev.corten.store.document.Json;
import dev.corten.store.document.Manifest;
import dev.corten.store.image.Images.StoredManifest;
import dev.corten.store.snapshot.ChainId;
import dev.corten.store.snapshot.Layer;
import dev.corten.store.snapshot.Layers;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/// An image as it came, byte for byte, for an archive: the index or the manifest that its name stands
/// for, and as much of what that names as is here.
final class CarriedImage implements AutoCloseable {
    private static final int MAX_NESTING = 4;

    /// Opens a blob; the caller closes it.
    interface Source {
        InputStream open() throws IOException;
    }

    /// A blob of the archive.
    record Blob(long size, Source source) {}

    private final Images images;
    private final Layers layers;
    private final LayerArchive archive;
    private final Content content;
    private final Predicate<Platform> wanted;
    private final Map<Digest, Blob> blobs = new LinkedHashMap<>();
    private final Set<Digest> seen = new HashSet<>();
    private final List<Runnable> holds = new ArrayList<>();
    private final Digest main;
    private List<Digest> mainLayers = List.of();
    private boolean complete;

    private CarriedImage(
            Images images,
            Layers layers,
            LayerArchive archive,
            Digest main,
            Predicate<Platform> wanted) {
        this.images = images;
        this.layers = layers;
        this.archive = archive;
        this.content = images.content();
        this.main = main;
        this.wanted = wanted;
    }

    /// @param wanted platforms of which the images of an index shall be
    /// @return nothing if the image itself is not here as it came. The caller closes it, and until
    ///     then nothing of it is removed
    static Optional<CarriedImage> of(
            Images images,
            Layers layers,
            LayerArchive archive,
            Image image,
            StoredManifest target,
            Predicate<Platform> wanted)
            throws IOException {
        var carried = new CarriedImage(images, layers, archive, image.id(), wanted);
        boolean done = false;
        try {
            carried.document(target, MAX_NESTING);
            done = carried.complete;
            return done ? Optional.of(carried) : Optional.empty();
        } finally {
            if (!done) {
                carried.close();
            }
        }
    }

    Map<Digest, Blob> blobs() {
        return blobs;
    }

    /// The blobs of the image's own layers, the lowest first.
    List<Digest> mainLayers() {
        return mainLayers;
    }

    private void document(StoredManifest document, int depth) throws IOException {
        Digest digest = document.descriptor().digest();
        byte[] bytes = document.bytes();
        if (depth == 0 || !seen.add(digest)) {
            return;
        }
        Manifest manifest;
        try {
            manifest = Manifest.parse("manifest " + digest, "", bytes);
        } catch (InvalidParameter damaged) {
            return;
        }
        blobs.put(digest, new Blob(bytes.length, () -> new ByteArrayInputStream(bytes)));
        switch (manifest) {
            case Manifest.OfIndex index -> {
                for (Descriptor member : index.manifests()) {
                    if (member.platform().map(wanted::test).orElse(true)) {
                        Optional<StoredManifest> stored = stored(member);
                        if (stored.isPresent()) {
                            document(stored.get(), depth - 1);
                        }
                    }
                }
            }
            case Manifest.OfImage image -> image(image);
            case Manifest.OfSchemaOne _ -> blobs.remove(digest);
        }
    }

    private void image(Manifest.OfImage manifest) throws IOException {
        Descriptor config = manifest.config();
        Optional<byte[]> configBytes = config(config);
        if (configBytes.isPresent()) {
            byte[] bytes = configBytes.get();
            blobs.put(
                    config.digest(), new Blob(bytes.length, () -> new ByteArrayInputStream(bytes)));
        }
        List<Digest> diffIds = configBytes.map(CarriedImage::diffIds).orElse(List.of());
        boolean all = configBytes.isPresent();
        for (int i = 0; i < manifest.layers().size(); i++) {
            Descriptor layer = manifest.layers().get(i);
            Optional<Digest> diffId =
                    diffIds.size() == manifest.layers().size()
                            ? Optional.of(ChainId.of(diffIds).get(i))
                            : Optional.empty();
            Optional<Blob> blob = blob(layer.digest(), diffId);
            blob.ifPresent(found -> blobs.put(layer.digest(), found));
            all &= blob.isPresent() || MediaTypes.isForeign(layer.mediaType());
        }
        if (config.digest().equals(main) && all) {
            complete = true;
            mainLayers = manifest.layers().stream().map(Descriptor::digest).toList();
        }
    }

    /// What came, or the plain tar of a layer that came as one, made again.
    private Optional<Blob> blob(Digest digest, Optional<Digest> chainId) throws IOException {
        holds.add(content.hold(List.of(digest))::close);
        if (content.contains(digest)) {
            return Optional.of(new Blob(content.size(digest), () -> content.read(digest)));
        }
        Optional<Layer> layer =
                chainId.flatMap(layers::find).filter(found -> found.diffId().equals(digest));
        Optional<Layers.Pin> pin = layer.flatMap(found -> layers.pin(found.chainId()));
        if (layer.isEmpty() || pin.isEmpty()) {
            return Optional.empty();
        }
        holds.add(pin.get()::close);
        LayerArchive.Plain plain = archive.plain(layer.get());
        return Optional.of(new Blob(plain.size(), plain::open));
    }

    private Optional<StoredManifest> stored(Descriptor member) throws IOException {
        holds.add(content.hold(List.of(member.digest()))::close);
        try (InputStream in = content.read(member.digest())) {
            byte[] bytes = in.readNBytes(Json.MAX_DOCUMENT);
            return Optional.of(
                    new StoredManifest(
                            Descriptor.of(member.mediaType(), member.digest(), bytes.length),
                            bytes));
        } catch (NotFound absent) {
            return Optional.empty();
        }
    }

    private Optional<byte[]> config(Descriptor config) throws IOException {
        try {
            return Optional.of(images.configBytes(config.digest()));
        } catch (NotFound e) {
            // Of an artifact: then it is a blob like any other.
            return stored(config).map(StoredManifest::bytes);
        }
    }

    private static List<Digest> diffIds(byte[] config) {
        try {
            return ImageDocument.parse("config", config).diffIds();
        } catch (InvalidParameter artifact) {
            return List.of();
        }
    }

    @Override
    public void close() {
        holds.forEach(Runnable::run);
        holds.clear();
    }
}
