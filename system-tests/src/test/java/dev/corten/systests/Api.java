package dev.corten.systests;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.TreeMap;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The API without a client library: what is sent and received is seen byte by byte.
final class Api {
    private static final JsonMapper JSON = new JsonMapper();

    private final Path socket;

    Api(Path socket) {
        this.socket = socket;
    }

    record Answer(int status, TreeMap<String, String> headers, byte[] body) {
        String text() {
            return new String(body, UTF_8);
        }

        JsonNode json() {
            return JSON.readTree(body);
        }

        /// The message of an error, empty if this is none.
        String message() {
            return status >= 400 ? json().path("message").asString() : "";
        }

        @Override
        public String toString() {
            return status + " " + headers + "\n" + text();
        }

        static Answer parse(byte[] bytes) {
            int end = indexOf(bytes, "\r\n\r\n");
            if (end < 0) {
                throw new AssertionError("no HTTP answer: " + new String(bytes, UTF_8));
            }
            String[] lines = new String(bytes, 0, end, ISO_8859_1).split("\r\n");
            var headers = new TreeMap<String, String>(String.CASE_INSENSITIVE_ORDER);
            for (String line : Arrays.copyOfRange(lines, 1, lines.length)) {
                int colon = line.indexOf(':');
                headers.put(line.substring(0, colon), line.substring(colon + 1).strip());
            }
            byte[] body = Arrays.copyOfRange(bytes, end + 4, bytes.length);
            boolean chunked =
                    headers.getOrDefault("Transfer-Encoding", "")
                            .toLowerCase(Locale.ROOT)
                            .equals("chunked");
            int status = Integer.parseInt(lines[0].split(" ")[1]);
            return new Answer(status, headers, chunked ? unchunked(body) : body);
        }

        private static byte[] unchunked(byte[] body) {
            var whole = new ByteArrayOutputStream();
            int at = 0;
            while (at < body.length) {
                int line = at;
                while (line < body.length && body[line] != '\n') {
                    line++;
                }
                if (line == body.length) {
                    break;
                }
                int size =
                        Integer.parseInt(new String(body, at, line - at, ISO_8859_1).strip(), 16);
                whole.write(body, line + 1, Math.min(size, body.length - line - 1));
                at = line + 1 + size + 2;
            }
            return whole.toByteArray();
        }
    }

    /// A connection that stays: what was sent is answered in [#received].
    static final class Connection implements AutoCloseable {
        private final SocketChannel channel;
        private final Output received;

        private Connection(SocketChannel channel) {
            this.channel = channel;
            this.received = Output.of("connection", Channels.newInputStream(channel));
        }

        void send(byte[] bytes) {
            try {
                var buffer = ByteBuffer.wrap(bytes);
                while (buffer.hasRemaining()) {
                    channel.write(buffer);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        void send(String text) {
            send(text.getBytes(UTF_8));
        }

        /// Half close: no more will be sent.
        void endOfInput() {
            try {
                channel.shutdownOutput();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        Output received() {
            return received;
        }

        /// Waits for the answer's head; the stream behind it is [#payload].
        String awaitHead() {
            String seen = received.await("\r\n\r\n");
            return seen.substring(0, seen.indexOf("\r\n\r\n"));
        }

        /// What came behind the head, frames taken apart and joined.
        static byte[] payload(byte[] all) {
            int at = indexOf(all, "\r\n\r\n") + 4;
            var joined = new ByteArrayOutputStream();
            while (at + 8 <= all.length) {
                int length = ByteBuffer.wrap(all, at + 4, 4).getInt();
                joined.write(all, at + 8, Math.min(length, all.length - at - 8));
                at += 8 + length;
            }
            return joined.toByteArray();
        }

        byte[] awaitPayload(String what, Predicate<String> wanted) {
            return payload(
                    received.await(
                            what,
                            all ->
                                    indexOf(all, "\r\n\r\n") >= 0
                                            && wanted.test(new String(payload(all), UTF_8))));
        }

        @Override
        public void close() {
            try {
                channel.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    Connection connect() {
        try {
            var channel = SocketChannel.open(StandardProtocolFamily.UNIX);
            channel.connect(UnixDomainSocketAddress.of(socket));
            return new Connection(channel);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    boolean pings() {
        try (var connection = connect()) {
            connection.send("GET /_ping HTTP/1.1\r\nHost: d\r\nConnection: close\r\n\r\n");
            return new String(connection.received().awaitEnd(), UTF_8).startsWith("HTTP/1.1 200");
        } catch (UncheckedIOException e) {
            return false;
        }
    }

    Answer get(String path) {
        return call("GET", path);
    }

    Answer call(String method, String path) {
        return call(method, path, new byte[0], "application/json");
    }

    Answer call(String method, String path, String json) {
        return call(method, path, json.getBytes(UTF_8), "application/json");
    }

    Answer call(String method, String path, byte[] body, String type) {
        try (var connection = connect()) {
            connection.send(head(method, path, body.length, type, "close"));
            connection.send(body);
            return Answer.parse(connection.received().awaitEnd());
        }
    }

    static String head(String method, String path, long length, String type, String connection) {
        return method
                + " "
                + path
                + " HTTP/1.1\r\nHost: d\r\nConnection: "
                + connection
                + "\r\nContent-Type: "
                + type
                + "\r\nContent-Length: "
                + length
                + "\r\n\r\n";
    }

    /// Attaches, or starts an exec, and takes the connection over.
    Connection hijack(String path, String json) {
        Connection connection = connect();
        byte[] body = json.getBytes(UTF_8);
        connection.send(
                "POST "
                        + path
                        + " HTTP/1.1\r\nHost: d\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n"
                        + "Content-Type: application/json\r\nContent-Length: "
                        + body.length
                        + "\r\n\r\n");
        connection.send(body);
        String head = connection.awaitHead();
        if (!head.startsWith("HTTP/1.1 101 ")) {
            throw new AssertionError("not upgraded: " + connection.received().text());
        }
        return connection;
    }

    private static int indexOf(byte[] bytes, String text) {
        return new String(bytes, ISO_8859_1).indexOf(text);
    }
}
