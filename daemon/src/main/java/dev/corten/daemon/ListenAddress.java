package dev.corten.daemon;

import dev.corten.model.InvalidParameter;
import java.nio.file.Path;

/// Where a daemon listens.
sealed interface ListenAddress {
    /// Docker's ports, without and with TLS.
    int PLAIN_PORT = 2375;

    int TLS_PORT = 2376;

    Path SOCKET = Path.of("/run/corten.sock");

    /// As `-H` says it, made complete.
    String text();

    record Unix(Path path) implements ListenAddress {
        @Override
        public String text() {
            return "unix://" + path;
        }
    }

    /// @param host a name or an address, an IPv6 one without brackets
    record Tcp(String host, int port) implements ListenAddress {
        @Override
        public String text() {
            String shown = host.indexOf(':') >= 0 ? "[" + host + "]" : host;
            return "tcp://" + shown + ":" + port;
        }
    }

    /// A socket that the service manager holds.
    ///
    /// @param name a number from 3 on, a name, or empty for all of them
    record Activated(String name) implements ListenAddress {
        @Override
        public String text() {
            return "fd://" + name;
        }
    }

    /// Reads what `-H` takes: as dockerd, with its defaults for what is left out.
    ///
    /// @param tls whether connections are secured, for the default port
    static ListenAddress parse(String text, boolean tls) {
        String host = text.strip();
        int scheme = host.indexOf("://");
        String rest = scheme < 0 ? host : host.substring(scheme + 3);
        return switch (scheme < 0 ? "" : host.substring(0, scheme)) {
            case "" -> host.isEmpty() ? new Unix(SOCKET) : tcp(text, rest, tls);
            case "unix" -> new Unix(rest.isEmpty() ? SOCKET : Path.of(rest).toAbsolutePath());
            case "tcp" -> tcp(text, rest, tls);
            case "fd" -> new Activated(rest.equals("*") ? "" : rest);
            default ->
                    throw new InvalidParameter(
                            "failed to load listeners: invalid protocol format: \""
                                    + host.substring(0, scheme)
                                    + "\"");
        };
    }

    private static Tcp tcp(String text, String rest, boolean tls) {
        int standard = tls ? TLS_PORT : PLAIN_PORT;
        String host = rest;
        int port = standard;
        int bracket = rest.lastIndexOf(']');
        int colon = rest.lastIndexOf(':');
        try {
            // A colon within brackets, or one of several without, belongs to the address.
            if (colon > bracket && (bracket >= 0 || rest.indexOf(':') == colon)) {
                host = rest.substring(0, colon);
                String number = rest.substring(colon + 1);
                port = number.isEmpty() ? standard : Integer.parseInt(number);
            }
        } catch (NumberFormatException _) {
            throw invalid(text);
        }
        if (host.indexOf('/') >= 0 || port < 0 || port > 65535) {
            throw invalid(text);
        }
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        }
        return new Tcp(host.isEmpty() ? "127.0.0.1" : host, port);
    }

    private static InvalidParameter invalid(String text) {
        return new InvalidParameter("invalid bind address (" + text + ")");
    }
}
