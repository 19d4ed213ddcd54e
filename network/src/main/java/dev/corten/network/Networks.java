package dev.corten.network;

import static java.lang.System.Logger.Level.INFO;
import static java.lang.System.Logger.Level.WARNING;

import dev.corten.kernel.netlink.Link;
import dev.corten.kernel.netlink.Rtnetlink;
import dev.corten.kernel.nft.Nftables;
import dev.corten.network.address.Subnet;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/// The networks of one engine: its default bridge, and namespaces without any network.
public final class Networks implements AutoCloseable {
    private static final System.Logger log = System.getLogger(Networks.class.getName());

    private final NetworkOptions options;
    private final Sandboxes sandboxes;

    /// Everything that changes the state of endpoints, and all that callers wait for.
    private final NetworkThread thread = new NetworkThread("network");

    /// What nobody waits for: deleting links, preparing sandboxes.
    private final NetworkThread background = new NetworkThread("network-background");

    private final Rtnetlink host;
    private final Rtnetlink backgroundHost;
    private final Nftables nftables;
    private final HostSetup setup;
    private final Spares spares;
    private final Optional<RulesetWatch> watch;

    /// On the network thread.
    private final Endpoints endpoints;

    private final ForeignFirewall foreign;

    /// Whether the rules of others will be looked at.
    private final AtomicBoolean looking = new AtomicBoolean();

    private boolean stopped;

    private Networks(NetworkOptions options) throws IOException {
        this.options = options;
        sandboxes =
                new Sandboxes(
                        options.netns(),
                        options.bridge().mtu(),
                        !options.bridge().containersMeet());
        try {
            Files.createDirectories(options.files());
            Files.createDirectories(options.netns());
            host = thread.call(Rtnetlink::open);
            backgroundHost = thread.call(Rtnetlink::open);
            nftables = thread.call(Nftables::open);
            setup = thread.call(() -> HostSetup.open(options, host, nftables));
            spares =
                    new Spares(
                            sandboxes,
                            background,
                            backgroundHost,
                            setup.bridge().index(),
                            options.prepared());
            endpoints = thread.call(() -> new Endpoints(options, host, sandboxes, spares, setup));
            foreign = new ForeignFirewall(nftables, options.instance(), setup.bridge().name());
            watch = setup.firewall().isPresent() ? Optional.of(watch()) : Optional.empty();
            if (setup.firewall().isPresent()) {
                thread.later(this::passForeignFirewall);
            }
        } catch (IOException | RuntimeException e) {
            thread.close();
            background.close();
            throw e;
        }
    }

    private RulesetWatch watch() throws IOException {
        return new RulesetWatch(
                thread.call(Nftables::open),
                options.instance().table(),
                () -> thread.later(this::repairFirewall),
                () -> {
                    if (looking.compareAndSet(false, true)) {
                        thread.later(() -> {
                            looking.set(false);
                            passForeignFirewall();
                        });
                    }
                });
    }

    /// Makes the bridge, the firewall table and the first prepared sandboxes, or takes over those
    /// that an earlier daemon left. What that daemon's containers use goes on working.
    ///
    /// @throws dev.corten.model.InvalidParameter if the subnet asked for cannot be used
    /// @throws dev.corten.model.Unavailable if no default pool is free
    public static Networks open(NetworkOptions options) throws IOException {
        return new Networks(options);
    }

    public NetworkOptions options() {
        return options;
    }

    /// The default bridge's name, `corten0` unless this is another instance.
    public String bridge() {
        return setup.bridge().name();
    }

    /// The default bridge's own address with its prefix length.
    public Subnet bridgeSubnet() {
        return setup.bridge().subnet();
    }

    /// The default bridge's subnet where a user has chosen it, not the engine.
    public Optional<Subnet> givenSubnet() {
        NetworkOptions.BridgeOptions given = options.bridge();
        return given.address().isPresent() || given.existing().isPresent()
                ? Optional.of(bridgeSubnet())
                : Optional.empty();
    }

    /// Where its containers send what is for others: the bridge itself, unless the options say
    /// otherwise.
    public InetAddress gateway() {
        return setup.bridge().gateway();
    }

    /// A namespace that has `lo` and nothing else (`--network none`). End it with [#release].
    public Netns createIsolated() throws IOException {
        Optional<Netns> ready = spares.takeBare();
        spares.refillSoon();
        return ready.isPresent() ? ready.get() : thread.call(sandboxes::create);
    }

    /// Unmounts and closes a namespace from [#createIsolated] or [#reopen].
    public void release(Netns netns) {
        spares.removeSoon(netns);
        spares.refill();
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
        Endpoint endpoint = thread.call(() -> endpoints.connect(request));
        spares.refillSoon();
        return endpoint;
    }

    /// Takes a container off the bridge. Ports, address and firewall elements are free when this
    /// returns; the links go a little later, in the background. Never fails: as long as elements
    /// cannot be removed, address and ports stay taken, and every later connection tries again.
    public void disconnect(Endpoint endpoint) {
        try {
            thread.call(() -> {
                endpoints.disconnect(endpoint);
                return endpoint;
            });
        } catch (IOException e) {
            log.log(WARNING, () -> "endpoint " + endpoint.endpoint().endpointId(), e);
        }
        spares.removeSoon(endpoint.netns(), endpoint.endpoint().hostLink());
        spares.refill();
    }

    /// Called once after [#open], before the first [#connect]: takes over the endpoints of the
    /// containers that still run, corrects the firewall's elements by what differs, and removes
    /// everything else that this instance has left behind.
    ///
    /// @param isolated the names of namespaces that containers without network use
    public List<Endpoint> restore(Collection<SavedEndpoint> saved, Collection<String> isolated)
            throws IOException {
        List<Endpoint> restored = thread.call(() -> endpoints.restore(saved));
        var netnsInUse = new HashSet<>(isolated);
        var linksInUse = new HashSet<String>();
        for (Endpoint endpoint : restored) {
            netnsInUse.add(endpoint.endpoint().netns());
            linksInUse.add(endpoint.endpoint().hostLink());
        }
        background.call(() -> {
            sandboxes.removeOthers(netnsInUse);
            for (Link link : backgroundHost.links()) {
                // On another's bridge, what is left goes with its namespace.
                if (link.master() == setup.bridge().index()
                        && setup.bridge().ours()
                        && link.kind().equals("veth")
                        && !linksInUse.contains(link.name())) {
                    spares.deleteLink(link.name());
                }
            }
            return restored;
        });
        spares.refill();
        return restored;
    }

    /// Stops the background work. Bridge, table and endpoints stay: containers go on.
    @Override
    public void close() {
        stop();
        background.later(spares::drain);
        background.close();
        thread.later(endpoints::close);
        thread.close();
        host.close();
        backgroundHost.close();
        nftables.close();
    }

    /// Takes everything of this instance away, its bridge and table too, and closes. No endpoint
    /// may be left.
    public void destroy() throws IOException {
        stop();
        background.call(() -> {
            spares.drain();
            return spares;
        });
        thread.call(() -> {
            Firewall.delete(nftables, options.instance().table());
            foreign.withdraw();
            setup.bridge().delete(host);
            return setup;
        });
        close();
    }

    private void stop() {
        if (!stopped) {
            stopped = true;
            spares.stop();
            watch.ifPresent(RulesetWatch::close);
        }
    }

    private void passForeignFirewall() {
        try {
            if (foreign.pass()) {
                log.log(
                        INFO,
                        () ->
                                "another engine has closed forwarding: packets of "
                                        + bridge()
                                        + " pass by its chain DOCKER-USER");
            }
        } catch (IOException e) {
            log.log(WARNING, "cannot pass another engine's firewall", e);
        }
    }

    private void repairFirewall() {
        try {
            if (setup.firewall().isPresent() && setup.firewall().get().repair()) {
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
}
