package dev.corten.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Answers whose length is known before their content: parts of files, streams.
@Timeout(60)
final class FileAnswerTest {
    private static final int SIZE = 5 << 20;
    private static final int FROM = 12_345;
    private static final int LENGTH = 4 << 20;

    @TempDir private Path dir;

    private byte[] content = new byte[SIZE];

    private FileChannel file() throws IOException {
        new Random(1).nextBytes(content);
        Path file = Files.write(dir.resolve("file"), content);
        return FileChannel.open(file);
    }

    @Test
    void aPartOfAFileAndThenAnother() throws Exception {
        Path socket = dir.resolve("s");
        try (var file = file();
                var server =
                        new HttpServer(
                                exchange ->
                                        exchange.respondFile(
                                                200, Headers.none(), file, FROM, LENGTH),
                                2)) {
            server.listenUnix(socket.toString());
            try (var client = new RawClient(socket)) {
                for (int n = 0; n < 3; n++) {
                    client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
                    assertThat(client.readTo("\r\n\r\n"))
                            .contains("Content-Length: " + LENGTH + "\r\n");
                    assertThat(client.read(LENGTH).getBytes(StandardCharsets.ISO_8859_1))
                            .isEqualTo(Arrays.copyOfRange(content, FROM, FROM + LENGTH));
                }
                client.send("HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
                assertThat(client.readAll())
                        .contains("Content-Length: " + LENGTH)
                        .endsWith("\r\n\r\n");
            }
            assertThat(file.isOpen()).isTrue();
        }
    }

    @Test
    void aPartOfAFileEncrypted() throws Exception {
        var certificates =
                new TestCertificates(
                        dir,
                        List.of(
                                "genpkey",
                                "-algorithm",
                                "EC",
                                "-pkeyopt",
                                "ec_paramgen_curve:P-256"));
        Tls tls =
                Tls.of(dir.resolve("server.pem"), dir.resolve("server-key.pem"), Optional.empty());
        try (var file = file();
                var server =
                        new HttpServer(exchange ->
                                exchange.respondFile(200, Headers.none(), file, FROM, LENGTH))) {
            var loopback = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
            int port = server.listenTcp(loopback, Optional.of(tls)).getPort();
            try (var client =
                    certificates
                            .client(false)
                            .getSocketFactory()
                            .createSocket(InetAddress.getLoopbackAddress(), port)) {
                String request = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
                client.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
                var received = new ByteArrayOutputStream();
                client.getInputStream().transferTo(received);
                byte[] all = received.toByteArray();
                assertThat(Arrays.copyOfRange(all, all.length - LENGTH, all.length))
                        .isEqualTo(Arrays.copyOfRange(content, FROM, FROM + LENGTH));
            }
        }
    }

    @Test
    void aStreamThatEndsTooEarlyIsNotTakenForWhole() throws Exception {
        Path socket = dir.resolve("s");
        try (var server =
                new HttpServer(exchange -> {
                    try (OutputStream out = exchange.stream(200, Headers.none(), 5)) {
                        out.write(new byte[exchange.rawPath().equals("/whole") ? 5 : 4]);
                    }
                })) {
            server.listenUnix(socket.toString());
            try (var client = new RawClient(socket)) {
                client.send("GET /whole HTTP/1.1\r\nHost: x\r\n\r\n");
                assertThat(client.readTo("\r\n\r\n")).contains("Content-Length: 5\r\n");
                assertThat(client.read(5)).hasSize(5);
                client.send("GET /short HTTP/1.1\r\nHost: x\r\n\r\n");
                client.readTo("\r\n\r\n");
                assertThat(client.readAll()).hasSize(4);
            }
        }
    }
}
