/// HTTP over a stream socket for our own commands: small, blocking, without Netty or reflection.
///
/// Start at [ApiClient]: it sends a [Request] and gives a [Response], or turns the connection into
/// an [Upgraded] byte stream. [Json] and [JsonWriter] read and write the bodies, [FrameReader]
/// takes the streams of a container apart.
///
/// A [Dialer] opens its connections: [Endpoint] to a unix socket or a TCP port, [TlsDialer] with TLS,
/// [CommandDialer] through `ssh`.
///
/// Everything here is made for the first 50 milliseconds of a process: few classes, no regular
/// expressions, no pattern switches, no data binding. Failures that the daemon reports become
/// [dev.corten.model.CortenException]s; everything else is an [java.io.IOException].
///
/// An [ApiClient] may be used by several threads; a [Response] and an [Upgraded] belong to one
/// reader and one writer at a time.
@org.jspecify.annotations.NullMarked
package dev.corten.client;
