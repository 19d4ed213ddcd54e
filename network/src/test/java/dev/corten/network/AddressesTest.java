package dev.corten.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corten.model.InvalidParameter;
import dev.corten.model.NotImplemented;
import dev.corten.model.Unavailable;
import dev.corten.model.container.PortBinding;
import dev.corten.network.address.AddressPool;
import dev.corten.network.address.IpText;
import dev.corten.network.address.Subnet;
import dev.corten.network.address.SubnetPool;
import dev.corten.network.port.ContainerPort;
import dev.corten.network.port.PortRange;
import dev.corten.network.port.PublishRequest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Subnets, the address pool, port specifications, names of instances.
class AddressesTest {
    private static AddressPool pool(String subnet) {
        var pool = new AddressPool(Subnet.parse(subnet));
        pool.reserve(Subnet.parse(subnet).address());
        return pool;
    }

    private static String next(AddressPool pool) {
        return pool.allocate().getHostAddress();
    }

    @Test
    void poolNeverGivesNetworkBroadcastOrGateway() {
        AddressPool pool = pool("10.0.0.1/29");
        var all = new ArrayList<String>();
        for (int i = 0; i < 5; i++) {
            all.add(next(pool));
        }
        assertThat(all).containsExactly("10.0.0.2", "10.0.0.3", "10.0.0.4", "10.0.0.5", "10.0.0.6");
        assertThatThrownBy(pool::allocate).isInstanceOf(Unavailable.class);
    }

    @Test
    void poolReusesAReleasedAddressOnlyAfterAllOthers() {
        AddressPool pool = pool("10.0.0.1/29");
        assertThat(next(pool)).isEqualTo("10.0.0.2");
        pool.release(Subnet.parseAddress("10.0.0.2"));
        assertThat(next(pool)).isEqualTo("10.0.0.3");
        assertThat(List.of(next(pool), next(pool), next(pool)))
                .containsExactly("10.0.0.4", "10.0.0.5", "10.0.0.6");
        assertThat(next(pool)).isEqualTo("10.0.0.2");
    }

    @Test
    void poolGoesOnBehindWhatIsRestored() {
        AddressPool pool = pool("172.17.0.1/16");
        var restored = Subnet.parseAddress("172.17.0.9");
        assertThat(pool.reserve(restored)).isTrue();
        assertThat(pool.reserve(restored)).isFalse();
        pool.continueAfter(restored);
        assertThat(next(pool)).isEqualTo("172.17.0.10");
    }

    @Test
    void subnets() {
        Subnet subnet = Subnet.parse("172.17.5.9/16");
        assertThat(subnet.network().getHostAddress()).isEqualTo("172.17.0.0");
        assertThat(subnet.at(258).getHostAddress()).isEqualTo("172.17.1.2");
        assertThat(subnet.offset(Subnet.parseAddress("172.17.1.2"))).isEqualTo(258);
        assertThat(subnet.contains(Subnet.parseAddress("172.18.0.1"))).isFalse();
        assertThat(subnet.overlaps(Subnet.parse("172.16.0.0/12"))).isTrue();
        assertThat(Subnet.parse("fd00::1/64").at(2).getHostAddress())
                .isEqualTo("fd00:0:0:0:0:0:0:2");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "172.17.0.1", "172.17.0.1/", "172.17.0.1/33", "1.2.3/8", "/8"})
    void badSubnetsAreRefused(String text) {
        assertThatThrownBy(() -> Subnet.parse(text))
                .isInstanceOf(InvalidParameter.class)
                .hasMessage("invalid CIDR address: " + text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "80x", "-1", "65536", "9-8", "8000-", "1-2-3", " 80", "0-5"})
    void badPortsAreRefusedInDockersWords(String text) {
        assertThatThrownBy(() -> PortRange.parse(text))
                .isInstanceOf(InvalidParameter.class)
                .hasMessage("invalid port specification: \"" + text + "\"");
        if (!text.contains("-")) {
            assertThatThrownBy(() -> ContainerPort.parse(text + "/tcp"))
                    .isInstanceOf(InvalidParameter.class)
                    .hasMessage("invalid port specification: \"" + text + "\"");
        }
    }

    @Test
    void whatCannotBePublishedIsRefused() {
        assertThatThrownBy(() -> ContainerPort.parse("80/sctp")).isInstanceOf(NotImplemented.class);
        assertThatThrownBy(() -> ContainerPort.parse("80/icmp"))
                .isInstanceOf(InvalidParameter.class);
        assertThatThrownBy(() ->
                        PublishRequest.parse(
                                Map.of("80", List.of(new PortBinding("300.1.1.1", "")))))
                .hasMessage("invalid IP address: 300.1.1.1");
    }

    @Test
    void addressesAreWrittenAsGoDoes() {
        for (String text :
                List.of(
                        "0.0.0.0",
                        "::",
                        "::1",
                        "fd00::1",
                        "1::",
                        "1:0:0:2::3",
                        "2001:db8:0:1:1:1:1:1",
                        "1:2:3:4:5:6:7:8",
                        "::ffff:0:0:1")) {
            assertThat(IpText.of(Subnet.parseAddress(text))).isEqualTo(text);
        }
        assertThat(IpText.of(Subnet.parseAddress("FD00:0:0:1:0:0:0:A"))).isEqualTo("fd00:0:0:1::a");
        assertThat(IpText.of(Subnet.parseAddress("::"), 80)).isEqualTo("[::]:80");
        assertThat(IpText.of(Subnet.ANY, 80)).isEqualTo("0.0.0.0:80");
    }

    @Test
    void poolsAreDockers() {
        List<String> subnets =
                SubnetPool.DEFAULTS.stream()
                        .flatMap(SubnetPool::subnets)
                        .map(Subnet::toString)
                        .toList();
        assertThat(subnets)
                .hasSize(31)
                .startsWith("172.17.0.0/16", "172.18.0.0/16", "172.19.0.0/16", "172.20.0.0/16")
                .contains("172.31.0.0/16", "192.168.16.0/20")
                .endsWith("192.168.240.0/20");
        assertThatThrownBy(() -> new SubnetPool(Subnet.parse("10.0.0.0/24"), 16))
                .isInstanceOf(InvalidParameter.class);
        var own = new SubnetPool(Subnet.parse("10.228.0.0/16"), 24);
        assertThat(own.subnets().map(Subnet::toString))
                .startsWith("10.228.0.0/24", "10.228.1.0/24")
                .hasSize(256);
    }

    @Test
    void instancesHaveNamesOfTheirOwn() {
        assertThat(Instance.of(Path.of("/var/lib/corten/"))).isEqualTo(Instance.DEFAULT);
        assertThat(Instance.DEFAULT.bridge()).isEqualTo("corten0");
        assertThat(Instance.DEFAULT.table()).isEqualTo("corten");
        Instance other = Instance.of(Path.of("/srv/engine"));
        assertThat(other.bridge()).matches("corten[0-9a-f]{8}").hasSizeLessThan(16);
        assertThat(other.table()).startsWith("corten-");
        assertThat(Instance.of(Path.of("/srv/other"))).isNotEqualTo(other);
    }
}
