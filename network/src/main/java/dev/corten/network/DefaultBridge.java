package dev.corten.network;

import static java.lang.System.Logger.Level.WARNING;

import dev.corten.kernel.Errno;
import dev.corten.kernel.netlink.InterfaceAddress;
import dev.corten.kernel.netlink.Link;
import dev.corten.kernel.netlink.MacAddress;
import dev.corten.kernel.netlink.Rtnetlink;
import dev.corten.kernel.netlink.RtnetlinkBatch;
import dev.corten.model.InvalidParameter;
import dev.corten.model.Unavailable;
import dev.corten.network.address.AddressPool;
import dev.corten.network.address.IpText;
import dev.corten.network.address.Subnet;
import dev.corten.network.address.SubnetPool;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;

/// The default bridge's link and addresses.
///
/// @param index the link's index
/// @param ours whether this engine has made it, and deletes it
/// @param subnet the bridge's own address
/// @param gateway where containers send what is for others
record DefaultBridge(String name, int index, boolean ours, Subnet subnet, InetAddress gateway) {
    private static final System.Logger log = System.getLogger(DefaultBridge.class.getName());

    /// Holds the address that was chosen, `172.17.0.1/16`, for the next daemon.
    private static final String FILE = "default-bridge";

    private static final int SMALLEST_PREFIX = 30;

    /// What the bridge is or will be called.
    static String name(NetworkOptions options) {
        return options.bridge().existing().orElse(options.instance().bridge());
    }

    /// Makes the bridge or takes over the one that is there.
    static DefaultBridge open(NetworkOptions options, Rtnetlink host) throws IOException {
        String name = name(options);
        boolean ours = options.bridge().existing().isEmpty();
        Optional<Link> existing = host.findLink(name);
        if (existing.isPresent() && !existing.get().kind().equals("bridge")) {
            throw new Unavailable("cannot use " + name + " as the default bridge: it is no bridge");
        }
        if (existing.isEmpty() && !ours) {
            throw new Unavailable(
                    "bridge device with non default name " + name + " must be created manually");
        }
        Subnet subnet = subnet(options, host, existing);
        InetAddress gateway = options.bridge().gateway().orElse(subnet.address());
        check(options, subnet, gateway);
        if (existing.isEmpty()) {
            host.execute(
                    new RtnetlinkBatch()
                            .createBridge(
                                    name,
                                    MacAddress.random(new SecureRandom()),
                                    options.bridge().mtu()));
        }
        Link bridge =
                host.findLink(name)
                        .orElseThrow(() -> new IOException("bridge " + name + " has gone"));
        var changes = new RtnetlinkBatch();
        if (ours && bridge.mtu() != options.bridge().mtu()) {
            changes.mtu(name, options.bridge().mtu());
        }
        boolean present = false;
        for (InterfaceAddress address : host.addresses()) {
            if (address.link() == bridge.index() && address.address() instanceof Inet4Address) {
                if (new Subnet(address.address(), address.prefixLength()).equals(subnet)) {
                    present = true;
                } else if (ours) {
                    changes.removeAddress(address);
                }
            }
        }
        if (!present) {
            changes.addAddress(
                    new InterfaceAddress(bridge.index(), subnet.address(), subnet.prefixLength()));
        }
        host.execute(changes.up(name));
        return new DefaultBridge(name, bridge.index(), ours, subnet, gateway);
    }

    private static Subnet subnet(NetworkOptions options, Rtnetlink host, Optional<Link> existing)
            throws IOException {
        int own = existing.map(Link::index).orElse(0);
        List<Subnet> foreign = HostSubnets.foreign(host, own);
        NetworkOptions.BridgeOptions wanted = options.bridge();
        if (wanted.address().isPresent()) {
            Subnet given = check(wanted.address().get());
            if (foreign.stream().anyMatch(given::overlaps)) {
                log.log(
                        WARNING,
                        () ->
                                "the subnet of the default bridge, "
                                        + given
                                        + ", overlaps with one that this host has elsewhere");
            }
            return given;
        }
        if (wanted.existing().isPresent()) {
            for (InterfaceAddress address : host.addresses()) {
                if (address.link() == own && address.address() instanceof Inet4Address) {
                    return check(new Subnet(address.address(), address.prefixLength()));
                }
            }
        }
        if (wanted.range().isPresent()) {
            Subnet range = wanted.range().get();
            return check(new Subnet(range.at(1), range.prefixLength()));
        }
        return choose(options, foreign);
    }

    private static Subnet choose(NetworkOptions options, List<Subnet> foreign) throws IOException {
        Path file = options.files().resolve(FILE);
        if (Files.exists(file)) {
            Subnet remembered = Subnet.parse(Files.readString(file).trim());
            // Unless the host has meanwhile got a route there, or other pools are wanted.
            if (foreign.stream().noneMatch(remembered::overlaps)
                    && options.pools().stream().anyMatch(pool -> pool.has(remembered))) {
                return remembered;
            }
        }
        List<Subnet> servers = HostSubnets.nameservers();
        Subnet chosen =
                options.pools().stream()
                        .flatMap(SubnetPool::subnets)
                        .filter(pool -> foreign.stream().noneMatch(pool::overlaps))
                        .filter(pool -> servers.stream().noneMatch(pool::overlaps))
                        .findFirst()
                        .orElseThrow(() ->
                                new Unavailable(
                                        "all predefined address pools have been fully"
                                                + " subnetted"));
        Subnet gateway = new Subnet(chosen.at(1), chosen.prefixLength());
        Files.createDirectories(options.files());
        Path temporary = options.files().resolve("." + FILE);
        Files.writeString(temporary, gateway + "\n");
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
        return gateway;
    }

    private static Subnet check(Subnet subnet) {
        boolean usable =
                subnet.address() instanceof Inet4Address
                        && subnet.prefixLength() > 0
                        && subnet.prefixLength() <= SMALLEST_PREFIX
                        && !subnet.address().equals(subnet.network())
                        && !subnet.address().equals(subnet.at((1L << subnet.hostBits()) - 1));
        if (!usable) {
            throw new InvalidParameter(
                    "invalid address for the default bridge: "
                            + subnet
                            + " (an address in the subnet with its prefix length is needed, such"
                            + " as 192.168.5.1/24)");
        }
        return subnet;
    }

    private static void check(NetworkOptions options, Subnet subnet, InetAddress gateway) {
        if (!subnet.contains(gateway)) {
            throw new InvalidParameter(
                    "default gateway "
                            + IpText.of(gateway)
                            + " is not in the default bridge's subnet "
                            + subnet);
        }
        Optional<Subnet> range = options.bridge().range();
        if (range.isPresent()
                && (range.get().prefixLength() < subnet.prefixLength()
                        || !subnet.contains(range.get().address()))) {
            throw new InvalidParameter(
                    "fixed-cidr "
                            + range.get()
                            + " is not part of the default bridge's subnet "
                            + subnet);
        }
    }

    /// The addresses for containers: without the bridge's own, the gateway, and those that the host
    /// has or reaches elsewhere.
    AddressPool pool(NetworkOptions options, Rtnetlink host) throws IOException {
        var pool = new AddressPool(subnet, options.bridge().range().orElse(subnet));
        pool.reserve(subnet.address());
        pool.reserve(gateway);
        for (InetAddress address : HostSubnets.addresses(host, index)) {
            pool.reserve(address);
        }
        for (Subnet route : HostSubnets.routes(host, index)) {
            // A wider one, the default route among them, has the bridge's subnet as its exception.
            if (subnet.contains(route.address()) && route.prefixLength() > subnet.prefixLength()) {
                pool.reserve(route);
            }
        }
        return pool;
    }

    /// Deletes the bridge if it is ours; one that is not there is no error.
    void delete(Rtnetlink host) throws IOException {
        if (!ours) {
            return;
        }
        try {
            host.execute(new RtnetlinkBatch().delete(name));
        } catch (Errno e) {
            if (!e.is(Errno.ENODEV)) {
                throw e;
            }
        }
    }
}
