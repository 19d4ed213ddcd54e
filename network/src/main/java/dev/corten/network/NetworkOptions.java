package dev.corten.network;

import dev.corten.network.address.Subnet;
import dev.corten.network.address.SubnetPool;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// How an engine's networks are set up. Made by an [Editor]: `NetworkOptions.of(data, exec)`, its
/// fields as the daemon's options say, `done()`.
///
/// @param files where what must survive a reboot is kept: `<data-root>/network/files`
/// @param netns where network namespaces get names: `<exec-root>/netns`
/// @param cursors where the searches for addresses and ports go on after a restart:
///     `<exec-root>/network-cursors`
/// @param bridge how the default bridge is set up
/// @param pools what its subnet is chosen from (`--default-address-pool`)
/// @param firewall whether the daemon makes rules (`--iptables`)
/// @param masquerade whether packets to the world carry the host's address (`--ip-masq`)
/// @param forwarding what the daemon does about IP forwarding (`--ip-forward`)
/// @param directRouting whether others may reach the containers' own addresses
///     (`--allow-direct-routing`)
/// @param relays whether the daemon relays where the firewall cannot translate: the host's IPv6
///     addresses, all of them without a firewall (`--userland-proxy`)
/// @param bindAddress where ports are published that name no address of the host (`--ip`)
/// @param dns what containers ask that name no servers themselves (`--dns`)
/// @param hostGateways what `host-gateway` stands for (`--host-gateway-ip`); empty for the default
///     bridge's own address
/// @param prepared how many sandboxes are kept ready
public record NetworkOptions(
        Instance instance,
        Path files,
        Path netns,
        Path cursors,
        BridgeOptions bridge,
        List<SubnetPool> pools,
        boolean firewall,
        boolean masquerade,
        Forwarding forwarding,
        boolean directRouting,
        boolean relays,
        InetAddress bindAddress,
        DnsDefaults dns,
        List<InetAddress> hostGateways,
        int prepared) {
    public static final int DEFAULT_MTU = 1500;
    public static final int DEFAULT_PREPARED = 4;

    /// The default bridge.
    ///
    /// @param existing a bridge that somebody else has made and keeps (`--bridge`)
    /// @param address its own address and prefix (`--bip`); otherwise the one that it has or had
    ///     before, otherwise the first of the pools that is free
    /// @param range the part of its subnet that containers get (`--fixed-cidr`)
    /// @param gateway where containers send what is for others (`--default-gateway`); the bridge
    ///     itself unless given
    /// @param mtu of the bridge and of the containers' interfaces
    /// @param containersMeet whether its containers may talk to each other (`--icc`)
    public record BridgeOptions(
            Optional<String> existing,
            Optional<Subnet> address,
            Optional<Subnet> range,
            Optional<InetAddress> gateway,
            int mtu,
            boolean containersMeet) {}

    /// What the daemon does where the host does not forward packets between its interfaces.
    public enum Forwarding {
        /// Turns it on, and keeps interfaces apart that are nobody's bridge.
        GUARDED,
        /// Turns it on (`--ip-forward-no-drop`).
        OPEN,
        /// Leaves it off (`--ip-forward=false`).
        LEFT_ALONE
    }

    /// Settings for the containers' `resolv.conf`; an empty list leaves the host's.
    public record DnsDefaults(List<String> servers, List<String> search, List<String> options) {
        public static final DnsDefaults NONE = new DnsDefaults(List.of(), List.of(), List.of());

        public DnsDefaults {
            servers = List.copyOf(servers);
            search = List.copyOf(search);
            options = List.copyOf(options);
        }
    }

    public NetworkOptions {
        pools = List.copyOf(pools);
        hostGateways = List.copyOf(hostGateways);
    }

    /// The usual options of the engine with these directories.
    public static Editor of(Path dataRoot, Path execRoot) {
        return new Editor(
                Instance.of(dataRoot),
                dataRoot.resolve("network/files"),
                execRoot.resolve("netns"),
                execRoot.resolve("network-cursors"));
    }

    /// Options that are being put together.
    public static final class Editor {
        private final Instance instance;
        private final Path files;
        private final Path netns;
        private final Path cursors;
        public Optional<String> existingBridge = Optional.empty();
        public Optional<Subnet> bridgeAddress = Optional.empty();
        public Optional<Subnet> bridgeRange = Optional.empty();
        public Optional<InetAddress> bridgeGateway = Optional.empty();
        public int mtu = DEFAULT_MTU;
        public boolean containersMeet = true;
        public List<SubnetPool> pools = SubnetPool.DEFAULTS;
        public boolean firewall = true;
        public boolean masquerade = true;
        public Forwarding forwarding = Forwarding.GUARDED;
        public boolean directRouting = false;
        public boolean relays = true;
        public InetAddress bindAddress = Subnet.ANY;
        public DnsDefaults dns = DnsDefaults.NONE;
        public List<InetAddress> hostGateways = List.of();
        public int prepared = DEFAULT_PREPARED;

        private Editor(Instance instance, Path files, Path netns, Path cursors) {
            this.instance = instance;
            this.files = files;
            this.netns = netns;
            this.cursors = cursors;
        }

        public NetworkOptions done() {
            return new NetworkOptions(
                    instance,
                    files,
                    netns,
                    cursors,
                    new BridgeOptions(
                            existingBridge,
                            bridgeAddress,
                            bridgeRange,
                            bridgeGateway,
                            mtu,
                            containersMeet),
                    pools,
                    firewall,
                    masquerade,
                    forwarding,
                    directRouting,
                    relays,
                    bindAddress,
                    dns,
                    hostGateways,
                    prepared);
        }
    }
}
