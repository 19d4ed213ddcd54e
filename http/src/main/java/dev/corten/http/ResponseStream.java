package dev.corten.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;

/// A response body that is written bit by bit. Gathers small writes; [#flush] sends them and waits until the
/// client's socket has taken them. Without a flush, some full buffers are on their way while the next is
/// filled. The head goes with the first bytes, or with the first flush.
final class ResponseStream extends OutputStream {
    private static final int BUFFER = 64 << 10;

    /// So many buffers may be on their way. Who has to wait waits for half of them: each wait costs
    /// more than what is sent.
    private static final int AHEAD = 8;

    private static final byte[] CRLF = {'\r', '\n'};

    private final Connection connection;
    private final boolean chunked;
    private final boolean discards;
    private final boolean bounded;
    private long left;
    private byte[] head;
    private byte[] buffer = new byte[512];
    private int count;
    private boolean closed;

    /// In the order in which they are sent.
    private final Deque<ChannelFuture> underway = new ArrayDeque<>();

    /// @param chunked whether to frame by chunks; otherwise the end of the connection ends the body
    /// @param discards whether the answer has a head only
    ResponseStream(Connection connection, byte[] head, boolean chunked, boolean discards) {
        this.connection = connection;
        this.head = head;
        this.chunked = chunked;
        this.discards = discards;
        this.bounded = false;
    }

    /// @param length which the head has promised
    /// @param discards whether the answer has a head only
    ResponseStream(Connection connection, byte[] head, long length, boolean discards) {
        this.connection = connection;
        this.head = head;
        this.chunked = false;
        this.discards = discards;
        this.bounded = true;
        this.left = length;
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
        Objects.checkFromIndexSize(from, length, bytes.length);
        if (closed) {
            throw new IOException("the response has ended");
        }
        if (discards) {
            return;
        }
        if (bounded && length > left) {
            throw new IOException("the response is longer than was said");
        }
        left -= length;
        if (count + length > BUFFER) {
            sendBuffer(false);
        }
        if (length >= BUFFER) {
            send(bytes, from, length, false);
            return;
        }
        if (count + length > buffer.length) {
            buffer = java.util.Arrays.copyOf(buffer, Math.min(BUFFER, 2 * (count + length)));
        }
        System.arraycopy(bytes, from, buffer, count, length);
        count += length;
    }

    @Override
    public void flush() throws IOException {
        if (!closed && (count > 0 || head.length > 0)) {
            sendBuffer(false);
        }
        awaitSent();
    }

    /// Ends the body properly.
    ///
    /// @throws IOException also when the body is shorter than was said: then the connection is of no use
    ///     any more
    @Override
    public void close() throws IOException {
        if (!closed) {
            closed = true;
            sendBuffer(true);
            awaitSent();
            if (bounded && left > 0 && !discards) {
                throw new IOException("the response is shorter than was said");
            }
        }
    }

    boolean isClosed() {
        return closed;
    }

    private void sendBuffer(boolean last) throws IOException {
        int length = count;
        count = 0;
        send(buffer, 0, length, last);
    }

    private void send(byte[] bytes, int from, int length, boolean last) throws IOException {
        ByteBuf out = connection.buffer(head.length + length + 32);
        out.writeBytes(head);
        head = new byte[0];
        if (!discards) {
            if (chunked && length > 0) {
                out.writeCharSequence(Integer.toHexString(length), StandardCharsets.US_ASCII);
                out.writeBytes(CRLF);
            }
            out.writeBytes(bytes, from, length);
            if (chunked && length > 0) {
                out.writeBytes(CRLF);
            }
            if (chunked && last) {
                out.writeCharSequence("0\r\n\r\n", StandardCharsets.US_ASCII);
            }
        }
        try {
            awaitRoom();
        } catch (IOException e) {
            out.release();
            throw e;
        }
        underway.add(connection.write(out));
    }

    /// The back-pressure: waits until the kernel has taken some of what was written.
    private void awaitRoom() throws IOException {
        while (!underway.isEmpty() && underway.peek().isDone()) {
            Connection.await(underway.remove());
        }
        if (underway.size() == AHEAD) {
            for (int i = 1; i < AHEAD / 2; i++) {
                underway.remove();
            }
            // What was written before has been taken before.
            Connection.await(underway.remove());
        }
    }

    private void awaitSent() throws IOException {
        ChannelFuture last = underway.pollLast();
        underway.clear();
        if (last != null) {
            Connection.await(last);
        }
    }
}
