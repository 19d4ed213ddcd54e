package dev.corten.kernel.socket;

import dev.corten.kernel.Fd;
import java.util.List;

/// What one recvmsg(2) brought; the receiver owns the descriptors.
///
/// @param length bytes in the buffer; 0 is the end of a stream
/// @param fds descriptors that came along, close-on-exec
/// @param truncated the message or its descriptors did not fit, and the rest is lost
public record Received(int length, List<Fd> fds, boolean truncated) implements AutoCloseable {
    public Received {
        fds = List.copyOf(fds);
    }

    /// Closes the descriptors that were not given away.
    @Override
    public void close() {
        for (Fd fd : fds) {
            fd.close();
        }
    }
}
