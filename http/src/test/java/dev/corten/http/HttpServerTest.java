package dev.corten.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corten.kernel.socket.Sockets;
import dev.corten.kernel.socket.UnixSockets;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What a client sees on the wire.
@Timeout(60)
class HttpServerTest {
    @TempDir Path dir;
    Path socket;
    HttpServer server;
    volatile Handler handler = HttpServerTest::echo;

    static void echo(Exchange exchange) throws IOException {
        byte[] body = exchange.body().readAllBytes();
        exchange.respond(200, Headers.of("X-Path", exchange.rawPath()), body);
    }

    @BeforeEach
    void start() throws IOException {
        socket = dir.resolve("s");
        server = new HttpServer(exchange -> handler.handle(exchange));
        server.listenUnix(socket.toString());
    }

    @AfterEach
    void stop() {
        server.close();
        assertThat(Files.exists(socket)).isFalse();
    }

    RawClient client() throws IOException {
        return new RawClient(socket);
    }

    static String withoutDate(String response) {
        return response.replaceAll("Date: [^\r]*\r\n", "");
    }

    @Test
    void answersOnOneConnectionAgainAndAgain() throws Exception {
        try (var client = client()) {
            for (int i = 0; i < 5; i++) {
                client.send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc");
                assertThat(withoutDate(client.response()))
                        .isEqualTo("HTTP/1.1 200 OK\r\nX-Path: /a\r\nContent-Length: 3\r\n\r\nabc");
            }
        }
    }

    @Test
    void aHeadThatDoesNotEndEndsItsConnection() throws Exception {
        Path other = dir.resolve("impatient");
        try (var impatient = new HttpServer(HttpServerTest::echo, Duration.ofMillis(50))) {
            impatient.listenUnix(other.toString());
            try (var client = new RawClient(other)) {
                client.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
                assertThat(client.response()).startsWith("HTTP/1.1 200");
                client.send("GET /b HTTP/1.1\r\nHo");
                assertThatThrownBy(client::response).hasMessageContaining("ended after");
            }
        }
    }

    @Test
    void dateIsAsTheRfcWantsIt() throws Exception {
        assertThat(Status.date(java.time.Instant.parse("2026-11-01T04:05:06.7Z")))
                .isEqualTo("Sun, 01 Nov 2026 04:05:06 GMT");
    }

    @Test
    void answersPipelinedRequestsInOrder() throws Exception {
        try (var client = client()) {
            client.send(
                    "GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\n"
                            + "GET /3 HTTP/1.1\r\nHost: x\r\n\r\n");
            client.channel.shutdownOutput();
            assertThat(client.readAll().replaceAll("(?s)HTTP.*?X-Path: (/\\d).*?\r\n\r\n", "$1"))
                    .isEqualTo("/1/2/3");
        }
    }

    @Test
    void keepsHeadersAsGiven() throws Exception {
        handler =
                exchange ->
                        exchange.respond(
                                404,
                                Headers.of("zEta", "1", "Alpha", "2", "zEta", "3"),
                                new byte[0]);
        try (var client = client()) {
            client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
            assertThat(client.response())
                    .startsWith("HTTP/1.1 404 Not Found\r\nzEta: 1\r\nAlpha: 2\r\nzEta: 3\r\n");
        }
    }

    @Test
    void headHasNoBody() throws Exception {
        handler =
                exchange ->
                        exchange.respond(
                                200, Headers.none(), "hello".getBytes(StandardCharsets.UTF_8));
        try (var client = client()) {
            client.send("HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
            assertThat(client.readAll()).contains("Content-Length: 5\r\n").endsWith("\r\n\r\n");
        }
    }

    @Test
    void streamsInChunks() throws Exception {
        handler =
                exchange -> {
                    OutputStream out = exchange.stream(200, Headers.none());
                    out.write("ab".getBytes(StandardCharsets.UTF_8));
                    out.flush();
                    out.write('c');
                };
        try (var client = client()) {
            client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
            assertThat(client.readTo("\r\n\r\n")).contains("Transfer-Encoding: chunked\r\n");
            assertThat(client.readTo("0\r\n\r\n")).isEqualTo("2\r\nab\r\n1\r\nc\r\n0\r\n\r\n");
            client.send("HEAD / HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.0\r\n\r\n");
            assertThat(client.readTo("\r\n\r\n")).contains("Transfer-Encoding: chunked");
            assertThat(client.readTo("\r\n\r\n")).contains("Connection: close");
            assertThat(client.readAll()).isEqualTo("abc");
        }
    }

    @Test
    void cutsAStreamThatFails() throws Exception {
        handler =
                exchange -> {
                    exchange.stream(200, Headers.none()).flush();
                    throw new IOException("on purpose");
                };
        try (var client = client()) {
            client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
            assertThat(client.readAll()).doesNotContain("0\r\n\r\n");
        }
    }

    @Test
    void handlerThatFailsAnswers500() throws Exception {
        handler =
                exchange -> {
                    throw new IllegalStateException("on purpose");
                };
        try (var client = client()) {
            client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
            assertThat(client.response()).startsWith("HTTP/1.1 500 Internal Server Error\r\n");
        }
    }

    @Test
    void writerWaitsForASlowClient() throws Exception {
        var written = new AtomicLong();
        int total = 64 << 20;
        handler =
                exchange -> {
                    OutputStream out = exchange.stream(200, Headers.none());
                    byte[] piece = new byte[1 << 20];
                    for (int i = 0; i < total >> 20; i++) {
                        out.write(piece);
                        written.addAndGet(piece.length);
                    }
                };
        try (var client = client()) {
            client.send("GET / HTTP/1.0\r\n\r\n");
            client.readTo("\r\n\r\n");
            client.read(1000);
            assertThat(written.get()).isLessThan(8 << 20);
            assertThat(client.readAll()).hasSize(total - 1000);
        }
    }

    @Test
    void readerHoldsBackAFastClient() throws Exception {
        var mayRead = new CountDownLatch(1);
        var result = new CompletableFuture<Long>();
        handler =
                exchange -> {
                    mayRead.await();
                    result.complete(exchange.body().transferTo(OutputStream.nullOutputStream()));
                    exchange.respondEmpty(200, Headers.none());
                };
        try (var client = client()) {
            client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 16777216\r\n\r\n");
            client.channel.configureBlocking(false);
            var bytes = java.nio.ByteBuffer.allocate(16 << 20);
            // Until the socket takes no more for a while: the server has stopped reading.
            long sent = 0;
            try (var selector = java.nio.channels.Selector.open()) {
                client.channel.register(selector, java.nio.channels.SelectionKey.OP_WRITE);
                while (selector.select(200) > 0) {
                    sent += client.channel.write(bytes);
                    selector.selectedKeys().clear();
                }
            }
            assertThat(sent).isBetween(1L, 2L << 20);
            client.channel.configureBlocking(true);
            mayRead.countDown();
            while (bytes.hasRemaining()) {
                client.channel.write(bytes);
            }
            assertThat(client.response()).startsWith("HTTP/1.1 200");
            assertThat(result.get()).isEqualTo(16 << 20);
        }
    }

    @Test
    void sendsContinueWhenTheBodyIsRead() throws Exception {
        try (var client = client()) {
            client.send(
                    "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
            assertThat(client.readTo("\r\n\r\n")).isEqualTo("HTTP/1.1 100 Continue\r\n\r\n");
            client.send("ok");
            assertThat(client.response()).endsWith("\r\n\r\nok");
        }
    }

    @Test
    void earlyAnswerReachesAClientThatIsStillSending() throws Exception {
        handler = exchange -> exchange.respondEmpty(400, Headers.none());
        try (var client = client()) {
            client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000\r\n\r\n");
            client.send(new byte[100_000]);
            assertThat(client.readAll()).startsWith("HTTP/1.1 400").contains("Connection: close");
        }
    }

    @Test
    void slowBodyInPieces() throws Exception {
        try (var client = client()) {
            String request =
                    "POST /slow HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                            + "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
            for (char c : request.toCharArray()) {
                client.send(String.valueOf(c));
            }
            assertThat(client.response()).endsWith("\r\n\r\nabcde");
        }
    }

    @Test
    void bodyThatBreaksOffFailsForTheHandler() throws Exception {
        var failure = new CompletableFuture<String>();
        handler =
                exchange -> {
                    try (InputStream body = exchange.body()) {
                        body.readAllBytes();
                        failure.complete("no failure");
                    } catch (IOException e) {
                        failure.complete(e.getMessage());
                    }
                };
        try (var client = client()) {
            client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc");
        }
        assertThat(failure.get(10, TimeUnit.SECONDS))
                .isEqualTo("the client closed in the middle of a request");
    }

    @Test
    void tellsTheHandlerThatTheClientHasLeft() throws Exception {
        var told = new CountDownLatch(1);
        var interrupted = new CountDownLatch(1);
        var begun = new CountDownLatch(1);
        handler =
                exchange -> {
                    exchange.onDisconnect(told::countDown);
                    exchange.interruptOnDisconnect();
                    exchange.stream(200, Headers.none()).flush();
                    begun.countDown();
                    try {
                        new CountDownLatch(1).await();
                    } catch (InterruptedException e) {
                        assertThat(exchange.isClosed()).isTrue();
                        interrupted.countDown();
                        throw e;
                    }
                };
        try (var client = client()) {
            client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
            begun.await();
        }
        assertThat(told.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(interrupted.await(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void refusesMalformedRequests() throws Exception {
        String[] bad = {
            "GARBAGE\r\n\r\n",
            "GET / HTTP/1.1\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: abc\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: x\r\nBad Header: abc\r\n\r\n",
            "\u0016\u0003\u0001 tls hello\r\n\r\n"
        };
        for (String request : bad) {
            try (var client = client()) {
                client.send(request);
                assertThat(client.readAll()).as(request).startsWith("HTTP/1.1 400 Bad Request\r\n");
            }
        }
    }

    /// More than a socket holds, and a connection that ends with it, by either side's word.
    @Test
    void longAnswersArriveInFull() throws Exception {
        handler = exchange -> exchange.respond(200, Headers.none(), new byte[8 << 20]);
        for (String version : new String[] {"1.1", "1.0"}) {
            try (var client = client()) {
                client.send("GET / HTTP/" + version + "\r\nHost: x\r\nConnection: close\r\n\r\n");
                assertThat(client.readAll()).as(version).hasSizeGreaterThan(8 << 20);
            }
        }
    }

    /// `docker save` of a thousand images says all their IDs there.
    @Test
    void takesLinesAsLongAsDockerDoes() throws Exception {
        try (var client = client()) {
            client.send(
                    "GET /?"
                            + "names=0123456789abcdef&".repeat(40_000)
                            + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
            assertThat(client.readAll()).startsWith("HTTP/1.1 200 ");
        }
    }

    @Test
    void refusesHeadsThatAreTooLarge() throws Exception {
        try (var client = client()) {
            client.send("GET /" + "a".repeat(1100_000) + " HTTP/1.1\r\nHost: x\r\n\r\n");
            assertThat(client.readAll()).startsWith("HTTP/1.1 431 ");
        }
        try (var client = client()) {
            client.send("GET / HTTP/1.1\r\nHost: x\r\n");
            for (int i = 0; i < 11; i++) {
                client.send("X-" + i + ": " + "b".repeat(100_000) + "\r\n");
            }
            client.send("\r\n");
            assertThat(client.readAll()).startsWith("HTTP/1.1 431 ");
        }
    }

    @Test
    void servesThreeHundredConnectionsAtOnce() throws Exception {
        var all = new CountDownLatch(300);
        handler =
                exchange -> {
                    all.countDown();
                    all.await();
                    echo(exchange);
                };
        var clients = new ArrayList<RawClient>();
        try {
            for (int i = 0; i < 300; i++) {
                clients.add(client().send("GET /" + i + " HTTP/1.1\r\nHost: x\r\n\r\n"));
            }
            for (int i = 0; i < 300; i++) {
                assertThat(clients.get(i).response()).contains("X-Path: /" + i + "\r\n");
            }
        } finally {
            for (var client : clients) {
                client.close();
            }
        }
    }

    @Test
    void knowsThePeer() throws Exception {
        var peer = new CompletableFuture<PeerCredentials>();
        handler =
                exchange -> {
                    peer.complete(exchange.peer());
                    exchange.respondEmpty(204, Headers.none());
                };
        try (var client = client()) {
            client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
            assertThat(withoutDate(client.response())).isEqualTo("HTTP/1.1 204 No Content\r\n\r\n");
        }
        assertThat(peer.get().pid()).isEqualTo((int) ProcessHandle.current().pid());
    }

    @Test
    void listensOnTcp() throws Exception {
        InetSocketAddress address =
                server.listenTcp(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                        Optional.empty());
        try (var client = new RawClient(SocketChannel.open(address))) {
            client.send("POST /t HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nz");
            assertThat(client.response()).endsWith("\r\n\r\nz");
        }
        assertThatThrownBy(() -> server.listenTcp(address, Optional.empty()))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("cannot listen on tcp://");
    }

    @Test
    void listensOnSocketsThatOthersHaveMade() throws Exception {
        Path path = dir.resolve("made");
        server.listenUnix(UnixSockets.listen(path.toString(), Sockets.SOCK_STREAM, 0600, 5));
        try (var client = new RawClient(path)) {
            client.send("POST /t HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nz");
            assertThat(client.response()).endsWith("\r\n\r\nz");
        }
        server.close();
        assertThat(path).exists();
    }

    @Test
    void upgradesToBytesBothWaysWithHalfClose() throws Exception {
        handler =
                exchange -> {
                    try (Upgraded duplex =
                            exchange.upgrade(
                                    "HTTP/1.1 101 UPGRADED\r\nUpgrade: tcp\r\n\r\n"
                                            .getBytes(StandardCharsets.US_ASCII))) {
                        byte[] all = duplex.input().readAllBytes();
                        duplex.output().write(all);
                        duplex.output().write(" and more".getBytes(StandardCharsets.US_ASCII));
                    }
                };
        try (var client = client()) {
            client.send("POST / HTTP/1.1\r\nHost: x\r\nUpgrade: tcp\r\n\r\nGET / ear");
            assertThat(client.readTo("\r\n\r\n"))
                    .isEqualTo("HTTP/1.1 101 UPGRADED\r\nUpgrade: tcp\r\n\r\n");
            client.send("ly, later");
            client.channel.shutdownOutput();
            assertThat(client.readAll()).isEqualTo("GET / early, later and more");
        }
    }

    @Test
    void closesWithGrace() throws Exception {
        var begun = new CountDownLatch(1);
        var mayAnswer = new CountDownLatch(1);
        handler =
                exchange -> {
                    begun.countDown();
                    mayAnswer.await();
                    echo(exchange);
                };
        try (var idle = client();
                var busy = client()) {
            busy.send("GET /busy HTTP/1.1\r\nHost: x\r\n\r\n");
            begun.await();
            var closing = CompletableFuture.runAsync(() -> server.close(Duration.ofSeconds(20)));
            assertThat(idle.readAll()).isEmpty();
            assertThat(closing.isDone()).isFalse();
            assertThatThrownBy(this::client).isInstanceOf(IOException.class);
            mayAnswer.countDown();
            assertThat(busy.response()).contains("X-Path: /busy");
            assertThat(busy.readAll()).isEmpty();
            closing.get(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void closesWithoutGrace() throws Exception {
        var begun = new CountDownLatch(1);
        handler =
                exchange -> {
                    exchange.interruptOnDisconnect();
                    begun.countDown();
                    new CountDownLatch(1).await();
                };
        try (var busy = client()) {
            busy.send("GET /busy HTTP/1.1\r\nHost: x\r\n\r\n");
            begun.await();
            server.close();
            assertThat(busy.readAll()).isEmpty();
        }
    }

    @Test
    void readsTargetAndQuery() throws Exception {
        var seen = new CompletableFuture<String>();
        handler =
                exchange -> {
                    var query = exchange.query();
                    seen.complete(
                            exchange.path() + query.all("a") + query.text("b c") + query.has("d"));
                    exchange.respondEmpty(200, Headers.none());
                };
        try (var client = client()) {
            client.send(
                    "GET http://h/x%20%ED%95%9C?a=1&a=%2F&b+c=d+e&d HTTP/1.1\r\nHost: x\r\n\r\n");
            client.response();
        }
        assertThat(seen.get()).isEqualTo("/x 한[1, /]d etrue");
    }
}
