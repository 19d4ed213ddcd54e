package dev.corten.systests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.corten.systests.WithRegistry.Lab;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// `artifact`, as Podman has it.
@ExtendWith(WithRegistry.class)
class ArtifactTest {
    private static final String EMPTY_CONFIG =
            "{\"mediaType\":\"application/vnd.oci.empty.v1+json\",\"digest\":\"sha256:"
                    + Image.sha256("{}".getBytes(UTF_8))
                    + "\",\"size\":2}";

    private Path folder;

    @BeforeEach
    void makeFolder(Engine engine) throws IOException {
        folder = Files.createDirectories(engine.scratch("artifact-files"));
        file("a.txt", "hello\n");
        file("b.json", "{\"b\":1}");
    }

    @AfterEach
    void removeArtifacts(Engine engine) throws IOException {
        engine.corten().ok("artifact", "rm", "--all");
        Running.run("rm", "-rf", folder.toString()).ok();
    }

    private String file(String name, String content) throws IOException {
        return Files.writeString(folder.resolve(name), content).toString();
    }

    private String at(String name) {
        return folder.resolve(name).toString();
    }

    @Test
    @Shows("IMG-65")
    void fromFilesToARegistryAndBack(Lab lab) throws IOException {
        Client corten = lab.engine().corten();
        String name = lab.name("art/model:1");
        String digest =
                corten.ok(
                        "artifact",
                        "add",
                        "--type",
                        "application/vnd.test.model",
                        "--annotation",
                        "license=MIT",
                        name,
                        at("a.txt"),
                        at("b.json"));
        assertThat(digest).matches("[0-9a-f]{64}");
        assertThat(corten.ok("artifact", "ls"))
                .contains("REPOSITORY", "TAG", "DIGEST", "CREATED", "SIZE")
                .contains(digest.substring(0, 12), " ago", "13B");
        assertThat(corten.ok("artifact", "ls", "-n", "--no-trunc"))
                .startsWith(lab.name("art/model"))
                .contains(digest);
        assertThat(corten.ok("artifact", "ls", "-q")).isEqualTo(digest.substring(0, 12));
        assertThat(corten.ok("artifact", "ls", "--format", "{{.Tag}} {{.VirtualSize}} {{.Type}}"))
                .isEqualTo("1 13 application/vnd.test.model");
        assertThat(corten.ok("images", "-a", "-q")).isEmpty();
        String pushed = corten.ok("artifact", "push", name);
        assertThat(pushed).contains("1: digest: sha256:" + digest + " size: ");
        var there = lab.registry().api().manifest("art/model", "1").ok().json();
        assertThat(there.path("artifactType").asString()).isEqualTo("application/vnd.test.model");
        assertThat(there.path("config").path("mediaType").asString())
                .isEqualTo("application/vnd.oci.empty.v1+json");
        assertThat(there.path("layers").get(0).path("mediaType").asString())
                .isEqualTo("text/plain; charset=utf-8");
        assertThat(there.path("layers").get(1).path("annotations").toString())
                .contains("\"license\":\"MIT\"", "\"org.opencontainers.image.title\":\"b.json\"");
        assertThat(corten.ok("artifact", "rm", name)).isEqualTo(digest);
        assertThat(corten.ok("artifact", "pull", name)).contains("Digest: sha256:" + digest);
        assertThat(corten.ok("artifact", "pull", name)).contains("Already exists");
        lab.engine().kill();
        lab.engine().open();
        assertThat(corten.ok("artifact", "inspect", "-f", "{{.Name}} {{.Digest}}", name))
                .isEqualTo(name + " sha256:" + digest);
        assertThat(corten.ok("artifact", "inspect", digest.substring(0, 12)))
                .contains("\"Manifest\": {", "\"license\": \"MIT\"");
        Path out = Files.createDirectory(folder.resolve("out"));
        corten.ok("artifact", "extract", name, out.toString());
        assertThat(out.resolve("a.txt")).content().isEqualTo("hello\n");
        assertThat(out.resolve("b.json")).content().isEqualTo("{\"b\":1}");
        corten.ok("artifact", "extract", "--title", "b.json", name, at("one"));
        assertThat(folder.resolve("one")).content().isEqualTo("{\"b\":1}");
        assertThat(corten.ok("system", "check")).contains("nothing is damaged");
        // What an image is removed with, and all that is unused, leaves artifacts alone.
        corten.ok("pull", "-q", "alpine");
        corten.ok("rmi", "alpine");
        corten.ok("image", "prune", "-a", "-f");
        corten.ok("artifact", "extract", name, out.toString());
    }

    @Test
    @Shows("IMG-65")
    void addingReplacingAppending(Lab lab) throws IOException {
        Client corten = lab.engine().corten();
        corten.ok("artifact", "add", "quay.io/x/y:1", at("a.txt"));
        assertThat(corten.run("artifact", "add", "quay.io/x/y:1", at("b.json")).err())
                .contains("quay.io/x/y:1: artifact already exists");
        assertThat(corten.run("artifact", "add", "-a", "quay.io/x/y:1", at("a.txt")).err())
                .contains("a.txt: file already exists in artifact");
        corten.ok("artifact", "add", "--append", "quay.io/x/y:1", at("b.json"));
        assertThat(titles(corten, "quay.io/x/y:1")).isEqualTo("a.txt b.json ");
        corten.ok(
                "artifact", "add", "--replace", "--file-type", "x/y", "quay.io/x/y:1", at("a.txt"));
        assertThat(titles(corten, "quay.io/x/y:1")).isEqualTo("a.txt ");
        assertThat(corten.ok("artifact", "inspect", "quay.io/x/y:1"))
                .contains("\"mediaType\": \"x/y\"");
        for (String[] wrong :
                new String[][] {
                    {"-a", "--replace", "quay.io/x/y:1", "f", "cannot be used together"},
                    {"-a", "--type=t", "quay.io/x/y:1", "f", "append option is not compatible"},
                    {"-a", "-a", "quay.io/x/no:1", "f", "quay.io/x/no:1: artifact does not exist"},
                    {"-a", "-a", "quay.io/x/No", "f", "must be lowercase"},
                    {"--annotation", "kv", "new", "f", "no value given for annotation \"kv\""},
                    {
                        "--annotation",
                        "org.opencontainers.image.title=../x",
                        "new",
                        "f",
                        "cannot override filename"
                    },
                    {"--type", "t", "new", ".", "is a directory"},
                    {"--type", "t", "new", "none", "no such file or directory"},
                }) {
            String path = wrong[3].equals("f") ? at("a.txt") : at(wrong[3]);
            var finished = corten.run("artifact", "add", wrong[0], wrong[1], wrong[2], path);
            assertThat(finished.err()).contains(wrong[4]);
            assertThat(finished.status()).isNotZero();
        }
        assertThat(corten.ok("artifact", "ls", "-q").lines()).hasSize(1);
        assertThat(corten.run("artifact", "rm", "none").err())
                .contains("none: artifact does not exist");
        corten.ok("artifact", "rm", "-i", "none");
        assertThat(corten.run("artifact", "rm").err()).contains("at least one artifact name");
        assertThat(corten.run("artifact", "rm", "-a", "x").err()).contains("--all switch");
        assertThat(corten.run("artifact", "inspect", "none").status()).isEqualTo(1);
        assertThat(corten.run("artifact", "push", "quay.io/x/none:1").err())
                .contains("artifact does not exist");
    }

    private static String titles(Client corten, String name) {
        return corten.ok(
                        "artifact",
                        "inspect",
                        "-f",
                        "{{range .Manifest.layers}}{{index .annotations"
                                + " \"org.opencontainers.image.title\"}} {{end}}|",
                        name)
                .replace("|", "");
    }

    /// Puts an artifact with files of these titles into the registry.
    private static String hostile(Lab lab, String repository, String... titles) {
        var api = lab.registry().api();
        api.pushBlob(repository, "{}".getBytes(UTF_8));
        var layers = new java.util.ArrayList<String>();
        for (String title : titles) {
            byte[] content = ("content of " + title).getBytes(UTF_8);
            api.pushBlob(repository, content);
            layers.add(
                    ("{\"mediaType\":\"text/plain\",\"digest\":\"sha256:%s\",\"size\":%d,"
                                    + "\"annotations\":{\"org.opencontainers.image.title\":\"%s\"}}")
                            .formatted(Image.sha256(content), content.length, title));
        }
        api.pushManifest(
                repository,
                "1",
                Published.OCI_MANIFEST,
                "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"artifactType\":\"x/y\",\"config\":%s,\"layers\":[%s]}"
                        .formatted(Published.OCI_MANIFEST, EMPTY_CONFIG, String.join(",", layers)));
        return lab.name(repository + ":1");
    }

    @Test
    @Shows("IMG-65")
    void titlesNeverLeadOutOfTheDirectory(Lab lab) throws IOException {
        Client corten = lab.engine().corten();
        Path out = Files.createDirectories(folder.resolve("deep/out"));
        int number = 0;
        for (String title :
                new String[] {
                    "../evil", "/tmp/evil-title", "..", ".", "a/../../evil", "x\\u0000y"
                }) {
            String name = hostile(lab, "evil/t" + number++, "good", title);
            corten.ok("artifact", "pull", "-q", name);
            var finished = corten.run("artifact", "extract", name, out.toString());
            assertThat(finished.status()).isEqualTo(1);
            assertThat(finished.err()).contains("invalid name: ");
        }
        assertThat(out).isEmptyDirectory();
        assertThat(folder.resolve("deep/evil")).doesNotExist();
        String twice = hostile(lab, "evil/twice", "one", "one");
        corten.ok("artifact", "pull", "-q", twice);
        assertThat(corten.run("artifact", "extract", twice, out.toString()).err())
                .contains("is the title of two blobs");
        // A link that waits there is replaced, and what it leads to stays.
        String linked = hostile(lab, "evil/link", "link");
        corten.ok("artifact", "pull", "-q", linked);
        Files.createSymbolicLink(out.resolve("link"), folder.resolve("a.txt"));
        corten.ok("artifact", "extract", linked, out.toString());
        assertThat(out.resolve("link")).isRegularFile().content().isEqualTo("content of link");
        assertThat(Files.isSymbolicLink(out.resolve("link"))).isFalse();
        assertThat(folder.resolve("a.txt")).content().isEqualTo("hello\n");
        // One whose single file is asked for under another name can still be had.
        String single = hostile(lab, "evil/single", "../single");
        corten.ok("artifact", "pull", "-q", single);
        corten.ok("artifact", "extract", single, at("renamed"));
        assertThat(folder.resolve("renamed")).content().isEqualTo("content of ../single");
    }

    @Test
    @Shows("IMG-65")
    void registriesThatRefuseOrLie(Lab lab) {
        Client corten = lab.engine().corten();
        assertThat(corten.run("artifact", "pull", lab.name("none/here:1")).err())
                .contains("not found");
        Published.publish(lab.registry().api(), "art/index", "1", Published.noise(66, 10).oci());
        assertThat(corten.run("artifact", "pull", lab.name("art/index:1")).err())
                .contains("is not that of an artifact");
        String name = hostile(lab, "art/damaged", "file");
        Path blob =
                lab.registry()
                        .tree()
                        .resolve("blobs/sha256")
                        .resolve(Image.sha256("content of file".getBytes(UTF_8)).substring(0, 2))
                        .resolve(Image.sha256("content of file".getBytes(UTF_8)))
                        .resolve("data");
        try {
            Files.writeString(blob, "Content of file");
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        assertThat(corten.run("artifact", "pull", name).err())
                .contains("digest of blob does not match");
        assertThat(corten.ok("artifact", "ls", "-q")).isEmpty();
    }
}
