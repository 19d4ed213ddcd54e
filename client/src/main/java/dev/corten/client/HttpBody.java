package dev.corten.client;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.ProtocolException;

/// The body of a response, by its length, in chunks, or to the end of the connection.
final class HttpBody extends InputStream {
    /// Gets the connection back when the body was read to its end.
    interface Idle {
        void accept(Connection connection) throws IOException;
    }

    private static final long CHUNKED = -1;
    private static final long TO_THE_END = -2;
    private static final int LINE_MAX = 4096;

    private final Connection connection;
    private final Idle idle;
    private final boolean reusable;
    private final boolean chunked;
    private final boolean toTheEnd;

    /// Bytes left of the body, or of the current chunk.
    private long left;

    private boolean first = true;
    private boolean ended;

    private HttpBody(Connection connection, long length, boolean reusable, Idle idle) {
        this.connection = connection;
        this.idle = idle;
        this.reusable = reusable;
        this.chunked = length == CHUNKED;
        this.toTheEnd = length == TO_THE_END;
        this.left = Math.max(length, 0);
    }

    static HttpBody ofLength(Connection c, long length, boolean reusable, Idle idle)
            throws IOException {
        var body = new HttpBody(c, length, reusable, idle);
        if (length == 0) {
            body.finish();
        }
        return body;
    }

    static HttpBody chunked(Connection c, boolean reusable, Idle idle) {
        return new HttpBody(c, CHUNKED, reusable, idle);
    }

    static HttpBody toTheEnd(Connection c, Idle idle) {
        return new HttpBody(c, TO_THE_END, false, idle);
    }

    @Override
    public int read() throws IOException {
        var one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        if (ended) {
            return -1;
        }
        if (length == 0) {
            return 0;
        }
        if (chunked && left == 0 && !nextChunk()) {
            finish();
            return -1;
        }
        int wanted = toTheEnd ? length : (int) Math.min(length, left);
        int count = connection.read(target, offset, wanted);
        if (count < 0) {
            ended = true;
            connection.close();
            if (toTheEnd) {
                return -1;
            }
            throw new EOFException("unexpected EOF");
        }
        if (!toTheEnd) {
            left -= count;
            if (left == 0 && !chunked) {
                finish();
            }
        }
        return count;
    }

    /// Reads the size of the next chunk; false at the last one, after the trailers.
    private boolean nextChunk() throws IOException {
        if (!first && !line().isEmpty()) {
            throw new ProtocolException("malformed chunk: no line end after its data");
        }
        first = false;
        String size = line();
        int end = size.indexOf(';');
        String digits = (end < 0 ? size : size.substring(0, end)).trim();
        left = 0;
        if (digits.isEmpty() || digits.length() > 15) {
            throw new ProtocolException("malformed chunk size");
        }
        for (int i = 0; i < digits.length(); i++) {
            int digit = Character.digit(digits.charAt(i), 16);
            if (digit < 0) {
                throw new ProtocolException("malformed chunk size");
            }
            left = left << 4 | digit;
        }
        if (left > 0) {
            return true;
        }
        int trailers = 0;
        while (!line().isEmpty()) {
            if (++trailers > HttpHead.HEADERS_MAX) {
                throw new ProtocolException("too many trailers");
            }
        }
        return false;
    }

    private String line() throws IOException {
        return HttpHead.line(connection, LINE_MAX);
    }

    private void finish() throws IOException {
        ended = true;
        if (reusable) {
            idle.accept(connection);
        } else {
            connection.close();
        }
    }

    @Override
    public void close() throws IOException {
        if (!ended) {
            ended = true;
            connection.close();
        }
    }
}
