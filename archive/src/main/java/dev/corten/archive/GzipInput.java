package dev.corten.archive;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import java.util.zip.ZipException;

/// Reads gzip (RFC 1952), all members of it.
///
/// Not the JDK's GZIPInputStream: that one takes a momentarily empty source for the end of the
/// last member and then drops the rest silently. Zeros after the last member are padding, as gzip
/// itself has it; anything else there is an error. Closing releases the inflater and leaves the
/// source open.
final class GzipInput extends InputStream {
    private static final int BUFFER = 64 << 10;
    private static final int FLAG_CRC = 2;
    private static final int FLAG_EXTRA = 4;
    private static final int FLAG_NAME = 8;
    private static final int FLAG_COMMENT = 16;

    private final InputStream source;
    private final Inflater inflater = new Inflater(true);
    private final CRC32 crc = new CRC32();
    private final byte[] buffer = new byte[BUFFER];
    private int position;
    private int limit;
    private State state = State.BEFORE_FIRST_MEMBER;

    private enum State {
        BEFORE_FIRST_MEMBER,
        IN_MEMBER,
        ENDED
    }

    GzipInput(InputStream source) {
        this.source = source;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (state == State.BEFORE_FIRST_MEMBER) {
            header(next());
        }
        while (state == State.IN_MEMBER) {
            try {
                int got = inflater.inflate(target, offset, length);
                if (got > 0) {
                    crc.update(target, offset, got);
                    return got;
                }
            } catch (DataFormatException e) {
                throw new ZipException("damaged gzip data: " + e.getMessage());
            }
            if (inflater.finished()) {
                position = limit - inflater.getRemaining();
                trailer();
                nextMember();
            } else if (inflater.needsDictionary()) {
                throw new ZipException("damaged gzip data: it asks for a dictionary");
            } else {
                fill();
                inflater.setInput(buffer, 0, limit);
                position = limit;
            }
        }
        return -1;
    }

    private void nextMember() throws IOException {
        int first = nextOrEnd();
        while (first == 0) {
            first = nextOrEnd();
        }
        if (first < 0) {
            state = State.ENDED;
            inflater.end();
        } else {
            header(first);
        }
    }

    private void header(int first) throws IOException {
        if (first != 0x1F || next() != 0x8B || next() != 8) {
            throw new ZipException("not gzip data");
        }
        int flags = next();
        skip(6); // time, extra flags, system
        if ((flags & FLAG_EXTRA) != 0) {
            int low = next();
            skip(low | next() << 8);
        }
        if ((flags & FLAG_NAME) != 0) {
            skipText();
        }
        if ((flags & FLAG_COMMENT) != 0) {
            skipText();
        }
        if ((flags & FLAG_CRC) != 0) {
            skip(2);
        }
        inflater.reset();
        inflater.setInput(buffer, position, limit - position);
        crc.reset();
        state = State.IN_MEMBER;
    }

    private void trailer() throws IOException {
        if (littleEndian() != crc.getValue()) {
            throw new ZipException("damaged gzip data: checksum does not match");
        }
        if (littleEndian() != (inflater.getBytesWritten() & 0xFFFFFFFFL)) {
            throw new ZipException("damaged gzip data: length does not match");
        }
    }

    private long littleEndian() throws IOException {
        long value = 0;
        for (int shift = 0; shift < 32; shift += 8) {
            value |= (long) next() << shift;
        }
        return value;
    }

    private void skip(int count) throws IOException {
        for (int i = 0; i < count; i++) {
            next();
        }
    }

    private void skipText() throws IOException {
        while (next() != 0) {
            // up to the terminating zero
        }
    }

    private int next() throws IOException {
        int b = nextOrEnd();
        if (b < 0) {
            throw cutShort();
        }
        return b;
    }

    private int nextOrEnd() throws IOException {
        if (position == limit) {
            position = 0;
            limit = Math.max(0, source.read(buffer, 0, buffer.length));
            if (limit == 0) {
                return -1;
            }
        }
        return buffer[position++] & 0xFF;
    }

    private void fill() throws IOException {
        position = 0;
        limit = Math.max(0, source.read(buffer, 0, buffer.length));
        if (limit == 0) {
            throw cutShort();
        }
    }

    private static EOFException cutShort() {
        return new EOFException("gzip data is cut short: unexpected end of file");
    }

    @Override
    public void close() {
        state = State.ENDED;
        inflater.end();
    }
}
