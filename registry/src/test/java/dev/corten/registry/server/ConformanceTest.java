package dev.corten.registry.server;

import static dev.corten.registry.server.RunningRegistry.OCI_INDEX;
import static dev.corten.registry.server.RunningRegistry.OCI_MANIFEST;
import static dev.corten.registry.server.RunningRegistry.header;
import static dev.corten.registry.server.RunningRegistry.manifest;
import static dev.corten.registry.server.RunningRegistry.text;
import static dev.corten.registry.server.RunningRegistry.with;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.corten.model.Digest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The cases of the OCI's conformance tests for registries (pull, push, content discovery, content
/// management), and what Docker's registry does besides.
final class ConformanceTest {
    private static final String NAME = "some/repository";
    private static final Digest ABSENT = Digest.of("absent".getBytes(UTF_8));

    @TempDir private Path root;
    private RunningRegistry registry;

    @BeforeEach
    void open() throws Exception {
        registry = new RunningRegistry(root);
    }

    @AfterEach
    void close() {
        registry.close();
    }

    private HttpResponse<byte[]> get(String path, String... headers) throws Exception {
        return registry.get("/v2/" + NAME + path, headers);
    }

    private HttpResponse<byte[]> head(String path) throws Exception {
        return registry.send("HEAD", "/v2/" + NAME + path);
    }

    // ---- pull ------------------------------------------------------------------------------

    @Test
    void saysThatItIsARegistry() throws Exception {
        HttpResponse<byte[]> ping = registry.get("/v2/");
        assertThat(ping.statusCode()).isEqualTo(200);
        assertThat(text(ping)).isEqualTo("{}\n");
        assertThat(header(ping, "Docker-Distribution-Api-Version")).isEqualTo("registry/2.0");
    }

    @Test
    void absentThingsAreSaidToBeAbsent() throws Exception {
        assertThat(head("/blobs/" + ABSENT).statusCode()).isEqualTo(404);
        HttpResponse<byte[]> blob = get("/blobs/" + ABSENT);
        assertThat(blob.statusCode()).isEqualTo(404);
        assertThat(text(blob))
                .isEqualTo(
                        "{\"errors\":[{\"code\":\"BLOB_UNKNOWN\",\"message\":\"blob unknown to"
                                + " registry\",\"detail\":\""
                                + ABSENT
                                + "\"}]}\n");
        assertThat(head("/manifests/none").statusCode()).isEqualTo(404);
        assertThat(text(get("/manifests/none")))
                .isEqualTo(
                        "{\"errors\":[{\"code\":\"MANIFEST_UNKNOWN\",\"message\":\"manifest"
                                + " unknown\",\"detail\":{\"Tag\":\"none\"}}]}\n");
        assertThat(text(get("/manifests/" + ABSENT))).contains("MANIFEST_UNKNOWN");
        assertThat(text(get("/tags/list"))).contains("NAME_UNKNOWN");
        assertThat(registry.get("/v3/").statusCode()).isEqualTo(404);
    }

    @Test
    void whatWasPushedIsPulled() throws Exception {
        Digest digest = registry.pushImage(NAME, "v1", "layer");
        for (String reference : new String[] {"v1", digest.toString()}) {
            HttpResponse<byte[]> manifest = get("/manifests/" + reference, "Accept", OCI_MANIFEST);
            assertThat(manifest.statusCode()).isEqualTo(200);
            assertThat(Digest.of(manifest.body())).isEqualTo(digest);
            assertThat(header(manifest, "Content-Type")).isEqualTo(OCI_MANIFEST);
            assertThat(header(manifest, "Docker-Content-Digest")).isEqualTo(digest.toString());
            HttpResponse<byte[]> head = head("/manifests/" + reference);
            assertThat(head.statusCode()).isEqualTo(200);
            assertThat(header(head, "Content-Length"))
                    .isEqualTo(String.valueOf(manifest.body().length));
        }
        Digest layer = Digest.of("layer".getBytes(UTF_8));
        HttpResponse<byte[]> blob = get("/blobs/" + layer);
        assertThat(text(blob)).isEqualTo("layer");
        assertThat(header(blob, "Content-Type")).isEqualTo("application/octet-stream");
        HttpResponse<byte[]> head = head("/blobs/" + layer);
        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(header(head, "Content-Length")).isEqualTo("5");
        assertThat(header(head, "Docker-Content-Digest")).isEqualTo(layer.toString());
    }

    @Test
    void whatTheClientHasIsNotSent() throws Exception {
        Digest digest = registry.pushImage(NAME, "v1", "layer");
        String tag = header(get("/manifests/v1"), "Etag");
        assertThat(tag).isEqualTo("\"" + digest + "\"");
        assertThat(get("/manifests/v1", "If-None-Match", tag).statusCode()).isEqualTo(304);
        assertThat(get("/manifests/v1", "If-None-Match", "\"x\"").statusCode()).isEqualTo(200);
        Digest layer = Digest.of("layer".getBytes(UTF_8));
        assertThat(get("/blobs/" + layer, "If-None-Match", "\"" + layer + "\"").statusCode())
                .isEqualTo(304);
    }

    @Test
    void partsOfBlobs() throws Exception {
        Digest digest = registry.pushBlob(NAME, "0123456789".getBytes(UTF_8));
        HttpResponse<byte[]> part = get("/blobs/" + digest, "Range", "bytes=2-4");
        assertThat(part.statusCode()).isEqualTo(206);
        assertThat(text(part)).isEqualTo("234");
        assertThat(header(part, "Content-Range")).isEqualTo("bytes 2-4/10");
        assertThat(text(get("/blobs/" + digest, "Range", "bytes=7-"))).isEqualTo("789");
        assertThat(text(get("/blobs/" + digest, "Range", "bytes=-3"))).isEqualTo("789");
        assertThat(text(get("/blobs/" + digest, "Range", "bytes=5-999"))).isEqualTo("56789");
        assertThat(text(get("/blobs/" + digest, "Range", "lines=1-2"))).isEqualTo("0123456789");
        HttpResponse<byte[]> beyond = get("/blobs/" + digest, "Range", "bytes=10-12");
        assertThat(beyond.statusCode()).isEqualTo(416);
        assertThat(header(beyond, "Content-Range")).isEqualTo("bytes */10");
    }

    // ---- push ------------------------------------------------------------------------------

    @Test
    void aBlobInOneRequest() throws Exception {
        byte[] content = "at once".getBytes(UTF_8);
        Digest digest = Digest.of(content);
        HttpResponse<byte[]> posted =
                registry.send("POST", "/v2/" + NAME + "/blobs/uploads/?digest=" + digest, content);
        assertThat(posted.statusCode()).isEqualTo(201);
        assertThat(text(registry.get(header(posted, "Location")))).isEqualTo("at once");
    }

    @Test
    void aBlobInChunks() throws Exception {
        String location = registry.startUpload(NAME);
        HttpResponse<byte[]> first =
                registry.send("PATCH", location, "01234".getBytes(UTF_8), "Content-Range", "0-4");
        assertThat(first.statusCode()).isEqualTo(202);
        assertThat(header(first, "Range")).isEqualTo("0-4");
        location = header(first, "Location");
        HttpResponse<byte[]> again =
                registry.send("PATCH", location, "01234".getBytes(UTF_8), "Content-Range", "0-4");
        assertThat(again.statusCode()).isEqualTo(416);
        assertThat(header(again, "Range")).isEqualTo("0-4");
        HttpResponse<byte[]> ahead =
                registry.send("PATCH", location, "89".getBytes(UTF_8), "Content-Range", "8-9");
        assertThat(ahead.statusCode()).isEqualTo(416);
        HttpResponse<byte[]> status = registry.get(location);
        assertThat(status.statusCode()).isEqualTo(204);
        assertThat(header(status, "Range")).isEqualTo("0-4");
        Digest digest = Digest.of("0123456789".getBytes(UTF_8));
        HttpResponse<byte[]> last =
                registry.send(
                        "PUT",
                        with(location, "digest=" + digest),
                        "56789".getBytes(UTF_8),
                        "Content-Range",
                        "5-9");
        assertThat(last.statusCode()).isEqualTo(201);
        assertThat(text(get("/blobs/" + digest))).isEqualTo("0123456789");
        assertThat(registry.get(location).statusCode()).isEqualTo(404);
    }

    @Test
    void anUploadIsGivenUp() throws Exception {
        String location = registry.startUpload(NAME);
        assertThat(registry.send("DELETE", location).statusCode()).isEqualTo(204);
        assertThat(registry.get(location).statusCode()).isEqualTo(404);
        assertThat(text(registry.send("PATCH", location, new byte[] {1})))
                .contains("BLOB_UPLOAD_UNKNOWN");
        assertThat(registry.send("DELETE", location).statusCode()).isEqualTo(404);
    }

    @Test
    void contentMustBeWhatItsDigestSays() throws Exception {
        HttpResponse<byte[]> put =
                registry.send(
                        "PUT",
                        with(registry.startUpload(NAME), "digest=" + ABSENT),
                        "other".getBytes(UTF_8));
        assertThat(put.statusCode()).isEqualTo(400);
        assertThat(text(put)).contains("DIGEST_INVALID");
        assertThat(head("/blobs/" + ABSENT).statusCode()).isEqualTo(404);
        HttpResponse<byte[]> none = registry.send("PUT", registry.startUpload(NAME));
        assertThat(text(none)).contains("DIGEST_INVALID");
        HttpResponse<byte[]> odd =
                registry.send("PUT", with(registry.startUpload(NAME), "digest=md5:00"));
        assertThat(odd.statusCode()).isEqualTo(400);
    }

    @Test
    void aBlobOfAnotherRepositoryIsMounted() throws Exception {
        Digest digest = registry.pushBlob("from/here", "shared".getBytes(UTF_8));
        String path = "/v2/" + NAME + "/blobs/uploads/?mount=";
        HttpResponse<byte[]> mounted = registry.send("POST", path + digest + "&from=from/here");
        assertThat(mounted.statusCode()).isEqualTo(201);
        assertThat(text(registry.get(header(mounted, "Location")))).isEqualTo("shared");
        assertThat(registry.send("POST", path + digest + "&from=not/there").statusCode())
                .isEqualTo(202);
        assertThat(registry.send("POST", path + ABSENT + "&from=from/here").statusCode())
                .isEqualTo(202);
        assertThat(registry.send("POST", path + digest).statusCode()).isEqualTo(201);
        assertThat(registry.send("POST", path + ABSENT).statusCode()).isEqualTo(202);
    }

    @Test
    void aManifestNeedsWhatItRefersTo() throws Exception {
        Digest config = registry.pushBlob(NAME, "{}".getBytes(UTF_8));
        HttpResponse<byte[]> put =
                registry.putManifest(NAME, "v1", OCI_MANIFEST, manifest(config, ABSENT, ""));
        assertThat(put.statusCode()).isEqualTo(400);
        assertThat(text(put)).contains("MANIFEST_BLOB_UNKNOWN").contains(ABSENT.toString());
        String index =
                "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"manifests\":[{\"mediaType\":\"%s\",\"size\":1,\"digest\":\"%s\"}]}";
        assertThat(
                        registry.putManifest(
                                        NAME,
                                        "v1",
                                        OCI_INDEX,
                                        index.formatted(OCI_INDEX, OCI_MANIFEST, ABSENT))
                                .statusCode())
                .isEqualTo(400);
        Digest child = registry.pushImage(NAME, "child", "layer");
        assertThat(
                        registry.putManifest(
                                        NAME,
                                        "v1",
                                        OCI_INDEX,
                                        index.formatted(OCI_INDEX, OCI_MANIFEST, child))
                                .statusCode())
                .isEqualTo(201);
        assertThat(header(get("/manifests/v1"), "Content-Type")).isEqualTo(OCI_INDEX);
    }

    @Test
    void manifestsThatAreNone() throws Exception {
        for (String bad :
                new String[] {
                    "", "{", "[]", "{}", "{\"schemaVersion\":1}", "{\"schemaVersion\":2}"
                }) {
            HttpResponse<byte[]> put = registry.putManifest(NAME, "v1", OCI_MANIFEST, bad);
            assertThat(put.statusCode()).as(bad).isEqualTo(400);
            assertThat(text(put)).contains("MANIFEST_INVALID");
        }
        Digest digest = registry.pushImage(NAME, "v1", "layer");
        String good = text(get("/manifests/v1"));
        assertThat(registry.putManifest(NAME, "v2", "text/plain", good).statusCode())
                .isEqualTo(400);
        assertThat(text(registry.putManifest(NAME, ABSENT.toString(), OCI_MANIFEST, good)))
                .contains("DIGEST_INVALID");
        assertThat(registry.putManifest(NAME, digest.toString(), OCI_MANIFEST, good).statusCode())
                .isEqualTo(201);
    }

    @Test
    void aManifestOfMoreThanFourMebibytes() throws Exception {
        Digest config = registry.pushBlob(NAME, "{}".getBytes(UTF_8));
        String manifest = manifest(config, config, ",\"annotations\":{\"a\":\"%s\"}");
        int room = (4 << 20) - manifest.length() + 2;
        assertThat(
                        registry.putManifest(
                                        NAME,
                                        "v",
                                        OCI_MANIFEST,
                                        manifest.formatted("a".repeat(room)))
                                .statusCode())
                .isEqualTo(201);
        HttpResponse<byte[]> put =
                registry.putManifest(
                        NAME, "v", OCI_MANIFEST, manifest.formatted("a".repeat(room + 1)));
        assertThat(put.statusCode()).isEqualTo(413);
        assertThat(text(put)).contains("MANIFEST_INVALID");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/v2/UPPER/manifests/a",
                "/v2/a/../../etc/manifests/a",
                "/v2/%2e%2e/manifests/a",
                "/v2/-a/tags/list",
                "/v2/a//b/blobs/uploads/x",
                "/v2/a_/manifests/a"
            })
    void namesThatCannotBe(String path) throws Exception {
        HttpResponse<byte[]> answer = registry.get(path);
        assertThat(answer.statusCode()).isBetween(400, 404);
        assertThat(text(answer)).contains("NAME_INVALID");
    }

    @Test
    void namesTagsAndDigestsThatAreTooLongOrOdd() throws Exception {
        assertThat(text(registry.get("/v2/" + "a".repeat(256) + "/tags/list")))
                .contains("NAME_INVALID");
        assertThat(text(get("/manifests/" + "a".repeat(129)))).contains("TAG_INVALID");
        assertThat(text(get("/manifests/.a"))).contains("TAG_INVALID");
        assertThat(text(get("/blobs/sha256:00"))).contains("DIGEST_INVALID");
        assertThat(get("/blobs/uploads/..%2f..%2fx").statusCode()).isEqualTo(404);
    }

    @Test
    void methodsThatAreNotThere() throws Exception {
        HttpResponse<byte[]> put = registry.send("POST", "/v2/" + NAME + "/tags/list");
        assertThat(put.statusCode()).isEqualTo(405);
        assertThat(header(put, "Allow")).isEqualTo("GET, HEAD");
    }

    // ---- content discovery -----------------------------------------------------------------

    @Test
    void tagsPageByPage() throws Exception {
        for (String tag : new String[] {"b", "c", "a", "d"}) {
            registry.pushImage(NAME, tag, "layer");
        }
        assertThat(text(get("/tags/list")))
                .isEqualTo("{\"name\":\"" + NAME + "\",\"tags\":[\"a\",\"b\",\"c\",\"d\"]}\n");
        HttpResponse<byte[]> page = get("/tags/list?n=2");
        assertThat(text(page)).contains("[\"a\",\"b\"]");
        String link = header(page, "Link");
        assertThat(link).endsWith("; rel=\"next\"");
        HttpResponse<byte[]> next = registry.get(link.substring(1, link.indexOf('>')));
        assertThat(text(next)).contains("[\"c\",\"d\"]");
        assertThat(header(next, "Link")).isEmpty();
        assertThat(text(get("/tags/list?n=0"))).contains("\"tags\":[]");
        assertThat(text(get("/tags/list?n=-1"))).contains("PAGINATION_NUMBER_INVALID");
        assertThat(text(get("/tags/list?last=c"))).contains("[\"d\"]");
    }

    @Test
    void repositoriesPageByPage() throws Exception {
        for (String name : new String[] {"a-b", "a/b", "a", "b/c/d"}) {
            registry.pushImage(name, "v", "layer");
        }
        assertThat(text(registry.get("/v2/_catalog")))
                .isEqualTo("{\"repositories\":[\"a\",\"a/b\",\"a-b\",\"b/c/d\"]}\n");
        HttpResponse<byte[]> page = registry.get("/v2/_catalog?n=3");
        assertThat(text(page)).contains("[\"a\",\"a/b\",\"a-b\"]");
        String link = header(page, "Link");
        assertThat(text(registry.get(link.substring(1, link.indexOf('>')))))
                .isEqualTo("{\"repositories\":[\"b/c/d\"]}\n");
    }

    @Test
    void searchAsOfOld() throws Exception {
        registry.pushImage("web/nginx", "v", "layer");
        registry.pushImage("db", "v", "layer");
        assertThat(registry.get("/v1/_ping").statusCode()).isEqualTo(200);
        assertThat(text(registry.get("/v1/search?q=ngi&n=25")))
                .contains("\"num_results\":1")
                .contains("\"name\":\"web/nginx\"");
    }

    @Test
    void referrersOfAManifest() throws Exception {
        assertThat(text(get("/referrers/" + ABSENT))).contains("\"manifests\":[]");
        Digest config = registry.pushBlob(NAME, "{}".getBytes(UTF_8));
        String subject =
                ",\"artifactType\":\"%s\",\"annotations\":{\"k\":\"v\"},\"subject\":{\"mediaType\":\""
                        + OCI_MANIFEST
                        + "\",\"size\":1,\"digest\":\""
                        + ABSENT
                        + "\"}";
        for (String type : new String[] {"a/b", "c/d"}) {
            HttpResponse<byte[]> put =
                    registry.putManifest(
                            NAME,
                            "of-" + type.charAt(0),
                            OCI_MANIFEST,
                            manifest(config, config, subject.formatted(type)));
            assertThat(put.statusCode()).isEqualTo(201);
            assertThat(header(put, "OCI-Subject")).isEqualTo(ABSENT.toString());
        }
        HttpResponse<byte[]> all = get("/referrers/" + ABSENT);
        assertThat(header(all, "Content-Type")).isEqualTo(OCI_INDEX);
        assertThat(text(all))
                .contains("\"artifactType\":\"a/b\"", "\"artifactType\":\"c/d\"", "\"k\":\"v\"");
        HttpResponse<byte[]> some = get("/referrers/" + ABSENT + "?artifactType=a%2Fb");
        assertThat(header(some, "OCI-Filters-Applied")).isEqualTo("artifactType");
        assertThat(text(some)).contains("a/b").doesNotContain("c/d");
        Digest gone = Digest.parse(header(get("/manifests/of-a"), "Docker-Content-Digest"));
        assertThat(registry.send("DELETE", "/v2/" + NAME + "/manifests/" + gone).statusCode())
                .isEqualTo(202);
        assertThat(text(get("/referrers/" + ABSENT))).doesNotContain("a/b");
    }

    // ---- content management ----------------------------------------------------------------

    @Test
    void manifestsTagsAndBlobsAreDeleted() throws Exception {
        Digest digest = registry.pushImage(NAME, "v1", "layer");
        registry.pushImage(NAME, "v2", "layer");
        String path = "/v2/" + NAME;
        assertThat(registry.send("DELETE", path + "/manifests/v1").statusCode()).isEqualTo(202);
        assertThat(get("/manifests/v1").statusCode()).isEqualTo(404);
        assertThat(get("/manifests/v2").statusCode()).isEqualTo(200);
        assertThat(registry.send("DELETE", path + "/manifests/" + digest).statusCode())
                .isEqualTo(202);
        assertThat(get("/manifests/v2").statusCode()).isEqualTo(404);
        assertThat(get("/manifests/" + digest).statusCode()).isEqualTo(404);
        assertThat(registry.send("DELETE", path + "/manifests/" + digest).statusCode())
                .isEqualTo(404);
        Digest layer = Digest.of("layer".getBytes(UTF_8));
        assertThat(registry.send("DELETE", path + "/blobs/" + layer).statusCode()).isEqualTo(202);
        assertThat(get("/blobs/" + layer).statusCode()).isEqualTo(404);
        assertThat(registry.send("DELETE", path + "/blobs/" + layer).statusCode()).isEqualTo(404);
    }
}
