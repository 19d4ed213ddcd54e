package dev.corten.registry.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corten.model.Digest;
import dev.corten.model.Internal;
import dev.corten.model.NotFound;
import dev.corten.model.Reference;
import dev.corten.model.Unauthorized;
import dev.corten.model.Upstream;
import dev.corten.model.image.Descriptor;
import dev.corten.model.image.MediaTypes;
import dev.corten.model.image.RegistryCredentials;
import dev.corten.registry.client.FaultServer.Reply;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class RepositoryTest {
    private static final byte[] MANIFEST =
            "{\"schemaVersion\":2,\"config\":{},\"layers\":[]}".getBytes(StandardCharsets.UTF_8);
    private static final String BASIC = "Basic dTpwdw==";
    private static final RegistryCredentials USER = new RegistryCredentials("u", "pw", "", "", "");

    private final List<Duration> slept = new CopyOnWriteArrayList<>();
    private final AtomicReference<Instant> now =
            new AtomicReference<>(Instant.parse("2026-01-01T00:00:00Z"));
    private volatile List<URI> mirrors = List.of();
    private volatile List<String> insecure = List.of();
    private final RegistryClient client =
            new RegistryClient(
                    () ->
                            new RegistrySettings(
                                    mirrors, insecure, List.of(), Proxies.NONE, "test/1"),
                    () -> 4,
                    slept::add,
                    java.net.InetAddress::getAllByName,
                    now::get,
                    Duration.ofSeconds(20));

    private Repository pull(FaultServer server, RegistryCredentials credentials) {
        return client.pull(Reference.parse(server.authority() + "/a/b"), credentials);
    }

    private Repository push(FaultServer server, RegistryCredentials credentials) {
        return client.push(Reference.parse(server.authority() + "/a/b"), credentials);
    }

    private static Reply manifest() {
        return Reply.of(
                200,
                MANIFEST,
                "Content-Type: " + MediaTypes.OCI_MANIFEST,
                "Docker-Content-Digest: " + Digest.of(MANIFEST));
    }

    private static Reply error(int status, String code, String message, String... headers) {
        return Reply.of(
                status,
                "{\"errors\":[{\"code\":\"" + code + "\",\"message\":\"" + message + "\"}]}",
                headers);
    }

    private static byte[] random(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }

    private static Descriptor layer(byte[] content) {
        return Descriptor.of(MediaTypes.OCI_LAYER_GZIP, Digest.of(content), content.length);
    }

    // ---- manifests -----------------------------------------------------------------------------

    @Test
    void manifestIsVerified() throws Exception {
        try (var server =
                new FaultServer(a -> a.path().equals("/v2/") ? Reply.of(200, "{}") : manifest())) {
            RemoteManifest found = pull(server, RegistryCredentials.NONE).manifest("1");
            assertThat(found.digest()).isEqualTo(Digest.of(MANIFEST));
            assertThat(found.mediaType()).isEqualTo(MediaTypes.OCI_MANIFEST);
            String other = Digest.of(new byte[1]).toString();
            assertThatThrownBy(() -> pull(server, RegistryCredentials.NONE).manifest(other))
                    .isInstanceOf(Internal.class)
                    .hasMessage("manifest verification failed for digest " + other);
        }
    }

    @Test
    void manifestBeyondFourMebibytesIsRefused() throws Exception {
        try (var server =
                new FaultServer(a ->
                        a.path().equals("/v2/")
                                ? Reply.of(200, "{}")
                                : Reply.of(200, new byte[(4 << 20) + 1]))) {
            assertThatThrownBy(() -> pull(server, RegistryCredentials.NONE).manifest("1"))
                    .hasMessage("manifest is larger than 4194304 bytes");
        }
    }

    @Test
    void failuresAreInDockersWords() throws Exception {
        var reply = new AtomicReference<>(error(404, "MANIFEST_UNKNOWN", "manifest unknown"));
        try (var server =
                new FaultServer(a -> a.path().equals("/v2/") ? Reply.of(200, "{}") : reply.get())) {
            Repository repository = pull(server, RegistryCredentials.NONE);
            String name = server.authority() + "/a/b";
            assertThatThrownBy(() -> repository.manifest("nope"))
                    .isInstanceOf(NotFound.class)
                    .hasMessage(
                            "manifest for "
                                    + name
                                    + ":nope not found: manifest unknown: manifest unknown");
            reply.set(error(403, "DENIED", "requested access to the resource is denied"));
            assertThatThrownBy(() -> repository.manifest("1"))
                    .isInstanceOf(NotFound.class)
                    .hasMessage(
                            "pull access denied for "
                                    + name
                                    + ", repository does not exist or may require 'docker login':"
                                    + " denied: requested access to the resource is denied");
            reply.set(error(404, "NAME_UNKNOWN", "repository name not known to registry"));
            assertThatThrownBy(() -> repository.manifest("1"))
                    .hasMessage(
                            "repository "
                                    + name
                                    + " not found: name unknown: repository name not known to"
                                    + " registry");
            reply.set(Reply.of(403, "<html>no</html>"));
            assertThatThrownBy(() -> repository.manifest("1"))
                    .hasMessageEndingWith(": denied: <html>no</html>");
        }
    }

    @Test
    void tooManyRequestsAreWaitedForAndThenToldOf() throws Exception {
        var failures = new AtomicInteger(1);
        try (var server =
                new FaultServer(a -> {
                    if (a.path().equals("/v2/")) {
                        return Reply.of(200, "{}");
                    }
                    return failures.getAndDecrement() > 0
                            ? error(
                                    429,
                                    "TOOMANYREQUESTS",
                                    "You have reached your pull rate limit",
                                    "Retry-After: 7")
                            : manifest();
                })) {
            pull(server, RegistryCredentials.NONE).manifest("1");
            assertThat(slept).containsExactly(Duration.ofSeconds(7));
            failures.set(100);
            var notices = new ArrayList<RetryNotice>();
            assertThatThrownBy(() ->
                            pull(server, RegistryCredentials.NONE)
                                    .telling(notices::add)
                                    .manifest("1"))
                    .isInstanceOf(Upstream.class)
                    .hasMessage("toomanyrequests: You have reached your pull rate limit")
                    .satisfies(e -> assertThat(((Upstream) e).status()).isEqualTo(429));
            assertThat(notices).hasSize(2);
        }
    }

    @Test
    void tagsArePaged() throws Exception {
        try (var server =
                new FaultServer(a ->
                        switch (a.path()) {
                            case "/v2/a/b/tags/list" ->
                                    Reply.of(
                                            200,
                                            "{\"tags\":[\"1\",\"2\"]}",
                                            "Link: </v2/a/b/tags/list?n=2&last=2>; rel=\"next\"");
                            case "/v2/a/b/tags/list?n=2&last=2" ->
                                    Reply.of(200, "{\"tags\":[\"3\"]}");
                            default -> Reply.of(200, "{}");
                        })) {
            assertThat(pull(server, RegistryCredentials.NONE).tags())
                    .containsExactly("1", "2", "3");
        }
    }

    @Test
    void referrersOfAnOldRegistryAreUnderATag() throws Exception {
        Digest subject = Digest.of(new byte[0]);
        Digest signature = Digest.of(new byte[1]);
        String index =
                "{\"schemaVersion\":2,\"mediaType\":\""
                        + MediaTypes.OCI_INDEX
                        + "\",\"manifests\":[{\"mediaType\":\""
                        + MediaTypes.OCI_MANIFEST
                        + "\",\"digest\":\""
                        + signature
                        + "\",\"size\":3}]}";
        try (var server =
                new FaultServer(a -> {
                    if (a.path().equals("/v2/a/b/manifests/sha256-" + subject.hex())) {
                        return Reply.of(200, index, "Content-Type: " + MediaTypes.OCI_INDEX);
                    }
                    return a.path().equals("/v2/") ? Reply.of(200, "{}") : Reply.of(404, "no");
                })) {
            assertThat(pull(server, RegistryCredentials.NONE).referrers(subject))
                    .extracting(Descriptor::digest)
                    .containsExactly(signature);
        }
    }

    // ---- who we are ----------------------------------------------------------------------------

    /// What a registry wanted a moment ago it need not want now.
    @Test
    void registryThatAsksForNoPasswordAnyMore() throws Exception {
        var open = new AtomicBoolean();
        Reply closed =
                error(401, "UNAUTHORIZED", "no", "WWW-Authenticate: Basic realm=\"registry\"");
        try (var server =
                new FaultServer(a -> {
                    if (!open.get()) {
                        return closed;
                    }
                    return a.path().equals("/v2/") ? Reply.of(200, "{}") : manifest();
                })) {
            assertThatThrownBy(() -> pull(server, RegistryCredentials.NONE).manifest("1"))
                    .hasMessageEndingWith(": no basic auth credentials");
            assertThat(server.asked("GET", "/v2/")).hasSize(1);
            open.set(true);
            now.updateAndGet(time -> time.plusSeconds(2));
            assertThat(pull(server, RegistryCredentials.NONE).manifest("1").bytes())
                    .isEqualTo(MANIFEST);
            assertThat(server.asked("GET", "/v2/")).hasSize(2);
        }
    }

    @Test
    void passwordAnswersABasicChallenge() throws Exception {
        try (var server =
                new FaultServer(a ->
                        a.header("Authorization").equals(BASIC)
                                ? manifest()
                                : error(
                                        401,
                                        "UNAUTHORIZED",
                                        "authentication required",
                                        "WWW-Authenticate: Basic realm=\"r, s\""))) {
            assertThat(pull(server, USER).manifest("1").bytes()).isEqualTo(MANIFEST);
            String url = server.url("/v2/a/b/manifests/1");
            assertThatThrownBy(() -> pull(server, RegistryCredentials.NONE).manifest("1"))
                    .hasMessage("Head \"" + url + "\": no basic auth credentials");
        }
    }

    /// Wants a token; each is good for a number of requests.
    private static final class TokenRegistry implements FaultServer.Handler {
        private final AtomicReference<FaultServer> server = new AtomicReference<>();
        private final AtomicInteger issued = new AtomicInteger();
        private final AtomicInteger left = new AtomicInteger();
        private final int uses;
        private final FaultServer.Handler inside;

        TokenRegistry(int uses, FaultServer.Handler inside) {
            this.uses = uses;
            this.inside = inside;
        }

        @Override
        public Reply answer(FaultServer.Asked a) {
            if (a.path().startsWith("/token")) {
                left.set(uses);
                return Reply.of(
                        200,
                        "{\"token\":\"t"
                                + issued.incrementAndGet()
                                + "\",\"refresh_token\":\"r\",\"expires_in\":300}");
            }
            boolean good = a.header("Authorization").equals("Bearer t" + issued.get());
            if (good && left.getAndDecrement() > 0) {
                return inside.answer(a);
            }
            return Reply.of(
                    401,
                    "{}",
                    "WWW-Authenticate: Bearer realm=\""
                            + server.get().url("/token")
                            + "\",service=\"s\",scope=\"whatever\"");
        }
    }

    private static FaultServer serve(TokenRegistry registry) throws IOException {
        var server = new FaultServer(registry);
        registry.server.set(server);
        return server;
    }

    @Test
    void tokenIsFetchedOnceAndAgainWhenItExpires() throws Exception {
        try (var server = serve(new TokenRegistry(100, _ -> manifest()))) {
            Repository repository = pull(server, USER);
            repository.manifest("1");
            repository.manifest("2");
            String path = "/token?account=u&scope=repository%3Aa%2Fb%3Apull&service=s";
            assertThat(server.asked("GET", path)).hasSize(1);
            assertThat(server.asked("GET", path).getFirst().header("Authorization"))
                    .isEqualTo(BASIC);
            now.updateAndGet(t -> t.plusSeconds(295));
            repository.manifest("1");
            assertThat(server.asked("GET", path)).hasSize(2);
        }
    }

    @Test
    void refreshTokenIsShownByPost() throws Exception {
        try (var server = serve(new TokenRegistry(100, _ -> manifest()))) {
            pull(server, new RegistryCredentials("u", "", "", "refresh me", "")).manifest("1");
            assertThat(server.asked("POST", "/token"))
                    .singleElement()
                    .satisfies(a ->
                            assertThat(new String(a.body(), StandardCharsets.UTF_8))
                                    .contains("grant_type=refresh_token")
                                    .contains("refresh_token=refresh+me")
                                    .contains("scope=repository%3Aa%2Fb%3Apull"));
        }
    }

    @Test
    void registryTokenIsUsedAsItIs() throws Exception {
        try (var server =
                new FaultServer(a ->
                        a.header("Authorization").equals("Bearer mine")
                                ? manifest()
                                : Reply.of(
                                        401,
                                        "{}",
                                        "WWW-Authenticate: Bearer realm=\"http://x/\""))) {
            pull(server, new RegistryCredentials("", "", "", "", "mine")).manifest("1");
        }
    }

    @Test
    void endlessRefusalEnds() throws Exception {
        try (var server = serve(new TokenRegistry(0, _ -> manifest()))) {
            assertThatThrownBy(() -> pull(server, USER).manifest("1"))
                    .isInstanceOf(Unauthorized.class);
            assertThat(server.asked()).hasSizeLessThan(8);
        }
    }

    @Test
    void refusedTokenServerIsToldOf() throws Exception {
        var server = new AtomicReference<FaultServer>();
        try (var s =
                new FaultServer(a ->
                        a.path().startsWith("/token")
                                ? Reply.of(401, "{\"details\":\"incorrect username or password\"}")
                                : Reply.of(
                                        401,
                                        "{}",
                                        "WWW-Authenticate: Bearer realm=\""
                                                + server.get().url("/token")
                                                + "\""))) {
            server.set(s);
            assertThatThrownBy(() -> pull(s, USER).manifest("1"))
                    .isInstanceOf(Unauthorized.class)
                    .hasMessageEndingWith("/1\": unauthorized: incorrect username or password");
            var login = new RegistryCredentials("u", "pw", s.authority(), "", "");
            assertThatThrownBy(() -> client.login(login))
                    .isInstanceOf(Unauthorized.class)
                    .hasMessage(
                            "Get \""
                                    + s.url("/v2/")
                                    + "\": unauthorized: incorrect username or password");
        }
    }

    @Test
    void loginGivesAnIdentityToken() throws Exception {
        try (var server = serve(new TokenRegistry(9, _ -> Reply.of(200, "{}")))) {
            LoginResult result =
                    client.login(new RegistryCredentials("u", "pw", server.authority(), "", ""));
            assertThat(result).isEqualTo(new LoginResult("Login Succeeded", "r"));
        }
    }

    // ---- elsewhere -----------------------------------------------------------------------------

    @Test
    void anotherHostGetsNoCredentials() throws Exception {
        byte[] blob = random(1000);
        try (var storage = new FaultServer(_ -> Reply.of(200, blob));
                var server =
                        serve(
                                new TokenRegistry(
                                        100,
                                        _ ->
                                                Reply.of(
                                                        307,
                                                        "",
                                                        "Location: http://localhost:"
                                                                + storage.port()
                                                                + "/store?signed=1")))) {
            try (BlobBody body = pull(server, USER).blob(layer(blob), 0)) {
                assertThat(body.in().readAllBytes()).isEqualTo(blob);
            }
            assertThat(storage.asked())
                    .singleElement()
                    .satisfies(a -> assertThat(a.header("Authorization")).isEmpty());
            assertThat(server.asked().getLast().header("Authorization")).startsWith("Bearer ");
        }
    }

    @Test
    void redirectsInACircleEnd() throws Exception {
        try (var server =
                new FaultServer(a ->
                        a.path().equals("/v2/")
                                ? Reply.of(200, "{}")
                                : Reply.of(302, "", "Location: " + a.path()))) {
            assertThatThrownBy(() -> pull(server, RegistryCredentials.NONE).manifest("1"))
                    .hasMessageEndingWith("stopped after 10 redirects");
        }
    }

    @Test
    void credentialsStayWithTheirHost() {
        assertThat(mayKnow("https://a/x", "https://a/y")).isTrue();
        assertThat(mayKnow("http://a/x", "https://a/y")).isTrue();
        assertThat(mayKnow("https://a/x", "http://a/y")).isFalse();
        assertThat(mayKnow("https://a/x", "https://b/y")).isFalse();
        assertThat(mayKnow("https://a/x", "https://a:444/y")).isFalse();
        assertThat(mayKnow("http://a:5000/x", "http://a:5001/y")).isFalse();
    }

    private static boolean mayKnow(String first, String second) {
        return Transport.mayKnowUs(URI.create(first), URI.create(second));
    }

    @Test
    void mirrorsAreAskedFirstAsNobodyAndGiveWay() throws Exception {
        try (var broken = new FaultServer(_ -> Reply.of(500, "no"));
                var mirror =
                        new FaultServer(
                                a -> a.path().equals("/v2/") ? Reply.of(200, "{}") : manifest())) {
            mirrors =
                    List.of(
                            URI.create(broken.url("/")),
                            URI.create("http://127.0.0.1:1/"),
                            URI.create(mirror.url("/")));
            Repository repository = client.pull(Reference.parse("busybox"), USER);
            assertThat(repository.manifest("1").bytes()).isEqualTo(MANIFEST);
            assertThat(mirror.asked("GET", "/v2/library/busybox/manifests/1"))
                    .singleElement()
                    .satisfies(a -> assertThat(a.header("Authorization")).isEmpty());
            assertThat(broken.asked()).isNotEmpty();
        }
    }

    @Test
    void nobodyThereIsSaidInGosWords() throws Exception {
        int port;
        try (var server = new FaultServer(_ -> Reply.of(200, ""))) {
            port = server.port();
        }
        Reference name = Reference.parse("127.0.0.1:" + port + "/x");
        assertThatThrownBy(() -> client.pull(name, RegistryCredentials.NONE).manifest("1"))
                .isInstanceOf(Internal.class)
                .hasMessage(
                        "Get \"http://127.0.0.1:%d/v2/\": dial tcp 127.0.0.1:%d: connect: connection refused"
                                .formatted(port, port))
                .satisfies(e -> assertThat(RegistryClient.unreachable((Internal) e)).isTrue());
    }

    // ---- blobs ---------------------------------------------------------------------------------

    @Test
    void cutDownloadIsResumedWhereItWas() throws Exception {
        byte[] blob = random(1_000_000);
        try (var server =
                new FaultServer(a -> {
                    if (a.path().equals("/v2/")) {
                        return Reply.of(200, "{}");
                    }
                    String range = a.header("Range");
                    if (range.isEmpty()) {
                        return Reply.of(200, blob).cut(600_000);
                    }
                    int from = Integer.parseInt(range.replaceAll("\\D", ""));
                    return Reply.of(
                            206,
                            Arrays.copyOfRange(blob, from, blob.length),
                            "Content-Range: bytes "
                                    + from
                                    + "-"
                                    + (blob.length - 1)
                                    + "/"
                                    + blob.length);
                })) {
            Repository repository = pull(server, RegistryCredentials.NONE);
            byte[] got = new byte[blob.length];
            int have = 0;
            try (BlobBody body = repository.blob(layer(blob), 0)) {
                assertThat(body.total()).isEqualTo(blob.length);
                InputStream in = body.in();
                while (have < blob.length) {
                    have += in.read(got, have, got.length - have);
                }
            } catch (IOException e) {
                // As it must be; how much has come is checked below.
                assertThat(e).isNotNull();
            }
            assertThat(have).isEqualTo(600_000);
            try (BlobBody body = repository.blob(layer(blob), have)) {
                assertThat(body.offset()).isEqualTo(600_000);
                assertThat(body.in().readNBytes(got, have, got.length - have)).isEqualTo(400_000);
            }
            assertThat(got).isEqualTo(blob);
        }
    }

    @Test
    void blobThatIsNotWhatTheManifestSaysIsRefused() throws Exception {
        byte[] blob = random(1000);
        try (var server = new FaultServer(_ -> Reply.of(200, blob))) {
            Repository repository = pull(server, RegistryCredentials.NONE);
            for (int said : new int[] {999, 1001}) {
                Descriptor wrong = Descriptor.of(MediaTypes.OCI_LAYER_GZIP, Digest.of(blob), said);
                assertThatThrownBy(() -> repository.blob(wrong, 0))
                        .hasMessageContaining("has 1000 bytes, not " + said);
            }
        }
    }

    @Test
    void registryWithoutRangesBeginsAnew() throws Exception {
        byte[] blob = random(1000);
        try (var server = new FaultServer(_ -> Reply.of(200, blob));
                BlobBody body = pull(server, RegistryCredentials.NONE).blob(layer(blob), 500)) {
            assertThat(body.offset()).isZero();
            assertThat(body.in().readAllBytes()).isEqualTo(blob);
        }
    }

    @Test
    void foreignLayerComesFromItsUrl() throws Exception {
        byte[] blob = random(1000);
        try (var storage = new FaultServer(_ -> Reply.of(200, blob));
                var server =
                        new FaultServer(a ->
                                a.path().equals("/v2/")
                                        ? Reply.of(200, "{}")
                                        : error(404, "BLOB_UNKNOWN", "blob unknown"))) {
            var foreign =
                    new Descriptor(
                            MediaTypes.DOCKER_FOREIGN_LAYER,
                            Digest.of(blob),
                            blob.length,
                            java.util.Optional.empty(),
                            java.util.Map.of(),
                            List.of(storage.url("/layer")),
                            "");
            try (BlobBody body = pull(server, USER).blob(foreign, 0)) {
                assertThat(body.in().readAllBytes()).isEqualTo(blob);
            }
        }
    }

    @Test
    void searchIsAskedOfTheRegistryInTheTerm() throws Exception {
        try (var server =
                new FaultServer(a ->
                        a.path().startsWith("/v1/search")
                                ? Reply.of(
                                        200,
                                        "{\"results\":[{\"name\":\"a/b\",\"description\":\"d\","
                                                + "\"star_count\":5,\"is_official\":true}]}")
                                : Reply.of(404, "no"))) {
            SearchPage page =
                    client.search(server.authority() + "/x y", 25, RegistryCredentials.NONE);
            assertThat(page.results())
                    .containsExactly(new SearchPage.Result("a/b", "d", 5, true, false));
            assertThat(server.asked("GET", "/v1/search?q=x+y&n=25")).hasSize(1);
        }
    }
}
