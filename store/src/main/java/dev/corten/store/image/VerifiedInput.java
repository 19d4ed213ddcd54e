package dev.corten.store.image;

import dev.corten.model.Digest;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;

/// A stream that fails at its end if its digest is not what it should be.
final class VerifiedInput extends FilterInputStream {
    private static final int BUFFER = 64 << 10;

    private final MessageDigest hash = Digest.newHash();
    private final Digest expected;
    private boolean ended;

    VerifiedInput(InputStream in, Digest expected) {
        super(in);
        this.expected = expected;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        int got = in.read(target, offset, length);
        if (got >= 0) {
            hash.update(target, offset, got);
        } else if (!ended) {
            ended = true;
            Digest actual = Digest.finish(hash);
            if (!actual.equals(expected)) {
                throw new IOException(
                        "layer is damaged in the store: its digest is "
                                + actual
                                + " instead of "
                                + expected);
            }
        }
        return got;
    }

    /// Reads what it skips: every byte has to be seen.
    @Override
    public long skip(long count) throws IOException {
        byte[] passed = new byte[BUFFER];
        long left = count;
        while (left > 0) {
            int got = read(passed, 0, (int) Math.min(left, BUFFER));
            if (got < 0) {
                break;
            }
            left -= got;
        }
        return count - left;
    }

    @Override
    public boolean markSupported() {
        return false;
    }
}
