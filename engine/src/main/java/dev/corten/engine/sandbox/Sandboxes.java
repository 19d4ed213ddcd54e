package dev.corten.engine.sandbox;

import dev.corten.engine.event.Events;
import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.netlink.MacAddress;
import dev.corten.model.ContainerId;
import dev.corten.model.Digest;
import dev.corten.model.InvalidParameter;
import dev.corten.model.NotFound;
import dev.corten.model.Unavailable;
import dev.corten.model.container.EndpointConfig;
import dev.corten.model.container.EndpointState;
import dev.corten.model.container.HostConfig;
import dev.corten.model.container.PortBinding;
import dev.corten.network.Endpoint;
import dev.corten.network.EndpointRequest;
import dev.corten.network.InterfaceOptions;
import dev.corten.network.Netns;
import dev.corten.network.NetworkOptions;
import dev.corten.network.Networks;
import dev.corten.network.SavedEndpoint;
import dev.corten.network.port.PublishRequest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// Makes and releases sandboxes. Thread-safe; holds no lock of its own.
public final class Sandboxes {
    /// The name of the default network.
    public static final String BRIDGE = "bridge";

    public static final String HOST = "host";
    private static final String NONE = "none";

    /// The mode of a container with `NetworkDisabled`, which no name of a network is.
    private static final String DISABLED = "";

    private final Networks networks;
    private final Events events;

    public Sandboxes(Networks networks, Events events) {
        this.networks = networks;
        this.events = events;
    }

    /// The ID of a predefined network: made from its name, so that it stays the same.
    public static String networkId(String name) {
        return Digest.of(("corten network " + name).getBytes(StandardCharsets.UTF_8)).hex();
    }

    /// Whether a network is there without anybody having made it.
    public static boolean isPredefined(String name) {
        return name.equals(BRIDGE) || name.equals(HOST) || name.equals(NONE);
    }

    /// What `host-gateway` stands for: the host's address on the default bridge, unless the
    /// daemon's options name others.
    public List<InetAddress> hostGateways() {
        List<InetAddress> given = networks.options().hostGateways();
        return given.isEmpty() ? List.of(networks.bridgeSubnet().address()) : given;
    }

    /// What containers ask that name no servers themselves.
    public NetworkOptions.DnsDefaults dns() {
        return networks.options().dns();
    }

    /// The host name of a container that asks for none.
    public String defaultHostname(String mode, ContainerId id) {
        if (!mode.equals(HOST)) {
            return id.shortHex();
        }
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "localhost";
        }
    }

    /// The connections of a container before its start.
    public SortedMap<String, EndpointState> planned(
            String mode, Map<String, EndpointConfig> endpoints) {
        var planned = new TreeMap<String, EndpointState>();
        if (!mode.startsWith("container:")) {
            endpoints.forEach((name, config) -> planned.put(name, EndpointState.planned(config)));
        }
        return planned;
    }

    /// What a container asks for.
    ///
    /// @param exposed ports such as `80/tcp`
    public record Request(
            ContainerId container,
            String name,
            HostConfig host,
            Map<String, EndpointConfig> endpoints,
            Collection<String> exposed) {}

    /// Makes the container's own sandbox. If this fails, nothing is left of it.
    ///
    /// @throws NotFound if there is no such network
    /// @throws InvalidParameter if the networks exclude each other
    public Sandbox open(Request request) throws IOException {
        String name = network(request);
        EndpointConfig config = request.endpoints().getOrDefault(name, EndpointConfig.EMPTY);
        String id = ContainerId.random().hex();
        Sandbox.Network network =
                switch (name) {
                    case HOST -> new Sandbox.Network.Host();
                    case NONE, DISABLED -> new Sandbox.Network.Isolated(networks.createIsolated());
                    default -> new Sandbox.Network.Bridged(connect(endpoint(request, config)));
                };
        var sandbox = new Sandbox(id, name, network, config, List.copyOf(request.exposed()));
        publish("connect", name, request.container());
        return sandbox;
    }

    /// The name of the only network, in Docker's order of complaints.
    private static String network(Request request) {
        String mode = request.host().networkMode();
        var names = new ArrayList<>(request.endpoints().keySet());
        if (names.isEmpty()) {
            return DISABLED;
        }
        if (!isPredefined(mode) && !names.contains(mode)) {
            throw new NotFound(
                    "could not find a network matching network mode "
                            + mode
                            + ": network "
                            + mode
                            + " not found");
        }
        for (String name : names) {
            if (!isPredefined(name)) {
                throw new NotFound("network " + name + " not found");
            }
            if (name.equals(HOST) && !mode.equals(HOST)) {
                throw new InvalidParameter(
                        "cannot connect container to host network - container must be created in"
                                + " host network mode");
            }
        }
        if (names.size() > 1) {
            throw new InvalidParameter(
                    "container cannot be connected to multiple networks with one of the networks"
                            + " in private (none) mode");
        }
        return names.getFirst();
    }

    private Endpoint connect(EndpointRequest request) throws IOException {
        try {
            return networks.connect(request);
        } catch (Unavailable e) {
            throw new Unavailable(e.message() + ": " + BRIDGE + " (" + networkId(BRIDGE) + ")", e);
        }
    }

    private static EndpointRequest endpoint(Request request, EndpointConfig config) {
        Map<String, List<PortBinding>> asked = new HashMap<>();
        if (request.host().portBindings() != null) {
            asked.putAll(request.host().portBindings());
        }
        if (request.host().publishAllPorts()) {
            for (String port : request.exposed()) {
                asked.putIfAbsent(port, List.of(new PortBinding("", "")));
            }
        }
        return new EndpointRequest(
                ContainerId.random().hex(),
                request.name(),
                config.macAddress().isEmpty()
                        ? Optional.empty()
                        : Optional.of(MacAddress.parse(config.macAddress())),
                InterfaceOptions.parse(
                        config.driverOpts() == null ? Map.of() : config.driverOpts()),
                PublishRequest.parse(asked));
    }

    /// A sandbox that shares another's network.
    ///
    /// @throws InvalidParameter if the other one has just ended
    public Sandbox join(Sandbox owner, ContainerId ownerContainer) throws IOException {
        return new Sandbox(
                ContainerId.random().hex(),
                "container:" + ownerContainer,
                new Sandbox.Network.Joined(owner, descriptor(owner, ownerContainer)),
                EndpointConfig.EMPTY,
                List.of());
    }

    /// Opened by its name: the owner's descriptor may be closed by now, and its number be another's.
    private Optional<Fd> descriptor(Sandbox owner, ContainerId ownerContainer) throws IOException {
        Optional<String> name = owner.netnsName();
        try {
            return name.isEmpty()
                    ? Optional.empty()
                    : Optional.of(networks.reopen(name.get()).fd());
        } catch (Errno e) {
            throw new InvalidParameter(
                    "cannot join network namespace of a non running container: " + ownerContainer,
                    e);
        }
    }

    /// The sandbox of a container that outlived the daemon and shares another's network, or whose
    /// own record is lost.
    ///
    /// @param owner whose network it shares, if that one still runs
    public Sandbox rejoin(String mode, Optional<Sandbox> owner) {
        return new Sandbox(
                ContainerId.random().hex(),
                mode,
                owner.<Sandbox.Network>map(o -> new Sandbox.Network.Joined(o, Optional.empty()))
                        .orElseGet(Sandbox.Network.Host::new),
                EndpointConfig.EMPTY,
                List.of());
    }

    /// Gives everything back. What takes long goes on in the background.
    public void release(Sandbox sandbox, ContainerId container) {
        switch (sandbox.network()) {
            case Sandbox.Network.Bridged b -> networks.disconnect(b.endpoint());
            case Sandbox.Network.Isolated i -> networks.release(i.netns());
            case Sandbox.Network.Joined j -> j.netns().ifPresent(Fd::close);
            case Sandbox.Network.Host _ -> {}
        }
        if (!(sandbox.network() instanceof Sandbox.Network.Joined)) {
            publish("disconnect", sandbox.record().mode(), container);
        }
    }

    /// What must be on disk before a process uses the sandbox.
    public SandboxRecord record(Sandbox sandbox) {
        return sandbox.record();
    }

    /// A sandbox of a container that outlived the daemon.
    ///
    /// @param portSockets those that its monitor kept
    public record Survivor(
            ContainerId container,
            SandboxRecord record,
            List<Fd> portSockets,
            EndpointConfig config,
            List<String> exposed) {}

    /// Takes over the sandboxes that are in use and removes all others of this engine. Called once,
    /// before the first [#open].
    ///
    /// @return by container; those that join others come after their owners and are made by the
    ///     caller with [#join]
    public Map<ContainerId, Sandbox> restore(Collection<Survivor> survivors) throws IOException {
        var saved = new ArrayList<SavedEndpoint>();
        var isolated = new ArrayList<String>();
        for (Survivor survivor : survivors) {
            SandboxRecord record = survivor.record();
            if (record.endpoint().isPresent()) {
                saved.add(
                        new SavedEndpoint(
                                record.endpointRecord(record.endpoint().get()),
                                survivor.portSockets()));
            } else if (!record.netns().isEmpty()) {
                isolated.add(record.netns());
            }
        }
        Map<String, Endpoint> endpoints = new HashMap<>();
        for (Endpoint endpoint : networks.restore(saved, isolated)) {
            endpoints.put(endpoint.endpoint().endpointId(), endpoint);
        }
        Map<ContainerId, Sandbox> restored = new HashMap<>();
        for (Survivor survivor : survivors) {
            network(survivor, endpoints)
                    .ifPresent(network ->
                            restored.put(
                                    survivor.container(),
                                    new Sandbox(
                                            survivor.record().id(),
                                            survivor.record().mode(),
                                            network,
                                            survivor.config(),
                                            survivor.exposed())));
        }
        return restored;
    }

    private Optional<Sandbox.Network> network(Survivor survivor, Map<String, Endpoint> endpoints)
            throws IOException {
        SandboxRecord record = survivor.record();
        if (record.endpoint().isPresent()) {
            return Optional.ofNullable(endpoints.get(record.endpoint().get().endpointId()))
                    .map(Sandbox.Network.Bridged::new);
        }
        if (!record.netns().isEmpty()) {
            Netns netns = networks.reopen(record.netns());
            return Optional.of(new Sandbox.Network.Isolated(netns));
        }
        return record.mode().equals(HOST)
                ? Optional.of(new Sandbox.Network.Host())
                : Optional.empty();
    }

    private void publish(String action, String name, ContainerId container) {
        if (name.equals(DISABLED)) {
            return;
        }
        events.publish(
                "network",
                action,
                networkId(name),
                Map.of(
                        "container",
                        container.hex(),
                        "name",
                        name,
                        "type",
                        name.equals(NONE) ? "null" : name));
    }
}
