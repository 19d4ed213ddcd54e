package dev.corten.systests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corten.systests.WithRegistry.Lab;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Commands on images that the tutorials do not type, with images from a registry.
@ExtendWith(WithRegistry.class)
class ImageCommandsTest {
    private static Client client(Lab lab, String name) {
        return name.equals("docker") ? lab.engine().docker() : lab.engine().corten();
    }

    @ParameterizedTest
    @ValueSource(strings = {"docker", "corten"})
    @Shows({"IMG-02", "IMG-03", "IMG-04", "IMG-05", "IMG-15"})
    void lists(String program, Lab lab) {
        Client docker = client(lab, program);
        assertThat(docker.ok("pull", "-q", "alpine")).isEqualTo("docker.io/library/alpine:latest");
        docker.ok("pull", "--platform", "linux/" + Image.architecture(), "nginx");
        docker.ok("tag", "alpine", "alpine:other");
        assertThat(docker.ok("images", "-q", "--no-trunc", "alpine:latest"))
                .isEqualTo(StandIns.alpine().id());
        assertThat(docker.ok("images", "-a", "-q", "alpine:*").lines()).hasSize(2);
        assertThat(docker.ok("images", "--format", "{{.Repository}}", "-f", "reference=ngi*"))
                .isEqualTo("nginx");
        assertThat(docker.ok("images", "-q", "-f", "dangling=true")).isEmpty();
        assertThat(docker.ok("images", "--digests", "--format", "{{.Digest}}", "nginx"))
                .isEqualTo(StandIns.nginx().digest());
        assertThat(docker.run("images", "-f", "bogus=1").err()).contains("invalid filter 'bogus'");
    }

    /// As Docker 28.5.2 says it: the command without the entry point, and nothing for what is empty.
    @Test
    void whatACommitSaysOfItself(Lab lab) {
        Client docker = lab.engine().docker();
        docker.ok("pull", "-q", "alpine");
        docker.ok("run", "--name", "c1", "--entrypoint", "/bin/sh", "alpine", "-c", "echo 1 > /1");
        docker.ok("commit", "-m", "why", "c1", "made:1");
        assertThat(docker.ok("history", "--no-trunc", "--format", "{{.CreatedBy}}", "made:1"))
                .startsWith("-c echo 1 > /1\n");
        assertThat(docker.ok("image", "inspect", "-f", "{{.DockerVersion}}", "made:1"))
                .isEqualTo("28.5.2");
        docker.ok("commit", "-c", "CMD []", "c1", "made:2");
        var config = lab.engine().api().get("/images/made:2/json").json().path("Config");
        assertThat(config.path("Cmd").isNull()).as(config.toString()).isTrue();
        assertThat(config.path("Labels").isNull()).as(config.toString()).isTrue();
        assertThat(lab.engine().api().call("POST", "/commit").status()).isEqualTo(400);
    }

    @ParameterizedTest
    @ValueSource(strings = {"docker", "corten"})
    @Shows({"IMG-26", "IMG-27", "IMG-28", "IMG-31"})
    void removals(String program, Lab lab) {
        Client docker = client(lab, program);
        docker.ok("pull", "-q", "alpine");
        docker.ok("run", "--name", "c1", "alpine", "sh", "-c", "echo 1 > /1");
        docker.ok("commit", "-c", "LABEL keep=yes", "c1", "made:1");
        docker.ok("commit", "c1", "made:2");
        docker.ok("rm", "c1");
        docker.ok("tag", "alpine", "made:2");
        assertThat(docker.ok("images", "-q", "-f", "dangling=true").lines()).hasSize(1);
        assertThat(docker.ok("image", "prune", "-f", "--filter", "until=1h"))
                .doesNotContain("deleted:");
        assertThat(docker.ok("image", "prune", "-f")).contains("deleted: sha256:");
        assertThat(docker.ok("image", "prune", "-a", "-f", "--filter", "label=keep=no"))
                .doesNotContain("made:1");
        assertThat(docker.ok("image", "prune", "-a", "-f", "--filter", "label=keep=yes"))
                .contains("untagged: made:1");
        docker.ok("run", "-d", "--name", "c2", "made:2", "sleep", "1000");
        docker.ok("rmi", "alpine");
        assertThat(docker.run("rmi", "made:2").err()).contains("conflict", "(must force)");
        assertThat(docker.ok("rmi", "--force", "made:2")).contains("Untagged: made:2");
        docker.ok("rm", "-f", "c2");
        docker.ok("pull", "-q", "nginx");
        assertThat(docker.ok("rmi", "--no-prune", "nginx")).contains("Untagged: nginx:latest");
    }

    @Test
    @Shows("IMG-27")
    void parentsWithNamesStay(Lab lab) {
        Client docker = lab.engine().docker();
        docker.ok("pull", "-q", "alpine");
        docker.ok("run", "--name", "c1", "alpine", "sh", "-c", "echo 1 > /1");
        docker.ok("commit", "c1", "made:1");
        docker.ok("rm", "c1");
        assertThat(docker.ok("rmi", "made:1")).doesNotContain("alpine");
        assertThat(docker.ok("images", "--format", "{{.Repository}}")).isEqualTo("alpine");
    }

    @ParameterizedTest
    @ValueSource(strings = {"docker", "corten"})
    @Shows({"IMG-40", "IMG-41", "IMG-42", "REG-02", "REG-23"})
    void searches(String program, Lab lab) {
        Client docker = client(lab, program);
        Published.noise(41, 10).publish(lab.registry().api(), "found/needle", "1");
        assertThat(docker.ok("search", lab.proxy().host() + "/needle"))
                .contains("NAME", "DESCRIPTION", "STARS", "OFFICIAL", "found/needle");
        assertThat(
                        docker.ok(
                                "search",
                                "--limit",
                                "1",
                                "--no-trunc",
                                "--format",
                                "{{.Name}} {{.StarCount}}",
                                lab.proxy().host() + "/needle"))
                .isEqualTo("found/needle 0");
        assertThat(docker.ok("search", "-f", "stars=5", lab.proxy().host() + "/needle"))
                .doesNotContain("found/needle");
    }

    private static String twoPlatforms(Lab lab, String repository) {
        return Published.publish(
                lab.registry().api(),
                repository,
                "1",
                Published.noise(42, 500).oci(),
                Published.noise(43, 500).oci().architecture("s390x"));
    }

    @Test
    @Shows({"IMG-06", "IMG-58", "IMG-46", "IMG-50"})
    void severalPlatformsUnderOneName(Lab lab) throws IOException {
        Client docker = lab.engine().docker();
        String digest = twoPlatforms(lab, "platforms/both");
        String name = lab.name("platforms/both:1");
        docker.ok("pull", name);
        assertThat(docker.ok("images", "--digests", "--format", "{{.Digest}}")).isEqualTo(digest);
        assertThat(lab.engine().corten().ok("image", "ls", "--tree"))
                .contains("linux/" + Image.architecture(), "linux/s390x");
        docker.ok("pull", "--platform", "linux/s390x", name);
        Path file = lab.engine().scratch("platform.tar");
        docker.ok("save", "--platform", "linux/s390x", "-o", file.toString(), name);
        docker.ok("rmi", "-f", name);
        docker.ok("load", "-i", file.toString());
        assertThat(docker.ok("image", "inspect", "-f", "{{.Architecture}}", name))
                .isEqualTo("s390x");
        Files.delete(file);
    }

    @Test
    @Shows({"IMG-56", "IMG-57"})
    void manifestLists(Lab lab) {
        Client corten = lab.engine().corten();
        String digest = twoPlatforms(lab, "lists/source");
        assertThat(corten.ok("manifest", "inspect", "--insecure", lab.name("lists/source:1")))
                .contains("s390x", Published.OCI_MANIFEST);
        String one = Published.noise(44, 100).publish(lab.registry().api(), "lists/made", "a");
        Published.noise(45, 100)
                .architecture("s390x")
                .publish(lab.registry().api(), "lists/made", "b");
        String list = lab.name("lists/made:all");
        corten.ok(
                "manifest",
                "create",
                "--insecure",
                list,
                lab.name("lists/made:a"),
                lab.name("lists/made:b"));
        corten.ok("manifest", "annotate", list, lab.name("lists/made:b"), "--variant", "v8");
        String pushed = corten.ok("manifest", "push", "--insecure", "--purge", list);
        var document = lab.registry().api().manifest("lists/made", "all").ok();
        assertThat(pushed).contains(document.header("Docker-Content-Digest"));
        assertThat(document.text()).contains(one, "s390x", "v8");
        assertThat(digest).startsWith("sha256:");
    }

    @Test
    @Shows("IMG-59")
    void fromRegistryToRegistryWithoutAnEngine(Lab lab) {
        String digest = twoPlatforms(lab, "copied/from");
        try (var folder = Scratch.folder("corten-copy");
                var other = RegistryProcess.ours(folder.path())) {
            lab.engine()
                    .corten()
                    .ok("image", "copy", lab.name("copied/from:1"), other.host() + "/copied/to:1");
            assertThat(other.api().digest("copied/to", "1")).isEqualTo(digest);
        }
        assertThat(lab.engine().docker().ok("images", "-q")).isEmpty();
    }

    @Test
    @Shows({"IMG-60", "IMG-61", "IMG-62"})
    void treesMountsAndNamesThatGo(Lab lab) throws IOException {
        Client corten = lab.engine().corten();
        corten.ok("pull", "-q", "nginx");
        corten.ok("pull", "-q", "tomcat");
        assertThat(corten.ok("image", "tree", "nginx")).contains("tomcat");
        corten.ok("tag", "nginx", "second:1");
        corten.ok("untag", "nginx", "second:1");
        assertThat(corten.ok("images", "--format", "{{.Repository}}").lines())
                .containsExactlyInAnyOrder("nginx", "tomcat");
        String where = corten.ok("image", "mount", "nginx").lines().toList().getLast();
        Path page = Path.of(where.substring(where.indexOf('/')), "usr/share/nginx/html/index.html");
        assertThat(Files.readString(page)).contains("Welcome to nginx!");
        org.assertj.core.api.Assertions.assertThatThrownBy(() -> Files.writeString(page, "x"))
                .isInstanceOf(IOException.class);
        corten.ok("image", "unmount", "nginx");
    }

    @Test
    @Shows({
        "DSK-02", "DSK-03", "DSK-04", "DSK-06", "DSK-08", "DSK-09", "DSK-10", "DSK-11", "DSK-12",
        "DSK-13", "DSK-20", "DSK-23", "DSK-26", "DSK-27"
    })
    void whatIsInTheDataRoot(Lab lab) throws IOException {
        Client docker = lab.engine().docker();
        docker.ok("pull", "-q", "nginx");
        String id = docker.ok("run", "-d", "--name", "c1", "-v", "v1:/v", "nginx");
        Path root = Path.of(docker.ok("info", "-f", "{{.DockerRootDir}}"));
        for (String folder :
                List.of(
                        "builder",
                        "buildkit",
                        "containers",
                        "image",
                        "network",
                        "overlay2",
                        "plugins",
                        "runtimes",
                        "swarm",
                        "tmp",
                        "trust",
                        "volumes")) {
            assertThat(root.resolve(folder)).isDirectory();
        }
        for (String file :
                List.of(
                        "config.v2.json",
                        "hostconfig.json",
                        "hostname",
                        "hosts",
                        "resolv.conf",
                        "checkpoints",
                        "mounts",
                        id + "-json.log")) {
            assertThat(root.resolve("containers").resolve(id).resolve(file)).exists();
        }
        assertThat(root.resolve("volumes/v1/_data")).isDirectory();
        assertThat(docker.ok("info", "-f", "{{.Driver}}")).isEqualTo("overlay2");
        String upper = docker.ok("inspect", "-f", "{{.GraphDriver.Data.UpperDir}}", "c1");
        Path layer = Path.of(upper).getParent();
        for (String file : List.of("diff", "lower", "work")) {
            assertThat(layer.resolve(file)).exists();
        }
        String top = docker.ok("image", "inspect", "-f", "{{.GraphDriver.Data.UpperDir}}", "nginx");
        for (String file : List.of("diff", "link", "lower")) {
            assertThat(Path.of(top).resolveSibling(file)).exists();
        }
        docker.ok("stop", "-t", "0", "c1");
        assertThat(lab.engine().belongings().mounts().stream().filter(m -> m.contains("/merged")))
                .isEmpty();
    }
}
