package dev.corten.http;

import dev.corten.kernel.Fd;

/// A client's socket that has left the server, with the bytes that had been read ahead of the
/// handler. The receiver owns the descriptor. It is close-on-exec and non-blocking (the status flag
/// belongs to the socket, not to the descriptor).
///
/// @param fd the connected socket; nothing that it delivers was seen by the server
/// @param readAhead what the client sent after its request and the server had already read: comes
///     before everything that the socket delivers
@SuppressWarnings("ArrayRecordComponent")
public record ClientSocket(Fd fd, byte[] readAhead) {}
