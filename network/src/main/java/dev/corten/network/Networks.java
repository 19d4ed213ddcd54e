package dev.corten.network;

import static java.lang.System.Logger.Level.DEBUG;
import static java.lang.System.Logger.Level.WARNING;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.netlink.InterfaceAddress;
import dev.corten.kernel.netlink.Link;
import dev.corten.kernel.netlink.MacAddress;
import dev.corten.kernel.netlink.Route;
import dev.corten.kernel.netlink.Rtnetlink;
import dev.corten.kernel.netlink.RtnetlinkBatch;
import dev.corten.kernel.nft.Nftables;
import dev.corten.model.CortenException;
import dev.corten.model.Internal;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.random.RandomGenerator;

/// The networks of one engine: its default bridge, and namespaces without any network.
public final class Networks implements AutoCloseable {
    private static final System.Logger log = System.getLogger(Networks.class.getName());

    private static final Sysctl IP_FORWARD = new Sysctl("net/ipv4/ip_forward");
    private static final Sysctl BOOT_ID = new Sysctl("kernel/random/boot_id");

    /// Holds the boot in which this engine has turned forwarding on.
    private static final String FORWARDING_FILE = "forwarding";

    private final NetworkOptions options;
    private final Sandboxes sandboxes;
    private final RandomGenerator random = new SecureRandom();

    /// Everything that changes the state below, and all that callers wait for.
    private final NetworkThread thread = new NetworkThread("network");

    /// What nobody waits for: deleting links, preparing sandboxes.
    private final NetworkThread background = new NetworkThread("network-background");

    private final Rtnetlink host;
    private final Rtnetlink backgroundHost;
    private final Nftables nftables;
    private final DefaultBridge bridge;

    private final RulesetWatch watch;

    /// On the network thread.
    private final Firewall firewall;

    /// On the network thread.
    private final HostPorts ports = new HostPorts();

    /// Endpoints that are to go; on the network thread.
    private final List<Endpoint> stuck = new ArrayList<>();

    private final AddressPool addresses;
    private final ConcurrentLinkedDeque<Sandboxes.Wired> wired = new ConcurrentLinkedDeque<>();
    private final ConcurrentLinkedDeque<Netns> bare = new ConcurrentLinkedDeque<>();
    private final AtomicBoolean refilling = new AtomicBoolean();
    private volatile boolean closing;
    private boolean watchClosed;

    private Networks(NetworkOptions options) throws IOException {
        this.options = options;
        sandboxes = new Sandboxes(options.netns(), options.bridge().mtu());
        try {
            Files.createDirectories(options.files());
            Files.createDirectories(options.netns());
            host = thread.call(Rtnetlink::open);
            backgroundHost = thread.call(Rtnetlink::open);
            nftables = thread.call(Nftables::open);
            firewall = new Firewall(nftables, options.instance().table());
            bridge = thread.call(this::prepareHost);
            addresses = new AddressPool(bridge.subnet());
            addresses.reserve(bridge.subnet().address());
            watch =
                    new RulesetWatch(
                            thread.call(Nftables::open),
                            options.instance().table(),
                            () -> thread.later(this::repairFirewall));
        } catch (IOException | RuntimeException e) {
            thread.close();
            background.close();
            throw e;
        }
    }

    private DefaultBridge prepareHost() throws IOException {
        Path remembered = options.files().resolve(FORWARDING_FILE);
        String boot = BOOT_ID.read();
        boolean forwarding = IP_FORWARD.read().equals("1");
        if (!forwarding) {
            Files.writeString(remembered, boot);
        }
        boolean ours = Files.exists(remembered) && Files.readString(remembered).equals(boot);
        // The guards come first: before route_localnet, before forwarding, before any port.
        firewall.open(options.instance().bridge(), ours);
        DefaultBridge result = DefaultBridge.open(options, host);
        new Sysctl("net/ipv4/conf/" + result.name() + "/route_localnet").write("1");
        if (!forwarding) {
            IP_FORWARD.write("1");
        }
        return result;
    }

    /// Makes the bridge, the firewall table and the first prepared sandboxes, or takes over those
    /// that an earlier daemon left. What that daemon's containers use goes on working.
    ///
    /// @throws dev.corten.model.InvalidParameter if the subnet asked for cannot be used
    /// @throws dev.corten.model.Unavailable if no default pool is free
    public static Networks open(NetworkOptions options) throws IOException {
        return new Networks(options);
    }

    /// The default bridge's name, `corten0` unless this is another instance.
    public String bridge() {
        return bridge.name();
    }

    /// The default bridge's own address, the containers' gateway, with its prefix length.
    public Subnet bridgeSubnet() {
        return bridge.subnet();
    }

    /// A namespace that has `lo` and nothing else (`--network none`). End it with [#release].
    public Netns createIsolated() throws IOException {
        Netns ready = bare.pollFirst();
        refillSoon();
        return ready != null ? ready : thread.call(sandboxes::create);
    }

    /// Unmounts and closes a namespace from [#createIsolated] or [#reopen].
    public void release(Netns netns) {
        background.later(() -> removeNetns(netns));
        refill();
    }

    /// The namespace with this name after a restart of the daemon.
    ///
    /// @throws dev.corten.kernel.Errno if it is gone
    public Netns reopen(String name) throws IOException {
        return thread.call(() -> sandboxes.reopen(name));
    }

    /// Puts a container on the default bridge: a namespace with `eth0`, an address, a default
    /// route, and its ports published. When this fails, nothing is left of it.
    ///
    /// @throws dev.corten.model.Internal in Docker's words if a host port cannot be had: `driver
    ///     failed programming external connectivity on endpoint web (…): Bind for 0.0.0.0:80
    ///     failed: port is already allocated`
    /// @throws dev.corten.model.Unavailable if the subnet has no free address
    public Endpoint connect(EndpointRequest request) throws IOException {
        Endpoint endpoint = thread.call(() -> connectNow(request));
        refillSoon();
        return endpoint;
    }

    /// Takes a container off the bridge. Ports, address and firewall elements are free when this
    /// returns; the links go a little later, in the background. Never fails: as long as elements
    /// cannot be removed, address and ports stay taken, and every later connection tries again.
    public void disconnect(Endpoint endpoint) {
        try {
            thread.call(() -> {
                stuck.add(endpoint);
                disconnectStuck();
                return endpoint;
            });
        } catch (IOException e) {
            log.log(WARNING, () -> "endpoint " + endpoint.endpoint().endpointId(), e);
        }
        background.later(() -> removeSandbox(endpoint.netns(), endpoint.endpoint().hostLink()));
        refill();
    }

    /// Called once after [#open], before the first [#connect]: takes over the endpoints of the
    /// containers that still run, corrects the firewall's elements by what differs, and removes
    /// everything else that this instance has left behind.
    ///
    /// @param isolated the names of namespaces that containers without network use
    public List<Endpoint> restore(Collection<SavedEndpoint> endpoints, Collection<String> isolated)
            throws IOException {
        List<Endpoint> restored = thread.call(() -> restoreNow(endpoints));
        var netnsInUse = new HashSet<>(isolated);
        var linksInUse = new HashSet<String>();
        for (Endpoint endpoint : restored) {
            netnsInUse.add(endpoint.endpoint().netns());
            linksInUse.add(endpoint.endpoint().hostLink());
        }
        background.call(() -> {
            sandboxes.removeOthers(netnsInUse);
            for (Link link : backgroundHost.links()) {
                if (link.master() == bridge.index()
                        && link.kind().equals("veth")
                        && !linksInUse.contains(link.name())) {
                    deleteLink(link.name());
                }
            }
            return restored;
        });
        refill();
        return restored;
    }

    /// Stops the background work. Bridge, table and endpoints stay: containers go on.
    @Override
    public void close() {
        closing = true;
        closeWatch();
        background.later(this::drain);
        background.close();
        thread.close();
        host.close();
        backgroundHost.close();
        nftables.close();
    }

    /// Takes everything of this instance away, its bridge and table too, and closes. No endpoint
    /// may be left.
    public void destroy() throws IOException {
        closing = true;
        closeWatch();
        background.call(() -> {
            drain();
            return bridge;
        });
        thread.call(() -> {
            firewall.delete();
            bridge.delete(host);
            return bridge;
        });
        close();
    }

    private void closeWatch() {
        if (!watchClosed) {
            watchClosed = true;
            try {
                watch.close();
            } catch (IOException e) {
                log.log(WARNING, "cannot end the watch of the firewall", e);
            }
        }
    }

    // On the network thread

    private void repairFirewall() {
        try {
            if (firewall.repair()) {
                log.log(
                        WARNING,
                        () ->
                                "nftables table "
                                        + options.instance().table()
                                        + " was damaged from outside, made anew");
            }
        } catch (IOException e) {
            log.log(WARNING, "cannot repair the firewall", e);
        }
    }

    private Endpoint connectNow(EndpointRequest request) throws IOException {
        disconnectStuck();
        InetAddress address = addresses.allocate();
        var reserved = new ArrayList<HostPorts.Reserved>();
        Sandboxes.Wired sandbox = null;
        try {
            for (PublishRequest port : request.ports()) {
                reserved.add(reserve(request, port, address));
            }
            sandbox = wired.pollFirst();
            if (sandbox == null) {
                sandbox = sandboxes.createWired(host, bridge.index());
            }
            MacAddress mac = request.mac().orElseGet(() -> MacAddress.random(random));
            configure(sandbox, address, mac);
            var endpoint =
                    new EndpointRecord(
                            request.endpointId(),
                            sandbox.netns().name(),
                            sandbox.hostLink(),
                            address,
                            mac,
                            reserved.stream().map(HostPorts.Reserved::port).toList());
            firewall.add(bridge.name(), endpoint);
            sandbox.inside().close();
            return endpoint(
                    endpoint,
                    sandbox.netns(),
                    reserved.stream().map(HostPorts.Reserved::socket).toList());
        } catch (IOException | RuntimeException e) {
            for (HostPorts.Reserved port : reserved) {
                port.socket().close();
                ports.release(port.port());
            }
            addresses.release(address);
            if (sandbox != null) {
                sandbox.inside().close();
                Netns netns = sandbox.netns();
                String link = sandbox.hostLink();
                background.later(() -> removeSandbox(netns, link));
            }
            throw e;
        }
    }

    private HostPorts.Reserved reserve(
            EndpointRequest request, PublishRequest port, InetAddress address) throws IOException {
        try {
            return ports.reserve(port, address);
        } catch (Internal e) {
            throw new Internal(
                    "driver failed programming external connectivity on endpoint "
                            + request.containerName()
                            + " ("
                            + request.endpointId()
                            + "): "
                            + e.message(),
                    e);
        }
    }

    private void configure(Sandboxes.Wired sandbox, InetAddress address, MacAddress mac)
            throws IOException {
        sandbox.inside()
                .execute(
                        new RtnetlinkBatch()
                                .addAddress(
                                        new InterfaceAddress(
                                                sandbox.eth0(),
                                                address,
                                                bridge.subnet().prefixLength()))
                                // After the address: the change announces both to neighbours.
                                .mac("eth0", mac)
                                .addRoute(
                                        new Route(
                                                Optional.empty(),
                                                0,
                                                Optional.of(bridge.subnet().address()),
                                                sandbox.eth0())));
    }

    private Endpoint endpoint(EndpointRecord record, Netns netns, List<Fd> sockets) {
        return new Endpoint(
                record, netns, bridge.subnet().address(), bridge.subnet().prefixLength(), sockets);
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
        firewall.remove(bridge.name(), record);
        endpoint.portSockets().forEach(Fd::close);
        record.ports().forEach(ports::release);
        addresses.release(record.address());
    }

    private List<Endpoint> restoreNow(Collection<SavedEndpoint> saved) throws IOException {
        var restored = new ArrayList<Endpoint>();
        for (SavedEndpoint one : saved) {
            EndpointRecord record = one.endpoint();
            try {
                Netns netns = sandboxes.reopen(record.netns());
                addresses.reserve(record.address());
                addresses.continueAfter(record.address());
                restored.add(endpoint(record, netns, restorePorts(one)));
            } catch (IOException | IllegalArgumentException e) {
                // The container keeps running; the engine sees that its endpoint is not there.
                one.portSockets().forEach(Fd::close);
                log.log(WARNING, () -> "endpoint " + record.endpointId() + " is lost", e);
            }
        }
        firewall.restore(bridge.name(), restored.stream().map(Endpoint::endpoint).toList());
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

    // On the background thread

    /// While a container starts, new sandboxes would take the processor and the kernel's network
    /// lock from it: as long as half of them are left, they are made when the next one ends.
    private void refillSoon() {
        if (wired.size() <= options.prepared() / 2 || bare.size() <= options.prepared() / 4) {
            refill();
        }
    }

    private void refill() {
        if (!closing && refilling.compareAndSet(false, true)) {
            background.later(() -> {
                refilling.set(false);
                prepare();
            });
        }
    }

    private void prepare() {
        try {
            while (!closing && wired.size() < options.prepared()) {
                wired.addLast(sandboxes.createWired(backgroundHost, bridge.index()));
            }
            while (!closing && bare.size() < (options.prepared() + 1) / 2) {
                bare.addLast(sandboxes.create());
            }
        } catch (IOException | CortenException e) {
            // Whoever needs one next makes it and reports what is wrong.
            log.log(WARNING, "cannot prepare network sandboxes", e);
        }
    }

    private void drain() {
        for (Netns netns = bare.pollFirst(); netns != null; netns = bare.pollFirst()) {
            removeNetns(netns);
        }
        for (var one = wired.pollFirst(); one != null; one = wired.pollFirst()) {
            one.inside().close();
            removeSandbox(one.netns(), one.hostLink());
        }
    }

    private void removeSandbox(Netns netns, String hostLink) {
        try {
            deleteLink(hostLink);
        } catch (IOException e) {
            log.log(WARNING, () -> "cannot delete link " + hostLink, e);
        }
        removeNetns(netns);
    }

    private void deleteLink(String name) throws IOException {
        try {
            backgroundHost.execute(new RtnetlinkBatch().delete(name));
        } catch (Errno e) {
            if (!e.is(Errno.ENODEV)) {
                throw e;
            }
            log.log(DEBUG, () -> "link " + name + " has gone with its namespace");
        }
    }

    private void removeNetns(Netns netns) {
        try {
            sandboxes.remove(netns);
        } catch (IOException e) {
            log.log(WARNING, () -> "cannot remove network namespace " + netns.name(), e);
        }
    }
}
