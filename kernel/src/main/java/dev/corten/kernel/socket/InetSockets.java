package dev.corten.kernel.socket;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.Syscall;
import dev.corten.kernel.ffi.NativeCall;
import java.util.Optional;

/// Internet sockets as far as reserving and relaying ports needs them. Addresses are 4 or 16 bytes
/// in network order, as `InetAddress` gives them.
public final class InetSockets {
    /// A transport whose ports can be published.
    public enum Transport {
        TCP(Sockets.SOCK_STREAM, 6),
        UDP(Sockets.SOCK_DGRAM, 17);

        private final int type;
        private final int protocol;

        Transport(int type, int protocol) {
            this.type = type;
            this.protocol = protocol;
        }
    }

    // netinet/in.h, netinet/tcp.h
    private static final int IPPROTO_TCP = 6;
    private static final int TCP_NODELAY = 1;
    private static final int IPPROTO_IPV6 = 41;
    private static final int IPV6_V6ONLY = 26;

    /// The kernel takes less if `net.core.somaxconn` says so.
    private static final int BACKLOG = 4096;

    private InetSockets() {}

    /// A non-blocking socket bound to address and port (0: any free one) and nothing else: as long as it is
    /// open, no other can be bound there, whatever its options. An IPv6 socket leaves IPv4 alone.
    ///
    /// @throws Errno EADDRINUSE if the port is taken, EADDRNOTAVAIL if the address is not ours
    public static Fd reserve(Transport transport, byte[] address, int port) throws Errno {
        int family = family(address);
        int type = transport.type | Sockets.SOCK_NONBLOCK;
        try (Fd socket = Sockets.socket(family, type, transport.protocol)) {
            if (family == Sockets.AF_INET6) {
                Sockets.option(socket, IPPROTO_IPV6, IPV6_V6ONLY, 1);
            }
            byte[] place = socketAddress(address, port);
            try {
                Sockets.bind(socket, place);
            } catch (Errno e) {
                // Connections in TIME_WAIT refuse it too, though nobody listens any more. With UDP
                // the option would let two sockets share the port.
                if (!e.is(Errno.EADDRINUSE) || transport == Transport.UDP) {
                    throw e;
                }
                reuse(socket, true);
                Sockets.bind(socket, place);
                reuse(socket, false);
            }
            return socket.transfer();
        } catch (Errno e) {
            throw new Errno(e.number(), "bind", transport + " port " + port);
        }
    }

    private static void reuse(Fd socket, boolean allowed) throws Errno {
        Sockets.option(socket, Sockets.SOL_SOCKET, Sockets.SO_REUSEADDR, allowed ? 1 : 0);
    }

    /// Makes a reserved TCP socket listen. What it accepts does not keep the port from being
    /// reserved again after it was closed.
    ///
    /// @throws Errno EADDRINUSE if somebody else listens there after all
    public static void listen(Fd socket) throws Errno {
        // Before: the kernel looks again whether connections in TIME_WAIT refuse the port.
        reuse(socket, true);
        Sockets.listen(socket, BACKLOG);
    }

    /// The next connection, non-blocking; empty if none waits, or the one that did has gone.
    public static Optional<Fd> accept(Fd socket) throws Errno {
        try (var call = NativeCall.open()) {
            long fd =
                    call.retrying(
                            Syscall.ACCEPT4,
                            socket.number(),
                            0,
                            0,
                            Sockets.SOCK_CLOEXEC | Sockets.SOCK_NONBLOCK);
            if (fd == -Errno.EAGAIN || fd == -Errno.ECONNABORTED) {
                return Optional.empty();
            }
            Fd accepted = Fd.adopt((int) NativeCall.check(Syscall.ACCEPT4, fd, ""));
            noDelay(accepted);
            return Optional.of(accepted);
        }
    }

    /// A non-blocking socket that connects: when it has become writable, [#connectError] says how
    /// it went. (Of UDP, it has only been given its peer.)
    public static Fd connect(Transport transport, byte[] address, int port) throws Errno {
        int type = transport.type | Sockets.SOCK_NONBLOCK;
        try (Fd socket = Sockets.socket(family(address), type, transport.protocol)) {
            if (transport == Transport.TCP) {
                noDelay(socket);
            }
            try {
                Sockets.connect(socket, socketAddress(address, port));
            } catch (Errno e) {
                if (!e.is(Errno.EINPROGRESS)) {
                    throw e;
                }
            }
            return socket.transfer();
        }
    }

    /// The error number of the connection attempt; 0 for none.
    public static int connectError(Fd socket) throws Errno {
        return Sockets.option(socket, Sockets.SOL_SOCKET, Sockets.SO_ERROR);
    }

    private static void noDelay(Fd socket) throws Errno {
        Sockets.option(socket, IPPROTO_TCP, TCP_NODELAY, 1);
    }

    /// The port that a socket is bound to.
    public static int localPort(Fd socket) throws Errno {
        byte[] address = Sockets.localAddress(socket);
        return (address[2] & 0xFF) << 8 | (address[3] & 0xFF);
    }

    private static int family(byte[] address) {
        return address.length == 4 ? Sockets.AF_INET : Sockets.AF_INET6;
    }

    /// A `sockaddr_in` or `sockaddr_in6`.
    public static byte[] socketAddress(byte[] address, int port) {
        boolean v4 = address.length == 4;
        if (!v4 && address.length != 16) {
            throw new IllegalArgumentException("address of " + address.length + " bytes");
        }
        byte[] bytes = new byte[v4 ? 16 : 28];
        bytes[0] = (byte) (v4 ? Sockets.AF_INET : Sockets.AF_INET6);
        bytes[2] = (byte) (port >> 8);
        bytes[3] = (byte) port;
        System.arraycopy(address, 0, bytes, v4 ? 4 : 8, address.length);
        return bytes;
    }
}
