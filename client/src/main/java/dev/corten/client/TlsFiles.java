package dev.corten.client;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Collection;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/// The PEM files with which a client knows the daemon and shows who it is.
///
/// @param authority the certificates to trust; empty for those of the system
/// @param certificate our own; empty if there is none
/// @param key of our certificate
/// @param verifies whether the daemon's certificate is looked at
public record TlsFiles(String authority, String certificate, String key, boolean verifies) {
    private static final char[] NO_PASSWORD = {};
    private static final String INFO = "failed to retrieve context tls info: ";

    /// @param host whose certificate the daemon has to have
    /// @throws IOException in Docker's words, if a file is not there or does not serve
    SSLContext context(String host) throws IOException {
        check();
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys(), trust(host), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException(INFO + e.getMessage(), e);
        }
    }

    /// All files are there, whatever will be made of them.
    public void check() throws IOException {
        for (String file : new String[] {authority, certificate, key}) {
            if (!file.isEmpty()) {
                read(file);
            }
        }
    }

    private KeyManager[] keys() throws IOException, GeneralSecurityException {
        if (certificate.isEmpty() || key.isEmpty()) {
            return new KeyManager[0];
        }
        PrivateKeys.checkForm(read(key));
        Certificate[] chain =
                certificates(
                                certificate,
                                INFO + "tls: failed to find any PEM data in certificate" + " input")
                        .toArray(new Certificate[0]);
        PrivateKey own = PrivateKeys.parse(read(key), chain[0]);
        if (!PrivateKeys.belongs(own, chain[0])) {
            throw new IOException(INFO + "tls: private key does not match public key");
        }
        KeyStore store = emptyStore();
        store.setKeyEntry("client", own, NO_PASSWORD, chain);
        var factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, NO_PASSWORD);
        return factory.getKeyManagers();
    }

    private TrustManager[] trust(String host) throws IOException, GeneralSecurityException {
        if (!verifies) {
            return new TrustManager[] {new Unverified()};
        }
        KeyStore store = null;
        if (!authority.isEmpty()) {
            store = emptyStore();
            int number = 0;
            for (Certificate trusted : certificates(authority, INFO + "ca.pem seems invalid")) {
                store.setCertificateEntry("ca" + number++, trusted);
            }
        }
        var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        TrustManager[] managers = factory.getTrustManagers();
        for (int i = 0; i < managers.length; i++) {
            if (managers[i] instanceof X509ExtendedTrustManager trust) {
                managers[i] = new VerifiedDaemon(trust, host);
            }
        }
        return managers;
    }

    private static KeyStore emptyStore() throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, NO_PASSWORD);
        return store;
    }

    /// @param failure what to say if there is none in the file
    private static Collection<? extends Certificate> certificates(String file, String failure)
            throws IOException {
        try {
            Collection<? extends Certificate> all =
                    CertificateFactory.getInstance("X.509")
                            .generateCertificates(new ByteArrayInputStream(read(file)));
            if (!all.isEmpty()) {
                return all;
            }
        } catch (CertificateException e) {
            throw new IOException(failure, e);
        }
        throw new IOException(failure);
    }

    private static byte[] read(String file) throws IOException {
        try {
            return Files.readAllBytes(Path.of(file));
        } catch (NoSuchFileException e) {
            throw new IOException(
                    "unable to resolve docker endpoint: open "
                            + file
                            + ": no such file or directory",
                    e);
        }
    }

    /// Takes whoever answers, as the user asked.
    private static final class Unverified extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
