package dev.corten.store.snapshot;

import dev.corten.archive.unpack.UnpackedLayer;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileCalls;
import dev.corten.model.Digest;
import dev.corten.model.InvalidParameter;
import dev.corten.model.NotFound;
import dev.corten.model.PathBytes;
import dev.corten.store.StoreLayout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/// Layers that the steps of builds make: in the place where they stay, without a copy, and without
/// waiting for the disk.
///
/// ```java
/// try (var working = steps.begin(base)) {
///     try (Fd mount = working.mount()) {
///         …                                        // the step
///     }
///     var made = working.finish(Optional.empty(), mountPoints);
/// }                                                // without finish() nothing is left of it
/// ```
///
/// Such a layer survives the death of the daemon. Before an image refers to it, [#settle] has to be
/// called, or a [LayerImport.Session] that has it in a chain is committed: else it is gone after a crash
/// of the machine, with all that lies on it.
public final class StepLayers {
    private final Layers layers;
    private final LayerImport imports;
    private final Snapshotter snapshotter;

    public StepLayers(StoreLayout layout, Layers layers, LayerImport imports) {
        this.layers = layers;
        this.imports = imports;
        this.snapshotter = Snapshotter.of(layout.driver());
    }

    /// A layer that is here, and stays until this is closed.
    ///
    /// @param chainId its own and that of all below it
    /// @param content a digest of what it does, times left out; of a layer that was
    ///     [stacked][#stack] that of its diff ID
    /// @param size bytes of its regular files
    public record Made(Digest chainId, Digest diffId, Digest content, long size, Layers.Pin pin)
            implements AutoCloseable {
        @Override
        public void close() {
            pin.close();
        }
    }

    /// Begins a step over a chain.
    ///
    /// @throws NotFound if it is not here
    public Working begin(Optional<Digest> chainId) throws IOException {
        Optional<Layers.Pin> pin =
                chainId.map(chain ->
                        layers.pin(chain)
                                .orElseThrow(() -> new NotFound("No such layer: " + chain)));
        boolean done = false;
        try {
            var working = new Working(chainId, pin);
            done = true;
            return working;
        } finally {
            if (!done) {
                pin.ifPresent(Layers.Pin::close);
            }
        }
    }

    /// A step's file system while the step is at it. For one thread at a time.
    public final class Working implements AutoCloseable {
        private final Optional<Digest> base;
        private final Optional<Layers.Pin> pin;
        private final String cacheId = Layers.randomId();
        private final Path directory;
        private final Snapshots.Paths paths;

        /// See [#passed(Set)].
        private Set<PathBytes> passed = Set.of();

        /// Whether the directory is somebody else's to discard.
        private boolean ended;

        private Working(Optional<Digest> base, Optional<Layers.Pin> pin) throws IOException {
            this.base = base;
            this.pin = pin;
            this.directory = layers.newDirectory(cacheId);
            boolean done = false;
            try {
                List<Path> diffs =
                        base.map(top -> layers.chain(top).stream().map(layers::diff).toList())
                                .orElse(List.of());
                for (String part : snapshotter.parts()) {
                    Files.createDirectory(directory.resolve(part));
                }
                if (diffs.isEmpty()) {
                    Files.createDirectory(directory.resolve(Snapshots.EMPTY));
                }
                try (Fd upper =
                        FileCalls.openDirectory(directory.resolve(Snapshotter.DIFF).toString())) {
                    if (diffs.isEmpty()) {
                        FileCalls.chmod(upper, 0755);
                    } else {
                        try (Fd top = FileCalls.openDirectory(diffs.getFirst().toString())) {
                            snapshotter.fill(upper, top);
                        }
                    }
                }
                this.paths = snapshotter.paths(directory, diffs);
                layers.working(directory);
                done = true;
            } finally {
                if (!done) {
                    layers.discardQuietly(directory);
                }
            }
        }

        /// A detached, writable mount of it. The caller closes it, or moves it into the mount namespace
        /// of the step. Not before the last one is gone there is another, or the end.
        public Fd mount() throws IOException {
            return snapshotter.mount(paths, Snapshots.Persistence.VOLATILE);
        }

        /// The directory with what the step has changed, while nothing is mounted. The caller closes it.
        public Fd changes() throws IOException {
            return FileCalls.openDirectory(directory.resolve(Snapshotter.DIFF).toString());
        }

        /// Says where something was for the step that is gone already. Directories on the way to it
        /// that are as they were are no changes, though the overlay has them.
        ///
        /// @param paths absolute or relative
        public void passed(Set<PathBytes> paths) {
            passed = Set.copyOf(paths);
        }

        /// @see #finish(Optional, Set, Function)
        public Made finish(Optional<Instant> clamp, Set<PathBytes> leftOut) throws IOException {
            return finish(clamp, leftOut, path -> Optional.empty());
        }

        /// Makes the layer, when nothing is mounted and nobody writes any more. What has changed nothing
        /// is a layer too.
        ///
        /// @param clamp newer files get this time
        /// @param leftOut what was put there for the step: mount points; absolute or relative
        /// @param known digests of the bytes of files, by their relative paths, where somebody has found
        ///     them out: those files are read once less
        /// @return to be closed
        public Made finish(
                Optional<Instant> clamp,
                Set<PathBytes> leftOut,
                Function<PathBytes, Optional<Digest>> known)
                throws IOException {
            if (ended) {
                throw new IllegalStateException("the step has ended: " + directory);
            }
            Set<PathBytes> relative =
                    Set.copyOf(
                            leftOut.stream()
                                    .map(path -> PathBytes.join(path.components()))
                                    .toList());
            var digest = new LayerDigest(known);
            var seal =
                    new StepSeal(
                            layers,
                            imports,
                            cacheId,
                            directory,
                            paths,
                            base.isPresent(),
                            relative,
                            passed,
                            clamp,
                            digest);
            try (StagedLayer staged = snapshotter.seal(seal);
                    var session = imports.session()) {
                ended = staged.directory().equals(directory);
                return commit(session, base, staged, Optional.empty(), digest.digest());
            }
        }

        /// Discards what is not finished. What the step still has mounted is deleted under its feet.
        @Override
        public void close() {
            if (!ended) {
                ended = true;
                layers.discardQuietly(directory);
            }
            layers.worked(directory);
            pin.ifPresent(Layers.Pin::close);
        }
    }

    private Made commit(
            LayerImport.Session session,
            Optional<Digest> base,
            StagedLayer staged,
            Optional<Digest> blob,
            Digest content)
            throws IOException {
        var chain = session.chain();
        base.ifPresent(chain::begin);
        Digest chainId = chain.next(staged.diffId());
        if (!chain.addExisting(staged.diffId())) {
            chain.add(staged, blob);
            session.commitUnsettled();
        }
        return new Made(
                chainId,
                staged.diffId(),
                content,
                staged.size(),
                layers.pin(chainId).orElseThrow());
    }

    /// Puts a layer that was made over nothing on top of a chain, as a layer of the same diff ID: its
    /// files are not copied.
    ///
    /// @param layer the chain ID of such a layer
    /// @return to be closed
    /// @throws NotFound if one of them is not here
    /// @throws InvalidParameter if it lies on another one
    public Made stack(Optional<Digest> base, Digest layer) throws IOException {
        try (Layers.Pin _ =
                        layers.pin(layer)
                                .orElseThrow(() -> new NotFound("No such layer: " + layer));
                var session = imports.session()) {
            Layer single = layers.find(layer).orElseThrow();
            if (single.parent().isPresent()) {
                throw new InvalidParameter("layer lies on another one: " + layer);
            }
            try (StagedLayer staged = again(single)) {
                return commit(session, base, staged, single.blob(), single.diffId());
            }
        }
    }

    private StagedLayer again(Layer layer) throws IOException {
        String cacheId = Layers.randomId();
        Path directory = layers.newDirectory(cacheId);
        // The root is that of what lies below.
        var implied =
                new UnpackedLayer(
                        List.of(PathBytes.of(".")),
                        List.of(),
                        List.of(),
                        List.of(),
                        layer.size(),
                        false);
        Path split = layers.split(layer);
        boolean noted = Files.exists(split);
        var staged = new StagedLayer(layers, cacheId, directory, layer.diffId(), implied, noted);
        boolean done = false;
        try {
            Path diff = Files.createDirectory(directory.resolve(Snapshotter.DIFF));
            try (Fd from = FileCalls.openDirectory(layers.diff(layer).toString());
                    Fd to = FileCalls.openDirectory(diff.toString())) {
                TreeCopy.link(from, to);
            }
            if (noted) {
                Files.createLink(directory.resolve(TarSplit.FILE), split);
            }
            done = true;
            return staged;
        } finally {
            if (!done) {
                staged.close();
            }
        }
    }

    /// @see Layers#settle
    public void settle() throws IOException {
        layers.settle();
    }
}
