package dev.corten.archive;

import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/// As many bytes of a file as its header in an archive has said, whatever becomes of the file.
public final class ExactInput extends FilterInputStream {
    /// What is done when there are fewer.
    public enum Shortfall {
        FAILS,

        /// Zeros stand for what somebody cut off meanwhile.
        IS_FILLED
    }

    private final Shortfall shortfall;
    private long left;

    public ExactInput(InputStream in, long size, Shortfall shortfall) {
        super(in);
        this.left = size;
        this.shortfall = shortfall;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        if (left == 0) {
            return -1;
        }
        int wanted = (int) Math.min(length, left);
        int got = in.read(target, offset, wanted);
        if (got < 0) {
            if (shortfall == Shortfall.FAILS) {
                throw new EOFException("file is " + left + " bytes shorter than it was");
            }
            Arrays.fill(target, offset, offset + wanted, (byte) 0);
            got = wanted;
        }
        left -= got;
        return got;
    }

    @Override
    public boolean markSupported() {
        return false;
    }
}
