package dev.corten.archive;

import java.io.IOException;
import java.io.InputStream;

/// An archive's bytes, by blocks for headers and by runs for data. Reads ahead; does not close the
/// stream.
final class TarInput {
    private static final int SIZE = 128 << 10;

    private final InputStream in;
    private final TarTap tap;
    private final byte[] buffer = new byte[SIZE];
    private int position;
    private int limit;

    /// @param tap sees all but what [#read] gives
    TarInput(InputStream in, TarTap tap) {
        this.in = in;
        this.tap = tap;
    }

    /// What [#block()] gives offsets in.
    byte[] buffer() {
        return buffer;
    }

    /// The offset in the buffer of the next 512 bytes, which stay until [#consume()]; -1 at
    /// the end of the stream.
    int block() throws IOException {
        if (limit - position < TarBlock.SIZE) {
            System.arraycopy(buffer, position, buffer, 0, limit - position);
            limit -= position;
            position = 0;
            while (limit < TarBlock.SIZE) {
                int got = in.read(buffer, limit, buffer.length - limit);
                if (got < 0) {
                    if (limit == 0) {
                        return -1;
                    }
                    throw cutShort();
                }
                limit += got;
            }
        }
        return position;
    }

    void consume() throws IOException {
        tap.other(buffer, position, TarBlock.SIZE);
        position += TarBlock.SIZE;
    }

    void skip(long count) throws IOException {
        if (skipOrEnd(count)) {
            throw cutShort();
        }
    }

    /// Like [#skip], but the stream may end within.
    ///
    /// @return whether it did
    boolean skipOrEnd(long count) throws IOException {
        long left = count;
        while (left > 0) {
            if (position == limit) {
                position = 0;
                limit = Math.max(0, in.read(buffer, 0, buffer.length));
                if (limit == 0) {
                    return true;
                }
            }
            int step = (int) Math.min(left, limit - position);
            tap.other(buffer, position, step);
            position += step;
            left -= step;
        }
        return false;
    }

    /// At least one byte of data.
    int read(byte[] target, int offset, int wanted) throws IOException {
        if (position < limit) {
            int got = Math.min(wanted, limit - position);
            System.arraycopy(buffer, position, target, offset, got);
            position += got;
            return got;
        }
        int got = in.read(target, offset, wanted);
        if (got < 0) {
            throw cutShort();
        }
        return got;
    }

    /// Reads the stream to its end.
    void drain() throws IOException {
        while (limit >= 0) {
            tap.other(buffer, position, limit - position);
            position = 0;
            limit = in.read(buffer, 0, buffer.length);
        }
        limit = 0;
    }

    static TarFormatException cutShort() {
        return new TarFormatException("tar archive is cut short: unexpected end of file");
    }
}
