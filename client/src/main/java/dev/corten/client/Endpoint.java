package dev.corten.client;

import dev.corten.model.InvalidParameter;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;

/// Where a daemon listens: `unix:///run/corten.sock` or `tcp://host:2375`.
///
/// @param text as the user wrote it, for messages
/// @param unixPath the path of the socket; empty for TCP
/// @param host of TCP; empty for a unix socket
/// @param port of TCP; 0 for a unix socket
public record Endpoint(String text, String unixPath, String host, int port) {
    /// Socket of the installed daemon.
    public static final Endpoint DEFAULT = unix("/run/corten.sock");

    private static final int DEFAULT_PORT = 2375;

    public static Endpoint unix(String path) {
        return new Endpoint("unix://" + path, path, "", 0);
    }

    /// @throws InvalidParameter for schemes that are not supported
    public static Endpoint parse(String text) {
        if (text.startsWith("unix://")) {
            String path = text.substring("unix://".length());
            return path.isEmpty() ? DEFAULT : unix(path);
        }
        boolean tcp = text.startsWith("tcp://") || text.startsWith("http://");
        if (!tcp && text.indexOf("://") >= 0) {
            throw new InvalidParameter(
                    "cannot connect to host " + text + ": only unix:// and tcp:// are supported");
        }
        String address = tcp ? text.substring(text.indexOf("://") + 3) : text;
        int slash = address.indexOf('/');
        if (slash >= 0) {
            address = address.substring(0, slash);
        }
        int colon = address.lastIndexOf(':');
        boolean hasPort = colon > address.lastIndexOf(']');
        String host = hasPort ? address.substring(0, colon) : address;
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        }
        int port = DEFAULT_PORT;
        if (hasPort) {
            try {
                port = Integer.parseInt(address.substring(colon + 1));
            } catch (NumberFormatException e) {
                throw new InvalidParameter("unable to parse docker host `" + text + "`", e);
            }
        }
        if (host.isEmpty() || port < 1 || port > 65535) {
            throw new InvalidParameter("unable to parse docker host `" + text + "`");
        }
        return new Endpoint(text, "", host, port);
    }

    public boolean isUnix() {
        return !unixPath.isEmpty();
    }

    /// A connected, blocking channel; the caller closes it.
    SocketChannel connect() throws IOException {
        SocketAddress address =
                isUnix() ? UnixDomainSocketAddress.of(unixPath) : new InetSocketAddress(host, port);
        SocketChannel channel =
                isUnix() ? SocketChannel.open(StandardProtocolFamily.UNIX) : SocketChannel.open();
        try {
            channel.connect(address);
            return channel;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e instanceof IOException io ? io : new IOException(e.toString(), e);
        }
    }
}
