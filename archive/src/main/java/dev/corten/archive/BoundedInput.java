package dev.corten.archive;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/// A stream that fails where it is longer than it may be: a few compressed bytes can stand for more
/// than there is room for.
public final class BoundedInput extends FilterInputStream {
    private final String what;
    private final long limit;
    private long left;

    /// What is too large.
    public static final class TooLarge extends IOException {
        private static final long serialVersionUID = 1L;

        private TooLarge(String message) {
            super(message);
        }
    }

    /// @param what the beginning of the error's message, such as `layer is larger than`
    public BoundedInput(InputStream in, long limit, String what) {
        super(in);
        this.limit = limit;
        this.left = limit;
        this.what = what;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        int got = in.read(target, offset, length);
        if (got > left) {
            throw new TooLarge(what + " " + limit + " bytes");
        }
        left -= Math.max(0, got);
        return got;
    }

    @Override
    public long skip(long count) throws IOException {
        return in.readNBytes((int) Math.min(count, 8192)).length;
    }

    @Override
    public boolean markSupported() {
        return false;
    }
}
