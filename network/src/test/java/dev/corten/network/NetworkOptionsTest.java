package dev.corten.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.corten.kernel.Fd;
import dev.corten.kernel.file.Eventfd;
import dev.corten.kernel.file.Poll;
import dev.corten.model.InvalidParameter;
import dev.corten.model.Unavailable;
import dev.corten.model.container.PortBinding;
import dev.corten.network.NetworkOptions.Forwarding;
import dev.corten.network.address.IpText;
import dev.corten.network.address.Subnet;
import dev.corten.network.address.SubnetPool;
import dev.corten.network.port.PublishRequest;
import java.io.IOException;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What each option of the daemon does, on the real kernel, in network namespaces that stand for
/// whole machines.
class NetworkOptionsTest {
    @TempDir Path directory;

    private TestHost host;
    private NetworkOptions.Editor options;
    private final List<AutoCloseable> opened = new ArrayList<>();

    @BeforeEach
    void openHost() throws IOException {
        host = new TestHost();
        options = TestHost.edit(directory, "engine");
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable one : opened.reversed()) {
            one.close();
        }
        assertThat(host.ruleset()).doesNotContain("table inet corten");
        host.close();
    }

    private Networks open() throws IOException {
        Networks networks = host.open(options.done());
        opened.add(networks::destroy);
        return networks;
    }

    private Endpoint connect(Networks networks, PortBinding... published) throws IOException {
        Endpoint endpoint =
                networks.connect(
                        new EndpointRequest(
                                "e".repeat(64),
                                "web",
                                Optional.empty(),
                                InterfaceOptions.NONE,
                                PublishRequest.parse(
                                        Map.of(
                                                "80/tcp", List.of(published),
                                                "53/udp", List.of(published)))));
        opened.add(() -> networks.disconnect(endpoint));
        opened.add(TestHost.serve(inside(endpoint), "web", "0.0.0.0", 80));
        opened.add(TestHost.serveUdp(inside(endpoint), "dns", 53));
        return endpoint;
    }

    private static Fd inside(Endpoint endpoint) {
        return endpoint.netns().fd();
    }

    private static final PortBinding ON_8080 = new PortBinding("", "8080");

    @Test
    void relayServesIpv6() throws IOException {
        Endpoint web = connect(open(), ON_8080);
        assertThat(web.ports().stream().map(port -> IpText.of(port.hostIp())))
                .containsExactly("0.0.0.0", "::", "0.0.0.0", "::");
        assertThat(TestHost.ask(host.namespace, "::1", 8080)).isEqualTo("web to 172.17.0.1");
        assertThat(TestHost.askUdp(host.namespace, "::1", 8080)).isEqualTo("dns to 172.17.0.1");
        assertThat(TestHost.askUdp(host.namespace, "127.0.0.1", 8080)).startsWith("dns");
        host.run("ip", "addr", "add", "fd00:1::1/64", "dev", "uplink", "nodad");
        host.run("ip", "addr", "add", "fd00:1::2/64", "dev", "uplink", "nodad");
        TestHost.run(host.outside, "ip", "addr", "add", "fd00:1::9/64", "dev", "eth0", "nodad");
        assertThat(TestHost.ask(host.outside, "fd00:1::1", 8080)).startsWith("web");
        // The answer comes from the address that was asked, or the client would not hear it.
        assertThat(TestHost.askUdp(host.outside, "fd00:1::2", 8080)).startsWith("dns");
        assertThat(TestHost.askUdp(host.outside, "fd00:1::1", 8080)).startsWith("dns");
    }

    @Test
    void oneAddressOfIpv6() throws IOException {
        Endpoint web = connect(open(), new PortBinding("::1", "8080"));
        assertThat(web.ports()).hasSize(2);
        assertThat(TestHost.ask(host.namespace, "::1", 8080)).startsWith("web");
        assertThat(TestHost.ask(host.namespace, "127.0.0.1", 8080)).isEqualTo("ConnectException");
    }

    @Test
    void withoutRelaysIpv6IsNotServed() throws IOException {
        options.relays = false;
        Endpoint web = connect(open(), ON_8080, new PortBinding("::1", "8081"));
        assertThat(web.ports().stream().map(port -> IpText.of(port.hostIp())))
                .containsExactly("0.0.0.0", "0.0.0.0");
        assertThat(TestHost.ask(host.namespace, "::1", 8080)).isEqualTo("ConnectException");
        assertThat(TestHost.ask(host.namespace, "127.0.0.1", 8080)).startsWith("web");
    }

    @Test
    void withoutFirewallEverythingIsRelayed() throws IOException {
        options.firewall = false;
        Networks networks = open();
        Endpoint web = connect(networks, ON_8080);
        assertThat(host.ruleset()).doesNotContain("corten");
        for (String address : List.of("127.0.0.1", "172.17.0.1", TestHost.ADDRESS, "::1")) {
            assertThat(TestHost.ask(host.namespace, address, 8080))
                    .as(address)
                    .isEqualTo("web to 172.17.0.1");
            assertThat(TestHost.askUdp(host.namespace, address, 8080))
                    .as(address)
                    .startsWith("dns");
        }
        assertThat(TestHost.ask(host.outside, TestHost.ADDRESS, 8080)).startsWith("web");
        assertThat(TestHost.ask(inside(web), "172.17.0.1", 8080)).as("itself").startsWith("web");
    }

    @Test
    void firewallOfAnEarlierDaemonGoes() throws IOException {
        host.open(options.done()).close();
        assertThat(host.ruleset()).contains("table inet corten");
        options.firewall = false;
        Networks networks = open();
        assertThat(host.ruleset()).doesNotContain("corten");
        assertThat(
                        host.run(
                                "cat",
                                "/proc/sys/net/ipv4/conf/" + networks.bridge() + "/route_localnet"))
                .isEqualTo("0\n");
    }

    /// @param filtered whether bridged frames pass the firewall
    @ParameterizedTest
    @ValueSource(strings = {"0", "1"})
    void containersAreKeptApart(String filtered) throws IOException {
        String setting = "/proc/sys/net/bridge/bridge-nf-call-iptables";
        assumeTrue(Files.exists(Path.of(setting)) || filtered.equals("0"));
        if (Files.exists(Path.of(setting))) {
            host.run("sh", "-c", "echo " + filtered + " > " + setting);
        }
        options.containersMeet = false;
        Networks networks = open();
        Endpoint web = connect(networks, ON_8080);
        Endpoint other = connect(networks);
        assertThat(TestHost.isDropped(inside(other), "172.17.0.2", 80)).isTrue();
        // By the host, also where they pretend that it is their neighbour's way.
        TestHost.run(inside(other), "ip", "route", "add", "172.17.0.2", "via", "172.17.0.1");
        assertThat(TestHost.isDropped(inside(other), "172.17.0.2", 80)).isTrue();
        TestHost.run(inside(other), "ip", "route", "del", "172.17.0.2");
        assertThat(TestHost.ask(inside(other), "172.17.0.1", 8080)).startsWith("web");
        assertThat(TestHost.ask(inside(web), "172.17.0.1", 8080)).as("itself").startsWith("web");
        assertThat(TestHost.ask(host.namespace, "127.0.0.1", 8080)).startsWith("web");
        assertThat(TestHost.ask(host.namespace, "172.17.0.2", 80)).startsWith("web");
    }

    @Test
    void withoutMasqueradeTheWorldSeesTheContainersAddress() throws IOException {
        options.masquerade = false;
        Endpoint web = connect(open(), ON_8080);
        opened.add(TestHost.serve(host.outside, "outside", "0.0.0.0", 7000));
        assertThat(TestHost.ask(inside(web), TestHost.OUTSIDE_ADDRESS, 7000))
                .isEqualTo("outside to 172.17.0.2");
        assertThat(TestHost.ask(host.namespace, "127.0.0.1", 8080)).startsWith("web");
    }

    @Test
    void publishedPortsAreReachedDirectly() throws IOException {
        options.directRouting = true;
        Endpoint web = connect(open(), ON_8080);
        opened.add(TestHost.serve(inside(web), "secret", "0.0.0.0", 81));
        assertThat(TestHost.ask(host.outside, "172.17.0.2", 80))
                .isEqualTo("web to " + TestHost.OUTSIDE_ADDRESS);
        assertThat(TestHost.isDropped(host.outside, "172.17.0.2", 81)).isTrue();
    }

    @Test
    void forwardingIsLeftAlone() throws IOException {
        options.forwarding = Forwarding.LEFT_ALONE;
        open();
        assertThat(host.run("cat", "/proc/sys/net/ipv4/ip_forward")).isEqualTo("0\n");
    }

    @Test
    void forwardingIsOpen() throws IOException {
        options.forwarding = Forwarding.OPEN;
        open();
        assertThat(host.run("cat", "/proc/sys/net/ipv4/ip_forward")).isEqualTo("1\n");
        assertThat(host.ruleset()).doesNotContain("docker0");
    }

    @Test
    void containersGetAPartOfTheSubnet() throws IOException {
        options.bridgeAddress = Optional.of(Subnet.parse("192.168.5.1/24"));
        options.bridgeRange = Optional.of(Subnet.parse("192.168.5.64/29"));
        options.bridgeGateway = Optional.of(Subnet.parseAddress("192.168.5.65"));
        Networks networks = open();
        assertThat(connect(networks).address().getHostAddress()).isEqualTo("192.168.5.64");
        Endpoint second = connect(networks);
        assertThat(second.address().getHostAddress()).isEqualTo("192.168.5.66");
        assertThat(TestHost.run(inside(second), "ip", "route"))
                .contains("default via 192.168.5.65");
    }

    @Test
    void partAloneIsTheSubnet() throws IOException {
        options.bridgeRange = Optional.of(Subnet.parse("192.168.6.0/25"));
        assertThat(open().bridgeSubnet()).hasToString("192.168.6.1/25");
    }

    @Test
    void contradictionsAreRefused() {
        options.bridgeAddress = Optional.of(Subnet.parse("192.168.5.1/24"));
        options.bridgeGateway = Optional.of(Subnet.parseAddress("192.168.6.1"));
        assertThatThrownBy(() -> host.open(options.done()))
                .isInstanceOf(InvalidParameter.class)
                .hasMessageContaining("192.168.6.1");
        options.bridgeGateway = Optional.empty();
        options.bridgeRange = Optional.of(Subnet.parse("192.168.6.0/25"));
        assertThatThrownBy(() -> host.open(options.done()))
                .isInstanceOf(InvalidParameter.class)
                .hasMessageContaining("192.168.6.0/25");
        opened.add(() -> host.run("nft", "flush", "ruleset"));
    }

    @Test
    void portsArePublishedOnTheAddressOfTheOptions() throws IOException {
        options.bindAddress = Subnet.parseAddress("127.0.0.1");
        Endpoint web = connect(open(), ON_8080);
        assertThat(web.ports()).hasSize(2);
        assertThat(TestHost.ask(host.namespace, "127.0.0.1", 8080)).startsWith("web");
        assertThat(TestHost.ask(host.namespace, TestHost.ADDRESS, 8080))
                .isEqualTo("ConnectException");
    }

    @Test
    void subnetIsTheFirstOfThePoolsThatTheHostDoesNotUse() throws IOException {
        options.pools = List.of(new SubnetPool(Subnet.parse("10.200.0.0/16"), 24));
        assertThat(open().bridgeSubnet()).hasToString("10.200.1.1/24");
    }

    @Test
    void addressesThatTheHostHasElsewhereAreNotHandedOut() throws IOException {
        host.run("ip", "addr", "add", "192.168.5.2/32", "dev", "uplink");
        host.run("ip", "route", "add", "192.168.5.4/31", "via", TestHost.OUTSIDE_ADDRESS);
        options.bridgeAddress = Optional.of(Subnet.parse("192.168.5.1/29"));
        Networks networks = open();
        assertThat(connect(networks).address().getHostAddress()).isEqualTo("192.168.5.3");
        assertThat(connect(networks).address().getHostAddress()).isEqualTo("192.168.5.6");
    }

    @Test
    void bridgeOfSomebodyElseIsUsedAndStays() throws IOException {
        options.existingBridge = Optional.of("br-own");
        assertThatThrownBy(() -> host.open(options.done()))
                .isInstanceOf(Unavailable.class)
                .hasMessage("bridge device with non default name br-own must be created manually");
        host.run("ip", "link", "add", "br-own", "type", "bridge");
        host.run("ip", "addr", "add", "192.168.7.9/24", "dev", "br-own");
        Networks networks = host.open(options.done());
        Endpoint web = connect(networks, ON_8080);
        assertThat(web.gateway().getHostAddress()).isEqualTo("192.168.7.9");
        assertThat(TestHost.ask(host.namespace, "127.0.0.1", 8080)).startsWith("web");
        networks.disconnect(web);
        networks.destroy();
        opened.clear();
        assertThat(host.run("ip", "-br", "addr", "show", "br-own")).contains("192.168.7.9/24");
    }

    @Test
    void searchesGoOnAfterARestart() throws IOException {
        Networks first = host.open(options.done());
        var any = new PortBinding("", "");
        Endpoint one = connect(first, any);
        assertThat(one.ports().getFirst().hostPort()).isEqualTo(32768);
        opened.forEach(this::closeNow);
        opened.clear();
        first.disconnect(one);
        first.close();
        Networks second = open();
        second.restore(List.of(), List.of());
        Endpoint two = connect(second, any);
        assertThat(two.address().getHostAddress()).isEqualTo("172.17.0.3");
        assertThat(two.ports().getFirst().hostPort()).isEqualTo(32769);
    }

    /// As Docker has it, before our daemon comes or after.
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void packetsPassTheFirewallOfAnotherEngine(boolean later) throws Exception {
        String docker =
                "nft 'add table ip filter;"
                        + " add chain ip filter DOCKER-USER;"
                        + " add rule ip filter DOCKER-USER ip daddr 10.200.0.2 tcp dport 7001 drop;"
                        + " add rule ip filter DOCKER-USER counter return;"
                        + " add chain ip filter FORWARD { type filter hook forward priority 0;"
                        + " policy drop; };"
                        + " add rule ip filter FORWARD jump DOCKER-USER'";
        if (!later) {
            host.run("sh", "-c", docker);
        }
        Networks networks = host.open(options.done());
        if (later) {
            host.run("sh", "-c", docker);
        }
        Endpoint web = connect(networks, ON_8080);
        awaitRules("DOCKER-USER", "accept comment \"" + options.done().instance().table() + "\"");
        opened.add(TestHost.serve(host.outside, "outside", "0.0.0.0", 7000));
        opened.add(TestHost.serve(host.outside, "forbidden", "0.0.0.0", 7001));
        assertThat(TestHost.ask(inside(web), TestHost.OUTSIDE_ADDRESS, 7000)).startsWith("outside");
        assertThat(TestHost.ask(host.outside, TestHost.ADDRESS, 8080)).startsWith("web");
        assertThat(TestHost.isDropped(inside(web), TestHost.OUTSIDE_ADDRESS, 7001))
                .as("a user's own rule holds")
                .isTrue();
        assertThat(TestHost.isDropped(host.outside, "172.17.0.2", 80))
                .as("what is not published stays closed")
                .isTrue();
        // The other engine is restarted.
        host.run("sh", "-c", "nft flush chain ip filter DOCKER-USER");
        awaitRules("DOCKER-USER", "accept comment");
        for (AutoCloseable one : opened.reversed()) {
            one.close();
        }
        opened.clear();
        networks.destroy();
        assertThat(host.run("nft", "list", "chain", "ip", "filter", "DOCKER-USER"))
                .doesNotContain("accept");
    }

    private void awaitRules(String chain, String content) throws IOException {
        try (var never = Eventfd.create()) {
            long deadline = System.nanoTime() + 10_000_000_000L;
            String rules = "";
            while (!rules.contains(content) && System.nanoTime() < deadline) {
                Poll.await(never.fd(), Poll.IN, Duration.ofMillis(20));
                rules = host.run("nft", "list", "chain", "ip", "filter", chain);
            }
            assertThat(rules).contains(content);
        }
    }

    private void closeNow(AutoCloseable one) {
        try {
            one.close();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
