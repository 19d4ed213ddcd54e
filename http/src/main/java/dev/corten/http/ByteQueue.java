package dev.corten.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Bytes on their way from the event loop to a handler: the loop adds, the handler reads and blocks.
///
/// Bounded by back-pressure: the loop stops reading the socket when [#isFull], and is told by the
/// `resume` task once the handler has made room.
final class ByteQueue extends InputStream {
    private static final int FULL = 256 << 10;
    private static final int ROOM = 64 << 10;

    private final Runnable onFirstRead;
    private final Runnable resume;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ArrayDeque<byte[]> chunks = new ArrayDeque<>();
    private int offset;
    private int size;
    private boolean started;
    private boolean full;
    private boolean ended;
    private @Nullable IOException failure;

    /// @param onFirstRead run by the reader before it blocks for the first time
    /// @param resume run by the reader when a full queue has room again
    ByteQueue(Runnable onFirstRead, Runnable resume) {
        this.onFirstRead = onFirstRead;
        this.resume = resume;
    }

    /// Adds bytes at the end; says whether the producer should pause.
    boolean add(byte[] chunk) {
        lock.lock();
        try {
            if (chunk.length > 0 && !ended && failure == null) {
                chunks.add(chunk);
                size += chunk.length;
                full |= size >= FULL;
                changed.signalAll();
            }
            return full;
        } finally {
            lock.unlock();
        }
    }

    /// No more bytes will come: the reader gets what is there, then the end.
    void end() {
        lock.lock();
        try {
            ended = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// The bytes broke off: the reader gets what is there, then the failure. Without effect when the
    /// end was reached before.
    void fail(IOException cause) {
        lock.lock();
        try {
            if (!ended && failure == null) {
                failure = cause;
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /// Whether all bytes have arrived, read or not.
    boolean isComplete() {
        lock.lock();
        try {
            return ended;
        } finally {
            lock.unlock();
        }
    }

    boolean wasRead() {
        lock.lock();
        try {
            return started;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] target, int from, int length) throws IOException {
        Objects.checkFromIndexSize(from, length, target.length);
        if (length == 0) {
            return 0;
        }
        boolean first;
        lock.lock();
        try {
            first = !started && !ended && size == 0;
            started = true;
        } finally {
            lock.unlock();
        }
        if (first) {
            onFirstRead.run();
        }
        boolean hasRoom;
        int count;
        lock.lock();
        try {
            awaitSomething();
            if (size == 0) {
                if (failure != null) {
                    throw new IOException(failure.getMessage(), failure);
                }
                return -1;
            }
            count = take(target, from, length);
            hasRoom = full && size <= ROOM;
            if (hasRoom) {
                full = false;
            }
        } finally {
            lock.unlock();
        }
        if (hasRoom) {
            resume.run();
        }
        return count;
    }

    @Override
    public int available() {
        lock.lock();
        try {
            return size;
        } finally {
            lock.unlock();
        }
    }

    private void awaitSomething() throws InterruptedIOException {
        try {
            while (size == 0 && failure == null && !ended) {
                changed.await();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while reading from the client");
        }
    }

    private int take(byte[] target, int from, int length) {
        int count = 0;
        while (count < length && !chunks.isEmpty()) {
            byte[] chunk = chunks.peek();
            int n = Math.min(length - count, chunk.length - offset);
            System.arraycopy(chunk, offset, target, from + count, n);
            offset += n;
            count += n;
            if (offset == chunk.length) {
                chunks.remove();
                offset = 0;
            }
        }
        size -= count;
        return count;
    }
}
