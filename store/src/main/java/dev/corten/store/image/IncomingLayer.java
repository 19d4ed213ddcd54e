package dev.corten.store.image;

import dev.corten.archive.BoundedInput;
import dev.corten.archive.Compression;
import dev.corten.archive.TarFormatException;
import dev.corten.archive.TarReader;
import dev.corten.model.Digest;
import dev.corten.model.InvalidParameter;
import dev.corten.model.image.Descriptor;
import dev.corten.store.content.Content;
import dev.corten.store.snapshot.LayerImport;
import dev.corten.store.snapshot.StagedLayer;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.security.MessageDigest;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/// A layer's blob on its way in: one thread brings bytes, another unpacks them meanwhile.
///
/// ```java
/// try (var layer = images.incoming(descriptor, bound)) {
///     // one thread                                 // another one, a platform thread
///     if (!layer.isHere()) {                        layer.unpack();
///         long at = layer.resume();
///         while (…) layer.append(buffer, n);
///         layer.finish();
///     }
/// }
/// ```
///
/// The file is the only buffer between the two, so the one that unpacks never slows the other down,
/// and what is in the file when this process dies is where the next attempt begins.
public final class IncomingLayer implements AutoCloseable {
    private static final int BUFFER = 128 << 10;

    private final Content content;
    private final LayerImport imports;
    private final Descriptor blob;
    private final long bound;
    private final Content.Hold hold;

    /// None if the blob is here already.
    private final Content.@Nullable Ingest ingest;

    private final MessageDigest hash = Digest.newHash();

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition grown = lock.newCondition();

    /// Guarded by lock.
    private long received;

    /// Guarded by lock; everything is here and is what it should be.
    private boolean complete;

    /// Guarded by lock; no more will come.
    private boolean failed;

    /// Guarded by lock; the first that was unpacked.
    private @Nullable StagedLayer staged;

    private volatile long consumed;

    /// @param bound bytes that it may unpack to
    IncomingLayer(Content content, LayerImport imports, Descriptor blob, long bound)
            throws IOException {
        this.content = content;
        this.imports = imports;
        this.blob = blob;
        this.bound = bound;
        this.hold = content.hold(List.of(blob.digest()));
        boolean done = false;
        try {
            boolean here = content.contains(blob.digest());
            this.ingest = here ? null : content.partial(blob.digest());
            this.complete = here;
            this.received = here ? content.size(blob.digest()) : 0;
            done = true;
        } finally {
            if (!done) {
                hold.close();
            }
        }
    }

    public Digest digest() {
        return blob.digest();
    }

    /// Nothing has to be brought.
    public boolean isHere() {
        return ingest == null;
    }

    /// Takes up what an earlier attempt has left, which costs reading it.
    ///
    /// @return bytes that are here: what is to be brought begins there
    public long resume() throws IOException {
        Content.Ingest file = file();
        long size = file.size();
        if (blob.size() < 0 || size > blob.size()) {
            file.clear();
            return 0;
        }
        if (size == 0) {
            return 0;
        }
        byte[] buffer = new byte[BUFFER];
        long read = 0;
        try (InputStream in = file.read()) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                hash.update(buffer, 0, n);
                read += n;
                grow(n);
            }
        }
        return read;
    }

    /// @throws InvalidParameter if that is more than the blob has
    public void append(byte[] buffer, int length) throws IOException {
        if (blob.size() >= 0 && received() + length > blob.size()) {
            fail();
            file().clear();
            throw new InvalidParameter(
                    "blob "
                            + blob.digest()
                            + " is longer than the "
                            + blob.size()
                            + " bytes that its manifest says");
        }
        ByteBuffer bytes = ByteBuffer.wrap(buffer, 0, length);
        while (bytes.hasRemaining()) {
            file().channel().write(bytes);
        }
        hash.update(buffer, 0, length);
        grow(length);
    }

    private Content.Ingest file() {
        Content.Ingest file = ingest;
        if (file == null) {
            throw new IllegalStateException("blob is here already: " + blob.digest());
        }
        return file;
    }

    private void grow(int bytes) {
        lock.lock();
        try {
            received += bytes;
            grown.signalAll();
        } finally {
            lock.unlock();
        }
    }

    public long received() {
        lock.lock();
        try {
            return received;
        } finally {
            lock.unlock();
        }
    }

    /// Bytes of the blob that have been unpacked.
    public long consumed() {
        return consumed;
    }

    /// Says that all has been brought.
    ///
    /// @throws InvalidParameter if it is not what it should be; nothing of it is kept then
    public void finish() throws IOException {
        Digest actual = Digest.finish(hash);
        if (!actual.equals(blob.digest())) {
            fail();
            file().clear();
            throw new InvalidParameter(
                    "filesystem layer verification failed for digest " + blob.digest());
        }
        file().verified(actual, blob.digest());
        lock.lock();
        try {
            complete = true;
            grown.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// Says that no more will be brought.
    public void fail() {
        lock.lock();
        try {
            failed = true;
            grown.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// Unpacks what is brought, to the end, on the calling thread, a platform one.
    ///
    /// @throws InvalidParameter if it is damaged, or unpacks to more than it may
    public void unpack() throws IOException {
        StagedLayer layer = unpack(new Tail(open()));
        lock.lock();
        try {
            staged = layer;
        } finally {
            lock.unlock();
        }
    }

    /// The unpacked layer, for one chain. It is unpacked again for a second one, on the calling
    /// thread.
    StagedLayer take() throws IOException {
        StagedLayer layer;
        lock.lock();
        try {
            layer = staged;
            staged = null;
        } finally {
            lock.unlock();
        }
        if (layer == null) {
            layer = unpack(open());
        }
        layer.take();
        return layer;
    }

    Optional<Content.Ingest> ingest() {
        return Optional.ofNullable(ingest);
    }

    private InputStream open() throws IOException {
        Content.Ingest file = ingest;
        if (file != null) {
            try {
                return file.read();
            } catch (NoSuchFileException published) {
                return content.read(blob.digest());
            }
        }
        return content.read(blob.digest());
    }

    private StagedLayer unpack(InputStream raw) throws IOException {
        try (raw;
                InputStream plain =
                        new BoundedInput(
                                Compression.open(raw),
                                bound,
                                "layer " + blob.digest() + " unpacks to more than")) {
            return imports.unpack(plain, TarReader.End.ANYWHERE);
        } catch (BoundedInput.TooLarge e) {
            throw new InvalidParameter(
                    "failed to register layer: " + e.getMessage() + " (max-layer-size)", e);
        } catch (TarFormatException | ZipException | EOFException e) {
            throw new InvalidParameter("failed to register layer: " + e.getMessage(), e);
        }
    }

    /// Leaves what has been brought for the next attempt, unless it was published.
    @Override
    public void close() throws IOException {
        fail();
        StagedLayer layer;
        lock.lock();
        try {
            layer = staged;
            staged = null;
        } finally {
            lock.unlock();
        }
        if (layer != null) {
            layer.close();
        }
        if (ingest != null) {
            ingest.close();
        }
        hold.close();
    }

    /// Reads the file up to where it has been written, and waits there.
    private final class Tail extends InputStream {
        private final InputStream file;
        private long position;

        private Tail(InputStream file) {
            this.file = file;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            long available = awaitMore();
            if (available == 0) {
                return -1;
            }
            int n = file.read(target, offset, (int) Math.min(length, available));
            if (n < 0) {
                throw new IOException("blob " + blob.digest() + " did not arrive");
            }
            position += n;
            consumed = position;
            return n;
        }

        private long awaitMore() throws IOException {
            try {
                lock.lockInterruptibly();
                try {
                    while (received == position && !complete && !failed) {
                        grown.await();
                    }
                    if (received == position && !complete) {
                        throw new IOException("blob " + blob.digest() + " did not arrive");
                    }
                    return received - position;
                } finally {
                    lock.unlock();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw (IOException)
                        new InterruptedIOException("unpacking was interrupted").initCause(e);
            }
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }
}
