package dev.corten.registry.server.mirror;

import dev.corten.model.CortenException;
import dev.corten.model.Digest;
import dev.corten.model.image.Descriptor;
import dev.corten.registry.ErrorCode;
import dev.corten.registry.Refusal;
import dev.corten.registry.RepositoryName;
import dev.corten.registry.client.BlobBody;
import dev.corten.registry.client.Repository;
import dev.corten.registry.server.storage.Storage;
import dev.corten.registry.server.storage.UploadWriter;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// One blob on its way from the upstream to the disk, on a thread of its own. Any number of clients
/// read behind it, each at its own pace: a slow one holds up nobody.
///
/// The last byte is shown only when the digest was right, so that nobody gets a whole blob of wrong
/// content.
final class Fetch {
    private static final int ATTEMPTS = 3;
    private static final int BUFFER = 64 << 10;

    private final Storage storage;
    private final Repository upstream;
    private final RepositoryName name;
    private final Digest digest;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    /// Guarded by lock, as all below; -1 while it is not known.
    private long total = -1;

    private long available;
    private boolean begun;
    private boolean done;
    private @Nullable Exception failure;
    private @Nullable String upload;

    Fetch(Storage storage, Repository upstream, RepositoryName name, Digest digest) {
        this.storage = storage;
        this.upstream = upstream;
        this.name = name;
        this.digest = digest;
    }

    boolean isFor(RepositoryName repository) {
        return name.equals(repository);
    }

    /// Fetches all of it, unless another repository has it already.
    void run() {
        // Whatever happens, nobody waits for ever.
        Exception problem = new IOException("the blob could not be fetched");
        try {
            fetch();
            problem = null;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            problem = e;
        } catch (IOException | RuntimeException e) {
            problem = e;
        } finally {
            Exception outcome = problem;
            update(() -> {
                failure = outcome;
                done = true;
            });
        }
    }

    private void fetch() throws IOException, InterruptedException {
        if (!upstream.has(digest)) {
            throw new Refusal(ErrorCode.BLOB_UNKNOWN).with(digest.toString());
        }
        if (!storage.blobs().use(digest)) {
            String id = storage.uploads().start(name);
            update(() -> upload = id);
            try (UploadWriter writer = storage.uploads().open(name, id)) {
                transfer(writer);
                writer.commit(digest);
            } finally {
                storage.uploads().cancel(name, id);
            }
        }
        storage.repository(name).linkLayer(digest);
    }

    private void transfer(UploadWriter writer) throws IOException, InterruptedException {
        for (int attempt = 1; ; attempt++) {
            try (BlobBody body =
                    upstream.blob(
                            Descriptor.of("application/octet-stream", digest, 0), writer.size())) {
                if (body.offset() != writer.size()) {
                    throw new IOException("the upstream does not go on where it was cut");
                }
                long size = body.total();
                update(() -> {
                    total = size;
                    begun = true;
                });
                writer.append(new Published(body.in(), writer), Long.MAX_VALUE);
                publish(writer.size());
                return;
            } catch (IOException e) {
                if (attempt == ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    /// Says before each read how much has been written.
    private final class Published extends FilterInputStream {
        private final UploadWriter writer;

        Published(InputStream in, UploadWriter writer) {
            super(in);
            this.writer = writer;
        }

        @Override
        public int read(byte[] target, int from, int length) throws IOException {
            publish(writer.size());
            return in.read(target, from, length);
        }
    }

    private void publish(long size) {
        update(() -> available = size);
    }

    private void update(Runnable change) {
        lock.lock();
        try {
            change.run();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// Waits until it is known how large the blob is; -1 if that is not known before its end.
    long awaitBegin() throws IOException {
        lock.lock();
        try {
            awaitUntil(() -> begun || done);
            throwFailure();
            return total;
        } finally {
            lock.unlock();
        }
    }

    /// Waits until it is here.
    void awaitEnd() throws IOException {
        lock.lock();
        try {
            awaitUntil(() -> done);
            throwFailure();
        } finally {
            lock.unlock();
        }
    }

    /// A file that has what has come, and all of it in the end; empty if that is another one now. The
    /// caller closes it.
    FileChannel open() throws IOException {
        String id;
        lock.lock();
        try {
            id = done ? null : upload;
        } finally {
            lock.unlock();
        }
        if (id != null) {
            try {
                return storage.uploads().reader(name, id);
            } catch (Refusal _) {
                // It has just become a blob.
            }
        }
        return storage.blobs().open(digest);
    }

    /// Writes it as it comes.
    void copy(FileChannel file, OutputStream out) throws IOException {
        var buffer = ByteBuffer.allocate(BUFFER);
        long at = 0;
        while (true) {
            long end = awaitMore(at);
            if (end == at) {
                return;
            }
            while (at < end) {
                buffer.clear().limit((int) Math.min(BUFFER, end - at));
                int count = file.read(buffer, at);
                if (count < 0) {
                    throw new IOException("the blob became shorter");
                }
                out.write(buffer.array(), 0, count);
                at += count;
            }
        }
    }

    /// Waits for bytes behind a position.
    ///
    /// @return how far one may read; the position itself at the end
    private long awaitMore(long at) throws IOException {
        lock.lock();
        try {
            awaitUntil(() -> done || Math.min(available, total - 1) > at);
            throwFailure();
            return done ? total : Math.min(available, total - 1);
        } finally {
            lock.unlock();
        }
    }

    /// The caller has the lock.
    private void awaitUntil(BooleanSupplier condition) throws InterruptedIOException {
        try {
            while (!condition.getAsBoolean()) {
                changed.await();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while a blob was fetched");
        }
    }

    private void throwFailure() throws IOException {
        switch (failure) {
            case null -> {}
            case CortenException e -> throw PullThrough.refusal(e);
            case Refusal e -> throw e;
            case Exception e -> throw new IOException(String.valueOf(e.getMessage()), e);
        }
    }
}
