package dev.corten.registry.server;

import static dev.corten.registry.server.RunningRegistry.header;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Map;
import org.bouncycastle.crypto.generators.OpenBSDBCrypt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Who may do what.
final class AccessTest {
    private static final byte[] SALT = "0123456789abcdef".getBytes(UTF_8);

    @TempDir private Path root;

    private static String line(String user, String password) {
        return user + ":" + OpenBSDBCrypt.generate("2y", password.getBytes(UTF_8), SALT, 4) + "\n";
    }

    private static String basic(String user, String password) {
        return "Basic "
                + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(UTF_8));
    }

    @Test
    void whoIsInTheFileMayComeIn() throws Exception {
        Path file = root.resolve("htpasswd");
        Files.writeString(file, "# people\n\n" + line("ann", "s3cret"));
        String auth = "auth: {htpasswd: {realm: here, path: \"" + file + "\"}}\n";
        try (var registry = new RunningRegistry(root, auth)) {
            HttpResponse<byte[]> nobody = registry.get("/v2/");
            assertThat(nobody.statusCode()).isEqualTo(401);
            assertThat(header(nobody, "WWW-Authenticate")).isEqualTo("Basic realm=\"here\"");
            String good = basic("ann", "s3cret");
            for (int n = 0; n < 2; n++) {
                assertThat(registry.get("/v2/", "Authorization", good).statusCode()).isEqualTo(200);
            }
            for (String bad :
                    List.of(
                            basic("ann", "wrong"),
                            basic("ann", ""),
                            basic("bob", "s3cret"),
                            "Basic ???",
                            "Bearer x")) {
                assertThat(registry.get("/v2/", "Authorization", bad).statusCode())
                        .as(bad)
                        .isEqualTo(401);
            }
            // Another password for the same name: what was remembered does not count any more.
            Files.writeString(file, line("ann", "other") + line("bob", "new"));
            assertThat(registry.get("/v2/", "Authorization", good).statusCode()).isEqualTo(401);
            assertThat(registry.get("/v2/", "Authorization", basic("bob", "new")).statusCode())
                    .isEqualTo(200);
        }
    }

    /// How long the answer takes does not tell whether there is somebody of that name.
    @Test
    void nobodyIsRefusedAsSlowlyAsSomebody() throws Exception {
        Path file = root.resolve("htpasswd");
        Files.writeString(file, line("ann", "s3cret"));
        String auth = "auth: {htpasswd: {realm: here, path: \"" + file + "\"}}\n";
        try (var registry = new RunningRegistry(root, auth)) {
            refusals(registry, "ann", 5);
            refusals(registry, "bob", 5);
            long known = refusals(registry, "ann", 20);
            long unknown = refusals(registry, "bob", 20);
            // With a hash of another cost it is thirty times as much.
            assertThat((double) unknown / known).isBetween(1 / 8.0, 8.0);
        }
    }

    private static long refusals(RunningRegistry registry, String user, int count)
            throws Exception {
        long start = System.nanoTime();
        for (int n = 0; n < count; n++) {
            assertThat(registry.get("/v2/", "Authorization", basic(user, "wrong")).statusCode())
                    .isEqualTo(401);
        }
        return System.nanoTime() - start;
    }

    @Test
    void tokensAreBelievedWhenTheyAreSignedByWhoCounts() throws Exception {
        ECKey key = new ECKeyGenerator(Curve.P_256).keyID("one").generate();
        ECKey stranger = new ECKeyGenerator(Curve.P_256).keyID("one").generate();
        Path keys = root.resolve("keys.json");
        Files.writeString(keys, new JWKSet(key.toPublicJWK()).toString());
        String auth =
                "auth: {token: {realm: \"http://auth/token\", service: reg, issuer: iss, jwks: \""
                        + keys
                        + "\"}}\n";
        try (var registry = new RunningRegistry(root, auth)) {
            HttpResponse<byte[]> nobody = registry.get("/v2/a/b/tags/list");
            assertThat(nobody.statusCode()).isEqualTo(401);
            assertThat(header(nobody, "WWW-Authenticate"))
                    .isEqualTo(
                            "Bearer realm=\"http://auth/token\",service=\"reg\","
                                    + "scope=\"repository:a/b:pull\"");
            assertThat(header(registry.get("/v2/"), "WWW-Authenticate"))
                    .isEqualTo("Bearer realm=\"http://auth/token\",service=\"reg\"");
            Date soon = Date.from(Instant.now().plus(Duration.ofMinutes(5)));
            Date past = Date.from(Instant.now().minus(Duration.ofMinutes(5)));
            assertThat(status(registry, token(key, "iss", "reg", soon, "pull"))).isEqualTo(404);
            assertThat(status(registry, token(stranger, "iss", "reg", soon, "pull")))
                    .isEqualTo(401);
            assertThat(status(registry, token(key, "else", "reg", soon, "pull"))).isEqualTo(401);
            assertThat(status(registry, token(key, "iss", "else", soon, "pull"))).isEqualTo(401);
            assertThat(status(registry, token(key, "iss", "reg", past, "pull"))).isEqualTo(401);
            assertThat(status(registry, token(key, "iss", "reg", soon, "push"))).isEqualTo(401);
            assertThat(status(registry, symmetric(key, soon))).isEqualTo(401);
            assertThat(status(registry, "a.b.c")).isEqualTo(401);
            HttpResponse<byte[]> push =
                    registry.send(
                            "POST",
                            "/v2/a/b/blobs/uploads/",
                            "Authorization",
                            "Bearer " + token(key, "iss", "reg", soon, "pull"));
            assertThat(push.statusCode()).isEqualTo(401);
            assertThat(header(push, "WWW-Authenticate"))
                    .contains("scope=\"repository:a/b:pull,push\"", "error=\"insufficient_scope\"");
        }
    }

    private static int status(RunningRegistry registry, String token) throws Exception {
        return registry.get("/v2/a/b/tags/list", "Authorization", "Bearer " + token).statusCode();
    }

    private static JWTClaimsSet claims(String issuer, String service, Date until, String action) {
        return new JWTClaimsSet.Builder()
                .issuer(issuer)
                .audience(service)
                .subject("ann")
                .expirationTime(until)
                .claim(
                        "access",
                        List.of(
                                Map.of(
                                        "type", "repository",
                                        "name", "a/b",
                                        "actions", List.of(action))))
                .build();
    }

    private static String token(ECKey key, String issuer, String service, Date until, String action)
            throws Exception {
        var jwt =
                new SignedJWT(
                        new JWSHeader.Builder(JWSAlgorithm.ES256).keyID("one").build(),
                        claims(issuer, service, until, action));
        jwt.sign(new ECDSASigner(key));
        return jwt.serialize();
    }

    /// Signed with the public key as if it were a shared secret.
    private static String symmetric(ECKey key, Date until) throws Exception {
        var jwt =
                new SignedJWT(
                        new JWSHeader.Builder(JWSAlgorithm.HS256).keyID("one").build(),
                        claims("iss", "reg", until, "pull"));
        jwt.sign(new MACSigner(key.toPublicKey().getEncoded()));
        return jwt.serialize();
    }

    @Test
    void whatIsReadOnlyIsNotWritten() throws Exception {
        try (var registry = new RunningRegistry(root)) {
            registry.pushImage("a/b", "v", "layer");
        }
        Path file = root.resolve("readonly.yml");
        Files.writeString(file, "");
        String storage = "REGISTRY_STORAGE_MAINTENANCE_READONLY_ENABLED";
        var settings =
                dev.corten.registry.server.settings.ServerSettings.read(
                        java.util.Optional.empty(),
                        Map.of(
                                storage,
                                "true",
                                "REGISTRY_HTTP_ADDR",
                                "127.0.0.1:0",
                                "REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY",
                                root.resolve("data").toString()));
        try (var server = new RegistryServer(settings);
                var client = java.net.http.HttpClient.newHttpClient()) {
            server.open();
            String base = "http://127.0.0.1:" + server.address().getPort() + "/v2/a/b/";
            var get =
                    java.net.http.HttpRequest.newBuilder(java.net.URI.create(base + "manifests/v"));
            var discarding = HttpResponse.BodyHandlers.discarding();
            assertThat(client.send(get.build(), discarding).statusCode()).isEqualTo(200);
            assertThat(client.send(get.DELETE().build(), discarding).statusCode()).isEqualTo(405);
            var post =
                    java.net.http.HttpRequest.newBuilder(
                                    java.net.URI.create(base + "blobs/uploads/"))
                            .POST(java.net.http.HttpRequest.BodyPublishers.noBody());
            assertThat(client.send(post.build(), discarding).statusCode()).isEqualTo(405);
        }
    }
}
