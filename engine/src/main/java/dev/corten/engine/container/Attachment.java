package dev.corten.engine.container;

import dev.corten.engine.stream.ClientStream;

/// An attach that has been checked and waits for the client's socket.
///
/// The check comes before the HTTP answer, the socket after it.
public interface Attachment extends AutoCloseable {
    /// Whether the container has a terminal: then the stream is raw, else in frames.
    boolean terminal();

    /// Takes the client's socket over. Returns at once, but for the log if that was asked for.
    /// From here on the monitor, or the container once it starts, owns the socket.
    void connect(ClientStream client);

    /// Ends the attach, whether a client came or not: a start of the container waits for clients
    /// that were promised a stream.
    @Override
    void close();
}
