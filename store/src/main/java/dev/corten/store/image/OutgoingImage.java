package dev.corten.store.image;

import dev.corten.model.Digest;
import dev.corten.model.image.Descriptor;
import dev.corten.store.content.Content;
import dev.corten.store.image.Images.StoredManifest;
import dev.corten.store.snapshot.Layers;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/// What has to be sent for one name. Nothing of it is removed until it is closed.
public final class OutgoingImage implements AutoCloseable {
    /// A layer or a configuration.
    public static final class Part {
        private final String id;
        private final Optional<Digest> diffId;
        private final Digest content;
        private final Described described;
        private final Opened opened;
        private final ReentrantLock lock = new ReentrantLock();

        /// Guarded by lock, which whoever needs the blob waits for while it is made: each part has
        /// its own, and nobody else takes it.
        private Optional<Descriptor> known = Optional.empty();

        interface Described {
            Descriptor get() throws IOException;
        }

        interface Opened {
            InputStream open(Digest digest) throws IOException;
        }

        /// @param content of a blob that is here or was made elsewhere its digest, else the diff ID of
        ///     the layer of which it is made
        Part(String id, Digest content, Described described, Opened opened) {
            this(id, Optional.empty(), content, described, opened);
        }

        /// Of a layer.
        Part(Digest diffId, Digest content, Described described, Opened opened) {
            this(diffId.shortHex(), Optional.of(diffId), content, described, opened);
        }

        private Part(
                String id,
                Optional<Digest> diffId,
                Digest content,
                Described described,
                Opened opened) {
            this.id = id;
            this.diffId = diffId;
            this.content = content;
            this.described = described;
            this.opened = opened;
        }

        /// The first digits of the layer's diff ID; `""` for a configuration.
        public String id() {
            return id;
        }

        /// Of a layer, if that is known.
        public Optional<Digest> diffId() {
            return diffId;
        }

        /// Equal for parts of which one is enough; a layer may be there in several forms.
        public Digest content() {
            return content;
        }

        /// The blob. Of a layer that was made here it is made now.
        public Descriptor descriptor() throws IOException {
            lock.lock();
            try {
                if (known.isEmpty()) {
                    known = Optional.of(described.get());
                }
                return known.get();
            } finally {
                lock.unlock();
            }
        }

        /// The blob's bytes from a position on; the caller closes them.
        public InputStream open(long offset) throws IOException {
            InputStream in = opened.open(descriptor().digest());
            boolean done = false;
            try {
                in.skipNBytes(offset);
                done = true;
                return in;
            } finally {
                if (!done) {
                    in.close();
                }
            }
        }
    }

    interface Made {
        StoredManifest get() throws IOException;
    }

    private final Content content;
    private final Digest image;
    private final List<Part> layers = new ArrayList<>();
    private final List<Part> configs = new ArrayList<>();
    private final List<StoredManifest> members = new ArrayList<>();
    private final List<Content.Hold> holds = new ArrayList<>();
    private final List<Layers.Pin> pins = new ArrayList<>();
    private Optional<Descriptor> original = Optional.empty();
    private Made target =
            () -> {
                throw new IllegalStateException("has no manifest yet");
            };

    OutgoingImage(Content content, Digest image) {
        this.content = content;
        this.image = image;
    }

    void add(List<Part> moreLayers, Optional<Part> config) {
        layers.addAll(moreLayers);
        config.ifPresent(configs::add);
    }

    void addManifest(StoredManifest member) {
        members.add(member);
    }

    void end(StoredManifest manifest) {
        target = () -> manifest;
    }

    void endWith(Made made) {
        target = made;
    }

    void insteadOf(Descriptor index) {
        original = Optional.of(index);
    }

    /// Also called by whoever makes blobs, on several threads.
    void hold(Collection<Digest> digests) {
        Content.Hold hold = content.hold(digests);
        synchronized (holds) {
            holds.add(hold);
        }
    }

    void keep(Layers.Pin pin) {
        pins.add(pin);
    }

    /// The image's ID.
    public Digest image() {
        return image;
    }

    /// The lowest first; of several images one after the other.
    public List<Part> layers() {
        return List.copyOf(layers);
    }

    public List<Part> configs() {
        return List.copyOf(configs);
    }

    /// Manifests inside an index, in an order in which each can be sent.
    public List<StoredManifest> members() {
        return List.copyOf(members);
    }

    /// What the name will stand for. Of an image made here it is known when all parts are.
    public StoredManifest target() throws IOException {
        return target.get();
    }

    /// The index that the name stands for here, if it is not sent because something of it is missing.
    public Optional<Descriptor> original() {
        return original;
    }

    @Override
    public void close() {
        synchronized (holds) {
            holds.forEach(Content.Hold::close);
            holds.clear();
        }
        pins.forEach(Layers.Pin::close);
        pins.clear();
    }
}
