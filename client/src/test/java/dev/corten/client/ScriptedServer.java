package dev.corten.client;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/// Answers each request of a connection with the next scripted bytes, and keeps what was sent.
final class ScriptedServer implements AutoCloseable {
    /// Bytes to answer with; [close] ends the connection after them.
    record Answer(String bytes, boolean close) {}

    private final ServerSocketChannel server;
    private final Path path;
    private final Thread thread;
    final List<String> requests = new CopyOnWriteArrayList<>();
    int connections;

    ScriptedServer(Path folder, Answer... answers) throws IOException {
        path = folder.resolve("s");
        server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(path));
        thread = Thread.ofPlatform().start(() -> serve(answers));
    }

    Endpoint endpoint() {
        return Endpoint.unix(path.toString());
    }

    private void serve(Answer[] answers) {
        int next = 0;
        while (next < answers.length) {
            try (SocketChannel connection = server.accept()) {
                connections++;
                boolean open = true;
                while (open && next < answers.length) {
                    String request = request(connection);
                    if (request.isEmpty()) {
                        break;
                    }
                    requests.add(request);
                    Answer answer = answers[next++];
                    byte[] bytes = answer.bytes.getBytes(StandardCharsets.ISO_8859_1);
                    // One byte at a time, so that no reader may count on more than that.
                    for (byte b : bytes) {
                        connection.write(ByteBuffer.wrap(new byte[] {b}));
                    }
                    open = !answer.close;
                }
            } catch (IOException e) {
                return;
            }
        }
    }

    /// Head and body by length or in one piece of chunks; what a test sends is small.
    private static String request(SocketChannel connection) throws IOException {
        var bytes = new ByteArrayOutputStream();
        ByteBuffer one = ByteBuffer.allocate(1);
        while (true) {
            if (connection.read(one.clear()) < 0) {
                return "";
            }
            bytes.write(one.get(0));
            String text = bytes.toString(StandardCharsets.ISO_8859_1);
            int head = text.indexOf("\r\n\r\n");
            if (head < 0) {
                continue;
            }
            int at = text.indexOf("Content-Length: ");
            boolean chunked = text.contains("Transfer-Encoding: chunked");
            int length =
                    at < 0 ? 0 : Integer.parseInt(text.substring(at + 16, text.indexOf('\r', at)));
            if (chunked ? text.endsWith("0\r\n\r\n") : text.length() == head + 4 + length) {
                return text;
            }
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
