package dev.corten.build.work;

import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileCalls;
import dev.corten.model.Digest;
import dev.corten.model.NotFound;
import dev.corten.store.snapshot.Layers;
import dev.corten.store.snapshot.Snapshots;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// A tree that is made of layers of the store, which stay as long as it is open.
public final class LayeredTree implements Tree {
    /// Where trees get what they need. Thread-safe.
    public static final class Maker {
        private final Layers layers;
        private final Snapshots snapshots;
        private final Path temporary;

        /// @param temporary a directory for what comes and goes
        public Maker(Layers layers, Snapshots snapshots, Path temporary) {
            this.layers = layers;
            this.snapshots = snapshots;
            this.temporary = temporary;
        }

        /// @return empty if the layers are not here
        public Optional<LayeredTree> open(Optional<Digest> chainId, Digest content) {
            if (chainId.isEmpty()) {
                return Optional.of(new LayeredTree(this, chainId, content, Optional.empty()));
            }
            return layers.pin(chainId.get())
                    .map(pin -> new LayeredTree(this, chainId, content, Optional.of(pin)));
        }

        /// @param pin of the chain; belongs to the tree
        public LayeredTree of(Digest chainId, Digest content, Layers.Pin pin) {
            return new LayeredTree(this, Optional.of(chainId), content, Optional.of(pin));
        }

        /// @throws NotFound if the layers are not here
        public LayeredTree get(Optional<Digest> chainId, Digest content) {
            return open(chainId, content)
                    .orElseThrow(() -> new NotFound("No such layer: " + chainId.orElseThrow()));
        }
    }

    private final Maker maker;
    private final Optional<Digest> chainId;
    private final Digest content;
    private final Optional<Layers.Pin> pin;

    private LayeredTree(
            Maker maker, Optional<Digest> chainId, Digest content, Optional<Layers.Pin> pin) {
        this.maker = maker;
        this.chainId = chainId;
        this.content = content;
        this.pin = pin;
    }

    /// The content of an image's files.
    public static Digest contentOfImage(Optional<Digest> chainId) {
        return of("image " + chainId.map(Digest::toString).orElse(""));
    }

    /// The content of a layer on top of others.
    ///
    /// @param below the content of those; empty for none
    public static Digest contentOf(Optional<Digest> below, Digest layer) {
        return of("layer " + below.map(Digest::toString).orElse("") + " " + layer);
    }

    private static Digest of(String text) {
        return Digest.of(text.getBytes(StandardCharsets.US_ASCII));
    }

    @Override
    public Optional<Digest> chainId() {
        return chainId;
    }

    @Override
    public Digest content() {
        return content;
    }

    @Override
    public Fd open() throws IOException {
        if (chainId.isPresent()) {
            return maker.snapshots.mountReadOnly(chainId.get());
        }
        Path empty = Files.createTempDirectory(maker.temporary, "empty");
        try {
            return FileCalls.openDirectory(empty.toString());
        } finally {
            // It goes on without a name: nothing can be put into it, and nothing is left of it.
            Files.delete(empty);
        }
    }

    @Override
    public Tree share() {
        return maker.get(chainId, content);
    }

    @Override
    public void close() {
        pin.ifPresent(Layers.Pin::close);
    }
}
