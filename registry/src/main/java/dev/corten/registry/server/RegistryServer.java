package dev.corten.registry.server;

import dev.corten.http.Headers;
import dev.corten.http.HttpServer;
import dev.corten.http.Tls;
import dev.corten.registry.server.access.AccessControl;
import dev.corten.registry.server.access.Htpasswd;
import dev.corten.registry.server.collect.Maintenance;
import dev.corten.registry.server.event.Events;
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
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// One registry: its storage, its sockets, and what runs beside the requests.
public final class RegistryServer implements AutoCloseable {
    private static final Logger LOG = System.getLogger(RegistryServer.class.getName());

    private final ServerSettings settings;
    private final Storage storage;
    private final Maintenance maintenance;
    private @Nullable HttpServer server;
    private @Nullable InetSocketAddress address;

    public RegistryServer(ServerSettings settings) {
        this.settings = settings;
        this.storage = new Storage(settings.rootDirectory());
        this.maintenance = new Maintenance(storage, settings);
    }

    /// Begins to serve.
    ///
    /// @throws IOException if the storage or the address cannot be had
    /// @throws BadSettings if a setting cannot be followed
    public void open() throws IOException, BadSettings {
        storage.open();
        maintenance.open();
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
                        Events.NONE,
                        Optional.<Upstream>empty(),
                        log());
        var fresh = new HttpServer(handler, Runtime.getRuntime().availableProcessors());
        server = fresh;
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

    private static String shown(InetSocketAddress address) {
        String host = address.getAddress().getHostAddress();
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + address.getPort();
    }

    private AccessControl access() throws IOException, BadSettings {
        return switch (settings.auth()) {
            case Auth.None() -> AccessControl.NONE;
            case Auth.Passwords passwords -> new Htpasswd(passwords.realm(), passwords.file());
            case Auth.Tokens _ -> throw new BadSettings("auth.token is not supported");
        };
    }

    private RequestLog log() {
        RequestLog access = new AccessLog(System.out);
        return settings.log().access() ? access : (_, _, _, _, _, _) -> {};
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
    }
}
