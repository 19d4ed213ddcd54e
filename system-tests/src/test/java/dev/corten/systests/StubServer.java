package dev.corten.systests;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/// Answers `200 {}` to every request, as a server does that has no engine.
final class StubServer implements AutoCloseable {
    private final ServerSocketChannel server;

    private StubServer(ServerSocketChannel server) {
        this.server = server;
    }

    static StubServer open(Path socket) {
        try {
            var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
            server.bind(UnixDomainSocketAddress.of(socket));
            var stub = new StubServer(server);
            Thread.ofPlatform().daemon().name("stub").start(stub::accept);
            return stub;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void accept() {
        while (server.isOpen()) {
            try {
                SocketChannel client = server.accept();
                Thread.ofVirtual().start(() -> serve(client));
            } catch (IOException e) {
                return;
            }
        }
    }

    /// One request a connection; bodies are not looked at.
    private static void serve(SocketChannel client) {
        try (client) {
            var in =
                    new BufferedReader(
                            new InputStreamReader(Channels.newInputStream(client), ISO_8859_1));
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                if (line.isEmpty()) {
                    String answer =
                            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                                    + "Api-Version: 1.50\r\nConnection: close\r\n"
                                    + "Content-Length: 2\r\n\r\n{}";
                    client.write(ByteBuffer.wrap(answer.getBytes(ISO_8859_1)));
                    return;
                }
            }
        } catch (IOException e) {
            // The client has left: there is nobody to answer.
        }
    }

    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
