package dev.corten.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The client's own socket leaves the server without losing or doubling a byte.
///
/// The receiver of a taken socket stands for a container's monitor: it reads and writes the
/// descriptor with plain system calls.
@Timeout(120)
class TakeSocketTest {
    static final String HEAD = "HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\n\r\n";
    static final String REQUEST =
            "POST /attach HTTP/1.1\r\nHost: docker\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n";

    @TempDir Path dir;
    Path socket;
    HttpServer server;
    final SynchronousQueue<ClientSocket> taken = new SynchronousQueue<>();

    @BeforeEach
    void start() throws IOException {
        socket = dir.resolve("s");
        server =
                new HttpServer(exchange -> {
                    if (exchange.method().equals("GET")) {
                        exchange.respondEmpty(204, Headers.none());
                        return;
                    }
                    taken.put(exchange.takeSocket(HEAD.getBytes(StandardCharsets.US_ASCII)));
                });
        server.listenUnix(socket.toString());
    }

    @AfterEach
    void stop() {
        server.close();
    }

    static String remainder(ClientSocket client) throws IOException {
        return new String(client.readAhead(), StandardCharsets.ISO_8859_1) + readAll(client);
    }

    /// By way of `/proc/self/fd` no socket can be opened, so the test reads through Netty.
    static String readAll(ClientSocket client) throws IOException {
        try (InputStream in = TestFd.input(client.fd())) {
            return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }

    static long openDescriptors() throws IOException {
        try (var all = Files.list(Path.of("/proc/self/fd"))) {
            return all.count();
        }
    }

    @Test
    void everyByteArrivesOnceHoweverTheClientSends() throws Exception {
        var random = new Random(20261121);
        long before = 0;
        for (int i = 0; i < 10_000; i++) {
            if (i == 100) {
                before = openDescriptors();
            }
            // Lines that look like requests too, since the decoder must not touch them.
            var text = new StringBuilder();
            int length = random.nextInt(10) == 0 ? random.nextInt(60_000) : random.nextInt(40);
            while (text.length() < length) {
                text.append(random.nextInt()).append(random.nextBoolean() ? "\r\n" : " / HTTP/1.1");
            }
            String body = random.nextBoolean() ? "" : "{\"Tty\":false}";
            String request =
                    body.isEmpty()
                            ? REQUEST
                            : REQUEST.replace(
                                    "\r\n\r\n",
                                    "\r\nContent-Length: " + body.length() + "\r\n\r\n");
            String all = request + body + text;
            int shape = random.nextInt(4);
            int cut =
                    switch (shape) {
                        case 0 -> all.length();
                        case 1 -> request.length() + body.length();
                        case 2 -> random.nextInt(all.length() + 1);
                        default -> Math.min(all.length(), request.length() + body.length() + 1);
                    };
            try (var client = new RawClient(socket)) {
                if (random.nextInt(3) == 0) {
                    client.send("GET /_ping HTTP/1.1\r\nHost: x\r\n\r\n");
                }
                client.send(all.substring(0, cut));
                var sender =
                        CompletableFuture.runAsync(() -> {
                            try {
                                client.send(all.substring(cut));
                                client.channel.shutdownOutput();
                            } catch (IOException e) {
                                throw new java.io.UncheckedIOException(e);
                            }
                        });
                ClientSocket socket = taken.poll(10, TimeUnit.SECONDS);
                assertThat(socket).as("iteration %d shape %d cut %d", i, shape, cut).isNotNull();
                try (var fd = socket.fd()) {
                    assertThat(remainder(socket))
                            .as("iteration %d shape %d cut %d", i, shape, cut)
                            .isEqualTo(text.toString());
                    sender.get();
                    TestFd.write(fd, "out".getBytes(StandardCharsets.US_ASCII));
                }
                assertThat(client.readAll()).endsWith(HEAD + "out");
            }
        }
        assertThat(openDescriptors()).isLessThanOrEqualTo(before + 5);
    }

    @Test
    void theSocketOutlivesTheServer() throws Exception {
        try (var client = new RawClient(socket)) {
            client.send(REQUEST + "early ");
            ClientSocket mine = taken.take();
            server.close();
            client.send("late");
            client.channel.shutdownOutput();
            try (var fd = mine.fd()) {
                assertThat(remainder(mine)).isEqualTo("early late");
                TestFd.write(fd, "still here".getBytes(StandardCharsets.US_ASCII));
            }
            assertThat(client.readAll()).isEqualTo(HEAD + "still here");
        }
    }

    @Test
    void theDescriptorIsCloseOnExec() throws Exception {
        try (var client = new RawClient(socket)) {
            client.send(REQUEST);
            try (var fd = taken.take().fd()) {
                String info = Files.readString(Path.of("/proc/self/fdinfo/" + TestFd.number(fd)));
                long flags = Long.parseLong(info.replaceAll("(?s).*flags:\\s*(\\d+).*", "$1"), 8);
                assertThat(flags & 02000000).as("O_CLOEXEC").isNotZero();
            }
        }
    }

    @Test
    void aClientThatIsGoneIsReported() throws Exception {
        var result = new CompletableFuture<String>();
        var mayTake = new java.util.concurrent.CountDownLatch(1);
        try (var own =
                new HttpServer(exchange -> {
                    exchange.onDisconnect(mayTake::countDown);
                    mayTake.await();
                    try {
                        exchange.takeSocket(HEAD.getBytes(StandardCharsets.US_ASCII)).fd().close();
                        result.complete("taken");
                    } catch (IOException e) {
                        result.complete(e.getMessage());
                    }
                })) {
            Path path = dir.resolve("own");
            own.listenUnix(path.toString());
            try (var client = new RawClient(path)) {
                client.send(REQUEST);
            }
            assertThat(result.get(10, TimeUnit.SECONDS)).isEqualTo("the client is gone");
        }
    }
}
