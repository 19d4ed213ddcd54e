package dev.corten.network.port;

import dev.corten.network.address.IpText;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/// Which port numbers of the host are taken, and which is tried next.
///
/// Numbers to choose from ascend, each protocol, address and range by itself, and one is tried
/// again only when its range has wrapped.
public final class PortTable {
    private final Cursors cursors;
    private final Map<HostPort, List<InetAddress>> taken = new HashMap<>();

    private record HostPort(Protocol protocol, int port) {}

    public PortTable(Cursors cursors) {
        this.cursors = cursors;
    }

    /// The address on which the number is taken, if a socket on one of these would meet it.
    public Optional<InetAddress> conflict(
            Protocol protocol, List<InetAddress> addresses, int port) {
        List<InetAddress> others = taken.getOrDefault(new HostPort(protocol, port), List.of());
        return addresses.stream()
                .flatMap(own -> others.stream().filter(other -> PublishGroup.overlap(own, other)))
                .findFirst();
    }

    public void take(PublishedPort port) {
        taken.computeIfAbsent(
                        new HostPort(port.protocol(), port.hostPort()), _ -> new ArrayList<>())
                .add(port.hostIp());
    }

    public void release(PublishedPort port) {
        taken.computeIfPresent(
                new HostPort(port.protocol(), port.hostPort()),
                (_, addresses) -> {
                    addresses.remove(port.hostIp());
                    return addresses.isEmpty() ? null : addresses;
                });
    }

    /// The numbers of this range that are free on all addresses, in the order in which they are to
    /// be tried.
    public IntStream candidates(Protocol protocol, List<InetAddress> addresses, PortRange range) {
        int size = range.last() - range.first() + 1;
        int start =
                cursors.get(key(protocol, addresses.getFirst(), range))
                        .map(last -> Integer.parseInt(last) + 1 - range.first())
                        .orElse(0);
        return IntStream.range(0, size)
                .map(i -> range.first() + Math.floorMod(start + i, size))
                .filter(port -> conflict(protocol, addresses, port).isEmpty());
    }

    /// The next search of this range goes on behind this number.
    public void chosen(Protocol protocol, List<InetAddress> addresses, PortRange range, int port) {
        for (InetAddress address : addresses) {
            cursors.set(key(protocol, address, range), Integer.toString(port));
        }
    }

    private static String key(Protocol protocol, InetAddress address, PortRange range) {
        return protocol + " " + IpText.of(address) + " " + range;
    }
}
