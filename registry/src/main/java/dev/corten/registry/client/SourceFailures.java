package dev.corten.registry.client;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// Tells a source that cannot be read from a connection that breaks: only the latter is tried again.
final class SourceFailures implements UploadSource {
    private final UploadSource source;

    /// An [IOException] or a [RuntimeException].
    private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();

    SourceFailures(UploadSource source) {
        this.source = source;
    }

    /// Whether it could not be read.
    boolean any() {
        return failure.get() != null;
    }

    /// Throws what it was that the source has thrown, if anything.
    void rethrow() throws IOException {
        switch (failure.get()) {
            case null -> {}
            case IOException e -> throw e;
            case RuntimeException e -> throw e;
            case Exception e -> throw new IOException(e);
        }
    }

    /// For the HTTP client, which expects this kind only.
    private IOException noted(Exception e) {
        failure.set(e);
        return e instanceof IOException same ? same : new IOException(e);
    }

    @Override
    public InputStream open(long offset) throws IOException {
        try {
            return new FilterInputStream(source.open(offset)) {
                @Override
                public int read() throws IOException {
                    byte[] one = new byte[1];
                    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
                }

                @Override
                public int read(byte[] target, int at, int length) throws IOException {
                    try {
                        return in.read(target, at, length);
                    } catch (IOException | RuntimeException e) {
                        throw noted(e);
                    }
                }
            };
        } catch (IOException | RuntimeException e) {
            throw noted(e);
        }
    }
}
