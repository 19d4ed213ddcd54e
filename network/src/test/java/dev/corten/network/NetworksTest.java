package dev.corten.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corten.kernel.Fd;
import dev.corten.kernel.file.Eventfd;
import dev.corten.kernel.file.Poll;
import dev.corten.kernel.namespace.Namespaces;
import dev.corten.kernel.netlink.Link;
import dev.corten.kernel.netlink.Rtnetlink;
import dev.corten.kernel.netlink.RtnetlinkBatch;
import dev.corten.model.Internal;
import dev.corten.model.container.PortBinding;
import dev.corten.network.port.PublishRequest;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// On the real kernel, in network namespaces that stand for whole machines.
class NetworksTest {
    @TempDir Path directory;

    private TestHost host;
    private NetworkOptions options;
    private Networks networks;
    private final List<AutoCloseable> opened = new ArrayList<>();

    @BeforeEach
    void open() throws IOException {
        host = new TestHost();
        options = TestHost.options(directory, "engine");
        networks = host.open(options);
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable one : opened.reversed()) {
            one.close();
        }
        networks.destroy();
        try (var left = Files.list(options.netns())) {
            assertThat(left).as("names of network namespaces").isEmpty();
        }
        assertThat(host.ruleset()).doesNotContain("table inet corten");
        host.close();
    }

    private Endpoint connect(String... published) throws IOException {
        return connect(networks, published);
    }

    private Endpoint connect(Networks where, String... published) throws IOException {
        var requests = new ArrayList<PublishRequest>();
        for (String one : published) {
            String[] parts = one.split(":", -1);
            requests.addAll(
                    PublishRequest.parse(
                            Map.of(
                                    parts[parts.length - 1],
                                    List.of(
                                            new PortBinding(
                                                    parts.length == 3 ? parts[0] : "",
                                                    parts[parts.length - 2])))));
        }
        Endpoint endpoint =
                where.connect(
                        new EndpointRequest(
                                "e".repeat(64),
                                "web",
                                Optional.empty(),
                                InterfaceOptions.NONE,
                                requests));
        opened.add(() -> where.disconnect(endpoint));
        return endpoint;
    }

    private static Fd inside(Endpoint endpoint) {
        return endpoint.netns().fd();
    }

    private void serve(Fd where, String name, int port) throws IOException {
        opened.add(TestHost.serve(where, name, "0.0.0.0", port));
    }

    @Test
    void bridgeTakesTheFirstFreeDefaultPool() throws IOException {
        assertThat(networks.bridgeSubnet()).hasToString("172.17.0.1/16");
        assertThat(host.run("ip", "-br", "addr", "show", networks.bridge()))
                .contains("172.17.0.1/16");
    }

    @Test
    void containerHasAddressRouteAndSysctls() throws IOException {
        Endpoint endpoint = connect();
        assertThat(endpoint.address().getHostAddress()).isEqualTo("172.17.0.2");
        Namespaces.inNetwork(
                inside(endpoint),
                () -> {
                    try (Rtnetlink links = Rtnetlink.open()) {
                        Link eth0 = links.findLink("eth0").orElseThrow();
                        assertThat(eth0.up()).isTrue();
                        assertThat(eth0.mac()).contains(endpoint.endpoint().mac());
                        assertThat(links.findLink("lo").orElseThrow().up()).isTrue();
                        assertThat(links.routes())
                                .anySatisfy(route -> {
                                    assertThat(route.destination()).isEmpty();
                                    assertThat(route.gateway()).contains(endpoint.gateway());
                                });
                    }
                    assertThat(Path.of("/proc/sys/net/ipv4/ip_unprivileged_port_start"))
                            .hasContent("0");
                    return endpoint;
                });
    }

    @Test
    void addressesAscendAndAReleasedOneWaits() throws IOException {
        Endpoint first = connect();
        networks.disconnect(first);
        opened.removeLast();
        assertThat(connect().address().getHostAddress()).isEqualTo("172.17.0.3");
    }

    @Test
    void publishedPortIsReachedByEveryAddressOfTheHost() throws IOException {
        Endpoint endpoint = connect("8080:80/tcp");
        serve(inside(endpoint), "web", 80);
        assertThat(TestHost.ask(host.namespace, "127.0.0.1", 8080)).isEqualTo("web to 172.17.0.1");
        assertThat(TestHost.ask(host.namespace, "172.17.0.1", 8080)).startsWith("web");
        assertThat(TestHost.ask(host.namespace, TestHost.ADDRESS, 8080)).startsWith("web");
        assertThat(TestHost.ask(host.namespace, "172.17.0.2", 80)).startsWith("web");
    }

    @Test
    void clientsFromOutsideKeepTheirAddress() throws IOException {
        Endpoint endpoint = connect("8080:80/tcp");
        serve(inside(endpoint), "web", 80);
        assertThat(TestHost.ask(host.outside, TestHost.ADDRESS, 8080))
                .isEqualTo("web to " + TestHost.OUTSIDE_ADDRESS);
    }

    @Test
    void anotherContainerReachesThePortByTheHost() throws IOException {
        Endpoint web = connect("8080:80/tcp");
        serve(inside(web), "web", 80);
        Endpoint other = connect();
        assertThat(TestHost.ask(inside(other), "172.17.0.1", 8080)).isEqualTo("web to 172.17.0.1");
        assertThat(TestHost.ask(inside(other), TestHost.ADDRESS, 8080)).startsWith("web");
        assertThat(TestHost.ask(inside(other), "172.17.0.2", 80)).isEqualTo("web to 172.17.0.3");
        assertThat(TestHost.ask(inside(web), "172.17.0.1", 8080)).as("itself").startsWith("web");
    }

    @Test
    void containersReachOutsideByTheHostsAddress() throws IOException {
        Endpoint endpoint = connect();
        serve(host.outside, "outside", 7000);
        assertThat(TestHost.ask(inside(endpoint), TestHost.OUTSIDE_ADDRESS, 7000))
                .isEqualTo("outside to " + TestHost.ADDRESS);
    }

    @Test
    void portOnOneAddressIsReachedThereOnly() throws IOException {
        Endpoint endpoint = connect("127.0.0.1:8080:80/tcp");
        serve(inside(endpoint), "web", 80);
        assertThat(TestHost.ask(host.namespace, "127.0.0.1", 8080)).startsWith("web");
        assertThat(TestHost.ask(host.namespace, TestHost.ADDRESS, 8080))
                .isEqualTo("ConnectException");
        assertThat(TestHost.ask(host.outside, TestHost.ADDRESS, 8080)).doesNotContain("web");
    }

    @Test
    void unpublishedPortsAreNotReachedFromOutside() throws IOException {
        Endpoint endpoint = connect("8080:80/tcp");
        serve(inside(endpoint), "secret", 81);
        serve(inside(endpoint), "web", 80);
        assertThat(TestHost.isDropped(host.outside, "172.17.0.2", 81)).isTrue();
        assertThat(TestHost.isDropped(host.outside, "172.17.0.2", 80))
                .as("published, but by its own address")
                .isTrue();
        assertThat(TestHost.ask(host.namespace, "172.17.0.2", 81)).startsWith("secret");
    }

    @Test
    void loopbackOfTheHostIsNotReachedFromAContainer() throws IOException {
        Endpoint endpoint = connect();
        opened.add(TestHost.serve(host.namespace, "host secret", "127.0.0.1", 7000));
        // A route for 127/8 through the gateway, as a container with NET_ADMIN can make.
        Namespaces.inNetwork(
                inside(endpoint),
                () -> {
                    Files.writeString(Path.of("/proc/sys/net/ipv4/conf/eth0/route_localnet"), "1");
                    new ProcessBuilder(
                                    "sh",
                                    "-c",
                                    "ip addr del 127.0.0.1/8 dev lo;"
                                            + " ip route add 127.0.0.1 via 172.17.0.1 dev eth0"
                                            + " src 172.17.0.2")
                            .inheritIO()
                            .start()
                            .onExit()
                            .join();
                    return endpoint;
                });
        assertThat(TestHost.ask(host.namespace, "127.0.0.1", 7000)).startsWith("host secret");
        assertThat(TestHost.isDropped(inside(endpoint), "127.0.0.1", 7000)).isTrue();
    }

    @Test
    void foreignPacketsAreNotForwardedWhereWeTurnedForwardingOn() throws IOException {
        // A second cable: without the drop, the host would now be a router between the two.
        var other = TestHost.machine();
        opened.add(other);
        host.call(() -> {
            try (Rtnetlink links = Rtnetlink.open()) {
                links.execute(
                        new RtnetlinkBatch()
                                .createVeth(
                                        "second",
                                        0,
                                        1500,
                                        "eth0",
                                        new dev.corten.kernel.netlink.MacAddress(0x0200_0000_0002L),
                                        Optional.of(other.number())));
            }
            return other;
        });
        host.run("ip", "addr", "add", "10.201.0.1/24", "dev", "second");
        Namespaces.inNetwork(
                other,
                () ->
                        new ProcessBuilder(
                                        "sh",
                                        "-c",
                                        "ip link set eth0 up; ip addr add 10.201.0.2/24 dev eth0;"
                                                + " ip route add default via 10.201.0.1")
                                .inheritIO()
                                .start()
                                .onExit()
                                .join());
        opened.add(TestHost.serve(other, "other", "0.0.0.0", 7000));
        assertThat(TestHost.ask(host.namespace, "10.201.0.2", 7000)).startsWith("other");
        assertThat(TestHost.isDropped(host.outside, "10.201.0.2", 7000)).isTrue();
    }

    @Test
    void portsAreRefusedInDockersWords() throws IOException {
        connect("8099:80/tcp");
        assertThatThrownBy(() -> connect("8099:80/tcp"))
                .isInstanceOf(Internal.class)
                .hasMessage(
                        "driver failed programming external connectivity on endpoint web ("
                                + "e".repeat(64)
                                + "): Bind for 0.0.0.0:8099 failed: port is already allocated");
        ServerSocket taken =
                host.call(() -> {
                    var socket = new ServerSocket();
                    socket.bind(new InetSocketAddress("0.0.0.0", 8098));
                    return socket;
                });
        opened.add(taken);
        assertThatThrownBy(() -> connect("8098:80/tcp"))
                .isInstanceOf(Internal.class)
                .hasMessageEndingWith(
                        "failed to bind host port for 0.0.0.0:8098:172.17.0.4:80/tcp:"
                                + " address already in use");
    }

    @Test
    void hostProcessCannotBindAReservedPort() throws IOException {
        Endpoint endpoint = connect("8080:80/tcp");
        assertThat(endpoint.portSockets()).as("IPv4 and IPv6").hasSize(2);
        assertThatThrownBy(() ->
                        host.call(() -> {
                            try (var socket = new ServerSocket()) {
                                socket.setReuseAddress(true);
                                socket.bind(new InetSocketAddress("0.0.0.0", 8080));
                                return socket;
                            }
                        }))
                .isInstanceOf(java.net.BindException.class);
    }

    @Test
    void ephemeralPortsAscendAndWait() throws IOException {
        Endpoint first = connect(":80/tcp");
        assertThat(first.ports().getFirst().hostPort()).isEqualTo(32768);
        networks.disconnect(first);
        opened.removeLast();
        assertThat(connect(":80/tcp").ports().getFirst().hostPort()).isEqualTo(32769);
        assertThat(connect("8000-8001:80/tcp").ports().getFirst().hostPort()).isEqualTo(8000);
        assertThat(connect("8000-8001:80/tcp").ports().getFirst().hostPort()).isEqualTo(8001);
    }

    @Test
    void endpointsOutliveTheDaemon() throws Exception {
        Endpoint endpoint = connect("8080:80/tcp");
        serve(inside(endpoint), "web", 80);
        connect("8081:80/tcp");
        opened.removeLast(); // will be lost with the daemon
        var kept = new ArrayList<Fd>();
        for (Fd socket : endpoint.portSockets()) {
            kept.add(socket.duplicate());
        }
        opened.removeFirst();

        networks.close();
        assertThat(TestHost.ask(host.namespace, "127.0.0.1", 8080)).startsWith("web");
        networks = host.open(options);
        assertThat(TestHost.ask(host.namespace, "127.0.0.1", 8080)).startsWith("web");
        List<Endpoint> restored =
                networks.restore(List.of(new SavedEndpoint(endpoint.endpoint(), kept)), List.of());
        assertThat(TestHost.ask(host.namespace, "127.0.0.1", 8080)).startsWith("web");
        Endpoint again = restored.getFirst();
        opened.add(() -> networks.disconnect(again));
        assertThat(again.endpoint()).isEqualTo(endpoint.endpoint());
        assertThat(connect().address().getHostAddress())
                .as("the one of the lost container waits too")
                .isEqualTo("172.17.0.4");
        assertThat(host.ruleset()).contains("tcp . 8080 :").doesNotContain("8081");
        assertThatThrownBy(() -> connect("8080:80/tcp")).hasMessageContaining("already allocated");
        assertThat(host.run("ip", "-br", "link", "show", "master", networks.bridge()))
                .contains(endpoint.endpoint().hostLink());
    }

    @Test
    void flushedRulesetIsRepaired() throws Exception {
        Endpoint endpoint = connect("8080:80/tcp");
        serve(inside(endpoint), "web", 80);
        String intact = host.ruleset();
        try (var never = Eventfd.create()) {
            for (String damage : List.of("flush ruleset", "flush chain inet TABLE guard")) {
                String command = damage.replace("TABLE", options.instance().table());
                host.run("sh", "-c", "nft " + command);
                long deadline = System.nanoTime() + 10_000_000_000L;
                while (!host.ruleset().equals(intact) && System.nanoTime() < deadline) {
                    Poll.await(never.fd(), Poll.IN, Duration.ofMillis(20));
                }
                assertThat(host.ruleset()).as("after nft " + command).isEqualTo(intact);
            }
        }
        assertThat(TestHost.ask(host.namespace, "127.0.0.1", 8080)).startsWith("web");
    }

    @Test
    void twoEnginesSideBySide() throws IOException {
        NetworkOptions otherOptions = TestHost.options(directory, "other");
        Networks other = host.open(otherOptions);
        opened.add(other::destroy);
        assertThat(other.bridge()).isNotEqualTo(networks.bridge());
        assertThat(other.bridgeSubnet()).hasToString("172.18.0.1/16");
        Endpoint one = connect(networks, "8080:80/tcp");
        Endpoint two = connect(other, "8081:80/tcp");
        serve(inside(one), "one", 80);
        serve(inside(two), "two", 80);
        serve(host.outside, "outside", 7000);
        assertThat(TestHost.ask(host.namespace, "127.0.0.1", 8080)).startsWith("one");
        assertThat(TestHost.ask(host.namespace, "127.0.0.1", 8081)).startsWith("two");
        assertThat(TestHost.ask(inside(one), "172.18.0.1", 8081)).startsWith("two");
        assertThat(TestHost.isDropped(inside(one), "172.18.0.2", 80)).isTrue();
        assertThat(TestHost.ask(inside(two), TestHost.OUTSIDE_ADDRESS, 7000)).startsWith("outside");
        other.restore(List.of(new SavedEndpoint(two.endpoint(), List.of())), List.of());
        assertThat(TestHost.ask(host.namespace, "127.0.0.1", 8080)).startsWith("one");
    }
}
