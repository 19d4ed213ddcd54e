package dev.corten.api.build;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Bytes to and from the client, apart from those of other channels. One thread reads, one writes.
final class FrameChannel implements AutoCloseable {
    /// What may be on its way without credit.
    static final int WINDOW = 4 << 20;

    private static final int CREDIT_MIN = WINDOW / 4;
    private static final int PIECE = 64 << 10;
    private static final int INFLOW_FIRST = 16 << 10;
    private static final byte[] NOTHING = {};

    private final FrameConnection connection;
    private final int number;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    /// What has come and was not read yet, going round; its length is a power of two. Kept for the
    /// life of the channel: a heap grows by the garbage of a large file as well. Guarded by lock, as is
    /// all below, but that the connection's reader fills what is free without it.
    private byte[] inflow = new byte[INFLOW_FIRST];

    private int from;
    private int filled;
    private long mayReceive = WINDOW;
    private long maySend = WINDOW;
    private @Nullable String end;
    private boolean broken;

    FrameChannel(FrameConnection connection, int number) {
        this.connection = connection;
        this.number = number;
    }

    int number() {
        return number;
    }

    // ---- what the connection's reader says

    /// Takes so many bytes of the connection.
    void receive(DataInputStream in, int length) throws IOException {
        boolean wanted = claimRoom(length);
        for (int left = length; left > 0; ) {
            int count = Math.min(left, PIECE);
            if (wanted) {
                fill(in, count);
            } else {
                in.skipNBytes(count);
            }
            left -= count;
        }
    }

    /// @return whether anybody will read it
    private boolean claimRoom(int length) throws IOException {
        lock.lock();
        try {
            mayReceive -= length;
            if (mayReceive < 0) {
                throw new IOException("the client sends more than it was given credit for");
            }
            if (end != null) {
                return false;
            }
            int size = inflow.length;
            while (size < filled + length) {
                size *= 2;
            }
            if (size > inflow.length) {
                var larger = new byte[size];
                int first = Math.min(filled, inflow.length - from);
                System.arraycopy(inflow, from, larger, 0, first);
                System.arraycopy(inflow, 0, larger, first, filled - first);
                inflow = larger;
                from = 0;
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    private void fill(DataInputStream in, int count) throws IOException {
        byte[] ring;
        int at;
        lock.lock();
        try {
            ring = inflow;
            at = from + filled & ring.length - 1;
        } finally {
            lock.unlock();
        }
        int first = Math.min(count, ring.length - at);
        in.readFully(ring, at, first);
        in.readFully(ring, 0, count - first);
        lock.lock();
        try {
            filled += count;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// @param why empty if all went well
    void receivedEnd(String why) {
        lock.lock();
        try {
            if (end == null) {
                end = why;
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    void granted(int bytes) {
        lock.lock();
        try {
            maySend += Integer.toUnsignedLong(bytes);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    void breakOff() {
        lock.lock();
        try {
            broken = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    // ---- both directions

    /// What the client sends, to its end. A failure of the client's is an [IOException] with its
    /// words.
    InputStream input() {
        return new Input();
    }

    /// What goes to the client; closing it says that this was all.
    OutputStream output() {
        return new Output();
    }

    /// Says that nothing more comes from here, because of this.
    void fail(String why) throws IOException {
        byte[] text = why.getBytes(StandardCharsets.UTF_8);
        connection.send(
                number,
                FrameConnection.FAILURE,
                text,
                0,
                Math.min(text.length, FrameConnection.FRAME_MAX));
    }

    /// Forgets it: what else comes is dropped.
    @Override
    public void close() {
        connection.forget(this);
        breakOff();
    }

    private static InterruptedIOException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        var interrupted = new InterruptedIOException("interrupted");
        interrupted.initCause(e);
        return interrupted;
    }

    private static EOFException left() {
        return new EOFException("the client has left");
    }

    private final class Input extends InputStream {
        private int owed;

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] to, int offset, int length) throws IOException {
            Objects.checkFromIndexSize(offset, length, to.length);
            if (length == 0) {
                return 0;
            }
            if (owed >= CREDIT_MIN) {
                grant();
            }
            int count = take(to, offset, length);
            owed += Math.max(count, 0);
            return count;
        }

        @Override
        public int available() {
            lock.lock();
            try {
                return filled;
            } finally {
                lock.unlock();
            }
        }

        private void grant() throws IOException {
            lock.lock();
            try {
                if (end != null || broken) {
                    return; // nobody waits for it
                }
                mayReceive += owed;
            } finally {
                lock.unlock();
            }
            byte[] credit = ByteBuffer.allocate(Integer.BYTES).putInt(owed).array();
            owed = 0;
            connection.send(number, FrameConnection.CREDIT, credit, 0, credit.length);
        }

        /// -1 at the end.
        private int take(byte[] to, int offset, int length) throws IOException {
            lock.lock();
            try {
                while (filled == 0 && end == null && !broken) {
                    changed.await();
                }
                if (filled > 0) {
                    int count = Math.min(Math.min(length, filled), inflow.length - from);
                    System.arraycopy(inflow, from, to, offset, count);
                    from = from + count & inflow.length - 1;
                    filled -= count;
                    return count;
                }
                if (end == null) {
                    throw left();
                }
                if (!end.isEmpty()) {
                    throw new IOException(end);
                }
                return -1;
            } catch (InterruptedException e) {
                throw interrupted(e);
            } finally {
                lock.unlock();
            }
        }
    }

    private final class Output extends OutputStream {
        private boolean closed;

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] from, int offset, int length) throws IOException {
            Objects.checkFromIndexSize(offset, length, from.length);
            for (int sent = 0; sent < length; ) {
                int count = claim(Math.min(length - sent, PIECE));
                connection.send(number, FrameConnection.DATA, from, offset + sent, count);
                sent += count;
            }
        }

        private int claim(int wanted) throws IOException {
            lock.lock();
            try {
                while (maySend == 0 && !broken && (end == null || end.isEmpty())) {
                    changed.await();
                }
                if (end != null && !end.isEmpty()) {
                    throw new IOException(end);
                }
                if (broken) {
                    throw left();
                }
                int count = (int) Math.min(wanted, maySend);
                maySend -= count;
                return count;
            } catch (InterruptedException e) {
                throw interrupted(e);
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void close() throws IOException {
            if (!closed) {
                closed = true;
                connection.send(number, FrameConnection.END, NOTHING, 0, 0);
            }
        }
    }
}
