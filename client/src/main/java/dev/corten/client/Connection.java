package dev.corten.client;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/// One connection with its read-ahead, so that bytes that came with a response's head are not lost
/// when the connection becomes a byte stream.
final class Connection implements Closeable {
    private static final int BUFFER_BYTES = 16 * 1024;

    private final Transport transport;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private int position;
    private int limit;

    Connection(Transport transport) {
        this.transport = transport;
    }

    Transport transport() {
        return transport;
    }

    /// The next byte, or -1 at the end.
    int read() throws IOException {
        if (position == limit && !fill()) {
            return -1;
        }
        return buffer[position++] & 0xFF;
    }

    int read(byte[] target, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (position == limit) {
            if (length >= BUFFER_BYTES) {
                return transport.read(target, offset, length);
            }
            if (!fill()) {
                return -1;
            }
        }
        int count = Math.min(length, limit - position);
        System.arraycopy(buffer, position, target, offset, count);
        position += count;
        return count;
    }

    private boolean fill() throws IOException {
        int count = transport.read(buffer, 0, BUFFER_BYTES);
        position = 0;
        limit = Math.max(count, 0);
        return count > 0;
    }

    void write(byte[] bytes, int offset, int length) throws IOException {
        transport.write(bytes, offset, length);
    }

    /// Tells the other side that nothing more comes; reading goes on.
    void closeWrite() throws IOException {
        transport.closeWrite();
    }

    /// Reads what comes until the end of the connection.
    InputStream input() {
        return new InputStream() {
            @Override
            public int read() throws IOException {
                return Connection.this.read();
            }

            @Override
            public int read(byte[] target, int offset, int length) throws IOException {
                return Connection.this.read(target, offset, length);
            }
        };
    }

    OutputStream output() {
        return new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                Connection.this.write(new byte[] {(byte) b}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                Connection.this.write(bytes, offset, length);
            }
        };
    }

    @Override
    public void close() throws IOException {
        transport.close();
    }
}
