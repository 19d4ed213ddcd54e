package dev.corten.kernel.socket;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;

/// Internet sockets as far as reserving ports needs them. Addresses are 4 or 16 bytes in network
/// order, as `InetAddress` gives them.
public final class InetSockets {
    /// A transport whose ports can be published.
    public enum Transport {
        TCP(Sockets.SOCK_STREAM, 6),
        UDP(Sockets.SOCK_DGRAM, 17),
        SCTP(Sockets.SOCK_STREAM, 132);

        private final int type;
        private final int protocol;

        Transport(int type, int protocol) {
            this.type = type;
            this.protocol = protocol;
        }
    }

    private static final int IPPROTO_IPV6 = 41;
    private static final int IPV6_V6ONLY = 26;

    private InetSockets() {}

    /// A socket bound to address and port (0: any free one), which keeps others from having it.
    /// An IPv6 socket leaves IPv4 alone.
    ///
    /// @throws Errno EADDRINUSE if the port is taken, EADDRNOTAVAIL if the address is not ours
    public static Fd bind(Transport transport, byte[] address, int port) throws Errno {
        int family = address.length == 4 ? Sockets.AF_INET : Sockets.AF_INET6;
        try (Fd socket = Sockets.socket(family, transport.type, transport.protocol)) {
            if (transport != Transport.UDP) {
                // Connections in TIME_WAIT must not keep a container from starting again. With UDP
                // the option would let two sockets share the port.
                Sockets.option(socket, Sockets.SOL_SOCKET, Sockets.SO_REUSEADDR, 1);
            }
            if (family == Sockets.AF_INET6) {
                Sockets.option(socket, IPPROTO_IPV6, IPV6_V6ONLY, 1);
            }
            try {
                Sockets.bind(socket, socketAddress(address, port));
            } catch (Errno e) {
                throw new Errno(e.number(), "bind", transport + " port " + port);
            }
            return socket.transfer();
        }
    }

    /// Like [#bind] and then listening, so that TCP ports of others conflict too: two bound sockets
    /// with SO_REUSEADDR may share a port until one listens.
    public static Fd reserve(Transport transport, byte[] address, int port) throws Errno {
        try (Fd socket = bind(transport, address, port)) {
            if (transport != Transport.UDP) {
                try {
                    Sockets.listen(socket, 128);
                } catch (Errno e) {
                    throw new Errno(e.number(), "listen", transport + " port " + port);
                }
            }
            return socket.transfer();
        }
    }

    /// The port that a socket is bound to.
    public static int localPort(Fd socket) throws Errno {
        byte[] address = Sockets.localAddress(socket);
        return (address[2] & 0xFF) << 8 | (address[3] & 0xFF);
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
