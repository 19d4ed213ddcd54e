package dev.corten.store.snapshot;

import dev.corten.archive.BoundedInput;
import dev.corten.archive.TarReader;
import dev.corten.archive.unpack.LayerUnpack;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileCalls;
import dev.corten.model.Digest;
import dev.corten.model.NotFound;
import dev.corten.store.Durable;
import dev.corten.store.StoreLayout;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;

/// Brings layers in.
///
/// ```java
/// StagedLayer a = imports.unpack(tarA);            // in parallel, in any order
/// StagedLayer b = imports.unpack(tarB);
/// try (var session = imports.session()) {
///     var chain = session.chain();
///     chain.add(a, Optional.empty());              // from the bottom up
///     chain.add(b, Optional.empty());
///     session.sync();
///     session.commit();
///     …                                            // what refers to the layers
/// }                                                // from here on only that keeps them
/// ```
public final class LayerImport {
    private final StoreLayout layout;
    private final Durable durable;
    private final Layers layers;
    private final Snapshotter snapshotter;
    private volatile LongSupplier bound = () -> Long.MAX_VALUE;

    public LayerImport(StoreLayout layout, Durable durable, Layers layers) {
        this.layout = layout;
        this.durable = durable;
        this.layers = layers;
        this.snapshotter = Snapshotter.of(layout.driver());
    }

    /// Says what bounds a layer's tar, in bytes. Asked for each layer.
    public void bound(LongSupplier bytes) {
        bound = bytes;
    }

    /// A plain tar, as long as it is within the bound.
    /// Reading more than that fails with [BoundedInput.TooLarge].
    public InputStream bounded(InputStream plainTar) {
        return new BoundedInput(
                plainTar, bound.getAsLong(), "layer is larger than max-layer-size,");
    }

    /// Unpacks a plain tar to its end, on the calling thread (a platform one).
    ///
    /// @param plainTar is read to its end and not closed
    /// @param end [TarReader.End#ANYWHERE] if the caller compares the digest
    public StagedLayer unpack(InputStream plainTar, TarReader.End end) throws IOException {
        String cacheId = Layers.randomId();
        Path directory = layers.newDirectory(cacheId);
        boolean done = false;
        try {
            Files.createDirectory(directory.resolve("diff"));
            MessageDigest hash = Digest.newHash();
            try (var split = new TarSplitRecorder(directory.resolve(TarSplit.FILE));
                    Fd root = FileCalls.openDirectory(directory.resolve("diff").toString())) {
                var tar = new TarReader(new DigestInputStream(bounded(plainTar), hash), end, split);
                FileCalls.chmod(root, 0755);
                var unpacked = LayerUnpack.unpack(tar, root, snapshotter.marks());
                tar.drain();
                boolean again = split.finish() && unpacked.faithful();
                if (!again) {
                    Files.delete(directory.resolve(TarSplit.FILE));
                }
                var staged =
                        new StagedLayer(
                                layers, cacheId, directory, Digest.finish(hash), unpacked, again);
                done = true;
                return staged;
            }
        } finally {
            if (!done) {
                layers.discardQuietly(directory);
            }
        }
    }

    /// Begins to stack layers, of one image or of several that share layers.
    public Session session() {
        return new Session();
    }

    /// New layers, out of sight until [#commit]. Not for several threads.
    public final class Session implements AutoCloseable {
        private final List<Layers.Pin> pins = new ArrayList<>();

        /// In the order in which they were added: lower ones first.
        private final Map<Digest, Added> added = new LinkedHashMap<>();

        private record Added(Layer layer, StagedLayer staged, Path record) {}

        /// Of all layers of its chains.
        private final Set<Digest> chainIds = new HashSet<>();

        /// Those of them that are where they stay.
        private final Set<Layer> placed = new HashSet<>();

        private Session() {}

        /// A stack that is empty as yet.
        public Chain chain() {
            return new Chain(this);
        }

        /// Brings the new layers, and all else that was written to the data root, to disk, under the
        /// names that they will have. Nothing is added afterwards. Without new layers nothing is done.
        public void sync() throws IOException {
            sync(false);
        }

        /// @param more whether there is more that has to be on disk than layers
        public void sync(boolean more) throws IOException {
            if (added.isEmpty() && !more) {
                return;
            }
            for (Added layer : added.values()) {
                place(layer);
            }
            durable.syncFileSystem(layout.dataRoot());
        }

        private void place(Added layer) throws IOException {
            layer.staged.end();
            placed.add(layer.layer);
            layers.place(layer.layer, layer.staged.directory());
        }

        /// Makes the new layers visible, after [#sync], so that a layer that is seen is whole even
        /// after a power failure. Everything stays pinned until this session is closed.
        public void commit() throws IOException {
            if (!added.isEmpty()) {
                commitAdded();
                durable.syncDirectory(layout.layerRecords());
            }
            if (layers.isUnsettled(chainIds)) {
                layers.settle();
            }
        }

        /// Makes the new layers visible in the place of [#sync] and [#commit]: what the machine's crash
        /// leaves of them is removed at the next opening. See [Layers#settle].
        void commitUnsettled() throws IOException {
            for (Added layer : added.values()) {
                layers.markUnsettled(layer.record);
                place(layer);
            }
            commitAdded();
        }

        private void commitAdded() throws IOException {
            for (var next = added.values().iterator(); next.hasNext(); ) {
                Added layer = next.next();
                if (!placed.contains(layer.layer)) {
                    throw new IllegalStateException("layer was not synced: " + layer.layer);
                }
                pins.add(layers.commit(layer.layer, layer.record));
                next.remove();
            }
        }

        /// Discards what was not committed, and releases what was.
        @Override
        public void close() {
            for (Added layer : added.values()) {
                if (placed.contains(layer.layer)) {
                    layers.displaceQuietly(layer.layer);
                    if (Files.exists(layer.staged.directory())) {
                        layers.discardQuietly(layer.staged.directory());
                    }
                } else {
                    layer.staged.close();
                }
                layers.discardQuietly(layer.record);
            }
            added.clear();
            pins.forEach(Layers.Pin::close);
        }
    }

    /// The layers of one image, from the bottom up.
    public final class Chain {
        private final Session session;
        private Optional<Digest> top = Optional.empty();

        /// Directories of `diff/`, top first; names of their short links, likewise.
        private final List<Path> diffs = new ArrayList<>();

        private final List<String> links = new ArrayList<>();

        private Chain(Session session) {
            this.session = session;
        }

        /// The chain ID that a layer on top of this would have.
        public Digest next(Digest diffId) {
            return ChainId.on(top, diffId);
        }

        /// Takes a layer that is here already, or new in the session.
        ///
        /// @return false if it is neither
        public boolean addExisting(Digest diffId) {
            Digest chainId = next(diffId);
            Session.Added fresh = session.added.get(chainId);
            if (fresh != null) {
                push(fresh.layer, fresh.staged.directory().resolve("diff"));
                return true;
            }
            Optional<Layers.Pin> pin = layers.pin(chainId);
            if (pin.isEmpty()) {
                return false;
            }
            session.pins.add(pin.get());
            // Not by its chain: what is below it may be damaged, and new in this session.
            Layer layer = layers.find(chainId).orElseThrow();
            push(layer, layers.diff(layer));
            return true;
        }

        /// Puts a layer on top: resolves what it left open and writes its record, still out of
        /// sight. It belongs to the session from now on.
        ///
        /// @param blob what it was unpacked from; a plain tar is noted only if it cannot be made again
        /// @return whether that has to be kept
        public boolean add(StagedLayer staged, Optional<Digest> blob) throws IOException {
            Path diff = staged.directory().resolve("diff");
            boolean split = staged.isSplit();
            try (var below = LowerView.open(snapshotter.visible(diffs));
                    Fd root = FileCalls.openDirectory(diff.toString())) {
                var hidden = LayerSettlement.settle(root, staged.unpacked(), below);
                snapshotter.complete(root, hidden, below);
                split &= !hidden.relocated();
            }
            boolean again = split;
            Optional<Digest> kept = blob.filter(it -> !again || !it.equals(staged.diffId()));
            var layer =
                    new Layer(
                            next(staged.diffId()),
                            staged.diffId(),
                            top,
                            staged.cacheId(),
                            Layers.randomLink(),
                            staged.size(),
                            kept,
                            Map.of());
            Path directory = staged.directory();
            Files.writeString(directory.resolve("link"), layer.link());
            if (!links.isEmpty()) {
                Files.writeString(
                        directory.resolve("lower"),
                        String.join(":", links.stream().map(l -> "l/" + l).toList()));
            }
            // A second name costs a tenth of a second file.
            Files.createLink(directory.resolve("committed"), directory.resolve("link"));
            Path record = layers.newRecord(layer.cacheId());
            Files.writeString(record.resolve("cache-id"), layer.cacheId());
            Files.writeString(record.resolve("diff"), layer.diffId().toString());
            Files.writeString(record.resolve("size"), Long.toString(layer.size()));
            if (top.isPresent()) {
                Files.writeString(record.resolve("parent"), top.get().toString());
            }
            if (kept.isPresent()) {
                Files.writeString(record.resolve(Layers.BLOB), kept.get().toString());
            }
            if (split) {
                Files.move(directory.resolve(TarSplit.FILE), record.resolve(TarSplit.FILE));
            } else {
                Files.deleteIfExists(directory.resolve(TarSplit.FILE));
            }
            session.added.put(layer.chainId(), new Session.Added(layer, staged, record));
            push(layer, diff);
            return kept.isPresent();
        }

        /// Begins with layers that are here already.
        ///
        /// @throws NotFound if they are not
        void begin(Digest chainId) {
            Layers.Pin pin =
                    layers.pin(chainId)
                            .orElseThrow(() -> new NotFound("No such layer: " + chainId));
            session.pins.add(pin);
            for (Layer layer : layers.chain(chainId).reversed()) {
                push(layer, layers.diff(layer));
            }
        }

        private void push(Layer layer, Path diff) {
            session.chainIds.add(layer.chainId());
            top = Optional.of(layer.chainId());
            diffs.addFirst(diff);
            links.addFirst(layer.link());
        }
    }
}
