package dev.corten.network.relay;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corten.kernel.Fd;
import dev.corten.kernel.socket.InetSockets;
import dev.corten.kernel.socket.InetSockets.Transport;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// From `::1` to `127.0.0.1`, over real sockets.
class RelaysTest {
    private static final InetAddress SIX = InetAddress.ofLiteral("::1");
    private static final InetAddress FOUR = InetAddress.ofLiteral("127.0.0.1");
    private static final int PATIENCE_MILLIS = 20_000;

    private final Relays relays = new Relays();
    private final List<AutoCloseable> opened = new ArrayList<>();
    private ServerSocket server;

    @BeforeEach
    void open() throws IOException {
        server = new ServerSocket(0, 50, FOUR);
        server.setSoTimeout(PATIENCE_MILLIS);
        opened.add(server);
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable one : opened.reversed()) {
            one.close();
        }
        relays.close();
    }

    private Fd reserve(Transport transport) throws IOException {
        Fd socket = InetSockets.reserve(transport, SIX.getAddress(), 0);
        opened.add(socket);
        return socket;
    }

    private Relays.Relay relay(Fd socket) throws IOException {
        return relays.begin(Transport.TCP, socket, new Relays.Target(FOUR, server.getLocalPort()));
    }

    private Socket connect(Fd to) throws IOException {
        var socket = new Socket();
        opened.add(socket);
        socket.connect(new InetSocketAddress(SIX, InetSockets.localPort(to)), PATIENCE_MILLIS);
        socket.setSoTimeout(PATIENCE_MILLIS);
        return socket;
    }

    @Test
    void bothDirectionsCarryEverythingAndEndByThemselves() throws Exception {
        Fd port = reserve(Transport.TCP);
        relay(port);
        byte[] much = new byte[5_000_000];
        new Random(1).nextBytes(much);
        Socket client = connect(port);
        try (Socket accepted = server.accept()) {
            accepted.setSoTimeout(PATIENCE_MILLIS);
            var sent = new CompletableFuture<Void>();
            Thread.ofVirtual()
                    .start(() -> {
                        try {
                            client.getOutputStream().write(much);
                            client.shutdownOutput();
                            sent.complete(null);
                        } catch (IOException e) {
                            sent.completeExceptionally(e);
                        }
                    });
            // Nobody reads for a while: the buffers on the way fill up.
            byte[] first = accepted.getInputStream().readNBytes(1);
            byte[] rest = accepted.getInputStream().readAllBytes();
            assertThat(first[0]).isEqualTo(much[0]);
            assertThat(rest).hasSize(much.length - 1).endsWith(much[much.length - 1]);
            sent.get();
            accepted.getOutputStream().write("the answer after the end".getBytes(UTF_8));
        }
        assertThat(client.getInputStream().readAllBytes()).asString().startsWith("the answer");
    }

    @Test
    void connectionsWaitUntilSomebodyRelays() throws Exception {
        Fd port = reserve(Transport.TCP);
        Relays.Relay before = relay(port);
        relays.end(before);
        Socket client = connect(port); // the kernel takes it
        client.getOutputStream().write('x');
        relay(port);
        try (Socket accepted = server.accept()) {
            assertThat(accepted.getInputStream().read()).isEqualTo('x');
        }
    }

    @Test
    void clientIsSentAwayIfNobodyListensInTheContainer() throws Exception {
        Fd port = reserve(Transport.TCP);
        relay(port);
        server.close();
        Socket client = connect(port);
        assertThat(end(client)).isIn("end", "reset");
    }

    @Test
    void endOfTheRelayEndsItsConnectionsAndFreesThePort() throws Exception {
        Fd port = reserve(Transport.TCP);
        int number = InetSockets.localPort(port);
        Relays.Relay relay = relay(port);
        Socket client = connect(port);
        try (Socket accepted = server.accept()) {
            relays.end(relay);
            assertThat(end(client)).isIn("end", "reset");
            assertThat(end(accepted)).isIn("end", "reset");
            assertThatThrownBy(() -> InetSockets.reserve(Transport.TCP, SIX.getAddress(), number))
                    .hasMessageContaining("EADDRINUSE");
            port.close();
            // Also by a relay, though the connections of the last one are still remembered.
            try (Fd again = InetSockets.reserve(Transport.TCP, SIX.getAddress(), number)) {
                relays.end(relay(again));
            }
        }
    }

    private static String end(Socket socket) {
        try {
            return socket.getInputStream().read() < 0 ? "end" : "data";
        } catch (IOException e) {
            return e.getMessage().contains("reset") ? "reset" : e.toString();
        }
    }

    @Test
    void datagramsFindTheirWayBack() throws Exception {
        try (var echo = new DatagramSocket(0, FOUR)) {
            Fd port = reserve(Transport.UDP);
            var target = new Relays.Target(FOUR, echo.getLocalPort());
            try (DatagramSocket early = udp(port)) {
                send(early, "early"); // waits in the socket
                relays.begin(Transport.UDP, port, target);
                Thread.ofPlatform().daemon().start(() -> echo(echo));
                assertThat(receive(early)).isEqualTo("echo of early");
                try (DatagramSocket other = udp(port)) {
                    send(other, "other");
                    send(early, "again");
                    assertThat(receive(early)).isEqualTo("echo of again");
                    assertThat(receive(other)).isEqualTo("echo of other");
                }
            }
        }
    }

    private static void echo(DatagramSocket socket) {
        try {
            while (true) {
                var packet = new DatagramPacket(new byte[1000], 1000);
                socket.receive(packet);
                byte[] answer =
                        ("echo of " + new String(packet.getData(), 0, packet.getLength(), UTF_8))
                                .getBytes(UTF_8);
                socket.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
            }
        } catch (IOException e) {
            assertThat(socket.isClosed()).isTrue();
        }
    }

    /// Connected: it hears only what comes from the address that it has written to.
    private static DatagramSocket udp(Fd to) throws IOException {
        var socket = new DatagramSocket(0, SIX);
        socket.connect(SIX, InetSockets.localPort(to));
        socket.setSoTimeout(PATIENCE_MILLIS);
        return socket;
    }

    private static void send(DatagramSocket socket, String text) throws IOException {
        byte[] bytes = text.getBytes(UTF_8);
        socket.send(new DatagramPacket(bytes, bytes.length));
    }

    private static String receive(DatagramSocket socket) throws IOException {
        var packet = new DatagramPacket(new byte[1000], 1000);
        socket.receive(packet);
        return new String(packet.getData(), 0, packet.getLength(), UTF_8);
    }
}
