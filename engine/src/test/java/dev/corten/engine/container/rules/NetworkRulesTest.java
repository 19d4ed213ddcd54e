package dev.corten.engine.container.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corten.model.InvalidParameter;
import dev.corten.model.container.ContainerConfig;
import dev.corten.model.container.EndpointConfig;
import dev.corten.model.container.HostConfig;
import dev.corten.model.container.MountPoint;
import dev.corten.model.container.PortBinding;
import dev.corten.network.address.Subnet;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/// Answers that Docker 28.5.2 gave to the same requests.
class NetworkRulesTest {
    private static final String INVALID_BRIDGE =
            "invalid config for network bridge: invalid endpoint settings:\n";

    private final NetworkRules rules = new NetworkRules(Optional.of(Subnet.parse("10.228.0.1/24")));

    private Map<String, EndpointConfig> endpoints(
            Consumer<ContainerConfig.Editor> config,
            Consumer<HostConfig.Editor> host,
            Map<String, EndpointConfig> asked) {
        var c = ContainerConfig.DEFAULT.edit();
        config.accept(c);
        var h = HostConfig.DEFAULT.edit();
        h.networkMode = "";
        host.accept(h);
        HostConfig requested = h.done();
        HostConfig.Editor filled = requested.edit();
        NetworkRules.apply(c.done(), requested, filled, new ArrayList<>());
        return rules.endpoints(
                new CreateRequest(
                        Optional.empty(),
                        Optional.empty(),
                        c.done(),
                        requested,
                        asked,
                        MountPoint.ReadOnly.ALL),
                filled.networkMode);
    }

    private void refuses(
            Consumer<ContainerConfig.Editor> config,
            Consumer<HostConfig.Editor> host,
            Map<String, EndpointConfig> asked,
            String message) {
        assertThatThrownBy(() -> endpoints(config, host, asked))
                .isInstanceOf(InvalidParameter.class)
                .hasMessage(message);
    }

    private static EndpointConfig address(String four, String six) {
        return new EndpointConfig(
                Map.of("IPv4Address", four, "IPv6Address", six), null, null, "", null, 0);
    }

    private static EndpointConfig mac(String address) {
        return new EndpointConfig(null, null, null, address, null, 0);
    }

    private static EndpointConfig driver(String key, String value) {
        return new EndpointConfig(null, null, null, "", Map.of(key, value), 0);
    }

    @Test
    void connectionsAreThoseOfTheRequestOrTheModes() {
        assertThat(endpoints(c -> {}, h -> {}, Map.of())).containsOnlyKeys("bridge");
        assertThat(endpoints(c -> {}, h -> h.networkMode = "nonet", Map.of()))
                .containsOnlyKeys("nonet");
        assertThat(endpoints(c -> {}, h -> {}, Map.of("nonet", EndpointConfig.EMPTY)))
                .containsOnlyKeys("nonet");
        assertThat(endpoints(c -> {}, h -> {}, Map.of("default", EndpointConfig.EMPTY)))
                .containsOnlyKeys("bridge");
        assertThat(
                        endpoints(
                                c -> {},
                                h -> h.networkMode = "bridge",
                                Map.of("default", EndpointConfig.EMPTY)))
                .containsOnlyKeys("default");
        assertThat(endpoints(c -> c.networkDisabled = true, h -> {}, Map.of())).isEmpty();
        assertThat(endpoints(c -> {}, h -> h.networkMode = "container:x", Map.of())).isEmpty();
    }

    @Test
    void addressesAreForOtherNetworks() {
        String only = "user specified IP address is supported on user defined networks only";
        String subnets =
                "user specified IP address is supported only when connecting to networks with user"
                        + " configured subnets";
        String range = "no configured subnet or ip-range contain the IP address ";
        refuses(
                c -> {},
                h -> {},
                Map.of("default", address("10.228.0.77", "")),
                INVALID_BRIDGE + only);
        refuses(
                c -> {},
                h -> {},
                Map.of("bridge", address("x", "")),
                INVALID_BRIDGE + ("* " + only + "\n* invalid IPv4 address: x\n* " + range + "x"));
        refuses(
                c -> {},
                h -> {},
                Map.of("bridge", address("10.9.9.9", "x")),
                INVALID_BRIDGE
                        + ("* " + only + "\n* invalid IPv6 address: x\n* ")
                        + (range + "10.9.9.9\n* " + subnets));
        refuses(
                c -> {},
                h -> h.networkMode = "host",
                Map.of("host", address("10.228.0.77", "")),
                "invalid config for network host: invalid endpoint settings:\n* "
                        + (only + "\n* " + subnets));
        refuses(
                c -> {},
                h -> {},
                Map.of("nonet", address("x", "")),
                "invalid config for network nonet: invalid endpoint settings:\n"
                        + "invalid IPv4 address: x");
    }

    @Test
    void aliasesAndParametersOfInterfaces() {
        refuses(
                c -> {},
                h -> {},
                Map.of("bridge", new EndpointConfig(null, null, List.of("a"), "", null, 0)),
                INVALID_BRIDGE
                        + "network-scoped alias is supported only for containers in user defined"
                        + " networks");
        for (String wrong : List.of("x", "net.ipv4.ip_forward=1", "net.ipv4.conf.eth0.x=1")) {
            refuses(
                    c -> {},
                    h -> {},
                    Map.of("bridge", driver("com.docker.network.endpoint.sysctls", wrong)),
                    INVALID_BRIDGE
                            + ("unrecognised network interface sysctl '" + wrong + "'; represent")
                            + " 'net.X.Y.ethN.Z=V' as 'net.X.Y.IFNAME.Z=V', 'X' must be 'ipv4',"
                            + " 'ipv6' or 'mpls'");
        }
        String right = "net.ipv4.conf.IFNAME.log_martians=1,net.ipv6.neigh.IFNAME.x=a=b";
        assertThat(
                        endpoints(
                                c -> {},
                                h -> {},
                                Map.of(
                                        "bridge",
                                        driver("com.docker.network.endpoint.sysctls", right))))
                .hasSize(1);
    }

    @Test
    void ethernetAddresses() {
        for (String form : List.of("02:42:ac:11:00:08", "02-42-AC-11-00-08", "0242.ac11.0008")) {
            assertThat(endpoints(c -> c.macAddress = form, h -> {}, Map.of()))
                    .containsEntry("bridge", mac(form));
        }
        String wrong = "invalid config for network bridge: invalid MAC address x";
        refuses(c -> c.macAddress = "x", h -> {}, Map.of(), wrong);
        refuses(c -> {}, h -> {}, Map.of("bridge", mac("x")), wrong);
        refuses(
                c -> c.macAddress = "02:42:ac:11:00:08",
                h -> {},
                Map.of("bridge", mac("02:42:ac:11:00:09")),
                "the container-wide MAC address must match the endpoint-specific MAC address for"
                        + " the main network, or be left empty");
        assertThat(
                        endpoints(
                                c -> c.macAddress = "02:42:ac:11:00:08",
                                h -> h.networkMode = "host",
                                Map.of()))
                .containsEntry("host", EndpointConfig.EMPTY);
    }

    @Test
    void whoSharesANetworkCannotChangeIt() {
        Consumer<HostConfig.Editor> shared = h -> h.networkMode = "container:x";
        String conflict = "conflicting options: ";
        refuses(
                c -> c.hostname = "h",
                shared,
                Map.of(),
                conflict + "hostname and the network mode");
        refuses(
                c -> {},
                shared.andThen(h -> h.dns = List.of("1.1.1.1")),
                Map.of(),
                conflict + "dns and the network mode");
        refuses(
                c -> {},
                shared.andThen(h -> h.extraHosts = List.of("a:1.1.1.1")),
                Map.of(),
                conflict + "custom host-to-IP mapping and the network mode");
        String ports = conflict + "port publishing and the container type network mode";
        refuses(c -> {}, shared.andThen(h -> h.publishAllPorts = true), Map.of(), ports);
        refuses(
                c -> {},
                shared.andThen(
                        h -> h.portBindings = Map.of("80/tcp", List.of(new PortBinding("", "80")))),
                Map.of(),
                ports);
        refuses(
                c -> c.exposedPorts = new TreeSet<>(List.of("80/tcp")),
                shared,
                Map.of(),
                conflict + "port exposing and the container type network mode");
        for (String mode : List.of("container", "container:")) {
            refuses(
                    c -> {},
                    h -> h.networkMode = mode,
                    Map.of(),
                    "invalid network mode: invalid container format container:<name|id>");
        }
    }

    @Test
    void portsAndNamesOfHosts() {
        refuses(
                c -> {},
                h -> h.portBindings = Map.of("80/tcp", List.of(new PortBinding("", "70000"))),
                Map.of(),
                "invalid port specification: \"70000\"");
        refuses(
                c -> {},
                h -> h.extraHosts = List.of("a=1.1.1.1"),
                Map.of(),
                "bad format for add-host: \"a=1.1.1.1\"");
    }
}
