package dev.corten.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corten.model.Digest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `manifest`. What is expected here is what Docker 28.5.2 made of the same registry.
class ManifestTest {
    private static final String CONFIG = "{\"architecture\":\"amd64\",\"os\":\"linux\"}";
    private static final String TYPE = "application/vnd.docker.distribution.manifest.v2+json";
    private static final String PATH = "/corten/v1/registry/";

    @TempDir Path home;
    private CommandLine line;
    private String manifest = "";
    private String digest = "";

    @BeforeEach
    void open() throws IOException {
        line = new CommandLine(home);
        Digest config = Digest.of(CONFIG.getBytes(StandardCharsets.UTF_8));
        manifest =
                "{\"schemaVersion\":2,\"mediaType\":\""
                        + TYPE
                        + "\",\"config\":{\"size\":37,\"digest\":\""
                        + config
                        + "\"},\"layers\":[{\"size\":5,\"digest\":\"sha256:"
                        + "b".repeat(64)
                        + "\"}]}";
        digest = Digest.of(manifest.getBytes(StandardCharsets.UTF_8)).toString();
        line.daemon.answers.put(
                "GET " + PATH + "manifest?name=r.test%2Fa",
                "HTTP/1.1 200 OK\r\nContent-Type: "
                        + TYPE
                        + "\r\nDocker-Content-Digest: "
                        + digest
                        + "\r\nContent-Length: "
                        + manifest.length()
                        + "\r\n\r\n"
                        + manifest);
        line.daemon
                .answer("GET " + PATH + "blob", 200, CONFIG)
                .answer("POST " + PATH + "mount", 200, "{\"Mounted\":true}")
                .answer("PUT " + PATH + "manifest", 200, "{\"Digest\":\"" + digest + "\"}");
    }

    @AfterEach
    void close() throws IOException {
        line.close();
    }

    @Test
    void listIsKeptWhereDockerKeepsIt() throws IOException {
        assertThat(line.corten("manifest", "create", "r.test/l:1", "r.test/a:1")).isZero();
        assertThat(line.out()).isEqualTo("Created manifest list r.test/l:1\n");
        assertThat(home.resolve(".docker/manifests/r.test_l-1/r.test_a-1"))
                .content()
                .isEqualTo(
                        "{\"Ref\":\"r.test/a:1\",\"Descriptor\":{\"mediaType\":\""
                                + TYPE
                                + "\",\"digest\":\""
                                + digest
                                + "\",\"size\":"
                                + manifest.length()
                                + ",\"platform\":{\"architecture\":\"amd64\",\"os\":\"linux\"}},"
                                + "\"Raw\":\""
                                + Base64.getEncoder().encodeToString(manifest.getBytes())
                                + "\",\"SchemaV2Manifest\":"
                                + manifest
                                + "}");
        assertThat(line.corten("manifest", "create", "r.test/l:1", "r.test/a:2")).isEqualTo(1);
        assertThat(line.err())
                .isEqualTo("refusing to amend an existing manifest list with no --amend flag\n");
    }

    @Test
    void annotatedListIsPushedToTheByte() {
        line.corten("manifest", "create", "r.test/l:1", "r.test/a:1");
        assertThat(
                        line.corten(
                                "manifest",
                                "annotate",
                                "--arch",
                                "arm64",
                                "--variant",
                                "v8",
                                "r.test/l:1",
                                "r.test/a:1"))
                .isZero();
        String list =
                """
                {
                   "schemaVersion": 2,
                   "mediaType": "application/vnd.docker.distribution.manifest.list.v2+json",
                   "manifests": [
                      {
                         "mediaType": "%s",
                         "size": %d,
                         "digest": "%s",
                         "platform": {
                            "architecture": "arm64",
                            "os": "linux",
                            "variant": "v8"
                         }
                      }
                   ]
                }\
                """
                        .formatted(TYPE, manifest.length(), digest);
        line.corten("manifest", "inspect", "r.test/l:1");
        assertThat(line.out()).isEqualTo(list + "\n");
        line.daemon.requests.clear();
        assertThat(line.corten("manifest", "push", "-p", "r.test/l:1")).isZero();
        assertThat(line.out())
                .isEqualTo("Pushed ref r.test/l@%1$s with digest: %1$s\n%1$s\n".formatted(digest));
        String chunk = Integer.toHexString(list.length()) + "\r\n" + list + "\r\n0\r\n\r\n";
        assertThat(line.daemon.requests.getLast())
                .isEqualTo("PUT " + PATH + "manifest?name=r.test%2Fl%3A1 " + chunk);
        assertThat(line.daemon.requests.subList(0, 2))
                .allMatch(request -> request.startsWith("POST " + PATH + "mount?"));
        assertThat(home.resolve(".docker/manifests/r.test_l-1")).doesNotExist();
    }

    @Test
    void platformThatIsNoneIsRefused() throws IOException {
        line.corten("manifest", "create", "r.test/l:1", "r.test/a:1");
        Path file = home.resolve(".docker/manifests/r.test_l-1/r.test_a-1");
        String before = Files.readString(file);
        int status =
                line.corten("manifest", "annotate", "--arch", "vax", "r.test/l:1", "r.test/a:1");
        assertThat(status).isEqualTo(1);
        assertThat(line.err())
                .isEqualTo("manifest entry for image has unsupported os/arch combination: /vax\n");
        assertThat(file).content().isEqualTo(before);
    }

    @Test
    void whatIsNotThereIsSaid() {
        assertThat(line.corten("manifest", "rm", "r.test/x:1", "r.test/y")).isEqualTo(1);
        assertThat(line.err())
                .isEqualTo("No such manifest: r.test/x:1\nNo such manifest: r.test/y:latest\n");
        assertThat(line.corten("manifest", "inspect", "other.test/x")).isEqualTo(1);
        assertThat(line.err()).isEqualTo("no such manifest: other.test/x:latest\n");
    }
}
