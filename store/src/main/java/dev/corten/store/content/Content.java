package dev.corten.store.content;

import dev.corten.model.Digest;
import dev.corten.model.InvalidParameter;
import dev.corten.model.NotFound;
import dev.corten.store.Durable;
import dev.corten.store.StoreLayout;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// The blobs of the store.
///
/// ```java
/// try (var ingest = content.ingest()) {
///     in.transferTo(ingest.out());
///     ingest.verify(expected);
///     content.publish(List.of(ingest));
/// }
/// ```
public final class Content {
    private final StoreLayout layout;
    private final Durable durable;
    private final AtomicLong counter = new AtomicLong();

    public Content(StoreLayout layout, Durable durable) {
        this.layout = layout;
        this.durable = durable;
    }

    /// Makes the directories and removes what a crash left half written.
    public void open() throws IOException {
        durable.createDirectories(layout.blobs());
        durable.createDirectories(layout.partialBlobs());
        try (DirectoryStream<Path> leftovers = Files.newDirectoryStream(layout.partialBlobs())) {
            for (Path leftover : leftovers) {
                durable.delete(leftover);
            }
        }
    }

    /// Begins a blob; closing it without [#publish] discards it.
    public Ingest ingest() throws IOException {
        return new Ingest(layout.partialBlobs().resolve("ingest-" + counter.incrementAndGet()));
    }

    /// Makes verified blobs visible. The caller has synced the file system, or accepts that a power
    /// failure may leave them damaged: see [Durable#syncFileSystem].
    ///
    /// @throws IllegalStateException if one is not verified
    public void publish(List<Ingest> ingests) throws IOException {
        for (Ingest ingest : ingests) {
            durable.rename(ingest.path, layout.blob(ingest.digest()));
            ingest.published = true;
        }
    }

    public boolean contains(Digest digest) {
        return Files.exists(layout.blob(digest));
    }

    /// The blob's bytes; the caller closes them.
    ///
    /// @throws NotFound if it is not here
    public InputStream read(Digest digest) throws IOException {
        try {
            return Files.newInputStream(layout.blob(digest));
        } catch (NoSuchFileException e) {
            throw new NotFound("No such blob: " + digest, e);
        }
    }

    /// Bytes of a blob.
    ///
    /// @throws NotFound if it is not here
    public long size(Digest digest) throws IOException {
        try {
            return Files.size(layout.blob(digest));
        } catch (NoSuchFileException e) {
            throw new NotFound("No such blob: " + digest, e);
        }
    }

    /// Removes a blob; that it is not here is fine.
    public void remove(Digest digest) throws IOException {
        durable.delete(layout.blob(digest));
    }

    public List<Digest> list() throws IOException {
        var digests = new ArrayList<Digest>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(layout.blobs())) {
            for (Path file : files) {
                String name = file.getFileName().toString();
                if (!name.startsWith(".")) {
                    digests.add(new Digest(name));
                }
            }
        }
        return digests;
    }

    /// A blob on its way in. Written by one thread; afterwards another may verify it.
    public static final class Ingest implements AutoCloseable {
        private final Path path;
        private final FileChannel channel;
        private @Nullable Digest verified;
        private boolean published;

        private Ingest(Path path) throws IOException {
            this.path = path;
            this.channel =
                    FileChannel.open(
                            path,
                            StandardOpenOption.READ,
                            StandardOpenOption.WRITE,
                            StandardOpenOption.CREATE_NEW);
        }

        /// Where the bytes go; unbuffered.
        public OutputStream out() {
            return Channels.newOutputStream(channel);
        }

        public FileChannel channel() {
            return channel;
        }

        /// The bytes written so far, from the start; independent of writing. The caller closes it.
        public InputStream read() throws IOException {
            return Files.newInputStream(path);
        }

        /// Reads the blob and compares its digest.
        ///
        /// @throws InvalidParameter if it differs
        public void verify(Digest expected) throws IOException {
            MessageDigest hash = Digest.newHash();
            byte[] buffer = new byte[128 << 10];
            try (InputStream in = read()) {
                for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                    hash.update(buffer, 0, n);
                }
            }
            verified(Digest.finish(hash), expected);
        }

        /// Like [#verify], by someone who has hashed the bytes already.
        public void verified(Digest actual, Digest expected) {
            if (!actual.equals(expected)) {
                throw new InvalidParameter(
                        "digest of blob does not match: expected " + expected + ", got " + actual);
            }
            verified = actual;
        }

        /// @throws IllegalStateException before it is verified
        public Digest digest() {
            Digest digest = verified;
            if (digest == null) {
                throw new IllegalStateException("blob is not verified: " + path);
            }
            return digest;
        }

        /// Discards the blob unless it was published.
        @Override
        public void close() throws IOException {
            channel.close();
            if (!published) {
                Files.deleteIfExists(path);
            }
        }
    }
}
