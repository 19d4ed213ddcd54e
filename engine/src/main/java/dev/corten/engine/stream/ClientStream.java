package dev.corten.engine.stream;

import dev.corten.kernel.Fd;

/// A client's connection that is about to carry a container's raw streams.
///
/// @param socket the client's own socket; whoever has this record owns and closes it
/// @param readAhead bytes that the client sent behind its request and that were already read
public record ClientStream(Fd socket, byte[] readAhead) implements AutoCloseable {
    @Override
    public void close() {
        socket.close();
    }
}
