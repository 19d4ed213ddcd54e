package dev.corten.registry.client;

import java.io.IOException;
import java.net.Authenticator;
import java.net.PasswordAuthentication;
import java.net.URI;
import java.net.URLDecoder;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// The HTTP clients: one for each way in which registries are secured, made when first used. All
/// registries without certificates of their own share one.
final class HttpClients {
    private static final Duration CONNECT = Duration.ofSeconds(30);

    /// Of ways in use at a time; older ones go.
    private static final int LIMIT = 32;

    private record Way(boolean verified, String certificates, Proxies proxies) {}

    private final ReentrantLock lock = new ReentrantLock();

    /// Guarded by the lock. What falls out is closed by the collector, once nobody uses it.
    private final Map<Way, HttpClient> clients =
            new LinkedHashMap<>(8, 0.75f, true) {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<Way, HttpClient> eldest) {
                    return size() > LIMIT;
                }
            };

    HttpClient client(RegistrySettings settings, Endpoint endpoint) throws IOException {
        CertificateFiles files =
                endpoint.encrypted()
                        ? CertificateFiles.of(settings.certsDirectories(), endpoint.authority())
                        : new CertificateFiles(java.util.List.of());
        // In the clear, the certificates of a server that redirects us are still checked.
        boolean verified = endpoint.verified() || !endpoint.encrypted();
        var way = new Way(verified, files.fingerprint(), settings.proxies());
        lock.lock();
        try {
            HttpClient known = clients.get(way);
            if (known != null) {
                return known;
            }
        } finally {
            lock.unlock();
        }
        HttpClient made = make(files, verified, settings.proxies());
        lock.lock();
        try {
            HttpClient other = clients.putIfAbsent(way, made);
            return other == null ? made : other;
        } finally {
            lock.unlock();
        }
    }

    static {
        // Java refuses to send a password to a proxy in the clear; who writes it into the proxy's
        // address wants just that. It is read once, when the first client is made.
        System.setProperty("jdk.http.auth.tunneling.disabledSchemes", "");
    }

    private static HttpClient make(CertificateFiles files, boolean verified, Proxies proxies)
            throws IOException {
        HttpClient.Builder builder =
                HttpClient.newBuilder()
                        .connectTimeout(CONNECT)
                        .followRedirects(HttpClient.Redirect.NEVER)
                        .proxy(new ProxyRules(proxies))
                        .executor(Executors.newVirtualThreadPerTaskExecutor())
                        .sslContext(files.context(verified));
        proxyPassword(proxies).ifPresent(builder::authenticator);
        return builder.build();
    }

    private static Optional<Authenticator> proxyPassword(Proxies proxies) {
        boolean known = proxies.http().contains("@") || proxies.https().contains("@");
        if (!known) {
            return Optional.empty();
        }
        return Optional.of(
                new Authenticator() {
                    @Override
                    protected @Nullable PasswordAuthentication getPasswordAuthentication() {
                        if (getRequestorType() != RequestorType.PROXY) {
                            return null;
                        }
                        boolean encrypted = "https".equals(getRequestingScheme());
                        return password(encrypted ? proxies.https() : proxies.http());
                    }
                });
    }

    private static @Nullable PasswordAuthentication password(String proxy) {
        String user =
                URI.create(proxy.contains("://") ? proxy : "http://" + proxy).getRawUserInfo();
        if (user == null) {
            return null;
        }
        String[] parts = user.split(":", 2);
        String password = parts.length == 2 ? parts[1] : "";
        return new PasswordAuthentication(
                URLDecoder.decode(parts[0], StandardCharsets.UTF_8),
                URLDecoder.decode(password, StandardCharsets.UTF_8).toCharArray());
    }
}
