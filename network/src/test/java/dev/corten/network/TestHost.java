package dev.corten.network;

import dev.corten.kernel.Fd;
import dev.corten.kernel.KernelCall;
import dev.corten.kernel.namespace.Namespaces;
import dev.corten.kernel.netlink.InterfaceAddress;
import dev.corten.kernel.netlink.Link;
import dev.corten.kernel.netlink.MacAddress;
import dev.corten.kernel.netlink.Route;
import dev.corten.kernel.netlink.Rtnetlink;
import dev.corten.kernel.netlink.RtnetlinkBatch;
import dev.corten.network.address.Subnet;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// A machine of its own for a test: a network namespace in the place of the host's, and beside it
/// another machine, `outside`, at the end of a cable.
///
/// ```
/// host 10.200.0.1/24 ---- 10.200.0.2/24 outside, whose default route is the host
/// ```
final class TestHost implements AutoCloseable {
    static final String ADDRESS = "10.200.0.1";
    static final String OUTSIDE_ADDRESS = "10.200.0.2";

    private static final int PATIENCE_MILLIS = 10_000;
    private static final int DROPPED_MILLIS = 300;

    final Fd namespace;
    final Fd outside;

    TestHost() throws IOException {
        namespace = machine();
        outside = machine();
        Namespaces.inNetwork(
                namespace,
                () -> {
                    try (Rtnetlink links = Rtnetlink.open()) {
                        links.execute(
                                new RtnetlinkBatch()
                                        .createVeth(
                                                "uplink",
                                                0,
                                                1500,
                                                "eth0",
                                                new MacAddress(0x0200_0000_0001L),
                                                Optional.of(outside.number())));
                        address(links, "uplink", ADDRESS);
                    }
                    return namespace;
                });
        Namespaces.inNetwork(
                outside,
                () -> {
                    try (Rtnetlink links = Rtnetlink.open()) {
                        links.execute(new RtnetlinkBatch().up("eth0"));
                        int eth0 = address(links, "eth0", OUTSIDE_ADDRESS);
                        links.execute(
                                new RtnetlinkBatch()
                                        .addRoute(
                                                new Route(
                                                        Optional.empty(),
                                                        0,
                                                        Optional.of(ip(ADDRESS)),
                                                        eth0)));
                    }
                    return outside;
                });
    }

    /// A fresh machine with `lo` only.
    static Fd machine() throws IOException {
        Fd machine = Namespaces.newNetwork();
        return Namespaces.inNetwork(
                machine,
                () -> {
                    // The machine's own setting is inherited.
                    new Sysctl("net/ipv4/ip_forward").write("0");
                    try (Rtnetlink links = Rtnetlink.open()) {
                        links.execute(new RtnetlinkBatch().up("lo"));
                    }
                    return machine;
                });
    }

    private static int address(Rtnetlink links, String name, String address) throws IOException {
        Link link = links.findLink(name).orElseThrow();
        links.execute(
                new RtnetlinkBatch()
                        .addAddress(new InterfaceAddress(link.index(), ip(address), 24)));
        return link.index();
    }

    static InetAddress ip(String text) {
        return Subnet.parseAddress(text);
    }

    /// Does this as a program on the host would.
    <T> T call(KernelCall<T> work) throws IOException {
        return Namespaces.inNetwork(namespace, work);
    }

    /// An engine's networks on this host.
    Networks open(NetworkOptions options) throws IOException {
        return call(() -> Networks.open(options));
    }

    /// What nft prints of the host's rules.
    String ruleset() throws IOException {
        return run("nft", "list", "ruleset");
    }

    String run(String... command) throws IOException {
        return run(namespace, command);
    }

    /// What a command prints that is run on a machine.
    static String run(Fd where, String... command) throws IOException {
        return Namespaces.inNetwork(
                where,
                () -> {
                    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
                    String output =
                            new String(
                                    process.getInputStream().readAllBytes(),
                                    StandardCharsets.UTF_8);
                    process.onExit().join();
                    return output;
                });
    }

    /// A server inside the namespace that answers each connection with its name and the client's
    /// address.
    static Server serve(Fd where, String name, String address, int port) throws IOException {
        ServerSocket socket =
                Namespaces.inNetwork(
                        where,
                        () -> {
                            var listening = new ServerSocket();
                            listening.bind(new InetSocketAddress(ip(address), port));
                            return listening;
                        });
        Thread thread = Thread.ofPlatform().daemon().start(() -> answer(socket, name));
        return new Server(socket, thread);
    }

    private static void answer(ServerSocket server, String name) {
        while (true) {
            try (Socket client = server.accept()) {
                String text = name + " to " + client.getInetAddress().getHostAddress();
                client.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
            } catch (IOException e) {
                return; // closed
            }
        }
    }

    record Server(ServerSocket socket, Thread thread) implements AutoCloseable {
        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    /// What a server says to a client inside the namespace.
    static String ask(Fd where, String address, int port) throws IOException {
        return ask(where, address, port, PATIENCE_MILLIS);
    }

    /// A datagram's answer; the name of an exception if there is none.
    static String askUdp(Fd where, String address, int port) throws IOException {
        return Namespaces.inNetwork(
                where,
                () -> {
                    try (var socket = new DatagramSocket()) {
                        socket.connect(ip(address), port);
                        socket.setSoTimeout(PATIENCE_MILLIS);
                        socket.send(new DatagramPacket(new byte[] {'?'}, 1));
                        var answer = new DatagramPacket(new byte[1000], 1000);
                        socket.receive(answer);
                        return new String(
                                answer.getData(), 0, answer.getLength(), StandardCharsets.UTF_8);
                    } catch (IOException e) {
                        return e.getClass().getSimpleName();
                    }
                });
    }

    /// Answers each datagram with its name and the client's address.
    static DatagramSocket serveUdp(Fd where, String name, int port) throws IOException {
        DatagramSocket socket =
                Namespaces.inNetwork(where, () -> new DatagramSocket(port, ip("0.0.0.0")));
        Thread.ofPlatform()
                .daemon()
                .start(() -> {
                    while (!socket.isClosed()) {
                        try {
                            var packet = new DatagramPacket(new byte[1000], 1000);
                            socket.receive(packet);
                            byte[] text =
                                    (name + " to " + packet.getAddress().getHostAddress())
                                            .getBytes(StandardCharsets.UTF_8);
                            socket.send(
                                    new DatagramPacket(
                                            text, text.length, packet.getSocketAddress()));
                        } catch (IOException e) {
                            return; // closed
                        }
                    }
                });
        return socket;
    }

    /// Whether packets to this place disappear: no answer, no refusal.
    static boolean isDropped(Fd where, String address, int port) throws IOException {
        return ask(where, address, port, DROPPED_MILLIS).equals("SocketTimeoutException");
    }

    private static String ask(Fd where, String address, int port, int millis) throws IOException {
        return Namespaces.inNetwork(
                where,
                () -> {
                    try (var socket = new Socket()) {
                        socket.connect(new InetSocketAddress(ip(address), port), millis);
                        socket.setSoTimeout(millis);
                        return new String(
                                socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                    } catch (IOException e) {
                        return e.getClass().getSimpleName();
                    }
                });
    }

    static NetworkOptions options(Path directory, String name) throws IOException {
        return edit(directory, name).done();
    }

    static NetworkOptions.Editor edit(Path directory, String name) throws IOException {
        Path data = Files.createDirectories(directory.resolve(name));
        NetworkOptions.Editor options = NetworkOptions.of(data, data);
        options.prepared = 2;
        return options;
    }

    @Override
    public void close() {
        namespace.close();
        outside.close();
    }
}
