package dev.corten.kernel.netlink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.namespace.Namespaces;
import java.io.IOException;
import java.net.InetAddress;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// In a network namespace of the test; the host's own links are not touched.
class RtnetlinkTest {
    private static final MacAddress MAC = MacAddress.parse("02:42:ac:11:00:02");

    private Fd namespace;
    private Rtnetlink links;

    @BeforeEach
    void open() throws IOException {
        namespace = Namespaces.newNetwork();
        links = Namespaces.inNetwork(namespace, Rtnetlink::open);
    }

    @AfterEach
    void close() {
        links.close();
        namespace.close();
    }

    private static InetAddress ip(String text) {
        return InetAddress.ofLiteral(text);
    }

    @Test
    void newNamespaceHasLoOnly() throws IOException {
        assertThat(links.links()).singleElement().extracting(Link::name).isEqualTo("lo");
        assertThat(links.findLink("lo").orElseThrow().up()).isFalse();
        assertThat(links.findLink("eth0")).isEmpty();
    }

    @Test
    void bridgeWithAddress() throws IOException {
        links.execute(new RtnetlinkBatch().createBridge("br0", MAC, 1400).up("br0"));
        Link bridge = links.findLink("br0").orElseThrow();
        assertThat(bridge.kind()).isEqualTo("bridge");
        assertThat(bridge.up()).isTrue();
        assertThat(bridge.mtu()).isEqualTo(1400);
        assertThat(bridge.mac()).contains(MAC);
        var address = new InterfaceAddress(bridge.index(), ip("172.17.0.1"), 16);
        links.execute(new RtnetlinkBatch().addAddress(address));
        assertThat(links.addresses()).contains(address);
        assertThat(links.routes())
                .contains(
                        new Route(
                                Optional.of(ip("172.17.0.0")),
                                16,
                                Optional.empty(),
                                bridge.index()));
        links.execute(new RtnetlinkBatch().removeAddress(address).delete("br0"));
        assertThat(links.findLink("br0")).isEmpty();
    }

    @Test
    void vethWithItsPeerInAnotherNamespace() throws IOException {
        links.execute(new RtnetlinkBatch().createBridge("br0", MAC, 1500).up("br0"));
        int bridge = links.findLink("br0").orElseThrow().index();
        try (Fd other = Namespaces.newNetwork();
                Rtnetlink there = Namespaces.inNetwork(other, Rtnetlink::open)) {
            links.execute(
                    new RtnetlinkBatch()
                            .createVeth(
                                    "veth0", bridge, 1500, "eth0", MAC, Optional.of(other.number()))
                            .hairpin("veth0", true));
            there.execute(new RtnetlinkBatch().up("eth0"));
            Link outer = links.findLink("veth0").orElseThrow();
            assertThat(outer.master()).isEqualTo(bridge);
            assertThat(outer.up()).isTrue();
            Link eth0 = there.findLink("eth0").orElseThrow();
            assertThat(eth0.mac()).contains(MAC);
            assertThat(eth0.up()).isTrue();
            assertThat(
                            Namespaces.inNetwork(
                                    namespace,
                                    () ->
                                            new ProcessBuilder(
                                                            "bridge", "-d", "link", "show", "dev",
                                                            "veth0")
                                                    .start()
                                                    .inputReader()
                                                    .readAllAsString()))
                    .contains("hairpin on");
            var address = new InterfaceAddress(eth0.index(), ip("172.17.0.2"), 16);
            var route = new Route(Optional.empty(), 0, Optional.of(ip("172.17.0.1")), eth0.index());
            MacAddress changed = MacAddress.random(new Random(1));
            there.execute(
                    new RtnetlinkBatch().addAddress(address).mac("eth0", changed).addRoute(route));
            assertThat(there.routes()).contains(route);
            assertThat(there.findLink("eth0").orElseThrow().mac()).contains(changed);
            there.execute(new RtnetlinkBatch().removeRoute(route));
            assertThat(there.routes()).doesNotContain(route);
        }
    }

    @Test
    void moveRenameAndNeighbours() throws IOException {
        try (Fd other = Namespaces.newNetwork();
                Rtnetlink there = Namespaces.inNetwork(other, Rtnetlink::open)) {
            links.execute(
                    new RtnetlinkBatch()
                            .createVeth("veth0", 0, 1500, "veth1", MAC, Optional.empty())
                            .moveTo("veth0", other.number()));
            assertThat(links.findLink("veth0")).isEmpty();
            Link moved = there.findLink("veth0").orElseThrow();
            there.execute(
                    new RtnetlinkBatch()
                            .down("veth0")
                            .rename(moved.index(), "eth7")
                            .mtu("eth7", 1300)
                            .up("eth7"));
            assertThat(there.findLink("eth7").orElseThrow().mtu()).isEqualTo(1300);
            there.execute(new RtnetlinkBatch().addNeighbour(moved.index(), ip("10.0.0.9"), MAC));
            assertThat(there.neighbours())
                    .contains(new Neighbour(moved.index(), ip("10.0.0.9"), Optional.of(MAC), true));
            there.execute(new RtnetlinkBatch().removeNeighbour(moved.index(), ip("10.0.0.9")));
            assertThat(there.neighbours()).isEmpty();
            there.execute(new RtnetlinkBatch().down("eth7"));
            assertThat(there.findLink("eth7").orElseThrow().up()).isFalse();
        }
    }

    @Test
    void refusalCarriesTheKernelsExplanation() {
        assertThatThrownBy(() ->
                        links.execute(
                                new RtnetlinkBatch()
                                        .addRoute(
                                                new Route(
                                                        Optional.empty(),
                                                        0,
                                                        Optional.of(ip("10.9.9.9")),
                                                        0))))
                .isInstanceOf(Errno.class)
                .hasMessageContaining("add route default (Nexthop has invalid gateway)")
                .hasMessageEndingWith("ENETUNREACH");
    }

    @Test
    void batchGoesOnBehindARefusedChange() throws IOException {
        assertThatThrownBy(() -> links.execute(new RtnetlinkBatch().delete("nope").up("lo")))
                .isInstanceOf(Errno.class)
                .hasMessageContaining("delete link nope")
                .hasMessageEndingWith("ENODEV");
        assertThat(links.findLink("lo").orElseThrow().up()).isTrue();
    }

    @Test
    void largeBatchAndDump() throws IOException {
        var many = new RtnetlinkBatch();
        for (int i = 0; i < 100; i++) {
            many.createBridge("br" + i, MAC, 1500);
        }
        links.execute(many);
        assertThat(links.links()).hasSize(101);
    }
}
