package dev.corten.registry.client;

import dev.corten.registry.JdkHttp;
import java.io.IOException;
import java.net.Authenticator;
import java.net.PasswordAuthentication;
import java.net.URI;
import java.net.URLDecoder;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/// The HTTP clients: one for each way in which registries are secured, made when first used. All
/// registries without certificates of their own share one.
final class HttpClients {
    private static final Duration CONNECT = Duration.ofSeconds(30);

    /// Of ways in use at a time; older ones go.
    private static final int LIMIT = 32;

    /// @param host whom the certificate must be of, if it is called by one of its addresses
    private record Way(boolean verified, String certificates, Proxies proxies, String host) {}

    /// The clients for one endpoint.
    @FunctionalInterface
    interface ForEndpoint {
        /// @param host that is called by one of its addresses; empty for all others
        HttpClient client(String host) throws IOException;
    }

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

    /// @throws IOException if the endpoint's certificates cannot be used
    ForEndpoint of(RegistrySettings settings, Endpoint endpoint) throws IOException {
        HttpClient usual = client(settings, endpoint, "");
        return host -> host.isEmpty() ? usual : client(settings, endpoint, host);
    }

    private HttpClient client(RegistrySettings settings, Endpoint endpoint, String host)
            throws IOException {
        CertificateFiles files =
                endpoint.encrypted()
                        ? CertificateFiles.of(settings.certsDirectories(), endpoint.authority())
                        : new CertificateFiles(List.of());
        // In the clear, the certificates of a server that redirects us are still checked.
        boolean verified = endpoint.verified() || !endpoint.encrypted();
        var way = new Way(verified, files.fingerprint(), settings.proxies(), host);
        lock.lock();
        try {
            HttpClient known = clients.get(way);
            if (known != null) {
                return known;
            }
        } finally {
            lock.unlock();
        }
        HttpClient made = make(files, verified, settings.proxies(), host);
        lock.lock();
        try {
            HttpClient other = clients.putIfAbsent(way, made);
            return other == null ? made : other;
        } finally {
            lock.unlock();
        }
    }

    static {
        JdkHttp.prepare();
    }

    private static HttpClient make(
            CertificateFiles files, boolean verified, Proxies proxies, String host)
            throws IOException {
        HttpClient.Builder builder =
                HttpClient.newBuilder()
                        .connectTimeout(CONNECT)
                        .followRedirects(HttpClient.Redirect.NEVER)
                        .proxy(new ProxyRules(proxies))
                        .executor(Executors.newVirtualThreadPerTaskExecutor())
                        .sslContext(files.context(verified));
        if (!host.isEmpty()) {
            var parameters = new SSLParameters();
            parameters.setServerNames(List.of(new SNIHostName(host)));
            builder.sslParameters(parameters);
            // Its name, which is what counts for that, has been found to need none.
            builder.proxy(HttpClient.Builder.NO_PROXY);
        }
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
