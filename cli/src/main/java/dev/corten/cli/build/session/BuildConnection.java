package dev.corten.cli.build.session;

import dev.corten.client.Json;
import dev.corten.client.Upgraded;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.ProtocolException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/// Carries messages and channels on one stream of bytes.
///
/// One thread reads; any thread may write.
public final class BuildConnection implements AutoCloseable {
    static final int DATA = 1;
    static final int END = 2;
    static final int FAILURE = 3;
    static final int MESSAGE = 4;
    static final int CREDIT = 5;

    /// The largest payload of a frame.
    static final int FRAME_MAX = 1 << 20;

    private static final int HEAD = 9;

    private final Upgraded stream;
    private final ReentrantLock writing = new ReentrantLock();
    private final ConcurrentHashMap<Integer, Channel> channels = new ConcurrentHashMap<>();
    private volatile boolean closed;

    /// Takes what the daemon says.
    public interface Listener {
        /// @param channel the one that the message opens, if it does
        void heard(Json message, Channel channel);

        /// A message that opens no channel.
        void heard(Json message);
    }

    public BuildConnection(Upgraded stream) {
        this.stream = stream;
    }

    /// Reads until the connection ends; then nobody waits for a channel any more.
    public void read(Listener listener) throws IOException {
        try {
            InputStream in = stream.input();
            while (true) {
                byte[] head = in.readNBytes(HEAD);
                if (head.length == 0) {
                    return;
                }
                if (head.length < HEAD) {
                    throw new EOFException("the daemon broke the connection off");
                }
                int length = integer(head, 0);
                if (length < 0 || length > FRAME_MAX) {
                    throw new ProtocolException("frame of " + length + " bytes");
                }
                byte[] payload = in.readNBytes(length);
                if (payload.length < length) {
                    throw new EOFException("the daemon broke the connection off");
                }
                take(integer(head, 4), head[8], payload, listener);
            }
        } catch (IOException e) {
            if (!closed) {
                throw e;
            }
        } finally {
            closed = true;
            for (Channel channel : channels.values()) {
                channel.breakOff();
            }
        }
    }

    private void take(int number, int kind, byte[] payload, Listener listener) throws IOException {
        if (kind == MESSAGE) {
            Json message = Json.parse(payload);
            long opened = message.get("channel").integer(0);
            if (opened == 0) {
                listener.heard(message);
                return;
            }
            // Before the next frame is read: it may be the first of the channel.
            var channel = new Channel(this, (int) opened);
            channels.put(channel.number(), channel);
            listener.heard(message, channel);
            return;
        }
        Channel channel = channels.get(number);
        if (channel == null) {
            return; // we have done with it, and they did not know yet
        }
        switch (kind) {
            case DATA -> channel.received(payload);
            case END -> channel.receivedEnd("");
            case FAILURE -> channel.receivedEnd(new String(payload, StandardCharsets.UTF_8));
            case CREDIT -> channel.granted(integer(payload, 0));
            default -> throw new ProtocolException("frame of unknown kind " + kind);
        }
    }

    void send(int channel, int kind, byte[] payload, int offset, int length) throws IOException {
        var head = new byte[HEAD];
        put(head, 0, length);
        put(head, 4, channel);
        head[8] = (byte) kind;
        writing.lock();
        try {
            if (length > 0 && length < 16 * 1024) {
                var frame = new byte[HEAD + length];
                System.arraycopy(head, 0, frame, 0, HEAD);
                System.arraycopy(payload, offset, frame, HEAD, length);
                stream.output().write(frame, 0, frame.length);
                return;
            }
            stream.output().write(head, 0, HEAD);
            stream.output().write(payload, offset, length);
        } finally {
            writing.unlock();
        }
    }

    void done(Channel channel) {
        channels.remove(channel.number(), channel);
    }

    boolean isClosed() {
        return closed;
    }

    static int integer(byte[] bytes, int at) {
        return (bytes[at] & 0xFF) << 24
                | (bytes[at + 1] & 0xFF) << 16
                | (bytes[at + 2] & 0xFF) << 8
                | (bytes[at + 3] & 0xFF);
    }

    static void put(byte[] bytes, int at, int value) {
        bytes[at] = (byte) (value >> 24);
        bytes[at + 1] = (byte) (value >> 16);
        bytes[at + 2] = (byte) (value >> 8);
        bytes[at + 3] = (byte) value;
    }

    void leave() throws IOException {
        stream.closeWrite();
    }

    @Override
    public void close() throws IOException {
        closed = true;
        stream.close();
    }
}
