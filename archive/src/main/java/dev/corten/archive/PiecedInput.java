package dev.corten.archive;

import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/// A stream made of others, which come one after the other and are each closed at their end.
public abstract class PiecedInput extends InputStream {
    private InputStream piece = InputStream.nullInputStream();
    private boolean ended;

    /// The next piece, or null after the last one. Not called again then.
    protected abstract @Nullable InputStream next() throws IOException;

    @Override
    public final int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public final int read(byte[] target, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        while (!ended) {
            int got = piece.read(target, offset, length);
            if (got >= 0) {
                return got;
            }
            piece.close();
            InputStream following = next();
            if (following == null) {
                ended = true;
            } else {
                piece = following;
            }
        }
        return -1;
    }

    /// Closes the piece at hand.
    @Override
    public void close() throws IOException {
        ended = true;
        piece.close();
    }
}
