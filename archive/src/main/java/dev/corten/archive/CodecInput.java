package dev.corten.archive;

import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/// A library's decompressor, with the errors of ours: [ZipException] for damaged data, the source's
/// own for those of the source.
final class CodecInput extends InputStream {
    /// A library's.
    @FunctionalInterface
    interface Codec {
        InputStream open(InputStream in) throws IOException;
    }

    private final Codec codec;
    private final Compression compression;
    private final Source source;
    private @Nullable InputStream plain;

    CodecInput(Compression compression, InputStream in, Codec codec) {
        this.compression = compression;
        this.source = new Source(in);
        this.codec = codec;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        try {
            InputStream from = plain;
            if (from == null) {
                from = codec.open(source);
                plain = from;
            }
            return from.read(target, offset, length);
        } catch (IOException e) {
            if (source.failure != null) {
                throw source.failure;
            }
            throw e instanceof EOFException ? e : damaged(e);
        } catch (IndexOutOfBoundsException | IllegalStateException | IllegalArgumentException e) {
            // Of code that trusts what it decodes.
            throw damaged(e);
        }
    }

    private ZipException damaged(Exception cause) {
        String name = compression.name().toLowerCase(Locale.ROOT);
        var damaged = new ZipException("damaged " + name + " data: " + cause.getMessage());
        damaged.initCause(cause);
        return damaged;
    }

    /// Releases the decompressor and leaves the source open.
    @Override
    public void close() throws IOException {
        InputStream from = plain;
        if (from != null) {
            from.close();
        }
    }

    /// Remembers what went wrong below the decompressor, and is not closed by it.
    private static final class Source extends FilterInputStream {
        private @Nullable IOException failure;

        private Source(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            try {
                return in.read();
            } catch (IOException e) {
                failure = e;
                throw e;
            }
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            try {
                return in.read(target, offset, length);
            } catch (IOException e) {
                failure = e;
                throw e;
            }
        }

        @Override
        public void close() {}
    }
}
