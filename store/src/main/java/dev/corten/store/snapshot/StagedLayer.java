package dev.corten.store.snapshot;

import dev.corten.archive.unpack.UnpackedLayer;
import dev.corten.model.Digest;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;

/// A layer that was unpacked by itself: nobody sees it yet, and it knows no layer below it.
///
/// Closing discards it unless it was committed.
public final class StagedLayer implements AutoCloseable {
    private final Layers layers;
    private final String cacheId;
    private final Path directory;
    private final Digest diffId;
    private final UnpackedLayer unpacked;
    private final boolean split;
    private final AtomicBoolean ended = new AtomicBoolean();
    private final AtomicBoolean taken = new AtomicBoolean();

    StagedLayer(
            Layers layers,
            String cacheId,
            Path directory,
            Digest diffId,
            UnpackedLayer unpacked,
            boolean split) {
        this.layers = layers;
        this.cacheId = cacheId;
        this.directory = directory;
        this.diffId = diffId;
        this.unpacked = unpacked;
        this.split = split;
    }

    /// The digest of the plain tar that it was unpacked from.
    public Digest diffId() {
        return diffId;
    }

    /// Bytes of its regular files.
    public long size() {
        return unpacked.size();
    }

    /// False once it is part of a chain: then a second one of its kind has to be unpacked.
    public boolean isUntaken() {
        return !taken.get();
    }

    /// Claims it for a chain.
    public void take() {
        if (!taken.compareAndSet(false, true)) {
            throw new IllegalStateException("layer is taken already: " + diffId);
        }
    }

    /// Whether the tar can be made again of the directory and of what was noted; else somebody has to
    /// keep it.
    public boolean isSplit() {
        return split;
    }

    String cacheId() {
        return cacheId;
    }

    Path directory() {
        return directory;
    }

    UnpackedLayer unpacked() {
        return unpacked;
    }

    boolean isOpen() {
        return !ended.get();
    }

    /// From now on someone else answers for the directory.
    void end() {
        ended.set(true);
    }

    @Override
    public void close() {
        if (ended.compareAndSet(false, true)) {
            layers.discardQuietly(directory);
        }
    }
}
