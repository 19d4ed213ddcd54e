package dev.corten.network;

import static java.lang.System.Logger.Level.WARNING;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.namespace.Namespaces;
import dev.corten.kernel.netlink.InterfaceAddress;
import dev.corten.kernel.netlink.MacAddress;
import dev.corten.kernel.netlink.Route;
import dev.corten.kernel.netlink.Rtnetlink;
import dev.corten.kernel.netlink.RtnetlinkBatch;
import dev.corten.model.Internal;
import dev.corten.network.address.AddressPool;
import dev.corten.network.address.Subnet;
import dev.corten.network.port.Cursors;
import dev.corten.network.port.PortTable;
import dev.corten.network.port.PublishGroup;
import dev.corten.network.port.PublishedPort;
import dev.corten.network.relay.Relays;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;

/// The containers on the default bridge: addresses, ports, firewall elements and relays. Everything
/// is called on the network thread.
final class Endpoints implements AutoCloseable {
    private static final System.Logger log = System.getLogger(Endpoints.class.getName());

    private final Rtnetlink host;
    private final Sandboxes sandboxes;
    private final Spares spares;
    private final DefaultBridge bridge;
    private final Optional<Firewall> firewall;
    private final AddressPool addresses;
    private final Cursors cursors;
    private final HostPorts ports;
    private final PublishGroup.Rules publishing;
    private final boolean relaying;
    private final Relays relays = new Relays();
    private final RandomGenerator random = new SecureRandom();

    /// What is relayed, by the endpoint's ID.
    private final Map<String, List<Relays.Relay>> relayed = new HashMap<>();

    /// Endpoints that are to go.
    private final List<Endpoint> stuck = new ArrayList<>();

    Endpoints(
            NetworkOptions options,
            Rtnetlink host,
            Sandboxes sandboxes,
            Spares spares,
            HostSetup setup)
            throws IOException {
        this.host = host;
        this.sandboxes = sandboxes;
        this.spares = spares;
        bridge = setup.bridge();
        firewall = setup.firewall();
        addresses = bridge.pool(options, host);
        cursors = Cursors.open(options.cursors());
        cursors.get(cursorKey()).map(Subnet::parseAddress).ifPresent(addresses::continueAfter);
        ports = new HostPorts(new PortTable(cursors));
        relaying = options.relays();
        publishing = new PublishGroup.Rules(options.bindAddress(), relaying && HostPorts.hasIpv6());
    }

    private String cursorKey() {
        return "address " + bridge.subnet();
    }

    Endpoint connect(EndpointRequest request) throws IOException {
        disconnectStuck();
        InetAddress address = allocate();
        var reserved = new ArrayList<HostPorts.Reserved>();
        Optional<Sandboxes.Wired> sandbox = Optional.empty();
        Optional<EndpointRecord> guarded = Optional.empty();
        try {
            for (PublishGroup group : PublishGroup.of(request.ports(), publishing)) {
                reserved.addAll(reserve(request, group, address));
            }
            sandbox = spares.takeWired();
            if (sandbox.isEmpty()) {
                sandbox = Optional.of(sandboxes.createWired(host, bridge.index()));
            }
            Sandboxes.Wired wired = sandbox.get();
            MacAddress mac = request.mac().orElseGet(() -> MacAddress.random(random));
            configure(wired, address, mac, request.interfaceOptions());
            var record =
                    new EndpointRecord(
                            request.endpointId(),
                            wired.netns().name(),
                            wired.hostLink(),
                            address,
                            mac,
                            reserved.stream().map(HostPorts.Reserved::port).toList());
            if (firewall.isPresent()) {
                firewall.get().add(bridge.name(), record);
                guarded = Optional.of(record);
            }
            Endpoint endpoint =
                    endpoint(
                            record,
                            wired.netns(),
                            reserved.stream().map(HostPorts.Reserved::socket).toList());
            relay(request, endpoint);
            wired.inside().close();
            return endpoint;
        } catch (IOException | RuntimeException e) {
            sandbox.ifPresent(made -> {
                made.inside().close();
                spares.removeSoon(made.netns(), made.hostLink());
            });
            if (guarded.isPresent()) {
                firewall.get().remove(bridge.name(), guarded.get());
            }
            reserved.forEach(ports::giveBack);
            addresses.release(address);
            throw e;
        }
    }

    private InetAddress allocate() {
        InetAddress address = addresses.allocate();
        cursors.set(cursorKey(), address.getHostAddress());
        return address;
    }

    private List<HostPorts.Reserved> reserve(
            EndpointRequest request, PublishGroup group, InetAddress address) throws IOException {
        try {
            return ports.reserve(group, address);
        } catch (Internal e) {
            throw failed(request, e.message(), e);
        }
    }

    private static Internal failed(EndpointRequest request, String why, Exception cause) {
        return new Internal(
                "driver failed programming external connectivity on endpoint "
                        + request.containerName()
                        + " ("
                        + request.endpointId()
                        + "): "
                        + why,
                cause);
    }

    private void configure(
            Sandboxes.Wired sandbox, InetAddress address, MacAddress mac, InterfaceOptions options)
            throws IOException {
        String name = options.name().orElse(Sandboxes.INTERFACE);
        String added = "failed to add interface " + sandbox.hostLink() + " to sandbox: ";
        if (!name.equals(Sandboxes.INTERFACE)) {
            try {
                sandbox.inside()
                        .execute(
                                new RtnetlinkBatch()
                                        .down(Sandboxes.INTERFACE)
                                        .rename(sandbox.eth0(), name)
                                        .up(name));
            } catch (Errno e) {
                throw new Internal(
                        added
                                + "error renaming interface \""
                                + sandbox.hostLink()
                                + "\" to \""
                                + name
                                + "\": "
                                + e.description(),
                        e);
            }
        }
        sandbox.inside()
                .execute(
                        new RtnetlinkBatch()
                                .addAddress(
                                        new InterfaceAddress(
                                                sandbox.eth0(),
                                                address,
                                                bridge.subnet().prefixLength())));
        try {
            // After the address: the change announces both to neighbours.
            sandbox.inside().execute(new RtnetlinkBatch().mac(name, mac));
        } catch (Errno e) {
            throw new Internal(
                    added
                            + "error setting interface \""
                            + sandbox.hostLink()
                            + "\" MAC to \""
                            + mac
                            + "\": "
                            + e.description(),
                    e);
        }
        sandbox.inside()
                .execute(
                        new RtnetlinkBatch()
                                .addRoute(
                                        new Route(
                                                Optional.empty(),
                                                0,
                                                Optional.of(bridge.gateway()),
                                                sandbox.eth0())));
        if (!options.sysctls().isEmpty()) {
            Optional<String> unknown =
                    Namespaces.inNetwork(sandbox.netns().fd(), () -> set(options.sysctlsOf(name)));
            if (unknown.isPresent()) {
                throw new Internal(added + unknown.get() + " is not a sysctl file");
            }
        }
    }

    /// Sets kernel parameters of the calling thread's network namespace; says which is not there.
    private static Optional<String> set(Map<Sysctl, String> sysctls) throws IOException {
        for (Map.Entry<Sysctl, String> one : sysctls.entrySet()) {
            if (!one.getKey().exists()) {
                return Optional.of(one.getKey().path().toString());
            }
            one.getKey().write(one.getValue());
        }
        return Optional.empty();
    }

    private Endpoint endpoint(EndpointRecord record, Netns netns, List<Fd> sockets) {
        return new Endpoint(
                record, netns, bridge.gateway(), bridge.subnet().prefixLength(), sockets);
    }

    private void relay(EndpointRequest request, Endpoint endpoint) throws IOException {
        try {
            relay(endpoint);
        } catch (Errno e) {
            throw failed(request, "error starting relay: " + e.description(), e);
        }
    }

    /// Serves what the firewall does not translate.
    private void relay(Endpoint endpoint) throws IOException {
        List<PublishedPort> published = endpoint.ports();
        if (!relaying || endpoint.portSockets().size() != published.size()) {
            return;
        }
        var begun = new ArrayList<Relays.Relay>();
        try {
            for (int i = 0; i < published.size(); i++) {
                PublishedPort port = published.get(i);
                if (firewall.isEmpty() || !(port.hostIp() instanceof Inet4Address)) {
                    begun.add(
                            relays.begin(
                                    port.protocol().transport(),
                                    endpoint.portSockets().get(i),
                                    new Relays.Target(endpoint.address(), port.containerPort())));
                }
            }
        } catch (IOException e) {
            end(begun);
            throw e;
        }
        if (!begun.isEmpty()) {
            relayed.put(endpoint.endpoint().endpointId(), begun);
        }
    }

    private void end(List<Relays.Relay> relaysOfOne) {
        for (Relays.Relay relay : relaysOfOne) {
            try {
                relays.end(relay);
            } catch (IOException e) {
                log.log(WARNING, "cannot end a relay", e);
            }
        }
    }

    void disconnect(Endpoint endpoint) {
        stuck.add(endpoint);
        disconnectStuck();
    }

    private void disconnectStuck() {
        for (var each = stuck.iterator(); each.hasNext(); ) {
            Endpoint endpoint = each.next();
            try {
                disconnectNow(endpoint);
                each.remove();
            } catch (IOException e) {
                log.log(
                        WARNING,
                        () ->
                                "the firewall keeps endpoint "
                                        + endpoint.endpoint().endpointId()
                                        + ", and with it its address and ports",
                        e);
            }
        }
    }

    private void disconnectNow(Endpoint endpoint) throws IOException {
        EndpointRecord record = endpoint.endpoint();
        // First: whoever got the address or the ports while the elements are still there would have
        // them translated to a stranger, or be refused.
        if (firewall.isPresent()) {
            firewall.get().remove(bridge.name(), record);
        }
        end(Optional.ofNullable(relayed.remove(record.endpointId())).orElse(List.of()));
        endpoint.portSockets().forEach(Fd::close);
        record.ports().forEach(ports::release);
        addresses.release(record.address());
    }

    List<Endpoint> restore(Collection<SavedEndpoint> saved) throws IOException {
        var restored = new ArrayList<Endpoint>();
        for (SavedEndpoint one : saved) {
            EndpointRecord record = one.endpoint();
            try {
                Netns netns = sandboxes.reopen(record.netns());
                addresses.reserve(record.address());
                restored.add(endpoint(record, netns, restorePorts(one)));
            } catch (IOException | IllegalArgumentException e) {
                // The container keeps running; the engine sees that its endpoint is not there.
                one.portSockets().forEach(Fd::close);
                log.log(WARNING, () -> "endpoint " + record.endpointId() + " is lost", e);
            }
        }
        if (firewall.isPresent()) {
            List<EndpointRecord> records = restored.stream().map(Endpoint::endpoint).toList();
            firewall.get().restore(bridge.name(), records);
        }
        for (Endpoint endpoint : restored) {
            try {
                sandboxes.separate(host, endpoint.endpoint().hostLink());
                relay(endpoint);
            } catch (IOException e) {
                log.log(
                        WARNING,
                        () -> "endpoint " + endpoint.endpoint().endpointId() + " is not relayed",
                        e);
            }
        }
        return restored;
    }

    private List<Fd> restorePorts(SavedEndpoint saved) {
        List<PublishedPort> published = saved.endpoint().ports();
        if (saved.portSockets().size() == published.size()) {
            published.forEach(ports::adopt);
            return saved.portSockets();
        }
        saved.portSockets().forEach(Fd::close);
        var sockets = new ArrayList<Fd>();
        for (PublishedPort port : published) {
            ports.adopt(port);
            try {
                sockets.add(ports.bind(port));
            } catch (Errno e) {
                // Translation goes on without it; only the number is no longer held.
                log.log(WARNING, () -> "cannot hold host port " + port.hostPort(), e);
            }
        }
        return sockets;
    }

    @Override
    public void close() {
        relays.close();
        try {
            cursors.close();
        } catch (IOException e) {
            log.log(WARNING, "cannot close the cursors", e);
        }
    }
}
