package dev.corten.api;

import dev.corten.engine.container.AttachRequest;
import dev.corten.engine.container.Attachment;
import dev.corten.engine.container.Containers;
import dev.corten.engine.container.LogRequest;
import dev.corten.engine.log.LogEntry;
import dev.corten.engine.log.LogSink;
import dev.corten.engine.stream.ClientStream;
import dev.corten.http.ClientSocket;
import dev.corten.http.Exchange;
import dev.corten.http.Headers;
import dev.corten.model.Internal;
import dev.corten.model.InvalidParameter;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// `/containers/{name}/attach` and `/logs`: what containers read and write.
final class StreamRoutes {
    static final String RAW = "application/vnd.docker.raw-stream";
    static final String MULTIPLEXED = "application/vnd.docker.multiplexed-stream";

    private static final int STDERR_OF_ENGINE = 3;
    private static final int BINARY_FRAMES_SINCE = 28;

    private final Containers containers;

    StreamRoutes(Services services) {
        this.containers = services.containers();
    }

    List<Route> routes() {
        return List.of(
                Route.post(
                        "/containers/{name}/attach", Kind.CONTAINER, Effect.EXECUTE, this::attach),
                Route.get(
                        "/containers/{name}/attach/ws",
                        Kind.CONTAINER,
                        Effect.EXECUTE,
                        this::attachWebSocket),
                Route.get("/containers/{name}/logs", Kind.CONTAINER, Effect.READ, this::logs));
    }

    // ---- attach --------------------------------------------------------------------------------

    private Response attach(Request request) {
        return new Response.Connection((exchange, _) -> attach(request, exchange));
    }

    /// Gives the client's socket away. Unlike everywhere else, an error is plain text behind a head
    /// that announces a stream.
    private void attach(Request request, Exchange exchange) throws IOException {
        Attachment attachment;
        try {
            attachment = containers.attach(request.name(), attachRequest(request, true));
        } catch (dev.corten.model.CortenException e) {
            exchange.respondRaw(
                    ("HTTP/1.1 "
                                    + StatusLine.of(Failures.status(e))
                                    + "\r\nContent-Type: "
                                    + RAW
                                    + "\r\n\r\n"
                                    + e.message()
                                    + "\r\n")
                            .getBytes(StandardCharsets.UTF_8));
            return;
        }
        try (attachment) {
            String type = streamType(request, attachment.terminal());
            ClientSocket socket = exchange.takeSocket(head(request, type, Headers.none()));
            attachment.connect(new ClientStream(socket.fd(), socket.readAhead()));
        }
    }

    private static AttachRequest attachRequest(Request request, boolean framed) {
        return new AttachRequest(
                request.flag("logs"),
                request.flag("stream"),
                request.flag("stdin"),
                request.flag("stdout"),
                request.flag("stderr"),
                framed,
                request.text("detachKeys"));
    }

    /// The same as bare bytes in the frames of a websocket.
    private Response attachWebSocket(Request request) {
        return new Response.Connection((exchange, common) -> {
            try (Attachment attachment =
                    containers.attach(request.name(), attachRequest(request, false))) {
                boolean text = !request.version().atLeast(BINARY_FRAMES_SINCE);
                Optional<ClientSocket> socket = exchange.takeWebSocket(text);
                if (socket.isPresent()) {
                    attachment.connect(
                            new ClientStream(socket.get().fd(), socket.get().readAhead()));
                } else {
                    exchange.respond(
                            400, common, "not websocket protocol".getBytes(StandardCharsets.UTF_8));
                }
            }
        });
    }

    static String streamType(Request request, boolean raw) {
        return raw || !request.version().atLeast(42) ? RAW : MULTIPLEXED;
    }

    /// The head before a stream of bytes: 101 for clients that ask for an upgrade, else a 200 whose
    /// body lasts as long as the connection; the latter always claims a raw stream.
    static byte[] head(Request request, String type, Headers more) {
        var head = new StringBuilder();
        if (request.headers().has("Upgrade")) {
            head.append("HTTP/1.1 101 UPGRADED\r\nContent-Type: ")
                    .append(type)
                    .append("\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n");
        } else {
            head.append("HTTP/1.1 200 OK\r\nContent-Type: ").append(RAW).append("\r\n");
        }
        for (Headers.Line line : more) {
            head.append(line.name()).append(": ").append(line.value()).append("\r\n");
        }
        return head.append("\r\n").toString().getBytes(StandardCharsets.UTF_8);
    }

    // ---- logs ----------------------------------------------------------------------------------

    private Response logs(Request request) {
        boolean stdout = request.flag("stdout");
        boolean stderr = request.flag("stderr");
        if (!stdout && !stderr) {
            throw new InvalidParameter("Bad parameters: you must choose at least one stream");
        }
        var wanted =
                new LogRequest(
                        stdout,
                        stderr,
                        request.flag("follow"),
                        tail(request.text("tail")),
                        UnixTime.parse(request.text("since")),
                        UnixTime.parse(request.text("until"))
                                .filter(t -> !t.equals(Instant.EPOCH)));
        boolean terminal = containers.terminal(request.name());
        String details = containers.logDetails(request.name());
        request.exchange().interruptOnDisconnect();
        return new Response.Streamed(
                200,
                Headers.of("Content-Type", streamType(request, terminal)),
                out -> {
                    out.flush();
                    var sink =
                            new LogOutput(
                                    out,
                                    !terminal,
                                    request.flag("timestamps"),
                                    request.flag("details")
                                            ? Optional.of(details)
                                            : Optional.empty());
                    try {
                        containers.logs(request.name(), wanted, sink);
                    } catch (dev.corten.model.CortenException e) {
                        String text = "Error grabbing logs: " + e.message() + "\n";
                        Frames.write(out, STDERR_OF_ENGINE, text.getBytes(StandardCharsets.UTF_8));
                    }
                });
    }

    private static OptionalInt tail(String text) {
        try {
            int lines = Integer.parseInt(text);
            return lines < 0 ? OptionalInt.empty() : OptionalInt.of(lines);
        } catch (NumberFormatException _) {
            // "all", and whatever else is no number
            return OptionalInt.empty();
        }
    }

    /// Writes entries as clients want them.
    private record LogOutput(
            OutputStream out, boolean framed, boolean timestamps, Optional<String> details)
            implements LogSink {
        @Override
        public void accept(LogEntry entry) throws IOException {
            byte[] line = entry.data();
            if (timestamps || details.isPresent()) {
                line = withPrefix(prefix(entry).getBytes(StandardCharsets.UTF_8), line);
            }
            if (framed) {
                Frames.write(out, entry.stream(), line);
            } else {
                out.write(line);
            }
        }

        private static byte[] withPrefix(byte[] prefix, byte[] data) {
            byte[] line = Arrays.copyOf(prefix, prefix.length + data.length);
            System.arraycopy(data, 0, line, prefix.length, data.length);
            return line;
        }

        private String prefix(LogEntry entry) {
            String time = timestamps ? UnixTime.nineDigits(entry.time()) + " " : "";
            return time + details.map(text -> text + " ").orElse("");
        }

        @Override
        public void flush() throws IOException {
            out.flush();
        }
    }

    static Internal unparsable(String text, Exception cause) {
        return new Internal("strconv.ParseInt: parsing \"" + text + "\": invalid syntax", cause);
    }

    /// The `since` and `until` of a request, and the times that go with lines.
    static final class UnixTime {
        /// Ten thousand years: what is farther away is as good as never, and differences of times
        /// stay numbers.
        private static final long MAX_SECONDS = 10_000L * 365 * 24 * 3600;

        private UnixTime() {}

        /// Seconds, or seconds and nanoseconds: `1700000000.000000001`.
        static Optional<Instant> parse(String text) {
            if (text.isEmpty()) {
                return Optional.empty();
            }
            int dot = text.indexOf('.');
            String seconds = dot < 0 ? text : text.substring(0, dot);
            String fraction = dot < 0 ? "" : text.substring(dot + 1);
            long whole = Math.clamp(number(seconds), -MAX_SECONDS, MAX_SECONDS);
            return Optional.of(
                    Instant.ofEpochSecond(whole, fraction.isEmpty() ? 0 : nanos(fraction)));
        }

        private static long nanos(String fraction) {
            String nine = (fraction + "000000000").substring(0, 9);
            return number(nine);
        }

        private static long number(String text) {
            try {
                return Long.parseLong(text);
            } catch (NumberFormatException e) {
                throw unparsable(text, e);
            }
        }

        /// An RFC 3339 time in UTC with all nine digits of the second.
        static String nineDigits(String time) {
            String bare = time.substring(0, time.length() - 1);
            int dot = bare.indexOf('.');
            int digits = dot < 0 ? 0 : bare.length() - dot - 1;
            return bare + (dot < 0 ? "." : "") + "0".repeat(Math.max(0, 9 - digits)) + "Z";
        }
    }
}
