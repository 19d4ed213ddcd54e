/// HTTP over a stream socket for our own commands: small, blocking, without Netty or reflection.
///
/// Start at [ApiClient]: it sends a [Request] and gives a [Response], or turns the connection into
/// an [Upgraded] byte stream. [Json] and [JsonWriter] read and write the bodies, [FrameReader]
/// takes the streams of a container apart.
///
/// A [Dialer] opens its connections: [Endpoint] to a unix socket or a TCP port, [TlsDialer] with TLS,
/// [CommandDialer] through `ssh`.
///
/// It is a library of its own too, `lib/corten-client.jar`: one module without dependencies that runs,
/// lists and watches containers of any engine that speaks Docker's API.
///
/// ```java
/// var settings = ApiClient.Settings.usual("", "my-program/1.0");
/// try (var engine = new ApiClient(Endpoint.unix("/run/corten.sock"), settings)) {
///     JsonWriter wish = new JsonWriter().object();
///     wish.name("Image").value("busybox");
///     wish.name("Cmd").values(List.of("echo", "hello")).end();
///     Request create = Request.post("/containers/create").query("name", "greeter").json(wish);
///     String id = engine.json(create).get("Id").text("");
///     engine.call(Request.post("/containers/" + id + "/start"));
///     Json end = engine.json(Request.post("/containers/" + id + "/wait"));
///     System.out.println("it ended with " + end.get("StatusCode").integer(-1));
///     Request logs = Request.get("/containers/" + id + "/logs").flag("stdout", true);
///     try (Response log = engine.send(logs)) {
///         new FrameReader(log.body()).copyTo(System.out, System.err);
///     }
///     engine.call(Request.delete("/containers/" + id));
/// }
/// ```
///
/// Paths are those of the Engine API without the version, which the client agrees on with the
/// daemon. Names from elsewhere go into a path by [Request#segment]. A member that is absent from an
/// answer is [Json#ABSENT], never null.
///
/// Everything here is made for the first 50 milliseconds of a process: few classes, no regular
/// expressions, no pattern switches, no data binding. Failures that the daemon reports become
/// [dev.corten.model.CortenException]s; everything else is an [java.io.IOException].
///
/// An [ApiClient] may be used by several threads; a [Response] and an [Upgraded] belong to one
/// reader and one writer at a time.
@org.jspecify.annotations.NullMarked
package dev.corten.client;
