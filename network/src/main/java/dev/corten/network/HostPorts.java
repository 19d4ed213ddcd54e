package dev.corten.network;

import static java.lang.System.Logger.Level.DEBUG;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.socket.Sockets;
import dev.corten.model.Internal;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/// The host's ports that containers have.
///
/// Each is held by a socket that is bound and nothing else: packets are translated before they
/// would reach it, but no other program can bind the number meanwhile, and one that has it already
/// is noticed. Numbers that the engine chooses ascend through the kernel's range for ephemeral
/// ports, each protocol by itself, and are used again only when the range has wrapped.
///
/// Everything is called on the network thread, whose network namespace the sockets belong to.
final class HostPorts {
    private static final System.Logger log = System.getLogger(HostPorts.class.getName());

    private static final Sysctl RANGE = new Sysctl("net/ipv4/ip_local_port_range");

    private final Set<Place> taken = new HashSet<>();
    private final Map<Protocol, Integer> next = new EnumMap<>(Protocol.class);

    /// A number on one address, or on all.
    private record Place(Protocol protocol, InetAddress ip, int port) {}

    /// A port and the socket that holds it.
    record Reserved(PublishedPort port, Fd socket) {}

    /// Takes a host port for this request.
    ///
    /// @param container the container's address, named in errors
    /// @throws Internal in Docker's words if it cannot be had
    Reserved reserve(PublishRequest request, InetAddress container) throws IOException {
        PortRange range = request.hostPorts();
        if (range.isAny()) {
            return chooseEphemeral(request, container);
        }
        if (range.first() == range.last()) {
            return reserve(request, container, range.first());
        }
        for (int port = range.first(); port <= range.last(); port++) {
            if (isFree(request.protocol(), request.hostIp(), port)) {
                try {
                    return hold(request, container, port);
                } catch (InUse e) {
                    log.log(DEBUG, () -> e.forUser.message() + ", trying the next");
                }
            }
        }
        throw new Internal("all ports are allocated");
    }

    private Reserved reserve(PublishRequest request, InetAddress container, int port)
            throws IOException {
        if (!isFree(request.protocol(), request.hostIp(), port)) {
            throw new Internal(
                    "Bind for "
                            + request.hostIp().getHostAddress()
                            + ":"
                            + port
                            + " failed: port is already allocated");
        }
        try {
            return hold(request, container, port);
        } catch (InUse e) {
            throw e.forUser;
        }
    }

    private Reserved chooseEphemeral(PublishRequest request, InetAddress container)
            throws IOException {
        String[] bounds = RANGE.read().split("\\s+", -1);
        int first = Integer.parseInt(bounds[0]);
        int last = Integer.parseInt(bounds[1]);
        int start = next.getOrDefault(request.protocol(), first);
        if (start < first || start > last) {
            start = first;
        }
        for (int i = 0; i <= last - first; i++) {
            int port = first + (start - first + i) % (last - first + 1);
            if (isFree(request.protocol(), request.hostIp(), port)) {
                try {
                    Reserved reserved = hold(request, container, port);
                    next.put(request.protocol(), port + 1);
                    return reserved;
                } catch (InUse e) {
                    // The host's own ephemeral connections come from this range too.
                    log.log(DEBUG, () -> e.forUser.message() + ", trying the next");
                }
            }
        }
        throw new Internal("all ports are allocated");
    }

    private boolean isFree(Protocol protocol, InetAddress ip, int port) {
        if (ip.isAnyLocalAddress()) {
            return taken.stream()
                    .noneMatch(place -> place.protocol == protocol && place.port == port);
        }
        return !taken.contains(new Place(protocol, ip, port))
                && !taken.contains(new Place(protocol, Subnet.ANY, port));
    }

    private Reserved hold(PublishRequest request, InetAddress container, int port) throws InUse {
        try {
            Fd socket = bind(request.protocol(), request.hostIp(), port);
            taken.add(new Place(request.protocol(), request.hostIp(), port));
            return new Reserved(
                    new PublishedPort(
                            request.hostIp(), port, request.containerPort(), request.protocol()),
                    socket);
        } catch (Errno e) {
            throw new InUse(
                    new Internal(
                            "failed to bind host port for "
                                    + request.hostIp().getHostAddress()
                                    + ":"
                                    + port
                                    + ":"
                                    + container.getHostAddress()
                                    + ":"
                                    + request.containerPort()
                                    + "/"
                                    + request.protocol()
                                    + ": "
                                    + e.description(),
                            e));
        }
    }

    /// The host does not let us have a port.
    private static final class InUse extends IOException {
        private static final long serialVersionUID = 1L;

        private final Internal forUser;

        InUse(Internal forUser) {
            super(forUser);
            this.forUser = forUser;
        }
    }

    private static Fd bind(Protocol protocol, InetAddress ip, int port) throws Errno {
        int type =
                switch (protocol) {
                    case TCP -> Sockets.SOCK_STREAM;
                    case UDP -> Sockets.SOCK_DGRAM;
                };
        byte[] address =
                ByteBuffer.allocate(16) // struct sockaddr_in
                        .order(ByteOrder.nativeOrder())
                        .putShort((short) Sockets.AF_INET)
                        .order(ByteOrder.BIG_ENDIAN)
                        .putShort((short) port)
                        .put(ip.getAddress())
                        .array();
        try (Fd socket = Sockets.socket(Sockets.AF_INET, type, 0)) {
            // Not reusable, so that every other bind fails, whatever its own flags.
            try {
                Sockets.bind(socket, address);
            } catch (Errno e) {
                if (!e.is(Errno.EADDRINUSE) || protocol != Protocol.TCP) {
                    throw e;
                }
                // Connections in TIME_WAIT would also refuse it, and nobody listens then.
                Sockets.option(socket, Sockets.SOL_SOCKET, Sockets.SO_REUSEADDR, 1);
                Sockets.bind(socket, address);
            }
            return socket.transfer();
        }
    }

    /// Takes over a port after a restart.
    void adopt(PublishedPort port) {
        taken.add(new Place(port.protocol(), port.hostIp(), port.hostPort()));
    }

    /// Binds a port again whose socket was lost.
    Fd bind(PublishedPort port) throws Errno {
        return bind(port.protocol(), port.hostIp(), port.hostPort());
    }

    void release(PublishedPort port) {
        taken.remove(new Place(port.protocol(), port.hostIp(), port.hostPort()));
    }
}
