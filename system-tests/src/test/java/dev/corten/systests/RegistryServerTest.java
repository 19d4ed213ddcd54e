package dev.corten.systests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Our registry server as a process, asked by the simplest of clients.
class RegistryServerTest {
    private static final byte[] BLOB = "the content of a blob".repeat(100).getBytes(UTF_8);
    private static final String DIGEST = "sha256:" + Image.sha256(BLOB);
    private static final byte[] NOTHING = new byte[0];

    private static Scratch folder;
    private static RegistryProcess registry;

    @BeforeAll
    static void open() {
        folder = Scratch.folder("corten-registry-server");
        registry = RegistryProcess.ours(folder.file("registry"));
    }

    @AfterAll
    static void close() {
        if (registry != null) {
            registry.close();
        }
        if (folder != null) {
            folder.close();
        }
    }

    private static RegistryApi api() {
        return registry.api();
    }

    @Test
    @Shows("REG-18")
    void pushInOnePieceAndInMany() {
        assertThat(api().get("/v2/").ok().header("Docker-Distribution-Api-Version"))
                .isEqualTo("registry/2.0");
        api().pushBlob("one/piece", BLOB);
        assertThat(api().blob("one/piece", DIGEST).ok().body()).isEqualTo(BLOB);
        String location = api().startUpload("many/pieces");
        int half = BLOB.length / 2;
        var first =
                api().call(
                                "PATCH",
                                location,
                                java.util.Arrays.copyOf(BLOB, half),
                                "Content-Type",
                                "application/octet-stream",
                                "Content-Range",
                                "0-" + (half - 1))
                        .ok();
        assertThat(first.status()).isEqualTo(202);
        assertThat(first.header("Range")).isEqualTo("0-" + (half - 1));
        String next = absolute(first.header("Location"));
        var progress = api().get(next).ok();
        assertThat(progress.status()).isEqualTo(204);
        assertThat(progress.header("Range")).isEqualTo("0-" + (half - 1));
        // Out of order.
        assertThat(
                        api().call(
                                        "PATCH",
                                        next,
                                        new byte[] {1},
                                        "Content-Type",
                                        "application/octet-stream",
                                        "Content-Range",
                                        "5000-5000")
                                .status())
                .isEqualTo(416);
        var last =
                api().call(
                                "PUT",
                                next + (next.contains("?") ? "&" : "?") + "digest=" + DIGEST,
                                java.util.Arrays.copyOfRange(BLOB, half, BLOB.length),
                                "Content-Type",
                                "application/octet-stream");
        assertThat(last.ok().status()).isEqualTo(201);
        assertThat(last.header("Docker-Content-Digest")).isEqualTo(DIGEST);
        assertThat(api().blob("many/pieces", DIGEST).ok().body()).isEqualTo(BLOB);
    }

    private static String absolute(String location) {
        return location.startsWith("http") ? location : "http://" + registry.host() + location;
    }

    @Test
    @Shows({"REG-18", "IMG-18"})
    void mountFromAnotherRepository() {
        api().pushBlob("mount/from", BLOB);
        var mounted =
                api().call(
                                "POST",
                                "/v2/mount/to/blobs/uploads/?mount=" + DIGEST + "&from=mount/from",
                                NOTHING);
        assertThat(mounted.status()).isEqualTo(201);
        assertThat(api().blob("mount/to", DIGEST).ok().body()).isEqualTo(BLOB);
        var absent =
                api().call(
                                "POST",
                                "/v2/mount/to/blobs/uploads/?from=mount/from&mount=sha256:"
                                        + "0".repeat(64),
                                NOTHING);
        assertThat(absent.status()).isEqualTo(202);
    }

    @Test
    @Shows("REG-18")
    void partsOfBlobsAndWhatHasNotChanged() {
        api().pushBlob("ranges", BLOB);
        String path = "/v2/ranges/blobs/" + DIGEST;
        var part = api().get(path, "Range", "bytes=10-19");
        assertThat(part.status()).isEqualTo(206);
        assertThat(part.body()).isEqualTo(java.util.Arrays.copyOfRange(BLOB, 10, 20));
        assertThat(part.header("Content-Range")).isEqualTo("bytes 10-19/" + BLOB.length);
        assertThat(api().get(path, "Range", "bytes=" + BLOB.length + "-").status()).isEqualTo(416);
        String tag = api().get(path).ok().header("Etag");
        assertThat(tag).contains(DIGEST);
        assertThat(api().get(path, "If-None-Match", tag).status()).isEqualTo(304);
    }

    @Test
    @Shows("REG-18")
    void listsInPages() {
        for (String tag : List.of("a", "b", "c", "d", "e")) {
            Published.noise(1, 10).publish(api(), "pages/tags", tag);
        }
        var first = api().get("/v2/pages/tags/tags/list?n=2").ok();
        assertThat(first.text()).contains("[\"a\",\"b\"]");
        assertThat(first.header("Link")).contains("last=b", "n=2", "rel=\"next\"");
        var second = api().get("/v2/pages/tags/tags/list?n=2&last=b").ok();
        assertThat(second.text()).contains("[\"c\",\"d\"]");
        var third = api().get("/v2/pages/tags/tags/list?n=2&last=d").ok();
        assertThat(third.text()).contains("[\"e\"]");
        assertThat(third.header("Link")).isEmpty();
        assertThat(api().get("/v2/_catalog?n=1000").ok().text()).contains("\"pages/tags\"");
        assertThat(api().get("/v2/_catalog?n=1").ok().header("Link")).contains("rel=\"next\"");
    }

    @Test
    @Shows({"REG-18", "REG-28"})
    void manifestsByTagAndDigest() {
        var image = Published.noise(2, 100).oci();
        String digest = image.publish(api(), "manifests", "1");
        assertThat(digest).isEqualTo(image.digest());
        var byDigest = api().manifest("manifests", digest).ok();
        assertThat(byDigest.text()).isEqualTo(image.manifest());
        assertThat(byDigest.header("Content-Type")).isEqualTo(Published.OCI_MANIFEST);
        assertThat(api().call("HEAD", "/v2/manifests/manifests/1", NOTHING).status())
                .isEqualTo(200);
        assertThat(api().manifest("manifests", "2").code()).isEqualTo("MANIFEST_UNKNOWN");
        assertThat(api().manifest("nothing/here", "2").code())
                .isIn("MANIFEST_UNKNOWN", "NAME_UNKNOWN");
    }

    @Test
    @Shows("REG-18")
    void whatDoesNotFitIsRefused() {
        var image = Published.noise(3, 100);
        var withoutBlobs =
                api().call(
                                "PUT",
                                "/v2/refused/manifests/1",
                                image.manifest().getBytes(UTF_8),
                                "Content-Type",
                                image.manifestType());
        assertThat(withoutBlobs.status()).isBetween(400, 404);
        assertThat(withoutBlobs.code()).isEqualTo("MANIFEST_BLOB_UNKNOWN");
        image.publish(api(), "refused", "1");
        var otherDigest =
                api().call(
                                "PUT",
                                "/v2/refused/manifests/sha256:" + "0".repeat(64),
                                image.manifest().getBytes(UTF_8),
                                "Content-Type",
                                image.manifestType());
        assertThat(otherDigest.code()).isEqualTo("DIGEST_INVALID");
        var none =
                api().call(
                                "PUT",
                                "/v2/refused/manifests/2",
                                "{".getBytes(UTF_8),
                                "Content-Type",
                                image.manifestType());
        assertThat(none.code()).isEqualTo("MANIFEST_INVALID");
        String location = api().startUpload("refused");
        var wrong =
                api().call(
                                "PUT",
                                location
                                        + (location.contains("?") ? "&" : "?")
                                        + "digest=sha256:"
                                        + "0".repeat(64),
                                BLOB,
                                "Content-Type",
                                "application/octet-stream");
        assertThat(wrong.code()).isEqualTo("DIGEST_INVALID");
    }

    @Test
    void aManifestOfHundredMegabytes() {
        byte[] large = new byte[100 << 20];
        java.util.Arrays.fill(large, (byte) ' ');
        large[0] = '{';
        large[large.length - 1] = '}';
        int status;
        try {
            status =
                    api().call(
                                    "PUT",
                                    "/v2/large/manifests/1",
                                    large,
                                    "Content-Type",
                                    Published.OCI_MANIFEST)
                            .status();
        } catch (java.io.UncheckedIOException cut) {
            // It says so and closes while all the rest still comes.
            status = 413;
        }
        assertThat(status).isIn(400, 413);
        assertThat(api().get("/v2/").status()).isEqualTo(200);
        assertThat(api().manifest("large", "1").status()).isEqualTo(404);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/v2/../../etc/passwd/manifests/1",
                "/v2/a/../b/manifests/1",
                "/v2/Upper/manifests/1",
                "/v2/a/manifests/..",
                "/v2/a/manifests/.hidden",
                "/v2/%2e%2e/%2e%2e/manifests/1",
                "/v2/a%00b/manifests/1",
                "/v2/a/blobs/sha256:..",
                "/v2/a/blobs/sha256:../../../../etc/passwd",
                "/v2/a/blobs/uploads/../../../../x",
                "/v2/a//b/manifests/1"
            })
    void pathsThatAreNoNames(String path) throws IOException {
        Path secret = registry.data().resolveSibling("secret");
        Files.writeString(secret, "a secret");
        // As it stands: an HTTP library would have tidied it up.
        String answer = raw("GET " + path + " HTTP/1.1\r\nHost: r\r\nConnection: close\r\n\r\n");
        assertThat(answer).matches("(?s)HTTP/1\\.1 (400|404) .*");
        assertThat(answer).doesNotContain("root:", "a secret");
        String post =
                raw(
                        "POST "
                                + path.replaceAll("/(manifests|blobs)/.*", "/blobs/uploads/")
                                + " HTTP/1.1\r\nHost: r\r\nConnection: close\r\n"
                                + "Content-Length: 0\r\n\r\n");
        if (!path.startsWith("/v2/a/")) {
            assertThat(post).matches("(?s)HTTP/1\\.1 (400|404|405) .*");
        }
    }

    private static String raw(String request) throws IOException {
        try (var socket = new java.net.Socket("127.0.0.1", registry.port())) {
            socket.getOutputStream().write(request.getBytes(UTF_8));
            return new String(socket.getInputStream().readAllBytes(), UTF_8);
        }
    }

    @Test
    void namesThatAreTooLong() {
        assertThat(api().get("/v2/" + "a".repeat(300) + "/manifests/1").code())
                .isEqualTo("NAME_INVALID");
        assertThat(api().get("/v2/a/manifests/" + "t".repeat(200)).status()).isIn(400, 404);
    }

    @Test
    @Shows("REG-18")
    void deletion() {
        var image = Published.noise(4, 100);
        String digest = image.publish(api(), "deleted", "1");
        image.publish(api(), "deleted", "2");
        assertThat(api().call("DELETE", "/v2/deleted/manifests/" + digest, NOTHING).status())
                .isEqualTo(202);
        assertThat(api().manifest("deleted", "1").status()).isEqualTo(404);
        assertThat(api().manifest("deleted", digest).status()).isEqualTo(404);
        String layer = image.layers().getLast().digest();
        assertThat(api().call("DELETE", "/v2/deleted/blobs/" + layer, NOTHING).status())
                .isEqualTo(202);
        assertThat(api().blob("deleted", layer).status()).isEqualTo(404);
    }

    @Test
    @Shows("REG-19")
    void referrers() {
        var image = Published.noise(5, 100).oci();
        String subject = image.publish(api(), "subject", "1");
        byte[] config = "{}".getBytes(UTF_8);
        api().pushBlob("subject", config);
        String signature =
                """
                {"schemaVersion":2,"mediaType":"%s","artifactType":"application/x-signature",\
                "config":%s,"layers":[],"subject":%s,"annotations":{"by":"somebody"}}\
                """
                        .formatted(
                                Published.OCI_MANIFEST,
                                Published.descriptor(
                                        "application/vnd.oci.empty.v1+json",
                                        "sha256:" + Image.sha256(config),
                                        2),
                                Published.descriptor(
                                        Published.OCI_MANIFEST,
                                        subject,
                                        image.manifest().length()));
        String digest = "sha256:" + Image.sha256(signature.getBytes(UTF_8));
        var put =
                api().call(
                                "PUT",
                                "/v2/subject/manifests/" + digest,
                                signature.getBytes(UTF_8),
                                "Content-Type",
                                Published.OCI_MANIFEST);
        assertThat(put.ok().header("OCI-Subject")).isEqualTo(subject);
        var list = api().get("/v2/subject/referrers/" + subject).ok();
        assertThat(list.header("Content-Type")).isEqualTo(Published.OCI_INDEX);
        assertThat(list.json().path("manifests").path(0).path("digest").asString())
                .isEqualTo(digest);
        assertThat(list.text()).contains("application/x-signature", "somebody");
        var filtered =
                api().get("/v2/subject/referrers/" + subject + "?artifactType=application/x-other")
                        .ok();
        assertThat(filtered.json().path("manifests").size()).isZero();
        assertThat(filtered.header("OCI-Filters-Applied")).isEqualTo("artifactType");
        assertThat(api().get("/v2/subject/referrers/sha256:" + "0".repeat(64)).ok().text())
                .contains("\"manifests\":[]");
    }

    @Test
    @Shows({"REG-11", "REG-12", "REG-13", "REG-14"})
    void filesWhereTheyAreExpected() throws IOException {
        var image = Published.noise(6, 100);
        String digest = image.publish(api(), "files/of", "tag");
        Path repository = registry.tree().resolve("repositories/files/of");
        String hex = digest.substring("sha256:".length());
        assertThat(repository.resolve("_manifests/tags/tag/current/link")).hasContent(digest);
        assertThat(repository.resolve("_manifests/tags/tag/index/sha256/" + hex + "/link"))
                .hasContent(digest);
        assertThat(repository.resolve("_manifests/revisions/sha256/" + hex + "/link"))
                .hasContent(digest);
        String layer = image.layers().getLast().digest().substring("sha256:".length());
        assertThat(repository.resolve("_layers/sha256/" + layer + "/link"))
                .hasContent("sha256:" + layer);
        assertThat(repository.resolve("_uploads")).isDirectory();
        Path data =
                registry.tree()
                        .resolve("blobs/sha256/" + layer.substring(0, 2) + "/" + layer + "/data");
        assertThat(data).hasBinaryContent(image.layers().getLast().blob());
    }

    @Test
    @Shows({"REG-02", "REG-23", "IMG-40"})
    void searchAsDockerHubAnswers() {
        Published.noise(7, 10).publish(api(), "searched/for-this", "1");
        var answer = api().get("/v1/search?q=for-this&n=10").ok();
        assertThat(answer.json().path("num_results").asInt()).isEqualTo(1);
        assertThat(answer.json().path("results").path(0).path("name").asString())
                .isEqualTo("searched/for-this");
    }

    /// Killed in the middle of an upload: it goes on where it was, or is gone in the end.
    @Test
    @Shows("REG-18")
    void killedInAnUpload() throws IOException {
        try (var own = RegistryProcess.ours(folder.file("killed"))) {
            RegistryApi api = own.api();
            String location = api.startUpload("killed");
            var half =
                    api.call(
                                    "PATCH",
                                    location,
                                    java.util.Arrays.copyOf(BLOB, 1000),
                                    "Content-Type",
                                    "application/octet-stream")
                            .ok();
            own.kill();
            own.open();
            String next = half.header("Location");
            next = next.startsWith("http") ? next : "http://" + own.host() + next;
            var progress = api.get(next);
            assertThat(progress.status()).isEqualTo(204);
            int have = Integer.parseInt(progress.header("Range").replaceAll(".*-", "")) + 1;
            assertThat(have).isBetween(1, 1000);
            var done =
                    api.call(
                            "PUT",
                            next + (next.contains("?") ? "&" : "?") + "digest=" + DIGEST,
                            java.util.Arrays.copyOfRange(BLOB, have, BLOB.length),
                            "Content-Type",
                            "application/octet-stream");
            assertThat(done.ok().status()).isEqualTo(201);
            assertThat(api.blob("killed", DIGEST).ok().body()).isEqualTo(BLOB);
        }
    }

    /// Uploads that nobody goes on with are given up.
    @Test
    @Shows("REG-21")
    void abandonedUploadsGo() throws IOException {
        try (var own =
                RegistryProcess.ours(
                        folder.file("purged"),
                        "storage: {filesystem: {rootdirectory: "
                                + folder.file("purged/data")
                                + "}, maintenance: {uploadpurging: {enabled: true, age: 0s,"
                                + " interval: 100ms}}}")) {
            own.api().startUpload("purged");
            Eventually.holds(
                    "no upload is left",
                    () -> {
                        try (Stream<Path> left =
                                Files.list(own.tree().resolve("repositories/purged/_uploads"))) {
                            return left.findAny().isEmpty();
                        }
                    });
        }
    }

    /// Collected while it is pushed to: what is being pushed stays, what nobody refers to goes.
    @Test
    @Shows("REG-21")
    void collectedWhileItServes() throws IOException {
        try (var own =
                RegistryProcess.ours(
                        folder.file("collected"),
                        "corten: {collection: {interval: 200ms, grace: 1s}}")) {
            var gone = Published.noise(8, 2000);
            String digest = gone.publish(own.api(), "gone", "1");
            own.api().call("DELETE", "/v2/gone/manifests/" + digest, NOTHING).ok();
            Path data = blobOf(own, gone);
            assertThat(digest).isEqualTo(gone.digest());
            age(own.tree().resolve("repositories/gone"));
            age(data);
            for (int i = 0; i < 20; i++) {
                var kept = Published.noise(100 + i, 2000);
                kept.publish(own.api(), "kept", "v" + i);
                assertThat(own.api().blob("kept", kept.layers().getLast().digest()).status())
                        .isEqualTo(200);
            }
            Eventually.holds("what was deleted is collected", () -> !Files.exists(data));
            for (String tag : own.api().tags("kept")) {
                assertThat(own.api().manifest("kept", tag).status()).isEqualTo(200);
            }
        }
    }

    /// As if nobody had used it for an hour: what was used in the last minute is never collected, since
    /// not each use is noted.
    private static void age(Path top) throws IOException {
        var then = FileTime.from(Instant.now().minus(Duration.ofHours(1)));
        try (Stream<Path> below = Files.walk(top)) {
            for (Path file : below.toList()) {
                try {
                    Files.setLastModifiedTime(file, then);
                } catch (NoSuchFileException e) {
                    // Collected already.
                }
            }
        }
    }

    private static Path blobOf(RegistryProcess registry, Published image) {
        String hex = image.layers().getLast().digest().substring("sha256:".length());
        return registry.tree().resolve("blobs/sha256/" + hex.substring(0, 2) + "/" + hex + "/data");
    }

    @Test
    @Shows("REG-21")
    void garbageCollectByHand() throws IOException {
        try (var own = RegistryProcess.ours(folder.file("by-hand"))) {
            var gone = Published.noise(9, 2000);
            String digest = gone.publish(own.api(), "gone", "1");
            var kept = Published.noise(10, 2000);
            kept.publish(own.api(), "kept", "1");
            own.api().call("DELETE", "/v2/gone/manifests/" + digest, NOTHING).ok();
            own.terminate();
            own.configure("corten: {collection: {grace: 0s}}");
            Running.run(
                            Engine.program("corten-registry").toString(),
                            "garbage-collect",
                            own.config().toString())
                    .ok();
            assertThat(blobOf(own, gone)).doesNotExist();
            assertThat(blobOf(own, kept)).exists();
        }
    }

    /// What the other one has is fetched once, and there afterwards without it.
    @Test
    @Shows("REG-22")
    void aCacheOfAnotherRegistry() {
        try (var upstream = RegistryProcess.ours(folder.file("upstream"));
                var cache =
                        RegistryProcess.ours(
                                folder.file("cache"),
                                "proxy: {remoteurl: 'http://" + upstream.host() + "'}")) {
            var image = Published.noise(11, 5000);
            String digest = image.publish(upstream.api(), "cached", "1");
            assertThat(cache.api().digest("cached", "1")).isEqualTo(digest);
            for (var layer : image.layers()) {
                assertThat(cache.api().blob("cached", layer.digest()).ok().body())
                        .isEqualTo(layer.blob());
            }
            upstream.terminate();
            assertThat(cache.api().manifest("cached", digest).ok().text())
                    .isEqualTo(image.manifest());
            assertThat(cache.api().blob("cached", image.layers().getLast().digest()).status())
                    .isEqualTo(200);
            assertThat(cache.api().call("POST", "/v2/cached/blobs/uploads/", NOTHING).status())
                    .isBetween(400, 405);
        }
    }

    @Test
    @Shows("REG-18")
    void itTellsOthersAndCounts() throws IOException {
        try (var listener = ScriptedRegistry.open();
                var own =
                        RegistryProcess.ours(
                                folder.file("notified"),
                                "http: {addr: '127.0.0.1:PORT', debug: {addr: '127.0.0.1:"
                                        + RegistryProcess.freePort()
                                        + "', prometheus: {enabled: true, path: /metrics}}}",
                                "notifications: {endpoints: [{name: n, url: 'http://"
                                        + listener.host()
                                        + "/events', timeout: 5s, threshold: 3, backoff: 1s}]}")) {
            var bodies = java.util.Collections.synchronizedList(new java.util.ArrayList<String>());
            listener.on(
                    "/events",
                    e -> {
                        bodies.add(new String(e.getRequestBody().readAllBytes(), UTF_8));
                        ScriptedRegistry.answer(e, 200, "text/plain", NOTHING);
                    });
            String digest = Published.noise(12, 10).publish(own.api(), "told", "1");
            Eventually.holds(
                    "the push is told", () -> bodies.stream().anyMatch(b -> b.contains(digest)));
            assertThat(String.join("\n", bodies)).contains("\"action\":\"push\"", "\"told\"");
            String text = Files.readString(own.config());
            String debug = text.replaceAll("(?s).*debug: \\{addr: '([^']*)'.*", "$1");
            assertThat(new RegistryApi("http://" + debug).get("/metrics").ok().text())
                    .contains("registry_http");
            assertThat(new RegistryApi("http://" + debug).get("/debug/health").ok().text())
                    .contains("{");
        }
    }

    /// Ended while a blob still comes: that one is finished first.
    @Test
    void itEndsInGoodOrder() throws Exception {
        try (var own = RegistryProcess.ours(folder.file("ended"))) {
            String location = own.api().startUpload("ended");
            var uri = java.net.URI.create(location);
            String target =
                    uri.getRawPath()
                            + "?"
                            + (uri.getRawQuery() == null ? "" : uri.getRawQuery() + "&")
                            + "digest="
                            + DIGEST;
            try (var socket = new java.net.Socket("127.0.0.1", own.port())) {
                var out = socket.getOutputStream();
                out.write(
                        ("PUT "
                                        + target
                                        + " HTTP/1.1\r\nHost: r\r\nConnection: close\r\n"
                                        + "Content-Type: application/octet-stream\r\n"
                                        + "Content-Length: "
                                        + BLOB.length
                                        + "\r\n\r\n")
                                .getBytes(UTF_8));
                out.write(BLOB, 0, 1000);
                out.flush();
                own.signal("TERM");
                out.write(BLOB, 1000, BLOB.length - 1000);
                String answer = new String(socket.getInputStream().readAllBytes(), UTF_8);
                assertThat(answer).startsWith("HTTP/1.1 201 ");
            }
            own.terminate();
        }
    }

    /// Several processes over one folder see what each other has.
    @Test
    void twoOverOneFolder() throws IOException {
        try (var one = RegistryProcess.ours(folder.file("common"));
                var two =
                        RegistryProcess.ours(
                                folder.file("other"),
                                "storage: {filesystem: {rootdirectory: "
                                        + folder.file("common/data")
                                        + "}, delete: {enabled: true}}")) {
            String digest = Published.noise(13, 10).publish(one.api(), "common", "1");
            assertThat(digest).startsWith("sha256:");
            assertThat(two.api().digest("common", "1")).isEqualTo(digest);
            String other = Published.noise(14, 10).publish(two.api(), "common", "1");
            assertThat(one.api().digest("common", "1")).isEqualTo(other);
        }
    }

    @Test
    void noMoreThanAllowed() {
        try (var own =
                RegistryProcess.ours(folder.file("quota"), "corten: {quotas: {default: 100KiB}}")) {
            own.api().pushBlob("small", BLOB);
            var refused =
                    org.assertj.core.api.Assertions.catchThrowable(
                            () -> own.api().pushBlob("small", Published.noiseLayer(1, 200_000)));
            assertThat(refused).hasMessageContaining("403");
        }
    }
}
