package dev.corten.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

/// A daemon with one container: prints `hello`, echoes its input, ends with 7. Everything else
/// answers what the test has set, or 404.
final class FakeDaemon implements AutoCloseable {
    static final String ID = "4e38e38c8ce0b8d9041a9c4fefe786631d1416225e13b0bfe8cfa2321aec4bba";

    /// `METHOD target` with the body after a blank, in the order of arrival.
    final List<String> requests = new CopyOnWriteArrayList<>();

    /// The heads of the requests, in the order of arrival.
    final List<String> heads = new CopyOnWriteArrayList<>();

    final Map<String, String> answers = new HashMap<>();

    /// Requests whose line starts like this are answered, and the connection closed.
    final List<String> hangUp = new CopyOnWriteArrayList<>();

    final Path socket;
    private final CountDownLatch started = new CountDownLatch(1);
    private final ServerSocketChannel server;
    private final Thread acceptor;

    FakeDaemon(Path folder) throws IOException {
        socket = folder.resolve("d.sock");
        server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(socket));
        acceptor = Thread.ofPlatform().start(this::accept);
    }

    /// Answers requests whose line starts like this.
    FakeDaemon answer(String request, int status, String body) {
        answers.put(
                request,
                "HTTP/1.1 "
                        + status
                        + " X\r\nContent-Type: application/json\r\nContent-Length: "
                        + body.getBytes(StandardCharsets.UTF_8).length
                        + "\r\n\r\n"
                        + body);
        return this;
    }

    private void accept() {
        while (true) {
            try {
                SocketChannel connection = server.accept();
                Thread.ofVirtual().start(() -> serve(connection));
            } catch (ClosedChannelException e) {
                return;
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private void serve(SocketChannel connection) {
        try (connection) {
            while (true) {
                String request = read(connection);
                if (request.isEmpty()) {
                    return;
                }
                requests.add(request);
                if (request.contains("/attach")) {
                    attach(connection);
                    return;
                }
                String known =
                        answers.keySet().stream()
                                .filter(request::startsWith)
                                .findFirst()
                                .orElse("");
                if (!known.isEmpty()) {
                    write(connection, answers.get(known));
                    if (hangUp.contains(known)) {
                        return;
                    }
                } else if (request.startsWith("POST /containers/create")) {
                    write(connection, length("201 Created", "{\"Id\":\"" + ID + "\"}"));
                } else if (request.endsWith("/start")) {
                    write(connection, "HTTP/1.1 204 No Content\r\n\r\n");
                    started.countDown();
                } else if (request.contains("/wait")) {
                    write(connection, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
                    started.await();
                    write(connection, "11\r\n{\"StatusCode\":7}\n\r\n0\r\n\r\n");
                } else {
                    write(connection, length("404 Not Found", "{\"message\":\"not here\"}"));
                }
            }
        } catch (IOException e) {
            return;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static String length(String status, String body) {
        return "HTTP/1.1 " + status + "\r\nContent-Length: " + body.length() + "\r\n\r\n" + body;
    }

    private void attach(SocketChannel connection) throws IOException, InterruptedException {
        write(
                connection,
                "HTTP/1.1 101 UPGRADED\r\n"
                        + "Content-Type: application/vnd.docker.multiplexed-stream\r\n"
                        + "Connection: Upgrade\r\nUpgrade: tcp\r\n\r\n");
        started.await();
        frame(connection, 1, "hello\n");
        frame(connection, 2, "oops\n");
        if (requests.stream().anyMatch(r -> r.contains("stdin=1"))) {
            var input = new ByteArrayOutputStream();
            ByteBuffer buffer = ByteBuffer.allocate(1000);
            while (connection.read(buffer.clear()) >= 0) {
                input.write(buffer.array(), 0, buffer.position());
            }
            frame(connection, 1, "in: " + input.toString(StandardCharsets.UTF_8));
        }
    }

    private static void frame(SocketChannel connection, int stream, String text)
            throws IOException {
        write(connection, (char) stream + "\0\0\0\0\0\0" + (char) text.length() + text);
    }

    private static void write(SocketChannel connection, String text) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            connection.write(bytes);
        }
    }

    private String read(SocketChannel connection) throws IOException {
        var bytes = new ByteArrayOutputStream();
        ByteBuffer one = ByteBuffer.allocate(1);
        while (connection.read(one.clear()) >= 0) {
            bytes.write(one.get(0));
            String text = bytes.toString(StandardCharsets.UTF_8);
            int head = text.indexOf("\r\n\r\n");
            if (head < 0) {
                continue;
            }
            int at = text.indexOf("Content-Length: ");
            int length =
                    at < 0 ? 0 : Integer.parseInt(text.substring(at + 16, text.indexOf('\r', at)));
            int headBytes = text.substring(0, head + 4).getBytes(StandardCharsets.UTF_8).length;
            boolean chunked = text.contains("Transfer-Encoding: chunked");
            if (chunked ? text.endsWith("0\r\n\r\n") : bytes.size() == headBytes + length) {
                String line = text.substring(0, text.indexOf(" HTTP/")).replace("/v1.51", "");
                String body = text.substring(head + 4);
                heads.add(text.substring(0, head));
                return body.isEmpty() ? line : line + " " + body;
            }
        }
        return "";
    }

    @Override
    public void close() throws IOException {
        server.close();
        try {
            acceptor.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
