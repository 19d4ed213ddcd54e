package dev.corten.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Objects;

/// A connection that has left HTTP: bytes both ways, each direction closed on its own. Used where
/// the socket itself cannot be handed on (TCP with TLS, streams that are changed on the way).
///
/// Input and output may be used by two threads. Closed by the server when the handler returns.
public final class Upgraded implements AutoCloseable {
    private static final int PIECE = 64 << 10;

    private final Connection connection;
    private final ByteQueue input;
    private final OutputStream output = new Output();

    Upgraded(Connection connection, ByteQueue input) {
        this.connection = connection;
        this.input = input;
    }

    /// What the client sends; ends when the client shuts down its sending side.
    public InputStream input() {
        return input;
    }

    /// Goes to the client at once; a write returns when the client's socket has taken the bytes.
    /// Closing it shuts down our sending side and leaves the input open.
    public OutputStream output() {
        return output;
    }

    /// Shuts down our sending side: the client reads the end.
    public void shutdownOutput() throws IOException {
        connection.shutdownOutput();
    }

    /// Ends both directions.
    @Override
    public void close() {
        connection.abort();
    }

    private final class Output extends OutputStream {
        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            Objects.checkFromIndexSize(from, length, bytes.length);
            for (int sent = 0; sent < length; ) {
                int piece = Math.min(PIECE, length - sent);
                connection.writeAndWait(
                        connection.buffer(piece).writeBytes(bytes, from + sent, piece));
                sent += piece;
            }
        }

        @Override
        public void close() throws IOException {
            shutdownOutput();
        }
    }
}
