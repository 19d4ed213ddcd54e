package dev.corten.client;

import dev.corten.model.Conflict;
import dev.corten.model.CortenException;
import dev.corten.model.Forbidden;
import dev.corten.model.Internal;
import dev.corten.model.InvalidParameter;
import dev.corten.model.NotFound;
import dev.corten.model.NotImplemented;
import dev.corten.model.Unauthorized;
import dev.corten.model.Unavailable;
import dev.corten.model.Upstream;
import java.io.IOException;
import java.io.InputStream;
import java.net.ProtocolException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/// Speaks the Engine API with one daemon.
///
/// Connections are opened as needed and kept while idle. The version is not asked for beforehand:
/// a daemon that is older says so in its refusal, and the request is repeated in its version. Only
/// requests whose body is a stream ask first, for they cannot be repeated.
public final class ApiClient implements AutoCloseable {
    public static final String API_VERSION = "1.51";

    private static final int CHUNK_BYTES = 64 * 1024;

    private final Dialer dialer;
    private final Settings settings;
    private final ReentrantLock lock = new ReentrantLock();

    /// Guarded by lock.
    private final ArrayDeque<Connection> idle = new ArrayDeque<>();

    private volatile String version;

    /// Whether the version was given or has been agreed on.
    private volatile boolean settled;

    /// What goes with every request.
    ///
    /// @param version of the API, or empty to agree on one
    /// @param headers names and values in turn; they come last, and one of ours gives way to one
    ///     of the same name
    /// @param trace told what is sent and what comes back
    public record Settings(
            String version, String userAgent, List<String> headers, Consumer<String> trace) {
        public static Settings usual(String version, String userAgent) {
            return new Settings(version, userAgent, List.of(), line -> {});
        }
    }

    /// Reads and writes nothing yet.
    public ApiClient(Dialer dialer, Settings settings) {
        this.dialer = dialer;
        this.settings = settings;
        this.version = settings.version.isEmpty() ? API_VERSION : settings.version;
        this.settled = !settings.version.isEmpty();
    }

    public Dialer dialer() {
        return dialer;
    }

    /// Says something to whoever follows what happens.
    public void trace(String line) {
        settings.trace.accept(line);
    }

    /// The version that requests are sent in.
    public String version() {
        return version;
    }

    /// Sends a request. The caller closes the response.
    ///
    /// @throws CortenException if the daemon refuses it
    /// @throws DaemonUnreachable if there is no daemon
    public Response send(Request request) throws IOException {
        if (request.stream().isPresent() && !settled) {
            settleByPing();
        }
        while (true) {
            Exchange exchange = exchange(request, "");
            HttpHead head = exchange.head();
            Response response =
                    new Response(
                            head.status(), head.headers(), body(request, exchange, this::keep));
            if (head.status() < 400) {
                settled = true;
                return response;
            }
            try (response) {
                CortenException refusal = refusal(head, response);
                if (!repeatInOlderVersion(request, head)) {
                    throw refusal;
                }
            }
        }
    }

    /// Sends a request and drops the body of its answer.
    public void call(Request request) throws IOException {
        try (Response response = send(request)) {
            response.bytes();
        }
    }

    /// Sends a request and reads its answer as one JSON document.
    public Json json(Request request) throws IOException {
        try (Response response = send(request)) {
            return response.json();
        }
    }

    /// Sends a request that makes a byte stream of its connection. The caller closes it.
    ///
    /// @throws CortenException if the daemon refuses it
    public Upgraded upgrade(Request request) throws IOException {
        return upgrade(request, "tcp");
    }

    /// @param protocol what the connection carries from then on
    public Upgraded upgrade(Request request, String protocol) throws IOException {
        while (true) {
            Exchange exchange =
                    exchange(request, "Connection: Upgrade\r\nUpgrade: " + protocol + "\r\n");
            HttpHead head = exchange.head();
            if (head.status() == 101 || head.status() == 200) {
                settled = true;
                boolean multiplexed =
                        head.header("Content-Type")
                                .equals("application/vnd.docker.multiplexed-stream");
                return new Upgraded(exchange.connection(), multiplexed);
            }
            try (var response =
                    new Response(
                            head.status(), head.headers(), body(request, exchange, this::keep))) {
                CortenException refusal = refusal(head, response);
                if (!repeatInOlderVersion(request, head)) {
                    throw refusal;
                }
            }
        }
    }

    private boolean repeatInOlderVersion(Request request, HttpHead head) {
        String theirs = head.header("Api-Version");
        if (settled || head.status() != 400 || request.stream().isPresent()) {
            return false;
        }
        settled = true;
        if (theirs.isEmpty() || !isOlder(theirs, version)) {
            return false;
        }
        version = theirs;
        return true;
    }

    private void settleByPing() throws IOException {
        try (Response pong = send(Request.head("/_ping"))) {
            String theirs = pong.header("Api-Version");
            if (!theirs.isEmpty() && isOlder(theirs, version)) {
                version = theirs;
            }
            settled = true;
        }
    }

    /// Whether version [a] (`1.41`) is lower than [b].
    static boolean isOlder(String a, String b) {
        return minor(a) < minor(b);
    }

    private static int minor(String version) {
        try {
            return Integer.parseInt(version.substring(version.indexOf('.') + 1));
        } catch (NumberFormatException e) {
            return Integer.MAX_VALUE;
        }
    }

    private record Exchange(Connection connection, HttpHead head) {}

    private Exchange exchange(Request request, String extraHeaders) throws IOException {
        byte[] start = head(request, extraHeaders);
        while (true) {
            Connection kept = takeIdle();
            Connection connection = kept != null ? kept : connect(request);
            try {
                connection.write(start, 0, start.length);
                IOException brokenPipe = null;
                if (request.stream().isPresent()) {
                    brokenPipe = sendChunks(connection, request.stream().get());
                }
                try {
                    HttpHead head = HttpHead.read(connection);
                    trace(request.method() + " " + path(request) + ": " + head.status());
                    return new Exchange(connection, head);
                } catch (IOException e) {
                    if (brokenPipe != null) {
                        e.addSuppressed(brokenPipe);
                    }
                    throw e;
                }
            } catch (TlsFailure e) {
                connection.close();
                throw new DaemonUnreachable(request.method(), url(request), e);
            } catch (IOException e) {
                boolean stale = kept != null && request.stream().isEmpty();
                // Asked before closing, which makes a command forget what it said.
                String end = stale ? "" : dialer.endOf(connection.transport());
                connection.close();
                if (!stale) {
                    throw end.isEmpty() ? e : new DaemonUnreachable("error during connect: " + end);
                }
                // The daemon closed a kept connection while it was idle: once more on another.
            } catch (RuntimeException e) {
                connection.close();
                throw e;
            }
        }
    }

    /// With the version before it, where paths have one.
    private String path(Request request) {
        String target = request.target();
        boolean versioned = !target.startsWith("/_ping") && !target.startsWith("/corten/");
        return versioned ? "/v" + version + target : target;
    }

    private byte[] head(Request request, String extraHeaders) {
        var head = new StringBuilder(256);
        head.append(request.method()).append(' ').append(path(request)).append(" HTTP/1.1\r\n");
        head.append("Host: ").append(dialer.host()).append("\r\n");
        if (Response.header(settings.headers, "User-Agent").isEmpty()) {
            head.append("User-Agent: ").append(settings.userAgent).append("\r\n");
        }
        head.append(extraHeaders);
        for (int i = 0; i < settings.headers.size(); i += 2) {
            head.append(settings.headers.get(i)).append(": ");
            head.append(settings.headers.get(i + 1)).append("\r\n");
        }
        for (int i = 0; i < request.headers().size(); i += 2) {
            head.append(request.headers().get(i)).append(": ");
            head.append(request.headers().get(i + 1)).append("\r\n");
        }
        if (!request.contentType().isEmpty()) {
            head.append("Content-Type: ").append(request.contentType()).append("\r\n");
        }
        boolean bodiless = request.method().equals("GET") || request.method().equals("HEAD");
        if (request.stream().isPresent()) {
            head.append("Transfer-Encoding: chunked\r\n");
        } else if (!bodiless || request.body().length > 0) {
            head.append("Content-Length: ").append(request.body().length).append("\r\n");
        }
        head.append("\r\n");
        byte[] text = head.toString().getBytes(StandardCharsets.ISO_8859_1);
        byte[] body = request.body();
        if (body.length == 0) {
            return text;
        }
        var all = new byte[text.length + body.length];
        System.arraycopy(text, 0, all, 0, text.length);
        System.arraycopy(body, 0, all, text.length, body.length);
        return all;
    }

    /// Sends [source] to its end. A daemon that refuses the body midway closes its side: what it
    /// says is worth more than the broken pipe, so that one is returned for the case that it says
    /// nothing.
    private static @org.jspecify.annotations.Nullable IOException sendChunks(
            Connection connection, InputStream source) throws IOException {
        var chunk = new byte[CHUNK_BYTES];
        while (true) {
            int count = source.read(chunk);
            try {
                if (count < 0) {
                    write(connection, "0\r\n\r\n");
                    return null;
                }
                if (count > 0) {
                    write(connection, Integer.toHexString(count) + "\r\n");
                    connection.write(chunk, 0, count);
                    write(connection, "\r\n");
                }
            } catch (IOException e) {
                return e;
            }
        }
    }

    private static void write(Connection connection, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        connection.write(bytes, 0, bytes.length);
    }

    private static HttpBody body(Request request, Exchange exchange, HttpBody.Idle idle)
            throws IOException {
        HttpHead head = exchange.head();
        Connection connection = exchange.connection();
        boolean empty =
                request.method().equals("HEAD") || head.status() == 204 || head.status() == 304;
        if (empty) {
            return HttpBody.ofLength(connection, 0, head.keepAlive(), idle);
        }
        String encoding = head.header("Transfer-Encoding");
        if (!encoding.isEmpty()) {
            if (!encoding.equalsIgnoreCase("chunked")) {
                connection.close();
                throw new ProtocolException("unknown transfer encoding: " + encoding);
            }
            return HttpBody.chunked(connection, head.keepAlive(), idle);
        }
        String length = head.header("Content-Length");
        if (length.isEmpty()) {
            return HttpBody.toTheEnd(connection, idle);
        }
        try {
            long bytes = Long.parseLong(length);
            if (bytes >= 0) {
                return HttpBody.ofLength(connection, bytes, head.keepAlive(), idle);
            }
        } catch (NumberFormatException e) {
            connection.close();
            throw new IOException("malformed Content-Length: " + length, e);
        }
        connection.close();
        throw new ProtocolException("malformed Content-Length: " + length);
    }

    /// What the daemon said: `{"message":"..."}`, or plain text where attach refuses.
    private static CortenException refusal(HttpHead head, Response response) throws IOException {
        byte[] bytes = response.bytes();
        String message = "";
        if (bytes.length > 0 && bytes[0] == '{') {
            try {
                message = Json.parse(bytes).get("message").text("");
            } catch (IOException e) {
                message = "malformed answer: " + e.getMessage();
            }
        } else {
            message = new String(bytes, StandardCharsets.UTF_8).strip();
        }
        if (message.isEmpty()) {
            message = "the daemon answered with status " + head.status() + " and no message";
        }
        return switch (head.status()) {
            case 400 -> new InvalidParameter(message);
            case 401 -> new Unauthorized(message);
            case 403 -> new Forbidden(message);
            case 404 -> new NotFound(message);
            case 409 -> new Conflict(message);
            case 500 -> new Internal(message);
            case 501 -> new NotImplemented(message);
            case 503 -> new Unavailable(message);
            default -> new Upstream(head.status(), message);
        };
    }

    private String url(Request request) {
        return "https://" + dialer.host() + path(request);
    }

    private Connection connect(Request request) throws IOException {
        try {
            return new Connection(dialer.dial());
        } catch (TlsFailure e) {
            throw new DaemonUnreachable(request.method(), url(request), e);
        } catch (IOException e) {
            throw DaemonUnreachable.at(dialer, e);
        }
    }

    private @org.jspecify.annotations.Nullable Connection takeIdle() {
        lock.lock();
        try {
            return idle.pollFirst();
        } finally {
            lock.unlock();
        }
    }

    private void keep(Connection connection) {
        lock.lock();
        try {
            idle.addFirst(connection);
        } finally {
            lock.unlock();
        }
    }

    /// Closes the idle connections; those in use belong to whoever uses them.
    @Override
    public void close() throws IOException {
        for (Connection c = takeIdle(); c != null; c = takeIdle()) {
            c.close();
        }
    }
}
