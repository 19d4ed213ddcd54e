package dev.corten.client;

import java.io.Closeable;
import java.io.IOException;

/// A connection's bytes, over whatever carries them.
public interface Transport extends Closeable {
    /// At least one byte, or -1 at the end.
    int read(byte[] target, int offset, int length) throws IOException;

    /// Writes all of it.
    void write(byte[] bytes, int offset, int length) throws IOException;

    /// Tells the other side that nothing more comes; reading goes on.
    void closeWrite() throws IOException;
}
