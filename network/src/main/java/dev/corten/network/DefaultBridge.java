package dev.corten.network;

import dev.corten.kernel.Errno;
import dev.corten.kernel.netlink.InterfaceAddress;
import dev.corten.kernel.netlink.Link;
import dev.corten.kernel.netlink.MacAddress;
import dev.corten.kernel.netlink.Route;
import dev.corten.kernel.netlink.Rtnetlink;
import dev.corten.kernel.netlink.RtnetlinkBatch;
import dev.corten.model.InvalidParameter;
import dev.corten.model.Unavailable;
import java.io.IOException;
import java.net.Inet4Address;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The default bridge's link and address.
///
/// @param index the link's index
/// @param subnet the bridge's own address, which is the containers' gateway
record DefaultBridge(String name, int index, Subnet subnet) {
    /// Holds the address that was chosen, `172.17.0.1/16`, for the next daemon.
    private static final String FILE = "default-bridge";

    private static final int SMALLEST_PREFIX = 30;

    /// Makes the bridge or takes over the one that is there.
    static DefaultBridge open(NetworkOptions options, Rtnetlink host) throws IOException {
        String name = options.instance().bridge();
        Optional<Link> existing = host.findLink(name);
        if (existing.isPresent() && !existing.get().kind().equals("bridge")) {
            throw new Unavailable("cannot use " + name + " as the default bridge: it is no bridge");
        }
        Subnet subnet = subnet(options, host, existing);
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
        boolean present = false;
        for (InterfaceAddress address : host.addresses()) {
            if (address.link() == bridge.index() && address.address() instanceof Inet4Address) {
                if (new Subnet(address.address(), address.prefixLength()).equals(subnet)) {
                    present = true;
                } else {
                    changes.removeAddress(address);
                }
            }
        }
        if (!present) {
            changes.addAddress(
                    new InterfaceAddress(bridge.index(), subnet.address(), subnet.prefixLength()));
        }
        host.execute(changes.up(name));
        return new DefaultBridge(name, bridge.index(), subnet);
    }

    private static Subnet subnet(NetworkOptions options, Rtnetlink host, Optional<Link> existing)
            throws IOException {
        if (options.bridge().address().isPresent()) {
            return check(options.bridge().address().get());
        }
        int own = existing.map(Link::index).orElse(0);
        List<Subnet> foreign = foreignSubnets(host, own);
        Path file = options.files().resolve(FILE);
        if (Files.exists(file)) {
            Subnet remembered = Subnet.parse(Files.readString(file).trim());
            // Unless the host has meanwhile got a route there.
            if (foreign.stream().noneMatch(remembered::overlaps)) {
                return remembered;
            }
        }
        Subnet chosen =
                options.pools().stream()
                        .flatMap(SubnetPool::subnets)
                        .filter(pool -> foreign.stream().noneMatch(pool::overlaps))
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

    /// What the host already has a route or an address in. A default route says nothing.
    private static List<Subnet> foreignSubnets(Rtnetlink host, int own) throws IOException {
        var subnets = new ArrayList<Subnet>();
        for (Route route : host.routes()) {
            if (route.link() != own && route.prefixLength() > 0) {
                route.destination()
                        .ifPresent(ip -> subnets.add(new Subnet(ip, route.prefixLength())));
            }
        }
        for (InterfaceAddress address : host.addresses()) {
            if (address.link() != own) {
                subnets.add(new Subnet(address.address(), address.prefixLength()));
            }
        }
        return subnets;
    }

    /// Deletes the bridge; one that is not there is no error.
    void delete(Rtnetlink host) throws IOException {
        try {
            host.execute(new RtnetlinkBatch().delete(name));
        } catch (Errno e) {
            if (!e.is(Errno.ENODEV)) {
                throw e;
            }
        }
    }
}
