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
/// @param address of TCP, a name or number; empty for a unix socket
/// @param port of TCP; 0 for a unix socket
public record Endpoint(String text, String unixPath, String address, int port) implements Dialer {
    /// Socket of the installed daemon.
    public static final Endpoint DEFAULT = unix("/run/corten.sock");

    private static final int PORT = 2375;
    private static final int TLS_PORT = 2376;

    public static Endpoint unix(String path) {
        return new Endpoint("unix://" + path, path, "", 0);
    }

    /// @param tls whether the usual port is that of TLS
    /// @throws InvalidParameter for schemes that are not supported
    public static Endpoint parse(String text, boolean tls) {
        if (text.isEmpty()) {
            return DEFAULT;
        }
        if (text.startsWith("unix://")) {
            String path = text.substring("unix://".length());
            return path.isEmpty() ? DEFAULT : unix(path);
        }
        boolean scheme =
                text.startsWith("tcp://")
                        || text.startsWith("http://")
                        || text.startsWith("https://");
        if (!scheme && text.indexOf("://") >= 0) {
            throw new InvalidParameter("invalid bind address format: " + text);
        }
        String address = scheme ? text.substring(text.indexOf("://") + 3) : text;
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
        int port = hasPort ? port(address.substring(colon + 1)) : tls ? TLS_PORT : PORT;
        if (port < 1 || port > 65535) {
            throw new InvalidParameter("invalid bind address format: " + text);
        }
        return new Endpoint(text, "", host.isEmpty() ? "localhost" : host, port);
    }

    /// 0 if it is none.
    private static int port(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    public boolean isUnix() {
        return !unixPath.isEmpty();
    }

    @Override
    public String host() {
        return isUnix() ? "corten" : address + ":" + port;
    }

    @Override
    public Transport dial() throws IOException {
        SocketAddress peer =
                isUnix()
                        ? UnixDomainSocketAddress.of(unixPath)
                        : new InetSocketAddress(address, port);
        SocketChannel channel =
                isUnix() ? SocketChannel.open(StandardProtocolFamily.UNIX) : SocketChannel.open();
        try {
            channel.connect(peer);
            return new ChannelTransport(channel);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e instanceof IOException io ? io : new IOException(e.toString(), e);
        }
    }
}
