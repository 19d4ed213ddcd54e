package dev.corten.daemon;

import dev.corten.http.Handler;
import dev.corten.http.HttpServer;
import dev.corten.model.InvalidParameter;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Serves `/metrics` on an address of its own, in plain HTTP, as Prometheus asks for it. It gives no
/// rights, but tells names: it belongs on an address that strangers do not reach.
final class MetricsServer implements AutoCloseable {
    private static final Logger LOG = System.getLogger(MetricsServer.class.getName());

    private final String address;
    private final Handler page;
    private @Nullable HttpServer server;

    /// @param address as `127.0.0.1:9323`; empty for no metrics
    MetricsServer(String address, Handler page) {
        this.address = address;
        this.page = page;
    }

    void open() throws IOException {
        if (address.isEmpty()) {
            return;
        }
        int colon = address.lastIndexOf(':');
        if (colon < 0) {
            throw invalid("address " + address + ": missing port in address");
        }
        int port;
        try {
            port = Integer.parseInt(address.substring(colon + 1));
        } catch (NumberFormatException _) {
            throw invalid("invalid port in " + address);
        }
        if (port < 0 || port > 65535) {
            throw invalid("invalid port in " + address);
        }
        String host = address.substring(0, colon).replaceAll("[\\[\\]]", "");
        var opened = new HttpServer(page);
        server = opened;
        opened.listenTcp(
                host.isEmpty() ? new InetSocketAddress(port) : new InetSocketAddress(host, port),
                Optional.empty());
        LOG.log(Level.INFO, () -> "metrics API listening on " + address);
    }

    private static InvalidParameter invalid(String why) {
        return new InvalidParameter(
                "failed to start metrics server: error parsing tcp address: " + why);
    }

    @Override
    public void close() {
        if (server != null) {
            server.close();
        }
    }
}
