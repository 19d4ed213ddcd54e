package dev.corten.client;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/// A connection that left HTTP and carries the streams of a container.
///
/// One thread may read while another writes. Whoever gets it closes it.
public final class Upgraded implements AutoCloseable {
    private final Connection connection;
    private final boolean multiplexed;

    Upgraded(Connection connection, boolean multiplexed) {
        this.connection = connection;
        this.multiplexed = multiplexed;
    }

    /// Whether the daemon says that its bytes are framed (see [FrameReader]).
    public boolean multiplexed() {
        return multiplexed;
    }

    public InputStream input() {
        return connection.input();
    }

    public OutputStream output() {
        return connection.output();
    }

    /// Ends the container's standard input; its output goes on.
    public void closeWrite() throws IOException {
        connection.closeWrite();
    }

    @Override
    public void close() throws IOException {
        connection.close();
    }
}
