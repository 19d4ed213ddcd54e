package dev.corten.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.SynchronousQueue;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What cannot leave the server itself, because it is encrypted, does so by a socket beside it.
@Timeout(120)
class RelayTest {
    private static final int MANY = 8 << 20;

    @TempDir Path directory;
    private final SynchronousQueue<ClientSocket> taken = new SynchronousQueue<>();
    private final HttpServer server =
            new HttpServer(exchange -> {
                if (exchange.method().equals("GET")) {
                    exchange.respond(
                            200, Headers.none(), "hello".getBytes(StandardCharsets.US_ASCII));
                    return;
                }
                taken.put(
                        exchange.takeSocket(
                                TakeSocketTest.HEAD.getBytes(StandardCharsets.US_ASCII)));
            });

    @AfterEach
    void stop() {
        server.close();
    }

    private InetSocketAddress listen(boolean verify) throws IOException {
        Tls tls =
                Tls.of(
                        directory.resolve("server.pem"),
                        directory.resolve("server-key.pem"),
                        verify ? Optional.of(directory.resolve("ca.pem")) : Optional.empty());
        return server.listenTcp(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), Optional.of(tls));
    }

    private static SSLSocket connect(
            TestCertificates certificates, boolean shown, InetSocketAddress address)
            throws Exception {
        var socket =
                (SSLSocket)
                        certificates
                                .client(shown)
                                .getSocketFactory()
                                .createSocket(address.getAddress(), address.getPort());
        socket.startHandshake();
        return socket;
    }

    private static String head(InputStream in) throws IOException {
        var head = new ByteArrayOutputStream();
        while (!head.toString(StandardCharsets.US_ASCII).endsWith("\r\n\r\n")) {
            int b = in.read();
            if (b < 0) {
                throw new IOException("ended after " + head);
            }
            head.write(b);
        }
        return head.toString(StandardCharsets.US_ASCII);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048",
                "genrsa -traditional 2048",
                "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256",
                "ecparam -name prime256v1 -genkey -noout",
                "genpkey -algorithm ed25519",
            })
    void keysAreReadInEachForm(String command) throws Exception {
        var certificates = new TestCertificates(directory, List.of(command.split(" ")));
        InetSocketAddress address = listen(true);
        try (SSLSocket client = connect(certificates, true, address)) {
            client.getOutputStream()
                    .write("GET / HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            assertThat(
                            new String(
                                    client.getInputStream().readAllBytes(),
                                    StandardCharsets.US_ASCII))
                    .startsWith("HTTP/1.1 200 OK")
                    .endsWith("hello");
        }
    }

    private TestCertificates curve() throws Exception {
        return new TestCertificates(
                directory,
                List.of("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"));
    }

    @Test
    void whoShowsNoCertificateIsRefusedWhereOneIsWanted() throws Exception {
        TestCertificates certificates = curve();
        InetSocketAddress address = listen(true);
        assertThatThrownBy(
                        () -> {
                            try (SSLSocket client = connect(certificates, false, address)) {
                                client.getOutputStream()
                                        .write(
                                                "GET / HTTP/1.0\r\n\r\n"
                                                        .getBytes(StandardCharsets.US_ASCII));
                                client.getInputStream().readAllBytes();
                            }
                        })
                .isInstanceOf(SSLException.class);
        try (SSLSocket client = connect(certificates, true, address)) {
            assertThat(client.getSession().isValid()).isTrue();
        }
    }

    @Test
    void whereNoneIsWantedEveryoneIsServed() throws Exception {
        TestCertificates certificates = curve();
        try (SSLSocket client = connect(certificates, false, listen(false))) {
            client.getOutputStream()
                    .write("GET / HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            assertThat(
                            new String(
                                    client.getInputStream().readAllBytes(),
                                    StandardCharsets.US_ASCII))
                    .endsWith("hello");
        }
    }

    @Test
    void bytesPassBothWaysAndEachDirectionEndsOnItsOwn() throws Exception {
        TestCertificates certificates = curve();
        byte[] up = new byte[MANY];
        byte[] down = new byte[MANY];
        new Random(1).nextBytes(up);
        new Random(2).nextBytes(down);
        try (SSLSocket client = connect(certificates, true, listen(true))) {
            var sending =
                    CompletableFuture.runAsync(() -> {
                        try {
                            byte[] request =
                                    TakeSocketTest.REQUEST.getBytes(StandardCharsets.US_ASCII);
                            byte[] first = Arrays.copyOf(request, request.length + 1000);
                            System.arraycopy(up, 0, first, request.length, 1000);
                            client.getOutputStream().write(first);
                            client.getOutputStream().write(up, 1000, up.length - 1000);
                            client.shutdownOutput();
                        } catch (IOException e) {
                            throw new java.io.UncheckedIOException(e);
                        }
                    });
            ClientSocket socket = taken.take();
            assertThat(head(client.getInputStream())).isEqualTo(TakeSocketTest.HEAD);
            byte[] arrived;
            try (InputStream in = TestFd.input(socket.fd())) {
                arrived = in.readAllBytes();
            }
            assertThat(Arrays.equals(arrived, up)).isTrue();
            sending.join();
            var reading =
                    CompletableFuture.supplyAsync(() -> {
                        try {
                            return client.getInputStream().readAllBytes();
                        } catch (IOException e) {
                            throw new java.io.UncheckedIOException(e);
                        }
                    });
            TestFd.write(socket.fd(), down);
            socket.close();
            assertThat(Arrays.equals(reading.join(), down)).isTrue();
        }
    }

    @Test
    void aClientThatBreaksOffLeavesNothing() throws Exception {
        TestCertificates certificates = curve();
        InetSocketAddress address = listen(false);
        connect(certificates, false, address).close();
        long before = TakeSocketTest.openDescriptors();
        SSLSocket client = connect(certificates, false, address);
        client.getOutputStream().write(TakeSocketTest.REQUEST.getBytes(StandardCharsets.US_ASCII));
        ClientSocket socket = taken.take();
        client.close();
        try (InputStream in = TestFd.input(socket.fd())) {
            assertThat(in.readAllBytes()).isEmpty();
        }
        socket.close();
        while (TakeSocketTest.openDescriptors() > before) {
            Thread.onSpinWait();
        }
    }

    @Test
    void filesThatHoldSomethingElseAreNamed() throws Exception {
        curve();
        Path other = Files.writeString(directory.resolve("other"), "nothing");
        Path key = directory.resolve("server-key.pem");
        assertThatThrownBy(() -> Tls.of(other, key, Optional.empty()))
                .hasMessage("no certificate in " + other);
        assertThatThrownBy(() -> Tls.of(directory.resolve("server.pem"), other, Optional.empty()))
                .hasMessage("no private key in " + other);
    }
}
