package dev.corten.engine.artifact;

import dev.corten.model.Digest;
import dev.corten.model.InvalidParameter;
import dev.corten.model.image.Descriptor;
import dev.corten.registry.client.BlobBody;
import dev.corten.registry.client.Repository;
import dev.corten.store.content.Content;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.function.LongConsumer;

/// A blob on its way from a registry into the store. After a cut it goes on where it was.
final class BlobDownload {
    /// In a row that have brought nothing.
    private static final int ATTEMPTS = 5;

    private static final int BUFFER = 64 << 10;

    private final Repository repository;
    private final Descriptor blob;
    private final Content.Ingest ingest;
    private final MessageDigest hash = Digest.newHash();
    private long at;

    BlobDownload(Repository repository, Descriptor blob, Content.Ingest ingest) {
        this.repository = repository;
        this.blob = blob;
        this.ingest = ingest;
    }

    /// @throws InvalidParameter if what came is not the blob
    void run(LongConsumer progress) throws IOException, InterruptedException {
        var rarely = new Rarely(progress);
        int failures = 0;
        while (true) {
            long before = at;
            try {
                read(rarely);
                break;
            } catch (InterruptedIOException e) {
                throw e;
            } catch (IOException e) {
                failures = at > before ? 1 : failures + 1;
                if (failures == ATTEMPTS) {
                    throw e;
                }
            }
        }
        if (at != blob.size()) {
            throw new InvalidParameter(
                    "blob "
                            + blob.digest()
                            + " has "
                            + at
                            + " bytes, and not "
                            + blob.size()
                            + " as its manifest says");
        }
        ingest.verified(Digest.finish(hash), blob.digest());
    }

    private void read(LongConsumer progress) throws IOException, InterruptedException {
        try (BlobBody body = repository.blob(blob, at)) {
            InputStream in = body.in();
            long skip = at - body.offset();
            byte[] buffer = new byte[BUFFER];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                int known = (int) Math.min(skip, n);
                skip -= known;
                if (at + n - known > blob.size()) {
                    throw new InvalidParameter("the blob is longer than was said");
                }
                write(buffer, known, n - known);
                progress.accept(at);
            }
        }
    }

    private void write(byte[] bytes, int offset, int length) throws IOException {
        hash.update(bytes, offset, length);
        var source = ByteBuffer.wrap(bytes, offset, length);
        while (source.hasRemaining()) {
            ingest.channel().write(source);
        }
        at += length;
    }
}
