package dev.corten.registry.client;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// Tells a source that cannot be read from a connection that breaks: only the latter is tried again.
final class SourceFailures implements UploadSource {
    private final UploadSource source;
    private final AtomicReference<@Nullable IOException> failure = new AtomicReference<>();

    SourceFailures(UploadSource source) {
        this.source = source;
    }

    Optional<IOException> failure() {
        return Optional.ofNullable(failure.get());
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
                    } catch (IOException e) {
                        failure.set(e);
                        throw e;
                    }
                }
            };
        } catch (IOException e) {
            failure.set(e);
            throw e;
        }
    }
}
