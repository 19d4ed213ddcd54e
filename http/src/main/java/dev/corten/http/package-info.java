/// HTTP/1.1 exchanges over Netty, for handlers that are plain blocking code.
///
/// Start at [HttpServer]: it listens on unix and TCP sockets and gives each request, as an
/// [Exchange], to a [Handler] on a virtual thread of its own. A handler answers at once, streams,
/// talks both ways on the bare connection ([Exchange#upgrade]), or takes the client's socket out of
/// the server for good ([Exchange#takeSocket]).
///
/// Threads: one event-loop thread owns every channel and all of [Connection] and [RequestDecoder];
/// it never blocks. Handler threads reach it by writing to the channel and by tasks; bytes come back
/// through [ByteQueue], the only object with a lock that both sides take.
///
/// No Netty type appears in a public signature. The package knows nothing of the Engine API.
@org.jspecify.annotations.NullMarked
package dev.corten.http;
