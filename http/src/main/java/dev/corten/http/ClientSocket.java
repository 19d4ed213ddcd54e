package dev.corten.http;

import dev.corten.kernel.Fd;
import dev.corten.kernel.socket.Sockets;
import java.io.IOException;

/// A client's socket that has left the server, with the bytes that had been read ahead of the
/// handler. The receiver owns the descriptor. It is close-on-exec and non-blocking (the status flag
/// belongs to the socket, not to the descriptor).
///
/// @param fd the connected socket; nothing that it delivers was seen by the server
/// @param readAhead what the client sent after its request and the server had already read: comes
///     before everything that the socket delivers
public record ClientSocket(Fd fd, byte[] readAhead) implements AutoCloseable {
    /// One more descriptor of the same socket: for a last word after this one was given away.
    public ClientSocket duplicate() throws IOException {
        return new ClientSocket(fd.duplicate(), new byte[0]);
    }

    /// Sends without waiting: what the socket's buffer cannot take is lost. For short messages.
    ///
    /// @throws IOException when the client is gone
    public void sendNow(byte[] bytes) throws IOException {
        Sockets.send(fd, bytes, Sockets.MSG_DONTWAIT);
    }

    /// Ends the connection, unless another descriptor keeps it.
    @Override
    public void close() {
        fd.close();
    }
}
