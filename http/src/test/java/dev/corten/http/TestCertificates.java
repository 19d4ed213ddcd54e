package dev.corten.http;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/// An authority, a server and a client, made by `openssl` below one directory.
final class TestCertificates {
    private final Path directory;

    /// @param keys what `openssl genpkey` or `genrsa`, `ecparam` are told
    TestCertificates(Path directory, List<String> keys) throws IOException, InterruptedException {
        this.directory = directory;
        openssl(
                "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=ca -keyout ca-key.pem -out"
                        + " ca.pem");
        for (String name : List.of("server", "client")) {
            var key = new ArrayList<>(keys);
            key.addAll(1, List.of("-out", name + "-key.pem"));
            openssl(String.join(" ", key));
            openssl(
                    "req -new -key %s-key.pem -subj /CN=localhost -addext".formatted(name)
                            + " subjectAltName=DNS:localhost,IP:127.0.0.1 -out "
                            + name
                            + ".csr");
            openssl(
                    "x509 -req -in %s.csr -CA ca.pem -CAkey ca-key.pem -CAcreateserial -days 2"
                                    .formatted(name)
                            + " -copy_extensions copy -out "
                            + name
                            + ".pem");
        }
    }

    private void openssl(String arguments) throws IOException, InterruptedException {
        var command = new ArrayList<String>(List.of("openssl"));
        command.addAll(List.of(arguments.split(" ")));
        Process process =
                new ProcessBuilder(command)
                        .directory(directory.toFile())
                        .redirectErrorStream(true)
                        .start();
        try (InputStream out = process.getInputStream()) {
            String said = new String(out.readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new IOException(String.join(" ", command) + ": " + said);
            }
        }
    }

    Path file(String name) {
        return directory.resolve(name);
    }

    /// A client that trusts the authority.
    ///
    /// @param shown whether it has a certificate of its own
    SSLContext client(boolean shown) throws IOException, GeneralSecurityException {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("ca", PemFiles.certificates(file("ca.pem")).getFirst());
        var trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(trusted);
        KeyStore own = KeyStore.getInstance("PKCS12");
        own.load(null, null);
        if (shown) {
            List<X509Certificate> chain = PemFiles.certificates(file("client.pem"));
            PrivateKey key = PemFiles.key(file("client-key.pem"), chain.getFirst());
            own.setKeyEntry("me", key, new char[0], chain.toArray(X509Certificate[]::new));
        }
        var keys = KeyManagerFactory.getInstance("PKIX");
        keys.init(own, new char[0]);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }
}
