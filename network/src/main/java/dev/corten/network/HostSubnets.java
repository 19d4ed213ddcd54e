package dev.corten.network;

import dev.corten.kernel.netlink.InterfaceAddress;
import dev.corten.kernel.netlink.Route;
import dev.corten.kernel.netlink.Rtnetlink;
import dev.corten.model.InvalidParameter;
import dev.corten.network.address.Subnet;
import dev.corten.network.file.ResolvConf;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

/// Which addresses the host has or reaches elsewhere, and a bridge should therefore not have.
final class HostSubnets {
    private static final System.Logger log = System.getLogger(HostSubnets.class.getName());

    private HostSubnets() {}

    /// What the host has a route or an address in, but for those of one link. A default route says
    /// nothing.
    static List<Subnet> foreign(Rtnetlink host, int own) throws IOException {
        var subnets = new ArrayList<>(routes(host, own));
        for (InterfaceAddress address : host.addresses()) {
            if (address.link() != own) {
                subnets.add(new Subnet(address.address(), address.prefixLength()));
            }
        }
        return subnets;
    }

    /// Where the host's routes lead, but for those over one link and the default ones.
    static List<Subnet> routes(Rtnetlink host, int own) throws IOException {
        var subnets = new ArrayList<Subnet>();
        for (Route route : host.routes()) {
            if (route.link() != own && route.prefixLength() > 0) {
                route.destination()
                        .ifPresent(ip -> subnets.add(new Subnet(ip, route.prefixLength())));
            }
        }
        return subnets;
    }

    /// The host's own addresses, but for those of one link.
    static List<InetAddress> addresses(Rtnetlink host, int own) throws IOException {
        return host.addresses().stream()
                .filter(address -> address.link() != own)
                .map(InterfaceAddress::address)
                .toList();
    }

    /// The name servers that the host asks, each as a subnet of one address: they may be behind its
    /// default route.
    static List<Subnet> nameservers() throws IOException {
        var servers = new ArrayList<Subnet>();
        for (String server : ResolvConf.ofHost().nameservers()) {
            try {
                InetAddress address = Subnet.parseAddress(server);
                if (address instanceof Inet4Address) {
                    servers.add(new Subnet(address, Integer.SIZE));
                }
            } catch (InvalidParameter e) {
                // With a zone: an address of one link, in nobody's pool.
                log.log(System.Logger.Level.DEBUG, () -> "name server " + server, e);
            }
        }
        return servers;
    }
}
