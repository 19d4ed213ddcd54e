package dev.corten.registry.server;

import dev.corten.http.Headers;
import dev.corten.http.HttpServer;
import dev.corten.http.Tls;
import dev.corten.model.Digest;
import dev.corten.registry.server.access.AccessControl;
import dev.corten.registry.server.access.Htpasswd;
import dev.corten.registry.server.access.TokenAccess;
import dev.corten.registry.server.collect.Collection;
import dev.corten.registry.server.collect.Maintenance;
import dev.corten.registry.server.event.Events;
import dev.corten.registry.server.event.Notifications;
import dev.corten.registry.server.mirror.Expiry;
import dev.corten.registry.server.mirror.PullThrough;
import dev.corten.registry.server.protocol.RegistryHandler;
import dev.corten.registry.server.protocol.RequestLog;
import dev.corten.registry.server.protocol.Upstream;
import dev.corten.registry.server.settings.BadSettings;
import dev.corten.registry.server.settings.ServerSettings;
import dev.corten.registry.server.settings.ServerSettings.Auth;
import dev.corten.registry.server.storage.Quotas;
import dev.corten.registry.server.storage.Storage;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// One registry: its storage, its sockets, and what runs beside the requests.
public final class RegistryServer implements AutoCloseable {
    private static final Logger LOG = System.getLogger(RegistryServer.class.getName());

    private static final Duration WARM_UP = Duration.ofSeconds(2);
    private static final int WARM_UP_ROUNDS = 4000;

    private final ServerSettings settings;
    private final Storage storage;
    private final Maintenance maintenance;
    private final Notifications notifications;
    private final ServerMetrics metrics;
    private final Health health;
    private @Nullable HttpServer server;
    private @Nullable HttpServer debug;
    private @Nullable Expiry expiry;
    private @Nullable InetSocketAddress address;
    private @Nullable InetSocketAddress debugAddress;

    /// @throws BadSettings if a setting cannot be followed
    public RegistryServer(ServerSettings settings) throws BadSettings {
        this.settings = settings;
        this.storage = new Storage(settings.rootDirectory());
        this.maintenance = new Maintenance(storage, settings);
        int port = settings.http().unix() ? 0 : address(settings.http().address()).getPort();
        this.notifications = new Notifications(settings.endpoints(), port);
        this.metrics = new ServerMetrics(notifications::counts);
        this.health = new Health(settings.health(), storage);
    }

    /// Begins to serve.
    ///
    /// @throws IOException if the storage or the address cannot be had
    /// @throws BadSettings if a setting cannot be followed
    public void open() throws IOException, BadSettings {
        storage.open();
        if (!settings.readOnly()) {
            Collection.recover(storage);
        }
        Thread.ofPlatform().name("warm-up").daemon(true).start(RegistryServer::warmUp);
        maintenance.open();
        notifications.open();
        health.open();
        ServerSettings.Http http = settings.http();
        var handler =
                new RegistryHandler(
                        new RegistryHandler.Options(
                                Headers.of(http.headers().toArray(String[]::new)),
                                http.prefix(),
                                http.host(),
                                http.relative(),
                                settings.deletes(),
                                settings.readOnly(),
                                !(settings.auth() instanceof Auth.Tokens),
                                settings.maxEntries()),
                        storage,
                        new Quotas(storage, settings.quota().usual(), settings.quota().special()),
                        access(),
                        settings.endpoints().isEmpty() ? Events.NONE : notifications,
                        upstream(),
                        log());
        var fresh = new HttpServer(handler, Runtime.getRuntime().availableProcessors());
        server = fresh;
        openDebug();
        if (http.unix()) {
            fresh.listenUnix(http.address());
            LOG.log(Level.INFO, () -> "listening on " + http.address());
            return;
        }
        Optional<Tls> tls = Optional.empty();
        if (http.tls().isPresent()) {
            ServerSettings.TlsFiles files = http.tls().get();
            tls = Optional.of(Tls.of(files.certificate(), files.key(), files.clientAuthority()));
        }
        InetSocketAddress bound = fresh.listenTcp(address(http.address()), tls);
        address = bound;
        String suffix = tls.isPresent() ? ", tls" : "";
        LOG.log(Level.INFO, () -> "listening on " + shown(bound) + suffix);
    }

    /// The first blobs would be hashed by interpreted code, at a tenth of the speed, until the JVM has
    /// compiled it; on a busy machine that takes many of them.
    private static void warmUp() {
        var hash = Digest.newHash();
        byte[] some = new byte[64 << 10];
        long end = System.nanoTime() + WARM_UP.toNanos();
        for (int i = 0; i < WARM_UP_ROUNDS && System.nanoTime() < end; i++) {
            hash.update(some);
        }
        LOG.log(Level.DEBUG, () -> "warmed up: " + Digest.finish(hash));
    }

    private Optional<Upstream> upstream() throws BadSettings {
        if (settings.proxy().isEmpty()) {
            return Optional.empty();
        }
        ServerSettings.Proxy proxy = settings.proxy().get();
        var dropping = new Expiry(storage, proxy.ttl());
        expiry = dropping;
        dropping.open();
        return Optional.of(new PullThrough(proxy, storage, System.getenv()));
    }

    private void openDebug() throws IOException, BadSettings {
        ServerSettings.Http http = settings.http();
        if (!http.debugAddress().isEmpty()) {
            var pages = new HttpServer(new DebugPages(health, metrics, http.metricsPath()));
            debug = pages;
            InetSocketAddress bound =
                    pages.listenTcp(address(http.debugAddress()), Optional.empty());
            debugAddress = bound;
            LOG.log(Level.INFO, () -> "debug server listening on " + shown(bound));
        }
    }

    private static String shown(InetSocketAddress address) {
        String host = address.getAddress().getHostAddress();
        if (address.getAddress().isAnyLocalAddress()) {
            return "[::]:" + address.getPort();
        }
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + address.getPort();
    }

    private AccessControl access() throws IOException {
        return switch (settings.auth()) {
            case Auth.None() -> AccessControl.NONE;
            case Auth.Passwords passwords -> new Htpasswd(passwords.realm(), passwords.file());
            case Auth.Tokens tokens -> new TokenAccess(tokens);
        };
    }

    private RequestLog log() {
        if (!settings.log().access()) {
            return metrics;
        }
        var access = new AccessLog(System.out);
        return (request, handler, user, status, bytes, taken) -> {
            metrics.answered(request, handler, user, status, bytes, taken);
            access.answered(request, handler, user, status, bytes, taken);
        };
    }

    /// Reads `HOST:PORT`; the host may be missing.
    static InetSocketAddress address(String text) throws BadSettings {
        int colon = text.lastIndexOf(':');
        try {
            String host = text.substring(0, Math.max(0, colon)).replaceAll("[\\[\\]]", "");
            int port = Integer.parseInt(text.substring(colon + 1));
            return host.isEmpty() ? new InetSocketAddress(port) : new InetSocketAddress(host, port);
        } catch (IllegalArgumentException e) {
            throw new BadSettings("http.addr: must be HOST:PORT: " + text);
        }
    }

    /// Where it listens on TCP.
    public InetSocketAddress address() {
        if (address == null) {
            throw new IllegalStateException("the registry does not listen on TCP");
        }
        return address;
    }

    /// Where its health and metrics are.
    public InetSocketAddress debugAddress() {
        if (debugAddress == null) {
            throw new IllegalStateException("there is no http.debug.addr");
        }
        return debugAddress;
    }

    public Storage storage() {
        return storage;
    }

    /// Lets running requests finish within the time that the settings give them.
    @Override
    public void close() {
        maintenance.close();
        if (server != null) {
            server.close(settings.http().drainTimeout());
        }
        if (debug != null) {
            debug.close();
        }
        if (expiry != null) {
            expiry.close();
        }
        health.close();
        notifications.close();
    }
}
