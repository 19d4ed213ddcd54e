package dev.corten.network;

import static java.lang.System.Logger.Level.DEBUG;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.socket.InetSockets;
import dev.corten.model.Internal;
import dev.corten.network.address.IpText;
import dev.corten.network.address.Subnet;
import dev.corten.network.port.PortRange;
import dev.corten.network.port.PortTable;
import dev.corten.network.port.PublishGroup;
import dev.corten.network.port.PublishedPort;
import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.PrimitiveIterator;

/// The host's ports that containers have.
///
/// Each is held by a socket: where packets are translated before they would reach it, it is bound
/// and nothing else, but no other program can have the number, and one that has it already is
/// noticed. Numbers that the engine chooses are from the kernel's range for ephemeral ports; see
/// [PortTable].
///
/// Everything is called on the network thread, whose network namespace the sockets belong to.
final class HostPorts {
    private static final System.Logger log = System.getLogger(HostPorts.class.getName());

    private static final Sysctl EPHEMERAL = new Sysctl("net/ipv4/ip_local_port_range");

    private static final byte[] LOOPBACK_6 = Subnet.parseAddress("::1").getAddress();

    private final PortTable table;

    HostPorts(PortTable table) {
        this.table = table;
    }

    /// Whether this host has IPv6 addresses to publish ports on.
    static boolean hasIpv6() {
        try (Fd probe = InetSockets.reserve(InetSockets.Transport.TCP, LOOPBACK_6, 0)) {
            return probe.isOpen();
        } catch (Errno e) {
            log.log(DEBUG, "this host has no IPv6", e);
            return false;
        }
    }

    /// A port and the socket that holds it.
    record Reserved(PublishedPort port, Fd socket) {}

    /// Takes one number on all addresses of a group.
    ///
    /// @param container the container's address, named in errors
    /// @throws Internal in Docker's words if it cannot be had
    List<Reserved> reserve(PublishGroup group, InetAddress container) throws IOException {
        PortRange range = group.hostPorts();
        if (range.isSingle()) {
            Optional<InetAddress> other =
                    table.conflict(group.protocol(), group.addresses(), range.first());
            if (other.isPresent()) {
                throw new Internal(
                        "Bind for "
                                + IpText.of(other.get())
                                + ":"
                                + range.first()
                                + " failed: port is already allocated");
            }
            return hold(group, container, range.first());
        }
        PortRange searched = range.isAny() ? ephemeral() : range;
        Optional<Internal> refused = Optional.empty();
        PrimitiveIterator.OfInt candidates =
                table.candidates(group.protocol(), group.addresses(), searched).iterator();
        while (candidates.hasNext()) {
            int port = candidates.nextInt();
            try {
                List<Reserved> reserved = hold(group, container, port);
                table.chosen(group.protocol(), group.addresses(), searched, port);
                return reserved;
            } catch (Internal e) {
                // The host's own ephemeral connections come from this range too.
                log.log(DEBUG, () -> e.message() + ", trying the next");
                refused = Optional.of(e);
            }
        }
        throw refused.orElseGet(() -> new Internal("all ports are allocated"));
    }

    private static PortRange ephemeral() throws IOException {
        String[] bounds = EPHEMERAL.read().split("\\s+", -1);
        return new PortRange(Integer.parseInt(bounds[0]), Integer.parseInt(bounds[1]));
    }

    private List<Reserved> hold(PublishGroup group, InetAddress container, int port) {
        var held = new ArrayList<Reserved>();
        for (InetAddress address : group.addresses()) {
            var published =
                    new PublishedPort(address, port, group.containerPort(), group.protocol());
            try {
                held.add(new Reserved(published, bind(published)));
                table.take(published);
            } catch (Errno e) {
                held.forEach(this::giveBack);
                throw new Internal(
                        "failed to bind host port"
                                + (group.hostPorts().isSingle() ? "" : " " + port)
                                + " for "
                                + place(address, group.hostPorts())
                                + ":"
                                + IpText.of(container)
                                + ":"
                                + group.containerPort()
                                + "/"
                                + group.protocol()
                                + ": "
                                + e.description(),
                        e);
            }
        }
        return held;
    }

    private static String place(InetAddress address, PortRange range) {
        String number = IpText.of(address, 0);
        return number.substring(0, number.length() - 1) + range;
    }

    void giveBack(Reserved reserved) {
        reserved.socket().close();
        release(reserved.port());
    }

    /// Takes over a port after a restart.
    void adopt(PublishedPort port) {
        table.take(port);
    }

    /// Binds a port, or again one whose socket was lost.
    Fd bind(PublishedPort port) throws Errno {
        return InetSockets.reserve(
                port.protocol().transport(), port.hostIp().getAddress(), port.hostPort());
    }

    void release(PublishedPort port) {
        table.release(port);
    }
}
