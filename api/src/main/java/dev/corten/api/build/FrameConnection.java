package dev.corten.api.build;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// Frames both ways on one connection. A thread reads, another writes what everybody else has put
/// into a queue that is bounded.
public final class FrameConnection implements AutoCloseable {
    static final int DATA = 1;
    static final int END = 2;
    static final int FAILURE = 3;
    static final int MESSAGE = 4;
    static final int CREDIT = 5;

    static final int FRAME_MAX = 1 << 20;

    private static final int HEAD = 9;
    private static final int QUEUE_MAX = 1 << 20;
    private static final Duration LAST_WORD = Duration.ofSeconds(10);

    private final DataInputStream in;
    private final OutputStream out;
    private final Runnable gone;
    private final Thread reader = Thread.ofVirtual().name("build-reader").unstarted(this::read);
    private final Thread writer = Thread.ofVirtual().name("build-writer").unstarted(this::write);

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    /// Guarded by lock, as is all below.
    private final ArrayDeque<byte[]> queue = new ArrayDeque<>();

    private final Map<Integer, FrameChannel> channels = new HashMap<>();
    private int queued;
    private int lastChannel;
    private boolean finished;

    /// Whether nothing is open any more that needs the client.
    private boolean mayLeave;

    private boolean broken;

    /// @param gone called once if the client leaves before [#finish]
    public FrameConnection(InputStream in, OutputStream out, Runnable gone) {
        this.in = new DataInputStream(in);
        this.out = out;
        this.gone = gone;
    }

    public void start() {
        reader.start();
        writer.start();
    }

    /// A channel with a number of its own, which the client does not know yet.
    FrameChannel open() {
        lock.lock();
        try {
            var channel = new FrameChannel(this, ++lastChannel);
            channels.put(lastChannel, channel);
            if (broken) {
                channel.breakOff();
            }
            return channel;
        } finally {
            lock.unlock();
        }
    }

    /// What comes on it from now on is of no interest.
    void forget(FrameChannel channel) {
        lock.lock();
        try {
            channels.remove(channel.number());
        } finally {
            lock.unlock();
        }
    }

    /// Sends a message; waits while too much is on its way already.
    ///
    /// @throws IOException if the client is gone
    public void message(String json) throws IOException {
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        send(0, MESSAGE, bytes, 0, bytes.length);
    }

    void send(int channel, int kind, byte[] bytes, int offset, int length) throws IOException {
        byte[] frame =
                ByteBuffer.allocate(HEAD + length)
                        .putInt(length)
                        .putInt(channel)
                        .put((byte) kind)
                        .put(bytes, offset, length)
                        .array();
        lock.lock();
        try {
            while (queued >= QUEUE_MAX && !broken) {
                changed.await();
            }
            if (broken) {
                throw new EOFException("the client has left");
            }
            queue.add(frame);
            queued += frame.length;
            changed.signalAll();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            var interrupted = new InterruptedIOException("interrupted");
            interrupted.initCause(e);
            throw interrupted;
        } finally {
            lock.unlock();
        }
    }

    private void write() {
        try {
            for (byte[] bytes = take(); bytes.length > 0; bytes = take()) {
                out.write(bytes);
            }
            out.flush();
            out.close();
        } catch (IOException e) {
            breakOff();
        }
    }

    /// All that is waiting; nothing at the end.
    private byte[] take() {
        lock.lock();
        try {
            while (queue.isEmpty() && !finished && !broken) {
                changed.awaitUninterruptibly();
            }
            if (broken) {
                return new byte[0];
            }
            var all = ByteBuffer.allocate(queued);
            queue.forEach(all::put);
            queue.clear();
            queued = 0;
            changed.signalAll();
            return all.array();
        } finally {
            lock.unlock();
        }
    }

    private void read() {
        try {
            while (frame()) {
                // until the end
            }
        } catch (IOException e) {
            // Whether it left orderly or not: nobody is there any more.
        } finally {
            breakOff();
        }
    }

    private boolean frame() throws IOException {
        int first = in.read();
        if (first < 0) {
            return false;
        }
        int length =
                first << 24
                        | in.readUnsignedByte() << 16
                        | in.readUnsignedByte() << 8
                        | in.readUnsignedByte();
        int number = in.readInt();
        int kind = in.readUnsignedByte();
        if (length < 0 || length > FRAME_MAX) {
            throw new IOException("frame of " + Integer.toUnsignedString(length) + " bytes");
        }
        FrameChannel channel;
        lock.lock();
        try {
            channel = channels.get(number);
        } finally {
            lock.unlock();
        }
        if (channel == null) {
            in.skipNBytes(length);
            return true; // it is done with, and what comes late is of no interest
        }
        if (kind == DATA) {
            channel.receive(in, length);
            return true;
        }
        byte[] payload = in.readNBytes(length);
        if (payload.length < length) {
            throw new EOFException("frame is cut short");
        }
        switch (kind) {
            case END -> channel.receivedEnd("");
            case FAILURE -> channel.receivedEnd(new String(payload, StandardCharsets.UTF_8));
            case CREDIT -> {
                if (payload.length != Integer.BYTES) {
                    throw new IOException("credit of " + payload.length + " bytes");
                }
                channel.granted(ByteBuffer.wrap(payload).getInt());
            }
            default -> throw new IOException("frame of unknown kind " + kind);
        }
        return true;
    }

    private void breakOff() {
        List<FrameChannel> open;
        boolean early;
        lock.lock();
        try {
            if (broken) {
                return;
            }
            broken = true;
            early = !finished && !mayLeave;
            queue.clear();
            open = List.copyOf(channels.values());
            channels.clear();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        open.forEach(FrameChannel::breakOff);
        if (early) {
            gone.run();
        }
    }

    /// Waits until the client has nothing more to say, or is gone.
    public void awaitLeaving() throws InterruptedException {
        lock.lock();
        try {
            mayLeave = true;
        } finally {
            lock.unlock();
        }
        reader.join();
    }

    /// Sends what is left, and the end. From now on the client may leave.
    public void finish() throws InterruptedException {
        lock.lock();
        try {
            finished = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        // The client leaves when it has read the end; before that, closing could take it away.
        if (writer.join(LAST_WORD)) {
            reader.join(LAST_WORD);
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            finished = true;
        } finally {
            lock.unlock();
        }
        breakOff();
    }
}
