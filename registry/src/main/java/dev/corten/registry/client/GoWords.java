package dev.corten.registry.client;

import dev.corten.registry.client.TransportFailure.Kind;
import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.NoRouteToHostException;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/// What failed requests are called where Docker's users read it: by the words of Go's libraries.
final class GoWords {
    private static final Path RESOLVER = Path.of("/etc/resolv.conf");

    private GoWords() {}

    /// `Get "https://…": cause`.
    static String of(String method, URI uri, String cause) {
        String word = method.substring(0, 1) + method.substring(1).toLowerCase(Locale.ROOT);
        return word + " \"" + withoutPassword(uri) + "\": " + cause;
    }

    private static String withoutPassword(URI uri) {
        String user = uri.getRawUserInfo();
        return user == null ? uri.toString() : uri.toString().replace(user + "@", "xxxxx@");
    }

    /// @param dialled whom the connection was made to, a proxy perhaps
    static TransportFailure translate(String method, URI uri, URI dialled, IOException failure) {
        TransportFailure known = find(failure, TransportFailure.class);
        if (known != null) {
            return known;
        }
        CertificateException bad = find(failure, CertificateException.class);
        if (bad != null) {
            return failure(
                    Kind.FINAL,
                    method,
                    uri,
                    "tls: failed to verify certificate: " + bad.getMessage(),
                    failure);
        }
        if (find(failure, UnresolvedAddressException.class) != null
                || find(failure, UnknownHostException.class) != null) {
            String host = InsecureNames.host(dialled.getRawAuthority());
            return failure(
                    Kind.FINAL,
                    method,
                    uri,
                    "dial tcp: lookup " + host + nameServer() + ": no such host",
                    failure);
        }
        if (find(failure, HttpConnectTimeoutException.class) != null) {
            return failure(
                    Kind.REFUSED,
                    method,
                    uri,
                    "dial tcp " + address(dialled) + ": i/o timeout",
                    failure);
        }
        if (find(failure, HttpTimeoutException.class) != null) {
            return failure(
                    Kind.CUT,
                    method,
                    uri,
                    "net/http: request canceled (Client.Timeout exceeded while awaiting headers)",
                    failure);
        }
        if (find(failure, NoRouteToHostException.class) != null) {
            return failure(
                    Kind.REFUSED,
                    method,
                    uri,
                    "dial tcp " + address(dialled) + ": connect: no route to host",
                    failure);
        }
        ConnectException refused = find(failure, ConnectException.class);
        if (refused != null) {
            String why = String.valueOf(refused.getMessage());
            String reason =
                    why.contains("unreachable") ? "network is unreachable" : "connection refused";
            return failure(
                    Kind.REFUSED,
                    method,
                    uri,
                    "dial tcp " + address(dialled) + ": connect: " + reason,
                    failure);
        }
        SSLException tls = find(failure, SSLException.class);
        if (tls != null) {
            return tls(method, uri, tls);
        }
        String why = String.valueOf(failure.getMessage());
        boolean ended =
                find(failure, EOFException.class) != null
                        || why.contains("received no bytes")
                        || why.contains("EOF");
        return failure(Kind.CUT, method, uri, ended ? "EOF" : lower(why), failure);
    }

    private static TransportFailure tls(String method, URI uri, SSLException failure) {
        String why = String.valueOf(failure.getMessage());
        if (why.contains("Unsupported or unrecognized SSL message")
                || why.contains("Unrecognized SSL message")) {
            return failure(
                    Kind.FINAL,
                    method,
                    uri,
                    "http: server gave HTTP response to HTTPS client",
                    failure);
        }
        boolean cut = why.contains("closed") || why.contains("terminated") || why.contains("reset");
        if (cut) {
            return failure(Kind.CUT, method, uri, "EOF", failure);
        }
        String alert =
                why.replaceFirst("^\\(.*?\\) ", "").replaceFirst("^Received fatal alert: ", "");
        return failure(
                Kind.FINAL, method, uri, "remote error: tls: " + alert.replace('_', ' '), failure);
    }

    private static TransportFailure failure(
            Kind kind, String method, URI uri, String cause, IOException failure) {
        return new TransportFailure(kind, of(method, uri, cause), failure);
    }

    private static String lower(String text) {
        return text.toLowerCase(Locale.ROOT).contains("connection reset")
                ? "read: connection reset by peer"
                : text;
    }

    private static <T extends Throwable> @Nullable T find(Throwable failure, Class<T> type) {
        Throwable cause = failure;
        for (int depth = 0; cause != null && depth < 20; depth++) {
            if (type.isInstance(cause)) {
                return type.cast(cause);
            }
            cause = cause.getCause();
        }
        return null;
    }

    /// `address:port`.
    private static String address(URI uri) {
        int port = uri.getPort();
        if (port < 0) {
            port = "https".equals(uri.getScheme()) ? 443 : 80;
        }
        String host = InsecureNames.host(uri.getRawAuthority());
        try {
            host = InetAddress.getByName(host).getHostAddress();
        } catch (UnknownHostException e) {
            // Then it is called by its name.
        }
        return host.contains(":") ? "[" + host + "]:" + port : host + ":" + port;
    }

    /// ` on address:53`, as Go says whom it has asked.
    private static String nameServer() {
        try (Stream<String> lines = Files.lines(RESOLVER)) {
            Optional<String> first =
                    lines.filter(line -> line.startsWith("nameserver"))
                            .map(line -> line.substring("nameserver".length()).strip())
                            .findFirst();
            return first.map(s -> " on " + (s.contains(":") ? "[" + s + "]" : s) + ":53")
                    .orElse("");
        } catch (IOException | java.io.UncheckedIOException e) {
            // No file: the message is shorter.
            return "";
        }
    }
}
