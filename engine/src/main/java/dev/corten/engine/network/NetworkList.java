package dev.corten.engine.network;

import dev.corten.engine.container.Containers;
import dev.corten.engine.container.view.ContainerView;
import dev.corten.engine.sandbox.Sandboxes;
import dev.corten.model.ContainerId;
import dev.corten.model.NotFound;
import dev.corten.model.container.EndpointState;
import dev.corten.network.NetworkOptions;
import dev.corten.network.Networks;
import dev.corten.network.address.IpText;
import dev.corten.network.address.Subnet;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// The networks that exist: `bridge`, `host` and `none`.
public final class NetworkList {
    private final Networks networks;
    private final Containers containers;
    private final Instant created;

    /// @param created shown as the networks' age
    public NetworkList(Networks networks, Containers containers, Instant created) {
        this.networks = networks;
        this.containers = containers;
        this.created = created;
    }

    /// In the order of their names.
    public List<NetworkView> list() {
        return List.of(bridge(), plain("host", "host"), plain("none", "null"));
    }

    /// @param reference a name, an ID or the beginning of one
    /// @throws NotFound if there is none
    public NetworkView inspect(String reference) {
        return list().stream()
                .filter(network ->
                        network.name().equals(reference)
                                || (!reference.isEmpty() && network.id().startsWith(reference)))
                .findFirst()
                .orElseThrow(() -> new NotFound("network " + reference + " not found"));
    }

    private NetworkView bridge() {
        var options = new TreeMap<String, String>();
        options.put("com.docker.network.bridge.default_bridge", "true");
        NetworkOptions given = networks.options();
        options.put(
                "com.docker.network.bridge.enable_icc",
                Boolean.toString(given.bridge().containersMeet()));
        options.put(
                "com.docker.network.bridge.enable_ip_masquerade",
                Boolean.toString(given.masquerade()));
        options.put("com.docker.network.bridge.host_binding_ipv4", IpText.of(given.bindAddress()));
        options.put("com.docker.network.bridge.name", networks.bridge());
        options.put("com.docker.network.driver.mtu", Integer.toString(given.bridge().mtu()));
        var subnet = networks.bridgeSubnet();
        return new NetworkView(
                Sandboxes.networkId(Sandboxes.BRIDGE),
                Sandboxes.BRIDGE,
                created,
                "bridge",
                Optional.of(network(subnet)),
                given.bridge().range().map(NetworkList::network),
                // As Docker: one that nobody has named is not shown beside a range.
                given.bridge().range().isPresent() && given.bridge().address().isEmpty()
                        ? Optional.empty()
                        : Optional.of(IpText.of(subnet.address())),
                options,
                members(Sandboxes.BRIDGE));
    }

    private static String network(Subnet subnet) {
        return new Subnet(subnet.network(), subnet.prefixLength()).toString();
    }

    private NetworkView plain(String name, String driver) {
        return new NetworkView(
                Sandboxes.networkId(name),
                name,
                created,
                driver,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                new TreeMap<>(),
                members(name));
    }

    private SortedMap<ContainerId, NetworkView.Member> members(String name) {
        var members = new TreeMap<ContainerId, NetworkView.Member>();
        for (ContainerView container : containers.list()) {
            EndpointState state = container.networks().get(name);
            if (container.running() && state != null) {
                members.put(container.id(), new NetworkView.Member(container.name(), state));
            }
        }
        return members;
    }
}
