package dev.corten.registry.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.util.Base64;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.corten.http.PemFiles;
import dev.corten.registry.server.settings.ServerSettings;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Who is believed because of a certificate: clients behind TLS, and those who sign tokens.
final class CertificateAccessTest {
    @TempDir private Path root;

    @BeforeEach
    void makeCertificates() throws Exception {
        for (String authority : List.of("ca", "stranger-ca")) {
            openssl(
                    "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=%1$s -keyout %1$s.key -out %1$s.pem"
                            .formatted(authority));
        }
        issue("server", "ca", "2");
        issue("client", "ca", "2");
        issue("old", "ca", "0");
        issue("stranger", "stranger-ca", "2");
    }

    private void issue(String name, String authority, String days) throws Exception {
        openssl(
                "req -newkey rsa:2048 -nodes -subj /CN=%1$s -addext subjectAltName=IP:127.0.0.1 -keyout %1$s.key -out %1$s.csr"
                        .formatted(name));
        openssl(
                "x509 -req -in %1$s.csr -CA %2$s.pem -CAkey %2$s.key -CAcreateserial -days %3$s -copy_extensions copy -out %1$s.pem"
                        .formatted(name, authority, days));
    }

    private void openssl(String arguments) throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder(("openssl " + arguments).split(" "))
                        .directory(root.toFile())
                        .redirectErrorStream(true)
                        .start();
        try (InputStream out = process.getInputStream()) {
            String said = new String(out.readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor()).as(said).isZero();
        }
    }

    private X509Certificate certificate(String name) throws IOException {
        return PemFiles.certificates(root.resolve(name + ".pem")).getFirst();
    }

    private PrivateKey key(String name) throws IOException {
        return PemFiles.key(root.resolve(name + ".key"), certificate(name));
    }

    // ---- clients ---------------------------------------------------------------------------

    @Test
    void onlyClientsOfTheAuthorityAreHeard() throws Exception {
        var settings =
                ServerSettings.read(
                        Optional.empty(),
                        Map.of(
                                "REGISTRY_HTTP_ADDR",
                                "127.0.0.1:0",
                                "REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY",
                                root.resolve("data").toString(),
                                "REGISTRY_HTTP_TLS_CERTIFICATE",
                                root.resolve("server.pem").toString(),
                                "REGISTRY_HTTP_TLS_KEY",
                                root.resolve("server.key").toString(),
                                "REGISTRY_HTTP_TLS_CLIENTCAS",
                                "[" + root.resolve("ca.pem") + "]"));
        try (var server = new RegistryServer(settings)) {
            server.open();
            URI uri = URI.create("https://127.0.0.1:" + server.address().getPort() + "/v2/");
            assertThat(status(uri, Optional.of("client"))).isEqualTo(200);
            assertThatThrownBy(() -> status(uri, Optional.of("stranger")))
                    .isInstanceOf(IOException.class);
            assertThatThrownBy(() -> status(uri, Optional.empty())).isInstanceOf(IOException.class);
        }
    }

    private int status(URI uri, Optional<String> client) throws Exception {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("ca", certificate("ca"));
        var trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(trusted);
        KeyStore own = KeyStore.getInstance("PKCS12");
        own.load(null, null);
        if (client.isPresent()) {
            var chain = new X509Certificate[] {certificate(client.get())};
            own.setKeyEntry("own", key(client.get()), new char[0], chain);
        }
        var keys = KeyManagerFactory.getInstance("PKIX");
        keys.init(own, new char[0]);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        try (var http = HttpClient.newBuilder().sslContext(context).build()) {
            return http.send(
                            HttpRequest.newBuilder(uri).build(),
                            HttpResponse.BodyHandlers.discarding())
                    .statusCode();
        }
    }

    // ---- tokens ----------------------------------------------------------------------------

    @Test
    void tokensSignedByWhomTheAuthorityHasCertified() throws Exception {
        try (var registry = registry("")) {
            assertThat(status(registry, token("client", "client"))).isEqualTo(404);
            assertThat(status(registry, token("client", "client", "ca"))).isEqualTo(404);
            // The authority's own key counts as well.
            assertThat(status(registry, token("ca", "ca"))).isEqualTo(404);
            assertThat(status(registry, token("stranger", "stranger"))).isEqualTo(401);
            assertThat(status(registry, token("stranger", "stranger", "ca"))).isEqualTo(401);
            assertThat(status(registry, token("stranger", "client"))).isEqualTo(401);
            assertThat(status(registry, token("stranger", "ca", "stranger"))).isEqualTo(401);
            assertThat(status(registry, token("old", "old"))).isEqualTo(401);
        }
    }

    @Test
    void onlyTheAlgorithmsOfTheSettings() throws Exception {
        try (var registry = registry(", signingalgorithms: [ES256, RS512]")) {
            assertThat(status(registry, token("client", "client"))).isEqualTo(401);
        }
        try (var registry = registry(", signingalgorithms: [RS256]")) {
            assertThat(status(registry, token("client", "client"))).isEqualTo(404);
        }
    }

    private RunningRegistry registry(String more) throws Exception {
        return new RunningRegistry(
                root,
                "auth: {token: {realm: \"http://auth/token\", service: reg, issuer: iss,"
                        + " rootcertbundle: \""
                        + root.resolve("ca.pem")
                        + "\""
                        + more
                        + "}}\n");
    }

    private static int status(RunningRegistry registry, String token) throws Exception {
        return registry.get("/v2/a/b/tags/list", "Authorization", "Bearer " + token).statusCode();
    }

    /// @param chain names of the certificates that it shows
    private String token(String signer, String... chain) throws Exception {
        var header = new JWSHeader.Builder(JWSAlgorithm.RS256);
        var shown = new java.util.ArrayList<Base64>();
        for (String each : chain) {
            shown.add(Base64.encode(certificate(each).getEncoded()));
        }
        var jwt =
                new SignedJWT(
                        header.x509CertChain(shown).build(),
                        new JWTClaimsSet.Builder()
                                .issuer("iss")
                                .audience("reg")
                                .expirationTime(
                                        Date.from(Instant.now().plus(Duration.ofMinutes(5))))
                                .claim(
                                        "access",
                                        List.of(
                                                Map.of(
                                                        "type", "repository",
                                                        "name", "a/b",
                                                        "actions", List.of("pull"))))
                                .build());
        jwt.sign(new RSASSASigner(key(signer)));
        return jwt.serialize();
    }
}
