package dev.corten.cli.registry;

import dev.corten.cli.console.Environment;
import dev.corten.client.Json;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.URI;
import java.net.URLEncoder;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;

/// Requests to login servers. By the JDK's oldest client, which costs the other commands nothing:
/// neither a module nor a thread.
final class LoginCalls {
    private static final int CONNECT_MILLIS = 30_000;
    private static final int READ_MILLIS = 60_000;
    private static final int ANSWER_LIMIT = 1 << 20;

    /// Where systems keep the authorities that they trust, for programs that are not Java's.
    private static final List<String> AUTHORITIES =
            List.of(
                    "/etc/ssl/certs/ca-certificates.crt",
                    "/etc/pki/tls/certs/ca-bundle.crt",
                    "/etc/ssl/ca-bundle.pem",
                    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
                    "/etc/ssl/cert.pem");

    /// @param body [Json#ABSENT] if it is no JSON
    record Answer(int status, Json body) {
        String text(String name) {
            return body.get(name).text("");
        }
    }

    private final Environment environment;

    LoginCalls(Environment environment) {
        this.environment = environment;
    }

    Answer get(String address) throws IOException {
        return answer(open(address, "GET"));
    }

    /// Sends a form.
    ///
    /// @param fields names and values in turn; those without a value are left out
    Answer post(String address, String... fields) throws IOException {
        var form = new ArrayList<String>();
        for (int i = 0; i < fields.length; i += 2) {
            if (!fields[i + 1].isEmpty()) {
                form.add(
                        fields[i] + "=" + URLEncoder.encode(fields[i + 1], StandardCharsets.UTF_8));
            }
        }
        HttpURLConnection connection = open(address, "POST");
        connection.setRequestProperty("Content-Type", "application/x-www-form-urlencoded");
        return send(connection, String.join("&", form));
    }

    /// Sends nothing, as whom the token says.
    Answer postAs(String address, String token) throws IOException {
        HttpURLConnection connection = open(address, "POST");
        connection.setRequestProperty("Content-Type", "application/json");
        connection.setRequestProperty("Authorization", "Bearer " + token);
        return send(connection, "");
    }

    private static Answer send(HttpURLConnection connection, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        connection.setDoOutput(true);
        connection.setFixedLengthStreamingMode(bytes.length);
        try (var out = connection.getOutputStream()) {
            out.write(bytes);
        }
        return answer(connection);
    }

    private static Answer answer(HttpURLConnection connection) throws IOException {
        int status = connection.getResponseCode();
        byte[] body = new byte[0];
        try (InputStream in =
                status >= 400 ? connection.getErrorStream() : connection.getInputStream()) {
            if (in != null) {
                body = in.readNBytes(ANSWER_LIMIT);
            }
        }
        try {
            return new Answer(status, Json.parse(body));
        } catch (IOException e) {
            return new Answer(status, Json.ABSENT);
        }
    }

    private HttpURLConnection open(String address, String method) throws IOException {
        URI uri = uri(address);
        boolean encrypted = "https".equals(uri.getScheme());
        if (!encrypted && !("http".equals(uri.getScheme()) && isOwn(uri.getHost()))) {
            throw new IOException("tokens are not asked for in the clear: " + uri);
        }
        var connection = (HttpURLConnection) uri.toURL().openConnection(proxy(uri));
        if (connection instanceof HttpsURLConnection https) {
            Optional<SSLSocketFactory> trusting = trusting();
            trusting.ifPresent(https::setSSLSocketFactory);
        }
        // Whom it sends us to we have not chosen.
        connection.setInstanceFollowRedirects(false);
        connection.setConnectTimeout(CONNECT_MILLIS);
        connection.setReadTimeout(READ_MILLIS);
        connection.setRequestMethod(method);
        connection.setRequestProperty("Accept", "application/json");
        connection.setRequestProperty("User-Agent", "corten-cli");
        return connection;
    }

    private static URI uri(String address) throws IOException {
        try {
            URI uri = URI.create(address);
            if (uri.getHost() != null) {
                return uri;
            }
        } catch (IllegalArgumentException e) {
            throw new IOException("no address: " + address, e);
        }
        throw new IOException("no address: " + address);
    }

    private static boolean isOwn(String host) throws UnknownHostException {
        return InetAddress.getByName(host).isLoopbackAddress();
    }

    private Proxy proxy(URI uri) throws IOException {
        String proxy = environment.first("HTTPS_PROXY", "https_proxy");
        if (proxy.isEmpty() || "http".equals(uri.getScheme()) || isExcepted(uri.getHost())) {
            return Proxy.NO_PROXY;
        }
        URI address = uri(proxy.contains("://") ? proxy : "http://" + proxy);
        int port = address.getPort() < 0 ? 80 : address.getPort();
        return new Proxy(Proxy.Type.HTTP, new InetSocketAddress(address.getHost(), port));
    }

    private boolean isExcepted(String host) {
        for (String rule : environment.first("NO_PROXY", "no_proxy").split(",")) {
            String domain = rule.strip().replaceFirst("^\\*?\\.", "");
            boolean matches =
                    !domain.isEmpty() && (host.equals(domain) || host.endsWith("." + domain));
            if (matches || domain.equals("*")) {
                return true;
            }
        }
        return false;
    }

    /// With the authorities of the system, as the daemon has them; empty if there are none.
    private Optional<SSLSocketFactory> trusting() throws IOException {
        String file = environment.get("SSL_CERT_FILE");
        if (file.isEmpty()) {
            file =
                    AUTHORITIES.stream()
                            .filter(path -> Files.isReadable(Path.of(path)))
                            .findFirst()
                            .orElse("");
        }
        if (file.isEmpty()) {
            return Optional.empty();
        }
        try (var in = new FileInputStream(file)) {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            int number = 0;
            for (Certificate trusted :
                    CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                store.setCertificateEntry("ca-" + number++, trusted);
            }
            var factory = TrustManagerFactory.getInstance("PKIX");
            factory.init(store);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, factory.getTrustManagers(), null);
            return Optional.of(context.getSocketFactory());
        } catch (GeneralSecurityException e) {
            throw new IOException(file + " cannot be used: " + e.getMessage(), e);
        }
    }
}
