package dev.corten.registry.client;

import dev.corten.http.PemFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/// The certificates and keys for one registry: `certs.d/<host[:port]>` holds `*.crt`, authorities
/// besides the system's, and pairs of `*.cert` and `*.key` that we show.
///
/// @param files in the order in which they count
record CertificateFiles(List<Path> files) {
    private static final String SYSTEM_VARIABLE = "SSL_CERT_FILE";
    private static final List<Path> SYSTEM =
            List.of(
                    Path.of("/etc/ssl/certs/ca-certificates.crt"),
                    Path.of("/etc/pki/tls/certs/ca-bundle.crt"),
                    Path.of("/etc/ssl/ca-bundle.pem"),
                    Path.of("/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem"),
                    Path.of("/etc/ssl/cert.pem"));

    CertificateFiles {
        files = List.copyOf(files);
    }

    /// @throws IOException in Docker's words, if one of a pair is missing
    static CertificateFiles of(List<Path> directories, String authority) throws IOException {
        var files = new ArrayList<Path>();
        for (Path directory : directories) {
            // An authority has no slash; `..` is one that no registry can have.
            Path own = directory.resolve(authority);
            if (own.getFileName().toString().equals("..") || !Files.isDirectory(own)) {
                continue;
            }
            List<Path> found;
            try (Stream<Path> entries = Files.list(own)) {
                found = entries.sorted().toList();
            }
            for (Path file : found) {
                checkPair(file);
                files.add(file);
            }
        }
        return new CertificateFiles(files);
    }

    private static void checkPair(Path file) throws IOException {
        String name = file.getFileName().toString();
        if (name.endsWith(".cert")) {
            Path key = file.resolveSibling(stem(name) + ".key");
            if (!Files.exists(key)) {
                throw new IOException(
                        "missing key "
                                + key.getFileName()
                                + " for client certificate "
                                + name
                                + ". CA certificates must use the extension .crt");
            }
        }
        if (name.endsWith(".key")) {
            Path certificate = file.resolveSibling(stem(name) + ".cert");
            if (!Files.exists(certificate)) {
                throw new IOException(
                        "missing client certificate "
                                + certificate.getFileName()
                                + " for key "
                                + name);
            }
        }
    }

    private static String stem(String name) {
        return name.substring(0, name.lastIndexOf('.'));
    }

    /// Changes with the files.
    String fingerprint() throws IOException {
        var text = new StringBuilder();
        for (Path file : files) {
            BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
            text.append(file).append('|').append(now.size()).append('|');
            text.append(now.lastModifiedTime()).append('\n');
        }
        return text.toString();
    }

    /// @param verified whether the server's certificate must be good
    SSLContext context(boolean verified) throws IOException {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            TrustManager trust = verified ? new ServerTrust(authorities()) : ServerTrust.NONE;
            context.init(ownKeys(), new TrustManager[] {trust}, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException("certificates cannot be used: " + e.getMessage(), e);
        }
    }

    private X509ExtendedTrustManager authorities() throws IOException, GeneralSecurityException {
        var trusted = new ArrayList<X509Certificate>(system());
        for (Path file : files) {
            if (file.toString().endsWith(".crt")) {
                trusted.addAll(PemFiles.certificates(file));
            }
        }
        KeyStore store = emptyStore();
        for (int i = 0; i < trusted.size(); i++) {
            store.setCertificateEntry("ca-" + i, trusted.get(i));
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
        // Without any of the system's, those that come with Java.
        factory.init(trusted.isEmpty() ? null : store);
        for (TrustManager manager : factory.getTrustManagers()) {
            if (manager instanceof X509ExtendedTrustManager x509) {
                return x509;
            }
        }
        throw new IllegalStateException("PKIX has no X.509 trust manager");
    }

    private static List<X509Certificate> system() throws IOException {
        String set = System.getenv(SYSTEM_VARIABLE);
        if (set != null && !set.isEmpty()) {
            return PemFiles.certificates(Path.of(set));
        }
        for (Path file : SYSTEM) {
            if (Files.isReadable(file)) {
                return PemFiles.certificates(file);
            }
        }
        return List.of();
    }

    private KeyManager[] ownKeys() throws IOException, GeneralSecurityException {
        KeyStore store = emptyStore();
        for (Path file : files) {
            String name = file.getFileName().toString();
            if (name.endsWith(".cert")) {
                List<X509Certificate> chain = PemFiles.certificates(file);
                PrivateKey key =
                        PemFiles.key(file.resolveSibling(stem(name) + ".key"), chain.getFirst());
                store.setKeyEntry(name, key, new char[0], chain.toArray(X509Certificate[]::new));
            }
        }
        KeyManagerFactory factory = KeyManagerFactory.getInstance("PKIX");
        factory.init(store, new char[0]);
        return factory.getKeyManagers();
    }

    private static KeyStore emptyStore() throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }
}
