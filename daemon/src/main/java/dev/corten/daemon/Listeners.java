package dev.corten.daemon;

import dev.corten.daemon.settings.Options;
import dev.corten.daemon.settings.Settings;
import dev.corten.http.HttpServer;
import dev.corten.http.Tls;
import dev.corten.kernel.Fd;
import dev.corten.kernel.socket.Sockets;
import dev.corten.kernel.socket.UnixSockets;
import dev.corten.model.InvalidParameter;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The sockets on which the daemon is asked.
final class Listeners {
    private static final Logger LOG = System.getLogger(Listeners.class.getName());
    private static final int BACKLOG = 1024;
    private static final String ATTACK_SURFACE =
            """

                     Access to the remote API is equivalent to root access on the host. Refer
                     to the 'Docker daemon attack surface' section in the documentation for
                     more information: https://docs.docker.com/go/attack-surface/
            In future versions this will be a hard failure preventing the daemon from starting! \
            Learn more at: https://docs.docker.com/go/api-security/\
            """;

    private final Settings settings;
    private final ActivatedSockets activated;
    private final TlsSettings secured;
    private final List<ListenAddress> addresses;

    private Listeners(
            Settings settings,
            ActivatedSockets activated,
            TlsSettings secured,
            List<ListenAddress> addresses) {
        this.settings = settings;
        this.activated = activated;
        this.secured = secured;
        this.addresses = List.copyOf(addresses);
    }

    /// @throws InvalidParameter if an address is none, or would give the machine away
    static Listeners of(
            Settings settings, ActivatedSockets activated, Map<String, String> environment)
            throws IOException {
        TlsSettings secured = TlsSettings.of(settings, environment);
        List<String> hosts = settings.get(Options.HOSTS);
        var addresses = new ArrayList<ListenAddress>();
        for (String host : hosts.isEmpty() ? List.of("unix://") : hosts) {
            ListenAddress address = ListenAddress.parse(host, secured.isOn());
            if (address instanceof ListenAddress.Tcp && !secured.verifies()) {
                secured.requireIntent(address.text());
            }
            if (address instanceof ListenAddress.Activated(String name)) {
                // Before there is anything to take back.
                activated.get(name);
            }
            addresses.add(address);
        }
        return new Listeners(settings, activated, secured, addresses);
    }

    /// As texts, complete.
    List<String> hosts() {
        return addresses.stream().map(ListenAddress::text).toList();
    }

    /// What `info` warns of, in Docker's words.
    List<String> warnings() {
        var warnings = new ArrayList<String>();
        for (ListenAddress address : addresses) {
            if (address instanceof ListenAddress.Tcp tcp && !secured.verifies()) {
                String shown = tcp.text().substring("tcp://".length());
                warnings.add(
                        "[DEPRECATION NOTICE]: API is accessible on "
                                + (secured.isOn()
                                        ? "https://" + shown + " without TLS client verification."
                                        : "http://" + shown + " without encryption.")
                                + ATTACK_SURFACE);
            }
        }
        return warnings;
    }

    void open(HttpServer server) throws IOException {
        for (ListenAddress address : addresses) {
            switch (address) {
                case ListenAddress.Unix(Path path) -> openUnix(server, path);
                case ListenAddress.Tcp tcp -> openTcp(server, tcp);
                case ListenAddress.Activated(String name) -> openActivated(server, name);
            }
        }
        LOG.log(Level.INFO, () -> "API listen on " + String.join(", ", hosts()));
    }

    private void openUnix(HttpServer server, Path socket) throws IOException {
        SoleUse.ofSocket(socket);
        // With these rights from the first moment on, whatever the umask is.
        try (Fd listening =
                UnixSockets.listen(socket.toString(), Sockets.SOCK_STREAM, 0660, BACKLOG)) {
            server.listenUnix(listening);
        }
        String name = settings.get(Options.GROUP);
        if (name.isEmpty()) {
            return;
        }
        try {
            GroupPrincipal group =
                    socket.getFileSystem()
                            .getUserPrincipalLookupService()
                            .lookupPrincipalByGroupName(name);
            Files.getFileAttributeView(socket, PosixFileAttributeView.class).setGroup(group);
        } catch (UserPrincipalNotFoundException e) {
            if (settings.has(Options.GROUP)) {
                throw new InvalidParameter(
                        "failed to load listeners: group " + name + " not found", e);
            }
            LOG.log(
                    Level.WARNING,
                    () ->
                            "could not change group "
                                    + socket
                                    + " to "
                                    + name
                                    + ": group "
                                    + name
                                    + " not found");
        }
    }

    private void openTcp(HttpServer server, ListenAddress.Tcp address) throws IOException {
        Optional<Tls> tls = secured.context();
        if (tls.isEmpty()) {
            LOG.log(
                    Level.WARNING,
                    () ->
                            "Binding to IP address without --tlsverify is insecure and gives root"
                                    + " access on this machine to everyone who has access to your"
                                    + " network: "
                                    + address.text());
        }
        server.listenTcp(new InetSocketAddress(address.host(), address.port()), tls);
    }

    private void openActivated(HttpServer server, String name) throws IOException {
        for (ActivatedSockets.Activated socket : activated.get(name)) {
            if (socket.isUnix()) {
                server.listenUnix(socket.socket());
            } else {
                if (!secured.verifies()) {
                    secured.requireIntent("fd://" + name);
                }
                server.listenTcp(socket.socket(), secured.context());
            }
        }
    }

    /// Removes the sockets that were made here; others are their maker's.
    void close() throws IOException {
        for (ListenAddress address : addresses) {
            if (address instanceof ListenAddress.Unix(Path path)) {
                Files.deleteIfExists(path);
            }
        }
    }
}
