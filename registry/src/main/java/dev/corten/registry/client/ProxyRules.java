package dev.corten.registry.client;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Chooses the proxy of a request as Go's programs do: never one for this host, none for what is
/// excepted.
final class ProxyRules extends ProxySelector {
    private static final int HTTP_PORT = 80;
    private static final int HTTPS_PORT = 443;

    private final Proxies proxies;

    ProxyRules(Proxies proxies) {
        this.proxies = proxies;
    }

    /// The address of the proxy of a request.
    Optional<URI> proxy(URI request) {
        boolean encrypted = "https".equals(request.getScheme());
        String address = encrypted ? proxies.https() : proxies.http();
        int port = request.getPort();
        if (port < 0) {
            port = encrypted ? HTTPS_PORT : HTTP_PORT;
        }
        if (address.isEmpty() || excepted(InsecureNames.host(request.getRawAuthority()), port)) {
            return Optional.empty();
        }
        return Optional.of(URI.create(address.contains("://") ? address : "http://" + address));
    }

    private boolean excepted(String host, int port) {
        String name = host.toLowerCase(Locale.ROOT);
        Optional<InetAddress> address = literal(name);
        if (name.equals("localhost") || address.map(InetAddress::isLoopbackAddress).orElse(false)) {
            return true;
        }
        for (String rule : proxies.none().split(",")) {
            String text = rule.strip().toLowerCase(Locale.ROOT);
            if (!text.isEmpty() && matches(text, name, port, address)) {
                return true;
            }
        }
        return false;
    }

    private static boolean matches(
            String rule, String name, int port, Optional<InetAddress> address) {
        if (rule.equals("*")) {
            return true;
        }
        if (rule.contains("/")) {
            return address.map(a -> InsecureNames.inNetwork(a, rule)).orElse(false);
        }
        String host = rule;
        int colon = rule.lastIndexOf(':');
        boolean onlyColon = colon >= 0 && colon == rule.indexOf(':');
        if (onlyColon || rule.startsWith("[") && colon > rule.indexOf(']')) {
            if (!rule.substring(colon + 1).equals(Integer.toString(port))) {
                return false;
            }
            host = rule.substring(0, colon);
        }
        Optional<InetAddress> excepted = literal(host.replace("[", "").replace("]", ""));
        if (excepted.isPresent()) {
            return excepted.equals(address);
        }
        String domain = host.startsWith("*.") ? host.substring(1) : host;
        return domain.startsWith(".")
                ? name.endsWith(domain)
                : name.equals(domain) || name.endsWith("." + domain);
    }

    private static Optional<InetAddress> literal(String text) {
        try {
            return Optional.of(InetAddress.ofLiteral(text));
        } catch (IllegalArgumentException e) {
            // A name.
            return Optional.empty();
        }
    }

    @Override
    public List<Proxy> select(URI uri) {
        return proxy(uri)
                .map(p -> {
                    int port = p.getPort() < 0 ? HTTP_PORT : p.getPort();
                    return List.of(
                            new Proxy(Proxy.Type.HTTP, new InetSocketAddress(p.getHost(), port)));
                })
                .orElse(List.of(Proxy.NO_PROXY));
    }

    @Override
    public void connectFailed(URI uri, SocketAddress address, IOException failure) {
        // The request fails with the same, and says it.
    }
}
