package dev.corten.store.image;

import dev.corten.archive.Compression;
import dev.corten.archive.GzipOutput;
import dev.corten.archive.ZstdOutput;
import dev.corten.model.Digest;
import dev.corten.model.NotFound;
import dev.corten.model.image.Descriptor;
import dev.corten.model.image.MediaTypes;
import dev.corten.store.Durable;
import dev.corten.store.StoreLayout;
import dev.corten.store.content.Content;
import dev.corten.store.snapshot.Layer;
import dev.corten.store.snapshot.Layers;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.lang.ref.SoftReference;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;

/// What layers are sent as: the blob that a layer came as, or one that is made of it when it is first
/// asked for, and kept.
public final class LayerArchive {
    private static final int PROCESSORS =
            Math.clamp(Runtime.getRuntime().availableProcessors(), 1, 8);

    private static final int ZSTD_LEVEL = 3;
    private static final int BUFFER = 128 << 10;

    /// How a layer is compressed.
    public enum Format {
        GZIP("gzip", MediaTypes.OCI_LAYER_GZIP),
        ZSTD("zstd", MediaTypes.OCI_LAYER_ZSTD);

        private final String kind;
        private final String mediaType;

        Format(String kind, String mediaType) {
            this.kind = kind;
            this.mediaType = mediaType;
        }

        private static Optional<Format> of(Compression compression) {
            return switch (compression) {
                case GZIP -> Optional.of(GZIP);
                case ZSTD -> Optional.of(ZSTD);
                case NONE, BZIP2, XZ -> Optional.empty();
            };
        }
    }

    private final StoreLayout layout;
    private final Durable durable;
    private final Content content;
    private final Layers layers;

    /// One layer at a time: each is compressed on all processors, and several beside each other would
    /// only need the memory of several.
    private final Semaphore turn = new Semaphore(1, true);

    /// For the next layer. Only whose turn it is has to do with it.
    private SoftReference<GzipOutput.Memory> spare = new SoftReference<>(null);

    public LayerArchive(StoreLayout layout, Durable durable, Content content, Layers layers) {
        this.layout = layout;
        this.durable = durable;
        this.content = content;
        this.layers = layers;
    }

    // --- plain

    /// The layer's tar.
    ///
    /// @param size in bytes
    /// @param source gives exactly the tar whose digest is the layer's diff ID, or fails
    public record Plain(Layer layer, long size, Layers.Tar.Source source) {
        /// The caller closes it.
        ///
        /// @throws IOException also at the end, if what was read is not the layer
        public InputStream open() throws IOException {
            return new VerifiedInput(source.open(), layer.diffId());
        }
    }

    /// The tar of a layer, as it came or was made.
    public Plain plain(Layer layer) throws IOException {
        Optional<Layers.Tar> noted = layers.tar(layer);
        Layers.Tar tar = noted.isPresent() ? noted.get() : withoutNotes(layer);
        if (tar.size().isPresent()) {
            return new Plain(layer, tar.size().getAsLong(), tar.source());
        }
        try (InputStream in = tar.source().open()) {
            return new Plain(layer, length(in), tar.source());
        }
    }

    /// From a blob, if there is one: what was made elsewhere cannot be made again.
    private Layers.Tar withoutNotes(Layer layer) {
        Optional<Digest> blob = layer.blobs().stream().filter(content::contains).findFirst();
        return blob.map(digest ->
                        new Layers.Tar(
                                OptionalLong.empty(), () -> Compression.open(content.read(digest))))
                .orElseGet(() -> layers.canonicalTar(layer));
    }

    private static long length(InputStream in) throws IOException {
        byte[] buffer = new byte[BUFFER];
        long length = 0;
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
            length += n;
        }
        return length;
    }

    // --- compressed

    /// The compressed blob of a layer: what it came as, if that was compressed at all, else gzip.
    ///
    /// @throws NotFound if the layer is not here
    public Descriptor blob(Layer layer) throws IOException {
        for (Digest digest : layers.find(layer.chainId()).orElse(layer).blobs()) {
            Optional<Format> format = present(digest);
            if (format.isPresent()) {
                return descriptor(digest, format.get());
            }
        }
        return blob(layer, Format.GZIP);
    }

    /// The blob of a layer in this format. It is in the store's content for as long as the layer is;
    /// the caller keeps the layer.
    ///
    /// @throws NotFound if the layer is not here
    public Descriptor blob(Layer layer, Format format) throws IOException {
        Optional<Descriptor> known = known(layer, format);
        if (known.isPresent()) {
            return known.get();
        }
        try (Layers.Pin _ =
                        layers.pin(layer.chainId())
                                .orElseThrow(
                                        () -> new NotFound("No such layer: " + layer.chainId()));
                var ingest = content.ingest()) {
            awaitTurn();
            Digest digest;
            try {
                // Whoever was before may have made it.
                known = known(layer, format);
                if (known.isPresent()) {
                    return known.get();
                }
                digest = compress(layer, format, ingest);
            } finally {
                turn.release();
            }
            // The next one begins while the disk works.
            ingest.verified(digest, digest);
            durable.syncFileSystem(layout.dataRoot());
            try (var _ = content.publish(List.of(ingest))) {
                layers.addArchive(layer.chainId(), format.kind, digest);
            }
            return descriptor(digest, format);
        }
    }

    private void awaitTurn() throws InterruptedIOException {
        try {
            turn.acquire();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("compression was interrupted");
        }
    }

    /// Of this layer, or of one with the same content that lies on others: then it is noted here too.
    private Optional<Descriptor> known(Layer layer, Format format) throws IOException {
        for (Digest digest : layers.find(layer.chainId()).orElse(layer).blobs()) {
            if (present(digest).equals(Optional.of(format))) {
                return Optional.of(descriptor(digest, format));
            }
        }
        for (Layer other : layers.list()) {
            if (!other.diffId().equals(layer.diffId()) || other.chainId().equals(layer.chainId())) {
                continue;
            }
            for (Digest digest : other.blobs()) {
                try (var _ = content.hold(List.of(digest))) {
                    if (present(digest).equals(Optional.of(format))) {
                        layers.addArchive(layer.chainId(), format.kind, digest);
                        return Optional.of(descriptor(digest, format));
                    }
                }
            }
        }
        return Optional.empty();
    }

    private Optional<Format> present(Digest digest) throws IOException {
        if (!content.contains(digest)) {
            return Optional.empty();
        }
        try (InputStream in = content.read(digest)) {
            byte[] head = in.readNBytes(Compression.MAGIC_LENGTH);
            return Format.of(Compression.detect(head, head.length));
        }
    }

    private Descriptor descriptor(Digest digest, Format format) throws IOException {
        return Descriptor.of(format.mediaType, digest, content.size(digest));
    }

    /// On its turn.
    private Digest compress(Layer layer, Format format, Content.Ingest ingest) throws IOException {
        MessageDigest hash = Digest.newHash();
        GzipOutput.Memory memory = memory();
        ExecutorService threads =
                Executors.newFixedThreadPool(
                        PROCESSORS, Thread.ofPlatform().daemon().name("store-pack-", 0).factory());
        try (threads;
                InputStream plain = new VerifiedInput(tar(layer).open(), layer.diffId());
                var sink =
                        new BufferedOutputStream(
                                new DigestOutputStream(ingest.out(), hash), BUFFER)) {
            try (OutputStream packed =
                    switch (format) {
                        case GZIP -> new GzipOutput(sink, threads, 2 * PROCESSORS, memory);
                        case ZSTD -> new ZstdOutput(sink, ZSTD_LEVEL);
                    }) {
                byte[] buffer = new byte[BUFFER];
                for (int n = plain.read(buffer); n >= 0; n = plain.read(buffer)) {
                    packed.write(buffer, 0, n);
                }
            }
            sink.flush();
        }
        spare = new SoftReference<>(memory);
        return Digest.finish(hash);
    }

    /// After a failure it is not used again: somebody may still be writing to it.
    private GzipOutput.Memory memory() {
        GzipOutput.Memory kept = spare.get();
        spare.clear();
        return kept == null ? new GzipOutput.Memory() : kept;
    }

    private Layers.Tar.Source tar(Layer layer) {
        return layers.tarSource(layer).orElseGet(() -> withoutNotes(layer).source());
    }
}
