package dev.corten.engine.build.remote;

import dev.corten.build.solve.CacheStore.Entry;
import dev.corten.engine.build.output.InlineMember;
import dev.corten.model.Digest;
import dev.corten.model.InvalidParameter;
import dev.corten.model.Platform;
import dev.corten.model.image.Descriptor;
import dev.corten.store.document.Json;
import dev.corten.store.document.Manifest;
import dev.corten.store.image.Images;
import dev.corten.store.snapshot.ChainId;
import dev.corten.store.snapshot.Layers;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A cache that was exported elsewhere, to be read. Its layers are fetched when they are needed.
///
/// What it says is believed by the builds that name it, and by no other: see [BuildCache].
final class ImportedCache implements AutoCloseable {
    static final String CONFIG_TYPE = "application/vnd.corten.cacheconfig.v1+json";

    /// How many images of an index are looked at.
    private static final int MAX_MEMBERS = 32;

    /// @param layers lowest first; empty: only the content is known
    private record Found(Digest content, Optional<List<LayerPull.Wanted>> layers) {}

    private final CacheBlobs blobs;
    private final LayerPull pull;
    private final Map<Digest, Found> found = new HashMap<>();

    private ImportedCache(CacheBlobs blobs, LayerPull pull) {
        this.blobs = blobs;
        this.pull = pull;
    }

    /// @param blobs are closed with this, also if it fails
    /// @throws InvalidParameter if there is no cache, or a damaged one
    static ImportedCache read(CacheBlobs blobs, String tagOrDigest, LayerPull pull)
            throws IOException, InterruptedException {
        var cache = new ImportedCache(blobs, pull);
        boolean done = false;
        try {
            cache.read(tagOrDigest, 0);
            done = true;
            return cache;
        } finally {
            if (!done) {
                blobs.close();
            }
        }
    }

    private void read(String tagOrDigest, int depth) throws IOException, InterruptedException {
        byte[] bytes = blobs.manifest(tagOrDigest);
        switch (Manifest.parse("manifest of a cache", "", bytes)) {
            case Manifest.OfImage image -> read(image);
            case Manifest.OfIndex index -> {
                if (depth > 1) {
                    throw new InvalidParameter("cache has too many indexes in each other");
                }
                List<Descriptor> members =
                        index.manifests().stream()
                                .filter(ImportedCache::isImage)
                                .limit(MAX_MEMBERS)
                                .toList();
                for (Descriptor member : members) {
                    read(member.digest().toString(), depth + 1);
                }
            }
            case Manifest.OfSchemaOne _ ->
                    throw new InvalidParameter("an image of schema 1 has no cache");
        }
    }

    private static boolean isImage(Descriptor member) {
        return member.platform().map(Platform::os).filter("unknown"::equals).isEmpty();
    }

    private void read(Manifest.OfImage manifest) throws IOException, InterruptedException {
        byte[] config = document(manifest.config());
        if (manifest.config().mediaType().equals(CONFIG_TYPE)) {
            add(manifest, CacheDocument.read(config, Optional.empty()));
            return;
        }
        Optional<byte[]> inline = InlineMember.find(config);
        if (inline.isPresent()) {
            List<Digest> diffIds = Images.describe(config).diffIds();
            add(manifest, CacheDocument.read(inline.get(), Optional.of(diffIds)));
        }
    }

    private void add(Manifest.OfImage manifest, CacheDocument document) {
        if (manifest.layers().size() != document.diffIds().size()) {
            throw new InvalidParameter(
                    "cache has "
                            + manifest.layers().size()
                            + " layers and tells of "
                            + document.diffIds().size());
        }
        document.byKey()
                .forEach((key, known) ->
                        found.putIfAbsent(
                                key,
                                new Found(
                                        known.content(),
                                        known.chain()
                                                .map(chain ->
                                                        document.chains().get(chain).stream()
                                                                .map(position ->
                                                                        wanted(
                                                                                manifest, document,
                                                                                position))
                                                                .toList()))));
    }

    private static LayerPull.Wanted wanted(
            Manifest.OfImage manifest, CacheDocument document, int position) {
        return new LayerPull.Wanted(
                manifest.layers().get(position), document.diffIds().get(position));
    }

    private byte[] document(Descriptor blob) throws IOException, InterruptedException {
        if (blob.size() > Json.MAX_DOCUMENT) {
            throw new InvalidParameter("configuration of a cache is too large: " + blob.size());
        }
        try (InputStream in = blobs.open(blob)) {
            byte[] bytes = in.readNBytes(Json.MAX_DOCUMENT);
            if (!Digest.of(bytes).equals(blob.digest())) {
                throw new InvalidParameter(
                        "configuration " + blob.digest() + " of a cache is damaged");
            }
            return bytes;
        }
    }

    boolean isEmpty() {
        return found.isEmpty();
    }

    Optional<Entry> find(Digest key) {
        return Optional.ofNullable(found.get(key)).map(it -> new Entry(it.content(), key));
    }

    /// The layers of a result, brought here if they are not.
    ///
    /// @param pin empty for a result without layers
    record Opened(Optional<Digest> chainId, Optional<Layers.Pin> pin) implements AutoCloseable {
        @Override
        public void close() {
            pin.ifPresent(Layers.Pin::close);
        }
    }

    /// @return empty if it has only the content
    /// @throws InvalidParameter if a layer is not what the cache says that it is
    Optional<Opened> open(Entry entry) throws IOException, InterruptedException {
        Found known = found.get(entry.key());
        if (known == null || known.layers().isEmpty()) {
            return Optional.empty();
        }
        List<LayerPull.Wanted> layers = known.layers().get();
        if (layers.isEmpty()) {
            return Optional.of(new Opened(Optional.empty(), Optional.empty()));
        }
        Layers.Pin pin = pull.pull(blobs, layers);
        return Optional.of(
                new Opened(
                        Optional.of(
                                ChainId.of(layers.stream().map(LayerPull.Wanted::diffId).toList())
                                        .getLast()),
                        Optional.of(pin)));
    }

    @Override
    public void close() {
        blobs.close();
    }
}
