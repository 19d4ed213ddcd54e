package dev.corten.http;

import dev.corten.model.InvalidParameter;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// One request and its answer.
///
/// A handler answers exactly once: [#respond], [#stream], [#upgrade], [#takeSocket] or
/// [#respondRaw]. All methods belong to the handler's thread, except [#isClosed], which any thread
/// may ask. Header lines are sent in the given order and letters; the server adds `Date` and the
/// lines that say where the body ends, and nothing at all to raw heads.
public final class Exchange {
    private enum Answer {
        NONE,
        SENT,
        STREAMING,
        UPGRADED,
        TAKEN
    }

    private static final long MAX_DISCARD = 256 << 10;

    private final Connection connection;
    private final String method;
    private final String rawPath;
    private final String rawQuery;
    private final String protocol;
    private final Headers headers;
    private final ByteQueue body;
    private final boolean expectsContinue;
    private boolean keepsAlive;
    private volatile Answer answer = Answer.NONE;
    private @Nullable ResponseStream stream;
    private @Nullable Upgraded upgraded;

    private final ReentrantLock lock = new ReentrantLock();
    private boolean closed;
    private final List<Runnable> onDisconnect = new ArrayList<>();

    Exchange(
            Connection connection,
            String method,
            String target,
            String protocol,
            Headers headers,
            ByteQueue body,
            boolean keepsAlive,
            boolean expectsContinue) {
        this.connection = connection;
        this.method = method;
        String local = localPart(target);
        int question = local.indexOf('?');
        this.rawPath = question < 0 ? local : local.substring(0, question);
        this.rawQuery = question < 0 ? "" : local.substring(question + 1);
        this.protocol = protocol;
        this.headers = headers;
        this.body = body;
        this.keepsAlive = keepsAlive;
        this.expectsContinue = expectsContinue;
    }

    /// The target without scheme and authority, which clients of a proxy send.
    private static String localPart(String target) {
        if (target.startsWith("/") || target.equals("*")) {
            return target;
        }
        int scheme = target.indexOf("://");
        int path = scheme < 0 ? -1 : target.indexOf('/', scheme + 3);
        return path < 0 ? "/" : target.substring(path);
    }

    /// The method, in the client's letters.
    public String method() {
        return method;
    }

    /// The path as sent, escapes and all.
    public String rawPath() {
        return rawPath;
    }

    /// The path, decoded.
    ///
    /// @throws InvalidParameter when an escape is malformed
    public String path() {
        return Query.decode(rawPath, false);
    }

    /// The query as sent, without the question mark.
    public String rawQuery() {
        return rawQuery;
    }

    /// The query's parameters.
    ///
    /// @throws InvalidParameter when an escape is malformed
    public Query query() {
        return Query.parse(rawQuery);
    }

    /// `HTTP/1.1` or `HTTP/1.0`.
    public String protocol() {
        return protocol;
    }

    /// The request's header lines.
    public Headers headers() {
        return headers;
    }

    /// Who asks, on a unix socket; null on TCP.
    public @Nullable PeerCredentials peer() throws IOException {
        return connection.peer();
    }

    /// The client's address and port as `192.0.2.1:34567`; `@` on a unix socket.
    public String remote() {
        return connection.channel().remoteAddress() instanceof InetSocketAddress address
                ? shown(address)
                : "@";
    }

    private static String shown(InetSocketAddress address) {
        String host = address.getAddress().getHostAddress();
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + address.getPort();
    }

    /// Whether the connection is encrypted.
    public boolean isEncrypted() {
        return connection.isEncrypted();
    }

    /// Whether the client is at a unix socket, whose descriptor another process can serve.
    public boolean isLocal() {
        return connection.channel() instanceof io.netty.channel.unix.DomainSocketChannel;
    }

    /// The request's body. Read it before answering: a long rest that nobody has read closes the
    /// connection after the answer. Fails when the client leaves in the middle.
    public InputStream body() {
        return body;
    }

    /// Answers with a whole body.
    public void respond(int status, Headers lines, byte[] content) {
        begin(Answer.SENT);
        boolean hasBody = Status.hasBody(status);
        var head = head(status, lines);
        if (hasBody) {
            head.append("Content-Length: ").append(content.length).append("\r\n");
        }
        byte[] bytes = end(head);
        boolean withContent = hasBody && !method.equals("HEAD");
        ByteBuf out = connection.buffer(bytes.length + (withContent ? content.length : 0));
        out.writeBytes(bytes);
        if (withContent) {
            out.writeBytes(content);
        }
        connection.write(out);
    }

    /// Answers with a part of a file, which the kernel copies to the socket where it can. Waits until
    /// the client has taken it; to HEAD the answer has a head only.
    ///
    /// @param file stays the caller's
    /// @throws IOException when the client is gone
    public void respondFile(int status, Headers lines, FileChannel file, long offset, long length)
            throws IOException {
        begin(Answer.SENT);
        var head = head(status, lines);
        head.append("Content-Length: ").append(length).append("\r\n");
        connection.writeRaw(end(head));
        if (!method.equals("HEAD")) {
            try {
                connection.writeFile(file, offset, length);
            } catch (IOException e) {
                connection.abort();
                throw e;
            }
        }
    }

    /// Answers with a head that states the length of a body; to HEAD only.
    ///
    /// @param length of the body that GET would have
    public void respondHead(int status, Headers lines, long length) {
        if (!method.equals("HEAD")) {
            throw new IllegalStateException("an answer to " + method + " has a body");
        }
        begin(Answer.SENT);
        var head = head(status, lines);
        head.append("Content-Length: ").append(length).append("\r\n");
        connection.writeRaw(end(head));
    }

    /// Answers without a body.
    public void respondEmpty(int status, Headers lines) {
        respond(status, lines, new byte[0]);
    }

    /// Answers with exactly these bytes, head and body, and closes the connection.
    public void respondRaw(byte[] bytes) {
        begin(Answer.SENT);
        keepsAlive = false;
        connection.writeRaw(bytes);
    }

    /// Answers with a body that is written bit by bit. The head goes out with the first flush.
    /// Writes wait for the client; once the client is gone they fail.
    public OutputStream stream(int status, Headers lines) {
        begin(Answer.STREAMING);
        boolean chunked = protocol.equals("HTTP/1.1");
        keepsAlive &= chunked;
        var head = head(status, lines);
        if (chunked) {
            head.append("Transfer-Encoding: chunked\r\n");
        }
        var opened = new ResponseStream(connection, end(head), chunked, method.equals("HEAD"));
        stream = opened;
        return opened;
    }

    /// Answers with a body of this length, written bit by bit. A body that ends before its length
    /// cuts the connection, so that the client never takes it for whole.
    public OutputStream stream(int status, Headers lines, long length) {
        begin(Answer.STREAMING);
        var head = head(status, lines);
        head.append("Content-Length: ").append(length).append("\r\n");
        var opened = new ResponseStream(connection, end(head), length, method.equals("HEAD"));
        stream = opened;
        return opened;
    }

    /// Sends this head, all of it, and turns the connection into a stream of bytes both ways.
    public Upgraded upgrade(byte[] head) throws IOException {
        readBody();
        begin(Answer.UPGRADED);
        var duplex = new Upgraded(connection, connection.upgrade(head));
        upgraded = duplex;
        return duplex;
    }

    /// Sends this head, all of it, and takes the client's socket out of the server, with every byte
    /// that was read ahead. The caller owns it. Nothing more can be done with the exchange.
    ///
    /// @throws IOException when the client is gone
    public ClientSocket takeSocket(byte[] head) throws IOException {
        readBody();
        begin(Answer.TAKEN);
        return connection.take(head);
    }

    /// Turns the request into a websocket, and gives a socket out of the server that carries what is
    /// in its frames. The caller owns it. Nothing more can be done with the exchange.
    ///
    /// @param text whether frames to the client are of text instead of bytes
    /// @return empty if the request does not ask for a websocket
    /// @throws IOException when the client is gone
    public Optional<ClientSocket> takeWebSocket(boolean text) throws IOException {
        String key = headers.first("Sec-WebSocket-Key");
        if (key == null || !headers.hasToken("Upgrade", "websocket")) {
            return Optional.empty();
        }
        readBody();
        begin(Answer.TAKEN);
        String head =
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        + "Sec-WebSocket-Accept: "
                        + WebSocketBytes.accept(key)
                        + "\r\n\r\n";
        return Optional.of(
                connection.takeWebSocket(head.getBytes(StandardCharsets.US_ASCII), text));
    }

    /// Whether the client is gone or has closed its sending side, which for a plain request means
    /// that nobody waits for the answer.
    public boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    /// Has the action run, on a thread of its own, when the client goes before the answer is
    /// complete; at once when it is gone already.
    public void onDisconnect(Runnable action) {
        boolean now;
        lock.lock();
        try {
            now = closed;
            if (!now) {
                onDisconnect.add(action);
            }
        } finally {
            lock.unlock();
        }
        if (now) {
            Thread.startVirtualThread(action);
        }
    }

    /// Has the calling thread interrupted when the client goes, so that a long operation stops.
    public void interruptOnDisconnect() {
        onDisconnect(Thread.currentThread()::interrupt);
    }

    /// Whether an answer has begun.
    public boolean isAnswered() {
        return answer != Answer.NONE;
    }

    // ---- the server's side -----------------------------------------------------------------

    boolean isUpgraded() {
        return answer == Answer.UPGRADED;
    }

    void disconnected() {
        List<Runnable> actions;
        lock.lock();
        try {
            closed = true;
            actions = List.copyOf(onDisconnect);
            onDisconnect.clear();
        } finally {
            lock.unlock();
        }
        actions.forEach(Thread::startVirtualThread);
    }

    /// Concludes after the handler has returned.
    void finish() throws IOException {
        forgetActions();
        switch (answer) {
            case NONE -> {
                respondEmpty(500, Headers.none());
                proceed();
            }
            case SENT -> proceed();
            case STREAMING -> {
                if (stream != null && !stream.isClosed()) {
                    stream.close();
                }
                proceed();
            }
            case UPGRADED -> {
                if (upgraded != null) {
                    upgraded.close();
                }
            }
            case TAKEN -> {}
        }
    }

    /// Concludes after the handler has failed.
    void fail() {
        forgetActions();
        switch (answer) {
            case NONE -> {
                respondEmpty(500, Headers.none());
                proceed();
            }
            case SENT -> proceed();
            case STREAMING, UPGRADED -> connection.abort();
            case TAKEN -> {}
        }
    }

    private void forgetActions() {
        lock.lock();
        try {
            onDisconnect.clear();
        } finally {
            lock.unlock();
        }
    }

    private void proceed() {
        if (keepsAlive) {
            connection.next();
        } else {
            connection.closeAfterAnswer();
        }
    }

    private void begin(Answer kind) {
        if (answer != Answer.NONE) {
            throw new IllegalStateException("the request has been answered");
        }
        if (!body.isComplete()) {
            keepsAlive &= discardBody();
        }
        answer = kind;
    }

    /// Throws away what the handler did not read, so that the next request can follow; a long rest is
    /// cheaper to cut off with the connection.
    private boolean discardBody() {
        boolean unasked = expectsContinue && !body.wasRead();
        if (unasked || headers.has("Transfer-Encoding") || contentLength() > MAX_DISCARD) {
            return false;
        }
        try {
            readBody();
            return true;
        } catch (IOException _) {
            return false;
        }
    }

    private long contentLength() {
        String length = headers.first("Content-Length");
        return length == null ? 0 : Long.parseLong(length.strip());
    }

    private void readBody() throws IOException {
        body.transferTo(OutputStream.nullOutputStream());
    }

    private StringBuilder head(int status, Headers lines) {
        var head = new StringBuilder(256);
        head.append("HTTP/1.1 ").append(status).append(' ').append(Status.reason(status));
        head.append("\r\n");
        for (Headers.Line line : lines) {
            head.append(line.name()).append(": ").append(line.value()).append("\r\n");
        }
        head.append("Date: ").append(Status.date(Instant.now())).append("\r\n");
        if (!keepsAlive) {
            head.append("Connection: close\r\n");
        } else if (protocol.equals("HTTP/1.0")) {
            head.append("Connection: keep-alive\r\n");
        }
        return head;
    }

    private static byte[] end(StringBuilder head) {
        return head.append("\r\n").toString().getBytes(StandardCharsets.UTF_8);
    }
}
