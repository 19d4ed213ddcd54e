package dev.corten.api;

import java.io.IOException;
import java.io.OutputStream;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A response that begins with the first byte or flush, so that a failure before it can still be
/// answered with a status.
final class LateStream extends OutputStream {
    private final Supplier<OutputStream> opener;
    private @Nullable OutputStream opened;

    LateStream(Supplier<OutputStream> opener) {
        this.opener = opener;
    }

    private OutputStream open() {
        OutputStream out = opened;
        if (out == null) {
            out = opener.get();
            opened = out;
        }
        return out;
    }

    @Override
    public void write(int b) throws IOException {
        open().write(b);
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
        open().write(bytes, from, length);
    }

    @Override
    public void flush() throws IOException {
        open().flush();
    }

    @Override
    public void close() throws IOException {
        open().close();
    }
}
