package dev.corten.registry.client;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.SSLContext;

/// A server of HTTP/1.1 that can break connections where a test wants it, and keeps what it was
/// asked.
final class FaultServer implements AutoCloseable {
    record Asked(String method, String path, Map<String, String> headers, byte[] body) {
        String header(String name) {
            return headers.getOrDefault(name.toLowerCase(Locale.ROOT), "");
        }

        boolean is(String wantedMethod, String wantedPath) {
            return method.equals(wantedMethod) && path.equals(wantedPath);
        }
    }

    /// @param sent how much of the body really is sent, before the connection is cut
    record Reply(int status, List<String> headers, byte[] body, int sent) {
        static Reply of(int status, String body, String... headers) {
            return of(status, body.getBytes(StandardCharsets.UTF_8), headers);
        }

        static Reply of(int status, byte[] body, String... headers) {
            return new Reply(status, List.of(headers), body, body.length);
        }

        Reply cut(int at) {
            return new Reply(status, headers, body, at);
        }
    }

    interface Handler {
        Reply answer(Asked asked);
    }

    /// How much of the body of a request is read, before the connection is cut; -1 for all.
    interface Appetite {
        int of(String method, String path);
    }

    private final ServerSocket listener;
    private final String scheme;
    private final Handler handler;
    private volatile Appetite appetite = (_, _) -> -1;
    private final List<Asked> asked = new CopyOnWriteArrayList<>();
    private final List<Socket> connections = new CopyOnWriteArrayList<>();

    FaultServer(Handler handler) throws IOException {
        this(new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1")), "http", handler);
    }

    /// @param address of this host
    FaultServer(InetAddress address, Handler handler) throws IOException {
        this(new ServerSocket(0, 50, address), "http", handler);
    }

    FaultServer(SSLContext tls, Handler handler) throws IOException {
        this(
                tls.getServerSocketFactory()
                        .createServerSocket(0, 50, InetAddress.getByName("127.0.0.1")),
                "https",
                handler);
    }

    private FaultServer(ServerSocket listener, String scheme, Handler handler) {
        this.listener = listener;
        this.scheme = scheme;
        this.handler = handler;
        Thread.ofVirtual().start(this::accept);
    }

    void eats(Appetite some) {
        appetite = some;
    }

    int port() {
        return listener.getLocalPort();
    }

    String authority() {
        return "127.0.0.1:" + port();
    }

    String url(String path) {
        return scheme + "://" + authority() + path;
    }

    List<Asked> asked() {
        return asked;
    }

    List<Asked> asked(String method, String path) {
        return asked.stream().filter(a -> a.is(method, path)).toList();
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = listener.accept();
                connections.add(socket);
                Thread.ofVirtual().start(() -> serve(socket));
            }
        } catch (IOException e) {
            // Closed.
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            InputStream in = new BufferedInputStream(socket.getInputStream());
            while (one(in, socket.getOutputStream())) {}
        } catch (IOException e) {
            // The client has gone, which is its right.
        }
    }

    private boolean one(InputStream in, OutputStream out) throws IOException {
        String line = line(in);
        if (line.isEmpty()) {
            return false;
        }
        String[] words = line.split(" ");
        if (words.length != 3) {
            out.write("HTTP/1.1 400 Bad\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            return false;
        }
        var headers = new TreeMap<String, String>();
        for (String header = line(in); !header.isEmpty(); header = line(in)) {
            int colon = header.indexOf(':');
            if (colon < 0) {
                // The beginning of a TLS connection, perhaps.
                return false;
            }
            headers.put(
                    header.substring(0, colon).toLowerCase(Locale.ROOT),
                    header.substring(colon + 1).strip());
        }
        int length = Integer.parseInt(headers.getOrDefault("content-length", "0"));
        int eaten = appetite.of(words[0], words[1]);
        byte[] body = in.readNBytes(eaten < 0 ? length : Math.min(eaten, length));
        var request = new Asked(words[0], words[1], headers, body);
        asked.add(request);
        Reply reply = handler.answer(request);
        if (body.length < length) {
            return false;
        }
        var head = new StringBuilder("HTTP/1.1 " + reply.status() + " Something\r\n");
        boolean bare = words[0].equals("HEAD");
        if (reply.headers().stream().noneMatch(h -> h.startsWith("Content-Length:"))) {
            head.append("Content-Length: ").append(reply.body().length).append("\r\n");
        }
        reply.headers().forEach(h -> head.append(h).append("\r\n"));
        out.write(head.append("\r\n").toString().getBytes(StandardCharsets.UTF_8));
        if (!bare) {
            out.write(reply.body(), 0, reply.sent());
        }
        out.flush();
        return bare || reply.sent() == reply.body().length;
    }

    private static String line(InputStream in) throws IOException {
        var line = new ByteArrayOutputStream();
        for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
            if (c != '\r') {
                line.write(c);
            }
        }
        return line.toString(StandardCharsets.UTF_8);
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket connection : new ArrayList<>(connections)) {
            connection.close();
        }
    }
}
