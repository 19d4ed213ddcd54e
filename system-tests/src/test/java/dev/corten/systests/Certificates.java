package dev.corten.systests;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/// An authority, and what it has signed, made by `openssl` in one directory.
final class Certificates {
    private static final String NAMES = "DNS:localhost,IP:127.0.0.1";

    private final Path directory;

    Certificates(Path directory) {
        this.directory = directory;
        openssl(
                "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=ca -keyout ca-key.pem -out"
                        + " ca.pem");
        sign("server-cert.pem", "server-key.pem", NAMES, "2");
        // As docker's command line looks for them in DOCKER_CERT_PATH.
        sign("cert.pem", "key.pem", NAMES, "2");
    }

    /// One more authority, which has signed nothing here.
    void stranger(String name) {
        openssl(
                "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN="
                        + name
                        + " -keyout "
                        + name
                        + "-key.pem -out "
                        + name
                        + ".pem");
    }

    /// @param names that the certificate is for
    /// @param days until it expires; a negative number for one that has
    void sign(String certificate, String key, String names, String days) {
        // The form that Docker's own guide has made for years.
        openssl("genrsa -traditional -out " + key + " 2048");
        openssl(
                "req -new -key "
                        + key
                        + " -subj /CN=localhost -addext subjectAltName="
                        + names
                        + " -out request");
        openssl(
                "x509 -req -in request -CA ca.pem -CAkey ca-key.pem -CAcreateserial"
                        + " -copy_extensions copy -days "
                        + days
                        + " -out "
                        + certificate);
    }

    /// For a server in this process.
    SSLContext context(String certificate, String key) {
        openssl(
                "pkcs12 -export -in "
                        + certificate
                        + " -inkey "
                        + key
                        + " -passout pass:tests -out server.p12");
        try (var in = Files.newInputStream(directory.resolve("server.p12"))) {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(in, "tests".toCharArray());
            var keys = KeyManagerFactory.getInstance("PKIX");
            keys.init(store, "tests".toCharArray());
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), null, null);
            return context;
        } catch (IOException | GeneralSecurityException e) {
            throw new AssertionError("no context of " + certificate, e);
        }
    }

    private void openssl(String arguments) {
        var command = new ArrayList<String>(List.of("sh", "-c", "cd \"$0\" && openssl \"$@\""));
        command.add(directory.toString());
        command.addAll(List.of(arguments.split(" ")));
        try (var running = Running.start(command, Map.of())) {
            running.closeInput();
            running.await().ok();
        }
    }

    String file(String name) {
        return directory.resolve(name).toString();
    }
}
