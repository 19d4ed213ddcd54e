package dev.corten.store.content;

import dev.corten.model.Conflict;
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
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The blobs of the store.
///
/// ```java
/// try (var ingest = content.ingest()) {
///     in.transferTo(ingest.out());
///     ingest.verify(expected);
///     try (var _ = content.publish(List.of(ingest))) {
///         …                                        // what refers to the blob
///     }
/// }
/// ```
///
/// The lock is for memory only: who publishes a blob that is being removed waits for the end of that.
public final class Content {
    /// How long the beginning of a blob waits for its continuation.
    private static final Duration PATIENCE = Duration.ofDays(3);

    private final StoreLayout layout;
    private final Durable durable;
    private final AtomicLong counter = new AtomicLong();

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition removed = lock.newCondition();

    /// Guarded by lock; how many have published a blob and written nothing yet that refers to it.
    private final Map<Digest, Integer> held = new HashMap<>();

    /// Guarded by lock; blobs of which it is being decided whether they go.
    private final Set<Digest> removing = new HashSet<>();

    /// Who needs blobs, beside those who ask for their removal.
    private final List<Supplier<Set<Digest>>> keepers = new CopyOnWriteArrayList<>();

    public Content(StoreLayout layout, Durable durable) {
        this.layout = layout;
        this.durable = durable;
    }

    /// Guarded by lock; those of [#partial] that are open.
    private final Set<Digest> arriving = new HashSet<>();

    /// Makes the directories and removes what a crash left half written, except what can be resumed.
    public void open() throws IOException {
        durable.createDirectories(layout.blobs());
        durable.createDirectories(layout.partialBlobs());
        durable.createDirectories(layout.resumable());
        removePartials(PATIENCE);
        try (DirectoryStream<Path> leftovers = Files.newDirectoryStream(layout.partialBlobs())) {
            for (Path leftover : leftovers) {
                durable.delete(leftover);
            }
        }
    }

    /// Begins a blob; closing it without [#publish] discards it.
    public Ingest ingest() throws IOException {
        return new Ingest(
                layout.partialBlobs().resolve("ingest-" + counter.incrementAndGet()),
                StandardOpenOption.CREATE_NEW,
                Optional.empty());
    }

    /// Begins a blob, or goes on with what an earlier attempt has left of it, which survives the end
    /// of this process and has to be verified like the rest. Closing it without [#publish] leaves it
    /// for the next attempt.
    ///
    /// @throws Conflict if it is open already
    public Ingest partial(Digest digest) throws IOException {
        lock.lock();
        try {
            if (!arriving.add(digest)) {
                throw new Conflict("blob " + digest + " is being written already");
            }
        } finally {
            lock.unlock();
        }
        boolean done = false;
        try {
            var ingest =
                    new Ingest(
                            layout.resumable(digest),
                            StandardOpenOption.CREATE,
                            Optional.of(() -> end(digest)));
            done = true;
            return ingest;
        } finally {
            if (!done) {
                end(digest);
            }
        }
    }

    private void end(Digest digest) {
        lock.lock();
        try {
            arriving.remove(digest);
        } finally {
            lock.unlock();
        }
    }

    /// Removes beginnings of blobs that nobody has added to for so long, and that are not open.
    ///
    /// @return bytes that they had
    public long removePartials(Duration age) throws IOException {
        FileTime limit = FileTime.from(Instant.now().minus(age));
        long bytes = 0;
        try (DirectoryStream<Path> files = Files.newDirectoryStream(layout.resumable())) {
            for (Path file : files) {
                if (Files.getLastModifiedTime(file).compareTo(limit) <= 0 && !isArriving(file)) {
                    bytes += Files.size(file);
                    durable.delete(file);
                }
            }
        }
        return bytes;
    }

    private boolean isArriving(Path file) {
        String name = file.getFileName().toString();
        lock.lock();
        try {
            return arriving.stream().anyMatch(digest -> digest.hex().equals(name));
        } finally {
            lock.unlock();
        }
    }

    /// Keeps blobs from removal, those that are here and those that will come.
    public Hold hold(Collection<Digest> digests) {
        return new Hold(List.copyOf(digests));
    }

    /// Makes verified blobs visible. A power failure may take or damage them until the file system is
    /// synced: see [Durable#syncFileSystem].
    ///
    /// @return keeps them until it is closed, when something refers to them
    /// @throws IllegalStateException if one is not verified
    public Hold publish(List<Ingest> ingests) throws IOException {
        var hold = new Hold(ingests.stream().map(Ingest::digest).toList());
        boolean done = false;
        try {
            for (Ingest ingest : ingests) {
                publish(ingest);
            }
            done = true;
            return hold;
        } finally {
            if (!done) {
                hold.close();
            }
        }
    }

    /// Several pulls may share one ingest.
    private void publish(Ingest ingest) throws IOException {
        Path blob = layout.blob(ingest.digest());
        if (ingest.claimed.compareAndSet(false, true)) {
            boolean done = false;
            try {
                durable.rename(ingest.path, blob);
                done = true;
            } finally {
                ingest.published.complete(done);
            }
        } else if (!ingest.published.join()) {
            throw new IOException("blob " + ingest.digest() + " could not be published");
        }
    }

    /// Keeps blobs from removal.
    public final class Hold implements AutoCloseable {
        private final List<Digest> digests;

        /// Guarded by lock.
        private boolean released;

        private Hold(List<Digest> digests) {
            this.digests = digests;
            lock.lock();
            try {
                while (digests.stream().anyMatch(removing::contains)) {
                    removed.awaitUninterruptibly();
                }
                digests.forEach(digest -> held.merge(digest, 1, Integer::sum));
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void close() {
            lock.lock();
            try {
                if (released) {
                    return;
                }
                released = true;
                digests.forEach(
                        digest -> held.computeIfPresent(digest, (d, n) -> n == 1 ? null : n - 1));
            } finally {
                lock.unlock();
            }
        }
    }

    /// Whether somebody is about to need it.
    public boolean isHeld(Digest digest) {
        lock.lock();
        try {
            return held.containsKey(digest);
        } finally {
            lock.unlock();
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

    /// Says who tells which blobs must stay; asked at each removal.
    public void keptBy(Supplier<Set<Digest>> keeper) {
        keepers.add(keeper);
    }

    /// Removes those blobs that no [keeper][#keptBy] needs.
    public void removeUnneeded(Collection<Digest> candidates) throws IOException {
        removeUnneeded(candidates, Set::of);
    }

    /// Removes those blobs that nobody needs; that one is not here is fine.
    ///
    /// @param needed asked when nothing can begin to need one of them
    public void removeUnneeded(Collection<Digest> candidates, Supplier<Set<Digest>> needed)
            throws IOException {
        var going = new ArrayList<Digest>();
        lock.lock();
        try {
            for (Digest digest : candidates) {
                if (!held.containsKey(digest) && removing.add(digest)) {
                    going.add(digest);
                }
            }
        } finally {
            lock.unlock();
        }
        try {
            var staying = new HashSet<>(needed.get());
            keepers.forEach(keeper -> staying.addAll(keeper.get()));
            for (Digest digest : going) {
                if (!staying.contains(digest)) {
                    durable.delete(layout.blob(digest));
                }
            }
        } finally {
            lock.lock();
            try {
                going.forEach(removing::remove);
                removed.signalAll();
            } finally {
                lock.unlock();
            }
        }
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

        /// Of one that is kept when it is closed.
        private final Optional<Runnable> atEnd;

        private final AtomicBoolean claimed = new AtomicBoolean();
        private final CompletableFuture<Boolean> published = new CompletableFuture<>();
        private @Nullable Digest verified;
        private volatile boolean unwanted;

        private Ingest(Path path, StandardOpenOption how, Optional<Runnable> atEnd)
                throws IOException {
            this.path = path;
            this.atEnd = atEnd;
            this.channel =
                    FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE, how);
            channel.position(channel.size());
        }

        /// Bytes that are there.
        public long size() throws IOException {
            return channel.size();
        }

        /// Says that nobody will go on with it: closing discards it.
        public void discard() {
            unwanted = true;
        }

        /// Begins anew.
        public void clear() throws IOException {
            channel.truncate(0);
            verified = null;
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

        /// Discards the blob unless it was published, or leaves it to be resumed.
        @Override
        public void close() throws IOException {
            channel.close();
            if ((atEnd.isEmpty() || unwanted) && !published.getNow(false)) {
                Files.deleteIfExists(path);
            }
            atEnd.ifPresent(Runnable::run);
        }
    }
}
