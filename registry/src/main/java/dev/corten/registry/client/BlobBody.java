package dev.corten.registry.client;

import dev.corten.model.InvalidParameter;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/// A blob as it arrives from a registry. Not verified: whoever keeps it does that.
public final class BlobBody implements AutoCloseable {
    private final Answer answer;
    private final InputStream in;
    private final long offset;
    private final long total;

    BlobBody(Answer answer, long offset, long total) {
        this.answer = answer;
        this.offset = offset;
        this.total = total;
        this.in = total < 0 ? answer.body() : new Exactly(answer.body(), total - offset);
    }

    /// The content from [#offset()] on. Ends with an error if the connection is cut, or if there is
    /// more or less than was said.
    public InputStream in() {
        return in;
    }

    /// Where it begins: 0 if the registry would not begin where it was asked to.
    public long offset() {
        return offset;
    }

    /// Size of the whole blob, -1 if it is not known.
    public long total() {
        return total;
    }

    @Override
    public void close() {
        answer.close();
    }

    private static final class Exactly extends FilterInputStream {
        private long missing;

        Exactly(InputStream in, long length) {
            super(in);
            this.missing = length;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            int count = in.read(target, offset, length);
            if (count < 0) {
                if (missing > 0) {
                    throw new IOException("unexpected EOF");
                }
                return -1;
            }
            missing -= count;
            if (missing < 0) {
                // A lie, which another attempt makes no truer.
                throw new InvalidParameter("the blob is longer than was said");
            }
            return count;
        }

        @Override
        public long skip(long count) throws IOException {
            throw new IOException("what is skipped cannot be verified");
        }
    }
}
