package dev.corten.engine.build.output;

import dev.corten.archive.Compression;
import dev.corten.model.Digest;
import dev.corten.model.InvalidParameter;
import dev.corten.model.NotFound;
import dev.corten.model.image.Descriptor;
import dev.corten.model.image.MediaTypes;
import dev.corten.store.Store;
import dev.corten.store.content.Content;
import dev.corten.store.image.LayerArchive;
import dev.corten.store.image.LayerForm;
import dev.corten.store.snapshot.ChainId;
import dev.corten.store.snapshot.Layer;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/// The blobs of layers in the form that an output asks for. They stay until it is closed, as long as
/// the layers do.
public final class LayerBlobs implements AutoCloseable {
    /// How layers are compressed.
    ///
    /// @param kind empty: as they came, or with gzip
    /// @param force whether those too that came otherwise
    record Form(Optional<Compression> kind, OptionalInt level, boolean force) {
        static final Form USUAL = new Form(Optional.empty(), OptionalInt.empty(), false);

        /// @throws InvalidParameter in BuildKit's words
        static Form of(Attributes attributes) {
            Optional<Compression> kind =
                    attributes
                            .text("compression")
                            .map(name ->
                                    switch (name) {
                                        case "gzip" -> Compression.GZIP;
                                        case "zstd" -> Compression.ZSTD;
                                        case "uncompressed" -> Compression.NONE;
                                        default ->
                                                throw new InvalidParameter(
                                                        "unsupported compression type " + name);
                                    });
            return new Form(
                    kind,
                    attributes.number("compression-level"),
                    attributes.flag("force-compression", false));
        }

        boolean isUsual() {
            return kind.isEmpty() && level.isEmpty();
        }
    }

    private final Store store;
    private final Form form;
    private final List<Content.Hold> holds = new ArrayList<>();
    private final List<Content.Ingest> ingests = new ArrayList<>();

    /// By chain ID.
    private final Map<Digest, Descriptor> made = new HashMap<>();

    /// Plain tars, which are made again whenever they are read.
    private final Map<Digest, LayerArchive.Plain> plain = new HashMap<>();

    public LayerBlobs(Store store) {
        this(store, Form.USUAL);
    }

    LayerBlobs(Store store, Form form) {
        this.store = store;
        this.form = form;
    }

    /// @param diffIds of layers that are here, and held
    /// @return the lowest first, with the media types of OCI
    public List<Descriptor> of(List<Digest> diffIds) throws IOException {
        var blobs = new ArrayList<Descriptor>();
        for (Digest chainId : ChainId.of(diffIds)) {
            Descriptor known = made.get(chainId);
            if (known == null) {
                Layer layer =
                        store.layers()
                                .find(chainId)
                                .orElseThrow(() -> new NotFound("No such layer: " + chainId));
                known = blob(layer);
                made.put(chainId, known);
            }
            blobs.add(known);
        }
        return blobs;
    }

    /// Opens one of these; the caller closes it.
    public InputStream open(Digest blob) throws IOException {
        LayerArchive.Plain tar = plain.get(blob);
        return tar != null ? tar.open() : store.content().read(blob);
    }

    /// Whether it is not a file, but made when it is read.
    boolean isPlain(Digest blob) {
        return plain.containsKey(blob);
    }

    private Descriptor blob(Layer layer) throws IOException {
        boolean asItCame = form.isUsual() || (layer.blob().isPresent() && !form.force());
        Compression kind = form.kind().orElse(Compression.GZIP);
        if (!asItCame && kind == Compression.NONE) {
            LayerArchive.Plain tar = store.layerArchive().plain(layer);
            plain.put(layer.diffId(), tar);
            return Descriptor.of(MediaTypes.OCI_LAYER, layer.diffId(), tar.size());
        }
        if (!asItCame && form.level().isPresent()) {
            return packed(layer, new LayerForm.Packed(kind, form.level()));
        }
        Descriptor blob =
                asItCame
                        ? store.layerArchive().blob(layer)
                        : store.layerArchive()
                                .blob(
                                        layer,
                                        kind == Compression.ZSTD
                                                ? LayerArchive.Format.ZSTD
                                                : LayerArchive.Format.GZIP);
        holds.add(store.content().hold(List.of(blob.digest())));
        return blob;
    }

    private Descriptor packed(Layer layer, LayerForm.Packed packing) throws IOException {
        Content.Ingest ingest = store.content().ingest();
        ingests.add(ingest);
        try (InputStream tar = store.layerArchive().plain(layer).open()) {
            Descriptor blob = packing.write(tar, ingest.out());
            ingest.verified(blob.digest(), blob.digest());
            holds.add(store.content().publish(List.of(ingest)));
            return blob;
        }
    }

    @Override
    public void close() throws IOException {
        List<Digest> unneeded = made.values().stream().map(Descriptor::digest).toList();
        holds.forEach(Content.Hold::close);
        for (Content.Ingest ingest : ingests) {
            ingest.close();
        }
        if (!ingests.isEmpty()) {
            // What nobody has kept was for this output only.
            store.content().removeUnneeded(unneeded);
        }
    }
}
