package dev.corten.api.build;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
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
    private static final byte[] NOTHING = {};

    private final FrameConnection connection;
    private final int number;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    /// Guarded by lock, as is all below.
    private final ArrayDeque<byte[]> received = new ArrayDeque<>();

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

    void received(byte[] payload) throws IOException {
        lock.lock();
        try {
            mayReceive -= payload.length;
            if (mayReceive < 0) {
                throw new IOException("the client sends more than it was given credit for");
            }
            if (end == null && payload.length > 0) {
                received.add(payload);
                changed.signalAll();
            }
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
        private byte[] piece = NOTHING;
        private int at;
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
            if (at == piece.length) {
                grant();
                piece = next();
                at = 0;
                if (piece.length == 0) {
                    return -1;
                }
            }
            int count = Math.min(length, piece.length - at);
            System.arraycopy(piece, at, to, offset, count);
            at += count;
            return count;
        }

        @Override
        public int available() {
            return piece.length - at;
        }

        private void grant() throws IOException {
            owed += piece.length;
            if (owed < CREDIT_MIN) {
                return;
            }
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

        /// Nothing at the end.
        private byte[] next() throws IOException {
            lock.lock();
            try {
                while (received.isEmpty() && end == null && !broken) {
                    changed.await();
                }
                byte[] next = received.poll();
                if (next != null) {
                    return next;
                }
                if (end == null) {
                    throw left();
                }
                if (!end.isEmpty()) {
                    throw new IOException(end);
                }
                return NOTHING;
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
