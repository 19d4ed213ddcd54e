package dev.corten.engine.sandbox;

import dev.corten.kernel.Fd;
import dev.corten.model.Digest;
import dev.corten.model.container.EndpointConfig;
import dev.corten.model.container.EndpointState;
import dev.corten.model.container.PortBinding;
import dev.corten.network.Endpoint;
import dev.corten.network.Netns;
import dev.corten.network.address.IpText;
import dev.corten.network.port.PublishedPort;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// The network side of a container that runs: an object of its own, as a container owns one or
/// joins another's. Immutable.
public final class Sandbox {
    /// What kind of network a sandbox has.
    sealed interface Network {
        /// On the default bridge.
        record Bridged(Endpoint endpoint) implements Network {}

        /// A namespace with `lo` only.
        record Isolated(Netns netns) implements Network {}

        /// The host's.
        record Host() implements Network {}

        /// Another sandbox's.
        ///
        /// @param netns a descriptor of our own, as the owner may end at any time; empty if the
        ///     owner is on the host's network, or had ended before this daemon was started
        record Joined(Sandbox owner, Optional<Fd> netns) implements Network {}
    }

    private final String id;
    private final String mode;
    private final Network network;
    private final EndpointConfig config;
    private final List<String> exposed;

    Sandbox(String id, String mode, Network network, EndpointConfig config, List<String> exposed) {
        this.id = id;
        this.mode = mode;
        this.network = network;
        this.config = config;
        this.exposed = List.copyOf(exposed);
    }

    /// Empty for one that joins another: it is not shown as one of its own.
    public String id() {
        return network instanceof Network.Joined ? "" : id;
    }

    Network network() {
        return network;
    }

    /// The descriptor of the network namespace to join; empty for the host's. It stays the
    /// sandbox's.
    public Optional<Fd> netns() {
        return switch (network) {
            case Network.Bridged b -> Optional.of(b.endpoint().netns().fd());
            case Network.Isolated i -> Optional.of(i.netns().fd());
            case Network.Host _ -> Optional.empty();
            case Network.Joined j -> j.netns();
        };
    }

    /// The namespace's name, for [Networks#reopen]; empty for the host's.
    Optional<String> netnsName() {
        return switch (network) {
            case Network.Bridged b -> Optional.of(b.endpoint().netns().name());
            case Network.Isolated i -> Optional.of(i.netns().name());
            case Network.Host _ -> Optional.empty();
            case Network.Joined j -> j.owner().netnsName();
        };
    }

    /// What clients see of the ID: one that joins another has none.
    public String shownId() {
        return network instanceof Network.Joined ? "" : id;
    }

    /// The path of the network namespace (`SandboxKey`), `""` for the host's and for another
    /// container's.
    public String key() {
        return switch (network) {
            case Network.Bridged b -> b.endpoint().netns().path().toString();
            case Network.Isolated i -> i.netns().path().toString();
            case Network.Host _ -> "";
            case Network.Joined _ -> "";
        };
    }

    /// The address on the bridge.
    public Optional<InetAddress> address() {
        return switch (network) {
            case Network.Bridged b -> Optional.of(b.endpoint().address());
            case Network.Isolated _, Network.Host _ -> Optional.empty();
            case Network.Joined j -> j.owner().address();
        };
    }

    /// The descriptors that keep the published ports, in the order of the ports.
    public List<Fd> portSockets() {
        return network instanceof Network.Bridged b ? b.endpoint().portSockets() : List.of();
    }

    /// How the container is connected, by name of the network; empty for one that joins another.
    public SortedMap<String, EndpointState> networks() {
        var networks = new TreeMap<String, EndpointState>();
        switch (network) {
            case Network.Bridged b -> {
                Endpoint endpoint = b.endpoint();
                networks.put(
                        mode,
                        new EndpointState(
                                config,
                                Sandboxes.networkId(mode),
                                endpoint.endpoint().endpointId(),
                                endpoint.gateway().getHostAddress(),
                                endpoint.address().getHostAddress(),
                                endpoint.prefixLength(),
                                "",
                                "",
                                0,
                                endpoint.endpoint().mac().toString()));
            }
            case Network.Isolated _ when mode.isEmpty() -> {}
            case Network.Isolated _, Network.Host _ ->
                    networks.put(
                            mode,
                            new EndpointState(
                                    config,
                                    Sandboxes.networkId(mode),
                                    endpointId(),
                                    "",
                                    "",
                                    0,
                                    "",
                                    "",
                                    0,
                                    ""));
            case Network.Joined _ -> {}
        }
        return networks;
    }

    /// There is no endpoint, but clients want to see an ID; the sandbox's own is another.
    private String endpointId() {
        return Digest.of(("endpoint of " + id).getBytes(StandardCharsets.US_ASCII)).hex();
    }

    /// What is bound on the host, by port of the container; exposed ports that are not published
    /// have an empty list.
    public SortedMap<String, List<PortBinding>> ports() {
        var ports = new TreeMap<String, List<PortBinding>>();
        if (network instanceof Network.Bridged b) {
            exposed.forEach(port -> ports.put(port, List.of()));
            for (PublishedPort port : b.endpoint().ports()) {
                String key = port.containerPort() + "/" + port.protocol();
                var bindings = new ArrayList<>(ports.getOrDefault(key, List.of()));
                bindings.add(
                        new PortBinding(
                                IpText.of(port.hostIp()), Integer.toString(port.hostPort())));
                ports.put(key, List.copyOf(bindings));
            }
        }
        return Collections.unmodifiableSortedMap(ports);
    }

    SandboxRecord record() {
        return switch (network) {
            case Network.Bridged b ->
                    new SandboxRecord(
                            SandboxRecord.FORMAT,
                            id,
                            mode,
                            b.endpoint().endpoint().netns(),
                            Optional.of(SandboxRecord.place(b.endpoint().endpoint())));
            case Network.Isolated i ->
                    new SandboxRecord(
                            SandboxRecord.FORMAT, id, mode, i.netns().name(), Optional.empty());
            case Network.Host _, Network.Joined _ ->
                    new SandboxRecord(SandboxRecord.FORMAT, id, mode, "", Optional.empty());
        };
    }
}
