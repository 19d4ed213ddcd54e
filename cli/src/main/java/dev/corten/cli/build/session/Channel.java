package dev.corten.cli.build.session;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// Bytes both ways, as many as the receiver gave credit for. One thread writes, one reads.
public final class Channel {
    /// What may be on its way without credit.
    static final int WINDOW = 4 << 20;

    /// Credit for less is not worth a frame.
    private static final int CREDIT_MIN = WINDOW / 4;

    private static final byte[] NOTHING = {};

    private final BuildConnection connection;
    private final int number;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    /// Guarded by lock, as is all below.
    private final ArrayDeque<byte[]> received = new ArrayDeque<>();

    private long window = WINDOW;
    private boolean ended;
    private String failure = "";
    private boolean broken;

    Channel(BuildConnection connection, int number) {
        this.connection = connection;
        this.number = number;
    }

    int number() {
        return number;
    }

    /// Sends all of it; waits for credit.
    public void write(byte[] bytes, int offset, int length) throws IOException {
        int at = offset;
        int left = length;
        while (left > 0) {
            int count = claim(Math.min(left, BuildConnection.FRAME_MAX));
            connection.send(number, BuildConnection.DATA, bytes, at, count);
            at += count;
            left -= count;
        }
    }

    private int claim(int wanted) throws IOException {
        lock.lock();
        try {
            while (window == 0 && !broken) {
                changed.await();
            }
            if (broken) {
                throw new EOFException("the daemon broke the connection off");
            }
            int count = (int) Math.min(wanted, window);
            window -= count;
            return count;
        } catch (InterruptedException e) {
            throw interrupted();
        } finally {
            lock.unlock();
        }
    }

    /// Says that nothing more comes from here.
    public void end() throws IOException {
        connection.send(number, BuildConnection.END, NOTHING, 0, 0);
    }

    /// Says that nothing more comes from here, because of this.
    public void fail(String why) throws IOException {
        byte[] text = why.getBytes(StandardCharsets.UTF_8);
        int length = Math.min(text.length, BuildConnection.FRAME_MAX);
        connection.send(number, BuildConnection.FAILURE, text, 0, length);
    }

    /// Nothing is written or read any more.
    public void close() {
        connection.done(this);
    }

    void received(byte[] payload) {
        lock.lock();
        try {
            received.add(payload);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// @param why empty if all went well
    void receivedEnd(String why) {
        lock.lock();
        try {
            ended = true;
            failure = why;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    void granted(int bytes) {
        lock.lock();
        try {
            window += Integer.toUnsignedLong(bytes);
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

    private static InterruptedIOException interrupted() {
        Thread.currentThread().interrupt();
        return new InterruptedIOException("interrupted");
    }

    /// What the daemon sends, to its end; gives credit for what was read. A failure of the daemon's
    /// is one of the stream.
    public InputStream input() {
        return new Input();
    }

    private final class Input extends InputStream {
        private byte[] piece = NOTHING;
        private int at;
        private int owed;

        @Override
        public int read() throws IOException {
            var one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            if (length == 0) {
                return 0;
            }
            while (at == piece.length) {
                byte[] next = next();
                if (next == null) {
                    return -1;
                }
                piece = next;
                at = 0;
            }
            int count = Math.min(length, piece.length - at);
            System.arraycopy(piece, at, target, offset, count);
            at += count;
            return count;
        }

        @Override
        public int available() {
            return piece.length - at;
        }

        private byte @org.jspecify.annotations.Nullable [] next() throws IOException {
            owed += piece.length;
            if (owed >= CREDIT_MIN) {
                var credit = new byte[4];
                BuildConnection.put(credit, 0, owed);
                connection.send(number, BuildConnection.CREDIT, credit, 0, credit.length);
                owed = 0;
            }
            piece = NOTHING;
            at = 0;
            lock.lock();
            try {
                while (received.isEmpty() && !ended && !broken) {
                    changed.await();
                }
                byte[] next = received.poll();
                if (next == null && !failure.isEmpty()) {
                    throw new IOException(failure);
                }
                if (next == null && !ended) {
                    throw new EOFException("the daemon broke the connection off");
                }
                return next;
            } catch (InterruptedException e) {
                throw interrupted();
            } finally {
                lock.unlock();
            }
        }
    }
}
