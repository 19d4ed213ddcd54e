package dev.corten.systests;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Stands between a client and a registry, counts what passes, and does what networks and servers do
/// on bad days. Bodies are what is counted, cut and falsified; heads pass as they are.
final class FaultProxy implements AutoCloseable {
    private static final int BUFFER = 1 << 14;
    private static final int TLS_HANDSHAKE = 0x16;

    /// A request and its answer, as far as they have come.
    ///
    /// @param sent bytes of the request's body that were passed on
    /// @param received bytes of the answer's body that were passed on
    record Exchange(
            String method,
            String target,
            TreeMap<String, String> headers,
            int status,
            long sent,
            long received) {
        boolean isBlob() {
            return target.contains("/blobs/sha256:");
        }

        boolean isUpload() {
            return target.contains("/blobs/uploads/");
        }

        boolean isManifest() {
            return target.contains("/manifests/");
        }
    }

    /// What is counted while it goes on.
    private static final class Passing {
        private final Head request;
        private int status;
        private long sent;
        private long received;

        Passing(Head request) {
            this.request = request;
        }
    }

    /// @param lines of which the first is the request or the status
    private record Head(List<String> lines, TreeMap<String, String> headers) {
        static @Nullable Head read(InputStream in) throws IOException {
            var lines = new ArrayList<String>();
            var headers = new TreeMap<String, String>(String.CASE_INSENSITIVE_ORDER);
            for (String line = line(in); ; line = line(in)) {
                if (line == null) {
                    return null;
                }
                if (line.isEmpty()) {
                    return lines.isEmpty() ? null : new Head(lines, headers);
                }
                lines.add(line);
                int colon = line.indexOf(':');
                if (lines.size() > 1 && colon > 0) {
                    headers.put(line.substring(0, colon), line.substring(colon + 1).strip());
                }
            }
        }

        String word(int number) {
            return lines.getFirst().split(" ", 3)[number];
        }

        boolean isChunked() {
            return headers.getOrDefault("Transfer-Encoding", "")
                    .toLowerCase(Locale.ROOT)
                    .contains("chunked");
        }

        long length() {
            return Long.parseLong(headers.getOrDefault("Content-Length", "-1"));
        }

        void write(OutputStream out) throws IOException {
            out.write((String.join("\r\n", lines) + "\r\n\r\n").getBytes(ISO_8859_1));
            out.flush();
        }
    }

    private interface Meter {
        /// @return how many of these bytes may pass; fewer than there are: the connection is cut
        int pass(byte[] buffer, int count);
    }

    private final ServerSocket server;
    private final String upstreamHost;
    private final int upstreamPort;
    private final List<Passing> passed = new ArrayList<>();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();

    private long answersLeft = Long.MAX_VALUE;
    private long requestsLeft = Long.MAX_VALUE;
    private long falsifyAt = -1;
    private long answered;
    private boolean down;
    private boolean downAfterCut;
    private @Nullable String onceAnswer;
    private Predicate<Exchange> onceTo = exchange -> true;
    private Duration delay = Duration.ZERO;
    private @Nullable CountDownLatch gate;
    private long gateAt;

    private FaultProxy(ServerSocket server, String host, int port) {
        this.server = server;
        this.upstreamHost = host;
        this.upstreamPort = port;
    }

    /// @param upstream host and port of what is behind it
    static FaultProxy before(String upstream) {
        try {
            var socket = new ServerSocket(0, 64, InetAddress.ofLiteral("127.0.0.1"));
            int colon = upstream.lastIndexOf(':');
            var proxy =
                    new FaultProxy(
                            socket,
                            upstream.substring(0, colon),
                            Integer.parseInt(upstream.substring(colon + 1)));
            Thread.ofVirtual().name("proxy").start(proxy::accept);
            return proxy;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String host() {
        return "127.0.0.1:" + server.getLocalPort();
    }

    // ---- what goes wrong

    /// Cuts the connection when so many more bytes of answers have passed, and goes on.
    synchronized void cutAnswersAfter(long bytes) {
        answersLeft = bytes;
        downAfterCut = false;
    }

    /// Cuts the connection when so many more bytes of requests have passed, and goes on.
    synchronized void cutRequestsAfter(long bytes) {
        requestsLeft = bytes;
        downAfterCut = false;
    }

    /// From the cut on, no connection is served until [#recover].
    synchronized void staysDownAfterTheCut() {
        downAfterCut = true;
    }

    synchronized void recover() {
        down = false;
    }

    /// Turns a bit of the byte at this place of all answers to come, counted from now.
    synchronized void falsifyAnswerByte(long at) {
        falsifyAt = answered + at;
    }

    /// The next such request is answered by the proxy.
    ///
    /// @param answer status line and headers
    synchronized void answerOnce(Predicate<Exchange> which, String answer) {
        onceTo = which;
        onceAnswer = answer;
    }

    /// Every answer waits.
    synchronized void delay(Duration time) {
        delay = time;
    }

    /// Holds blobs when so many more bytes of answers have passed, until [#letThrough].
    synchronized void holdBlobsAfter(long bytes) {
        gateAt = answered + bytes;
        gate = new CountDownLatch(1);
    }

    synchronized void letThrough() {
        if (gate != null) {
            gate.countDown();
            gate = null;
        }
    }

    /// Cuts all connections that there are.
    void cutAll() {
        open.forEach(FaultProxy::close);
    }

    // ---- what was seen

    synchronized List<Exchange> exchanges() {
        return passed.stream().map(FaultProxy::view).toList();
    }

    private static Exchange view(Passing passing) {
        return new Exchange(
                passing.request.word(0),
                passing.request.word(1),
                passing.request.headers(),
                passing.status,
                passing.sent,
                passing.received);
    }

    long count(Predicate<Exchange> which) {
        return exchanges().stream().filter(which).count();
    }

    /// Bytes of such answers.
    long received(Predicate<Exchange> which) {
        return exchanges().stream().filter(which).mapToLong(Exchange::received).sum();
    }

    /// Bytes of such requests.
    long sent(Predicate<Exchange> which) {
        return exchanges().stream().filter(which).mapToLong(Exchange::sent).sum();
    }

    synchronized void forget() {
        passed.clear();
    }

    // ---- how it works

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket client = server.accept();
                open.add(client);
                Thread.ofVirtual().name("proxied").start(() -> serve(client));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serve(Socket client) {
        try (client;
                var registry = new Socket(upstreamHost, upstreamPort)) {
            open.add(registry);
            try {
                relay(client, registry);
            } finally {
                open.remove(registry);
            }
        } catch (IOException e) {
            // One of the two has left, or was made to: both ends are closed.
        } finally {
            open.remove(client);
        }
    }

    private void relay(Socket client, Socket registry) throws IOException {
        var fromClient = new BufferedInputStream(client.getInputStream(), BUFFER);
        var toClient = new BufferedOutputStream(client.getOutputStream(), BUFFER);
        var fromRegistry = new BufferedInputStream(registry.getInputStream(), BUFFER);
        var toRegistry = new BufferedOutputStream(registry.getOutputStream(), BUFFER);
        fromClient.mark(1);
        if (fromClient.read() == TLS_HANDSHAKE) {
            return; // as a server does that speaks no TLS
        }
        fromClient.reset();
        while (true) {
            Head request = Head.read(fromClient);
            if (request == null || isDown()) {
                return;
            }
            var passing = new Passing(request);
            String instead;
            synchronized (this) {
                passed.add(passing);
                boolean once = onceAnswer != null && onceTo.test(view(passing));
                instead = once ? onceAnswer : null;
                if (once) {
                    onceAnswer = null;
                    passing.status = Integer.parseInt(instead.split(" ")[1]);
                }
            }
            if (instead != null) {
                drop(request, fromClient);
                toClient.write((instead + "\r\nContent-Length: 0\r\n\r\n").getBytes(ISO_8859_1));
                toClient.flush();
                continue;
            }
            // The answer may come before the body has been sent: a registry that refuses.
            request.write(toRegistry);
            body(request, fromClient, toRegistry, (b, n) -> passRequest(passing, n));
            Head answer = Head.read(fromRegistry);
            if (answer == null) {
                return;
            }
            pause();
            passing.status = Integer.parseInt(answer.word(1));
            answer.write(toClient);
            boolean bodyless =
                    request.word(0).equals("HEAD")
                            || passing.status == 204
                            || passing.status == 304
                            || passing.status < 200;
            if (!bodyless) {
                body(answer, fromRegistry, toClient, (b, n) -> passAnswer(passing, b, n));
            }
            if ("close".equalsIgnoreCase(answer.headers().get("Connection"))) {
                return;
            }
        }
    }

    private void pause() throws IOException {
        try {
            Thread.sleep(delay.toMillis());
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    private synchronized boolean isDown() {
        return down;
    }

    private static void drop(Head head, InputStream in) throws IOException {
        body(head, in, OutputStream.nullOutputStream(), (b, n) -> n);
    }

    private static void body(Head head, InputStream in, OutputStream out, Meter meter)
            throws IOException {
        if (head.isChunked()) {
            while (true) {
                String size = line(in);
                if (size == null) {
                    throw new EOFException();
                }
                out.write((size + "\r\n").getBytes(ISO_8859_1));
                int count = Integer.parseInt(size.split(";")[0].strip(), 16);
                copy(in, out, count, meter);
                // The end of a chunk, or of the trailers.
                String end = line(in);
                out.write((end + "\r\n").getBytes(ISO_8859_1));
                out.flush();
                if (count == 0) {
                    return;
                }
            }
        } else if (head.length() > 0) {
            copy(in, out, head.length(), meter);
        } else if (head.length() < 0 && head.word(0).startsWith("HTTP/")) {
            copy(in, out, Long.MAX_VALUE, meter);
        }
    }

    private static void copy(InputStream in, OutputStream out, long count, Meter meter)
            throws IOException {
        byte[] buffer = new byte[BUFFER];
        for (long left = count; left > 0; ) {
            int n = in.read(buffer, 0, (int) Math.min(buffer.length, left));
            if (n < 0) {
                if (count == Long.MAX_VALUE) {
                    return;
                }
                throw new EOFException();
            }
            int may = meter.pass(buffer, n);
            out.write(buffer, 0, may);
            out.flush();
            if (may < n) {
                throw new IOException("cut");
            }
            left -= n;
        }
    }

    private synchronized int passRequest(Passing passing, int count) {
        int may = (int) Math.min(count, requestsLeft);
        passing.sent += may;
        requestsLeft = left(requestsLeft, may, count);
        return may;
    }

    private int passAnswer(Passing passing, byte[] buffer, int count) {
        CountDownLatch closed;
        synchronized (this) {
            boolean held = answered + count > gateAt && view(passing).isBlob();
            closed = held ? gate : null;
        }
        if (closed != null) {
            try {
                closed.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return 0;
            }
        }
        synchronized (this) {
            if (falsifyAt >= answered && falsifyAt < answered + count) {
                buffer[(int) (falsifyAt - answered)] ^= 1;
                falsifyAt = -1;
            }
            int may = (int) Math.min(count, answersLeft);
            passing.received += may;
            answered += may;
            answersLeft = left(answersLeft, may, count);
            return may;
        }
    }

    private long left(long before, int passed, int wanted) {
        if (passed == wanted) {
            return before == Long.MAX_VALUE ? before : before - passed;
        }
        down = downAfterCut;
        return Long.MAX_VALUE;
    }

    private static @Nullable String line(InputStream in) throws IOException {
        var line = new ByteArrayOutputStream();
        for (int c = in.read(); c >= 0; c = in.read()) {
            if (c == '\n') {
                return line.toString(ISO_8859_1);
            }
            if (c != '\r') {
                line.write(c);
            }
        }
        return null;
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        letThrough();
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        cutAll();
    }
}
