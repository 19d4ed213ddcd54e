package dev.corten.client;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ProtocolException;

/// Takes apart the stream of a container without a terminal: frames of a stream number, three zero
/// bytes, a big-endian length, and the payload.
public final class FrameReader {
    private static final int HEADER_BYTES = 8;
    private static final int ERROR_BYTES_MAX = 64 * 1024;

    private final InputStream source;
    private final byte[] header = new byte[HEADER_BYTES];
    private final byte[] buffer = new byte[32 * 1024];

    public FrameReader(InputStream source) {
        this.source = source;
    }

    /// Copies all frames to where they belong, until the end. Flushes after each frame and closes
    /// nothing.
    ///
    /// @throws IOException also with the daemon's words when it reports an error in the stream
    public void copyTo(OutputStream stdout, OutputStream stderr) throws IOException {
        while (readHeader()) {
            long length =
                    (header[4] & 0xFFL) << 24
                            | (header[5] & 0xFFL) << 16
                            | (header[6] & 0xFFL) << 8
                            | (header[7] & 0xFFL);
            switch (header[0]) {
                case 0, 1 -> copy(length, stdout);
                case 2 -> copy(length, stderr);
                case 3 ->
                        throw new IOException(
                                "error from daemon in stream: " + error(length).strip());
                default ->
                        throw new ProtocolException("unrecognized stream in a frame: " + header[0]);
            }
        }
    }

    private boolean readHeader() throws IOException {
        int count = source.readNBytes(header, 0, HEADER_BYTES);
        if (count > 0 && count < HEADER_BYTES) {
            throw new EOFException("the stream ended inside a frame");
        }
        return count == HEADER_BYTES;
    }

    private void copy(long length, OutputStream target) throws IOException {
        long left = length;
        while (left > 0) {
            int count = source.read(buffer, 0, (int) Math.min(buffer.length, left));
            if (count < 0) {
                throw new EOFException("the stream ended inside a frame");
            }
            target.write(buffer, 0, count);
            left -= count;
        }
        target.flush();
    }

    private String error(long length) throws IOException {
        byte[] text = source.readNBytes((int) Math.min(length, ERROR_BYTES_MAX));
        return new String(text, java.nio.charset.StandardCharsets.UTF_8);
    }
}
