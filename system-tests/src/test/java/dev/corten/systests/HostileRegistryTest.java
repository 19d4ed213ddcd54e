package dev.corten.systests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Registries that lie, by mistake or on purpose: nothing of what they say becomes an image.
@ExtendWith(PrivateEngine.class)
@Shows("REG-28")
class HostileRegistryTest {
    private static final AtomicLong TESTS = new AtomicLong(77_000);

    /// Nothing of it has come from an earlier test.
    private final byte[] content = Published.noiseLayer(TESTS.incrementAndGet(), 40_000);

    private final ScriptedRegistry registry = ScriptedRegistry.open();
    private final Published image =
            new Published().layer(Image.busyboxLayer()).layer(content).config("\"Cmd\":[\"sh\"]");

    private Engine engine;
    private Client docker;

    @BeforeEach
    void open(Engine given, Client client) {
        engine = given;
        docker = client;
        registry.image("hostile", "1", image);
    }

    @AfterEach
    void close() {
        registry.close();
        if (!Limits.againstStub()) {
            docker.run("rmi", "-f", name());
        }
    }

    private String name() {
        return registry.host() + "/hostile:1";
    }

    private Published.Layer top() {
        return image.layers().getLast();
    }

    /// @return what was said
    private String refused() {
        return refused(name());
    }

    private String refused(String name) {
        var answer = engine.api().call("POST", "/v1.51/images/create?fromImage=" + name);
        String said = answer.status() == 200 ? answer.text() : answer.message();
        assertThat(answer.status() != 200 || said.contains("errorDetail")).as(said).isTrue();
        assertThat(docker.run("image", "inspect", name).status()).isEqualTo(1);
        assertThat(engine.isAlive()).isTrue();
        return said;
    }

    /// What was lied about can be had from those who do not lie.
    private void honestlyItWorks() {
        registry.on("/v2/", registry::byDefault);
        docker.ok("pull", name());
        assertThat(docker.ok("run", "--rm", name(), "sh", "-c", "cat /n/* | wc -c"))
                .isEqualTo("40000");
        docker.ok("rmi", name());
    }

    @Test
    void aBlobOfOtherBytes() {
        byte[] other = top().blob().clone();
        other[other.length / 2] ^= 1;
        registry.blob("hostile", top().digest(), other);
        refused();
        registry.blob("hostile", top().digest(), top().blob());
        honestlyItWorks();
    }

    @Test
    void aBlobThatIsTooShort() {
        registry.blob(
                "hostile", top().digest(), Arrays.copyOf(top().blob(), top().blob().length - 1000));
        refused();
        registry.blob("hostile", top().digest(), top().blob());
        honestlyItWorks();
    }

    @Test
    void aBlobThatIsTooLong() {
        registry.blob(
                "hostile", top().digest(), Arrays.copyOf(top().blob(), 2 * top().blob().length));
        refused();
        registry.blob("hostile", top().digest(), top().blob());
        honestlyItWorks();
    }

    /// More than was said must not even be taken to the disk.
    @Test
    void aBlobWithoutEnd() {
        var sent = new AtomicLong();
        registry.on(
                "/blobs/" + top().digest(),
                exchange -> {
                    exchange.sendResponseHeaders(200, 0);
                    byte[] zeros = new byte[1 << 16];
                    while (sent.get() < 1L << 30) {
                        exchange.getResponseBody().write(zeros);
                        sent.addAndGet(zeros.length);
                    }
                });
        refused();
        assertThat(sent.get()).isLessThan(64L << 20);
    }

    @Test
    void aLayerThatIsNoGzip() {
        byte[] garbage = "this is no gzip, whatever its name says".repeat(20).getBytes(UTF_8);
        serve(new Published.Layer(Published.DOCKER_LAYER, garbage, Image.sha256(content)));
        refused();
    }

    @Test
    void aLayerWhoseGzipEndsEarly() {
        byte[] cut = Arrays.copyOf(top().blob(), top().blob().length / 2);
        serve(new Published.Layer(Published.DOCKER_LAYER, cut, Image.sha256(content)));
        refused();
    }

    @Test
    void aLayerThatIsNoTar() {
        byte[] text = "no tar at all".repeat(1000).getBytes(UTF_8);
        serve(
                new Published.Layer(
                        Published.DOCKER_LAYER, OciLayout.gzip(text), Image.sha256(text)));
        refused();
    }

    private void serve(Published.Layer layer) {
        registry.image("hostile", "1", new Published().layer(Image.busyboxLayer()).layer(layer));
    }

    /// The digest of the blob is right, that of what is in it is not.
    @Test
    void aConfigurationOfOtherLayers() {
        serve(new Published.Layer(Published.DOCKER_LAYER, top().blob(), "0".repeat(64)));
        refused();
    }

    @Test
    void aConfigurationOfMoreLayers() {
        String manifest = image.manifest();
        int cut = manifest.lastIndexOf(",{\"mediaType\"");
        registry.manifest("hostile", "1", image.manifestType(), manifest.substring(0, cut) + "]}");
        refused();
    }

    @Test
    void aManifestWithoutEnd() {
        var sent = new AtomicLong();
        registry.on(
                "/manifests/",
                exchange -> {
                    exchange.getResponseHeaders().set("Content-Type", image.manifestType());
                    exchange.sendResponseHeaders(200, 0);
                    if (exchange.getRequestMethod().equals("HEAD")) {
                        return;
                    }
                    byte[] blanks = " ".repeat(1 << 16).getBytes(UTF_8);
                    exchange.getResponseBody().write('{');
                    while (sent.get() < 100 << 20) {
                        exchange.getResponseBody().write(blanks);
                        sent.addAndGet(blanks.length);
                    }
                });
        refused();
        // 4 MiB, and what was under way.
        assertThat(sent.get()).isLessThan(16 << 20);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "[]",
                "{}",
                "{\"schemaVersion\":2",
                "{\"schemaVersion\":9,\"layers\":[]}",
                "{\"schemaVersion\":2,\"mediaType\":\"application/x-nothing\"}",
            })
    void aManifestThatIsNone(String text) {
        registry.manifest("hostile", "1", Published.DOCKER_MANIFEST, text);
        refused();
    }

    @Test
    void aManifestAsDeepAsItIsLong() {
        registry.manifest(
                "hostile",
                "1",
                Published.OCI_MANIFEST,
                "{\"schemaVersion\":2,\"annotations\":"
                        + "{\"a\":".repeat(100_000)
                        + "1"
                        + "}".repeat(100_000)
                        + "}");
        refused();
    }

    @Test
    void aManifestOfAnotherDigest() {
        String wanted = "sha256:" + "0".repeat(64);
        registry.has(
                "hostile/manifests/" + wanted,
                image.manifestType(),
                image.manifest().getBytes(UTF_8));
        refused(registry.host() + "/hostile@" + wanted);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "application/x-unknown",
                "application/vnd.docker.plugin.v1+json",
                "application/vnd.cncf.helm.config.v1+json"
            })
    void aConfigurationThatIsNone(String type) {
        String config = Published.descriptor(type, image.id(), image.configuration().length());
        registry.manifest(
                "hostile",
                "1",
                image.manifestType(),
                image.manifest(
                        config, image.layers().stream().map(Published.Layer::descriptor).toList()));
        refused();
    }

    @Test
    void aLayerOfAnUnknownType() {
        serve(new Published.Layer("application/x-unknown", top().blob(), Image.sha256(content)));
        refused();
    }

    /// A digest that is a path.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "sha256:../../../../../../etc/passwd",
                "sha256:A",
                "sha1:da39a3ee5e6b4b0d3255bfef95601890afd80709",
                "md5:../x",
                ""
            })
    void aDigestThatIsNone(String digest) {
        registry.manifest(
                "hostile",
                "1",
                image.manifestType(),
                image.manifest(
                        Published.descriptor(
                                Published.DOCKER_CONFIG,
                                image.id(),
                                image.configuration().length()),
                        List.of(Published.descriptor(Published.DOCKER_LAYER, digest, 10))));
        refused();
    }

    /// Index in index in index: a depth at which nobody asks any more.
    @Test
    void indexesInIndexes() {
        String inner = image.platformDescriptor();
        for (int i = 0; i < 40; i++) {
            String index = Published.index(true, List.of(inner));
            registry.manifest("hostile", "1", Published.OCI_INDEX, index);
            byte[] bytes = index.getBytes(UTF_8);
            inner =
                    Published.descriptor(
                            Published.OCI_INDEX, "sha256:" + Image.sha256(bytes), bytes.length);
        }
        refused();
        assertThat(registry.count(seen -> seen.path().contains("/manifests/"))).isLessThan(40);
    }

    /// An index that says that it is in itself: only its digest shows the lie.
    @Test
    void anIndexInItself() {
        String own = "sha256:" + "1".repeat(64);
        String index =
                Published.index(true, List.of(Published.descriptor(Published.OCI_INDEX, own, 200)));
        registry.manifest("hostile", "1", Published.OCI_INDEX, index);
        registry.has("hostile/manifests/" + own, Published.OCI_INDEX, index.getBytes(UTF_8));
        refused();
        assertThat(registry.count(seen -> seen.path().contains(own))).isLessThan(10);
    }

    @Test
    void anIndexOfThousands() {
        var entries = new ArrayList<String>();
        for (int i = 0; i < 20_000; i++) {
            entries.add(
                    Published.descriptor(
                            Published.OCI_MANIFEST, "sha256:" + "%064x".formatted(i), 100));
        }
        registry.manifest("hostile", "1", Published.OCI_INDEX, Published.index(true, entries));
        refused();
        assertThat(registry.count(seen -> true)).isLessThan(50);
    }

    // ---- questions of who asks

    @Test
    void anEndlessDemandForAnotherToken() {
        try (var realm = ScriptedRegistry.open()) {
            realm.on("/token", e -> ScriptedRegistry.answer(e, 200, "application/json", token()));
            registry.on("/v2/", e -> demandToken(e, realm));
            refused();
            assertThat(registry.count(seen -> true)).isLessThan(20);
            assertThat(realm.count(seen -> true)).isLessThan(20);
        }
    }

    private static byte[] token() {
        return "{\"token\":\"abc\",\"expires_in\":300}".getBytes(UTF_8);
    }

    private static void demandToken(
            com.sun.net.httpserver.HttpExchange exchange, ScriptedRegistry realm)
            throws IOException {
        exchange.getResponseHeaders()
                .set(
                        "Www-Authenticate",
                        "Bearer realm=\"http://%s/token\",service=\"s\",scope=\"repository:hostile:pull\""
                                .formatted(realm.host()));
        ScriptedRegistry.error(exchange, 401, "UNAUTHORIZED", "authentication required");
    }

    /// Blobs often lie elsewhere: whoever keeps them is told nothing of the registry's secrets.
    @Test
    void blobsElsewhereWithoutCredentials() {
        try (var elsewhere = ScriptedRegistry.open();
                var realm = ScriptedRegistry.open()) {
            realm.on("/token", e -> ScriptedRegistry.answer(e, 200, "application/json", token()));
            elsewhere.blob("hostile", top().digest(), top().blob());
            registry.on(
                    "/v2/",
                    e -> {
                        if (!e.getRequestHeaders().containsKey("Authorization")) {
                            demandToken(e, realm);
                        } else if (e.getRequestURI().getPath().endsWith(top().digest())) {
                            e.getResponseHeaders()
                                    .set(
                                            "Location",
                                            "http://" + elsewhere.host() + e.getRequestURI());
                            ScriptedRegistry.answer(e, 307, "text/plain", new byte[0]);
                        } else {
                            registry.byDefault(e);
                        }
                    });
            docker.ok("pull", name());
            assertThat(elsewhere.seen()).isNotEmpty();
            assertThat(elsewhere.count(ScriptedRegistry.Seen::hasCredentials)).isZero();
            docker.ok("rmi", name());
        }
    }

    @Test
    void redirectionsInACircle() {
        registry.on(
                "/blobs/" + top().digest(),
                e -> {
                    e.getResponseHeaders().set("Location", e.getRequestURI().toString());
                    ScriptedRegistry.answer(e, 307, "text/plain", new byte[0]);
                });
        refused();
        assertThat(registry.count(seen -> seen.path().endsWith(top().digest()))).isLessThan(100);
    }

    // ---- names

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../../etc/passwd",
                "a/../../b",
                "a//b",
                "/a",
                "Upper",
                "a/.hidden",
                "a%2F..%2Fb",
                "-a",
                "a b"
            })
    void namesThatAreNone(String name, Api api) {
        String encoded = name.replace("%", "%25").replace(" ", "%20");
        var answer =
                api.call(
                        "POST",
                        "/v1.51/images/create?tag=1&fromImage=" + registry.host() + "/" + encoded);
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.message()).contains("invalid reference format");
        assertThat(registry.seen()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"..", "../x", ".hidden", "a/b", "-x"})
    void tagsThatAreNone(String tag, Api api) {
        var answer =
                api.call(
                        "POST",
                        "/v1.51/images/create?fromImage=" + registry.host() + "/a&tag=" + tag);
        assertThat(answer.status()).isEqualTo(400);
        assertThat(registry.seen()).isEmpty();
    }

    @Test
    void namesThatAreTooLong(Api api) {
        for (String path : List.of("a".repeat(300), "a/".repeat(150) + "a")) {
            var answer =
                    api.call(
                            "POST",
                            "/v1.51/images/create?tag=1&fromImage=" + registry.host() + "/" + path);
            assertThat(answer.status()).isEqualTo(400);
        }
        var tag =
                api.call(
                        "POST",
                        "/v1.51/images/create?fromImage="
                                + registry.host()
                                + "/a&tag="
                                + "t".repeat(129));
        assertThat(tag.status()).isEqualTo(400);
        assertThat(registry.seen()).isEmpty();
    }
}
