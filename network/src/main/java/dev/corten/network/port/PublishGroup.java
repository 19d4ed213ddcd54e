package dev.corten.network.port;

import dev.corten.network.address.Subnet;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/// Addresses of the host on which one port of a container gets the same number: clients that know
/// the host by several addresses find it under one.
///
/// @param addresses IPv4 first
public record PublishGroup(
        List<InetAddress> addresses, PortRange hostPorts, int containerPort, Protocol protocol) {
    private static final InetAddress ANY_6 = Subnet.address(new byte[16]);

    /// Fixed numbers before those to choose, so that nobody chooses them; then by the container's
    /// port. Numbers chosen by the engine are handed out in this order.
    private static final Comparator<PublishRequest> ORDER =
            Comparator.<PublishRequest, Boolean>comparing(r -> !r.hostPorts().isSingle())
                    .thenComparingInt(PublishRequest::containerPort)
                    .thenComparing(PublishRequest::protocol)
                    .thenComparingInt(r -> r.hostPorts().first())
                    .thenComparingInt(r -> r.hostPorts().last());

    private static final Comparator<InetAddress> IPV4_FIRST =
            Comparator.<InetAddress, Integer>comparing(ip -> ip.getAddress().length)
                    .thenComparing(InetAddress::getAddress, Arrays::compareUnsigned);

    public PublishGroup {
        addresses = List.copyOf(addresses);
    }

    /// Whom the host's families of addresses can be offered to.
    ///
    /// @param bindAddress where what names no address is published; `0.0.0.0` stands for IPv6 too
    /// @param ipv6 whether IPv6 addresses of this host can be served
    public record Rules(InetAddress bindAddress, boolean ipv6) {}

    /// What is to be reserved for these requests, in this order; those for which there is no
    /// address that could be served are left out.
    public static List<PublishGroup> of(List<PublishRequest> requests, Rules rules) {
        var groups = new ArrayList<PublishGroup>();
        var addresses = new ArrayList<InetAddress>();
        List<PublishRequest> sorted = requests.stream().sorted(ORDER).toList();
        for (int i = 0; i < sorted.size(); i++) {
            PublishRequest request = sorted.get(i);
            for (InetAddress address : addresses(request, rules)) {
                if (!addresses.contains(address)) {
                    addresses.add(address);
                }
            }
            boolean last = i == sorted.size() - 1 || ORDER.compare(request, sorted.get(i + 1)) != 0;
            if (last && !addresses.isEmpty()) {
                addresses.sort(IPV4_FIRST);
                groups.add(
                        new PublishGroup(
                                addresses,
                                request.hostPorts(),
                                request.containerPort(),
                                request.protocol()));
                addresses.clear();
            }
        }
        return groups;
    }

    private static List<InetAddress> addresses(PublishRequest request, Rules rules) {
        InetAddress chosen = request.hostIp().orElse(rules.bindAddress());
        var addresses = new ArrayList<InetAddress>();
        if (rules.ipv6() || chosen instanceof Inet4Address) {
            addresses.add(chosen);
        }
        boolean everywhere =
                request.hostIp().isEmpty()
                        && chosen instanceof Inet4Address
                        && chosen.isAnyLocalAddress();
        if (everywhere && rules.ipv6()) {
            addresses.add(ANY_6);
        }
        return addresses;
    }

    /// Whether a socket of this address takes what is sent to the other.
    static boolean overlap(InetAddress one, InetAddress other) {
        boolean sameFamily = (one instanceof Inet6Address) == (other instanceof Inet6Address);
        return sameFamily
                && (one.equals(other) || one.isAnyLocalAddress() || other.isAnyLocalAddress());
    }
}
