package dev.corten.registry.server.storage;

import dev.corten.model.Digest;
import dev.corten.registry.ErrorCode;
import dev.corten.registry.Refusal;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// One upload while somebody writes to it; nobody else can meanwhile. For one thread.
public final class UploadWriter implements AutoCloseable {
    private static final int BUFFER = 64 << 10;

    private final String id;
    private final Path data;
    private final FileChannel channel;
    private final HashStates hashes;
    private final StorageFiles files;
    private final Blobs blobs;
    private final Runnable onClose;
    private long size;
    private @Nullable MessageDigest hash;
    private boolean moved;

    UploadWriter(
            String id,
            Path data,
            FileChannel channel,
            HashStates hashes,
            StorageFiles files,
            Blobs blobs,
            Runnable onClose)
            throws IOException {
        this.id = id;
        this.data = data;
        this.channel = channel;
        this.hashes = hashes;
        this.files = files;
        this.blobs = blobs;
        this.onClose = onClose;
        this.size = channel.size();
        this.hash = hashes.take(id, data).orElse(null);
        channel.position(size);
    }

    /// How much of it has arrived.
    public long size() {
        return size;
    }

    /// Adds what is read, to the end. What has been read before a failure stays.
    ///
    /// @param limit how much the upload may have in all
    /// @throws Refusal beyond the limit
    public void append(InputStream in, long limit) throws IOException {
        byte[] buffer = new byte[BUFFER];
        files.step("write", data);
        int count;
        while ((count = in.read(buffer)) >= 0) {
            if (size + count > limit) {
                throw Quotas.exceeded();
            }
            var bytes = ByteBuffer.wrap(buffer, 0, count);
            try {
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
            } catch (IOException e) {
                // Perhaps a part of it was written.
                hash = null;
                throw e;
            }
            size += count;
            if (hash != null) {
                hash.update(buffer, 0, count);
            }
        }
    }

    /// Takes back what was added last.
    ///
    /// @param former how much it had before
    public void shorten(long former) throws IOException {
        hash = null;
        channel.truncate(former);
        channel.position(former);
        size = former;
    }

    /// Makes it a blob, which is on disk when the call returns.
    ///
    /// @throws Refusal if it is another one
    public void commit(Digest expected) throws IOException {
        Digest actual = Digest.finish(hash == null ? rehashed() : hash);
        hash = null;
        if (!actual.equals(expected)) {
            throw new Refusal(ErrorCode.DIGEST_INVALID)
                    .with(
                            "invalid digest for referenced layer: "
                                    + expected
                                    + ", content does not match digest: "
                                    + actual);
        }
        if (blobs.size(expected).orElse(-1) != size) {
            files.step("sync", data);
            channel.force(true);
        }
        blobs.adopt(data, expected);
        moved = true;
    }

    private MessageDigest rehashed() throws IOException {
        MessageDigest fresh = Digest.newHash();
        var buffer = ByteBuffer.allocate(BUFFER);
        long at = 0;
        while (at < size) {
            int count = channel.read(buffer.clear(), at);
            if (count < 0) {
                throw new IOException("the upload " + id + " became shorter");
            }
            fresh.update(buffer.flip());
            at += count;
        }
        return fresh;
    }

    @Override
    public void close() throws IOException {
        try {
            Optional<MessageDigest> kept = Optional.ofNullable(hash);
            if (kept.isPresent() && !moved) {
                hashes.put(id, data, kept.get());
            }
        } finally {
            onClose.run();
            channel.close();
        }
    }
}
