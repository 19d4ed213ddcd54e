package dev.corten.systests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corten.systests.WithRegistry.Lab;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// What the command line does to registries and to names, beside pull and push: lists of images for
/// several platforms, copies, layers.
@ExtendWith(WithRegistry.class)
class RemoteImagesTest {
    /// An image of one layer, in the engine and in the registry.
    private static String publish(Lab lab, String repository, String content) {
        String name = lab.registry().host() + "/" + repository;
        new Image(name).layer(new Tar().file("f", content).bytes()).load(lab.engine());
        lab.engine().corten().ok("push", "-q", name);
        return name;
    }

    @Test
    @Shows({"IMG-56", "IMG-57"})
    void listIsMadeAnnotatedAndPushed(Lab lab) {
        Client corten = lab.engine().corten();
        String one = publish(lab, "remote/one:1", "one");
        String two = publish(lab, "remote/two:1", "two");
        String list = lab.registry().host() + "/remote/list:1";
        assertThat(corten.ok("manifest", "create", list, one, two))
                .isEqualTo("Created manifest list " + list);
        corten.ok("manifest", "annotate", "--arch", "arm64", "--variant", "v8", list, two);
        String pushed = corten.ok("manifest", "push", "--purge", list);
        String digest = pushed.substring(pushed.lastIndexOf('\n') + 1);
        assertThat(corten.ok("manifest", "inspect", list))
                .contains("\"architecture\": \"arm64\"", "\"variant\": \"v8\"");
        assertThat(corten.ok("image", "inspect", "--remote", list))
                .contains("Digest:    " + digest, "Platform:    linux/arm64/v8");
        assertThat(corten.ok("pull", "--platform", "linux/arm64", list)).contains(digest);
        assertThat(corten.ok("image", "inspect", "-f", "{{.Id}}", list))
                .isEqualTo(corten.ok("image", "inspect", "-f", "{{.Id}}", two));
        // What Docker's command line makes of the same images has the same digest.
        Client docker = lab.engine().docker();
        docker.ok("manifest", "create", "--insecure", list, one, two);
        docker.ok("manifest", "annotate", "--arch", "arm64", "--variant", "v8", list, two);
        assertThat(docker.ok("manifest", "push", "--purge", "--insecure", list)).endsWith(digest);
    }

    @Test
    @Shows("IMG-59")
    void copyFromRegistryToRegistryKeepsTheDigest(Lab lab, Engine engine) throws Exception {
        Client corten = engine.corten();
        String source = publish(lab, "remote/source:1", "copied");
        Path folder = Files.createDirectory(engine.scratch("copies"));
        try (RegistryProcess other = RegistryProcess.ours(folder)) {
            String target = other.host() + "/copies/of:7";
            String said = corten.ok("image", "copy", source, target);
            String digest = corten.ok("image", "inspect", "--remote", source);
            digest = digest.substring(digest.indexOf("sha256:"));
            assertThat(said).contains(": Copied\n").endsWith("Digest: " + digest);
            assertThat(corten.ok("image", "inspect", "--remote", target)).endsWith(digest);
            assertThat(corten.ok("image", "copy", source, target)).contains(": Already exists\n");
            assertThat(corten.ok("images", "-q", target)).isEmpty();
            assertThat(corten.run("image", "copy", source + "no", target).err())
                    .contains("not found: manifest unknown");
        }
    }

    @Test
    @Shows({"IMG-61", "IMG-62"})
    void layersAndNamesOfAnImage(Lab lab) {
        Client corten = lab.engine().corten();
        byte[] base = new Tar().file("base", "b").bytes();
        new Image("tree-base:1").layer(base).load(lab.engine());
        new Image("tree-app:1")
                .layer(base)
                .layer(new Tar().file("app", "a").bytes())
                .load(lab.engine());
        assertThat(corten.ok("image", "tree", "tree-app:1"))
                .contains(
                        "├── ID: ", " Top Layer of: [tree-base:1]", " Top Layer of: [tree-app:1]");
        assertThat(corten.ok("image", "tree", "tree-base:1")).contains("Shared with: [tree-app:1]");
        corten.ok("tag", "tree-app:1", "tree-other:1");
        String id = corten.ok("images", "-q", "tree-app:1");
        assertThat(corten.ok("untag", "tree-app:1", "tree-other:1"))
                .isEqualTo("Untagged: tree-other:1");
        assertThat(corten.ok("untag", "tree-app:1")).isEqualTo("Untagged: tree-app:1");
        assertThat(corten.ok("image", "inspect", "-f", "{{.RepoTags}}", id)).isEqualTo("[]");
    }

    @Test
    @Shows("IMG-60")
    void filesOfAnImageOnTheHost(Lab lab) throws Exception {
        Client corten = lab.engine().corten();
        new Image("mounted:1")
                .layer(new Tar().file("f", "below").bytes())
                .layer(new Tar().file("g", "above").bytes())
                .load(lab.engine());
        Path root = Path.of(corten.ok("image", "mount", "mounted:1"));
        try {
            assertThat(root.resolve("f")).content().isEqualTo("below");
            assertThat(root.resolve("g")).content().isEqualTo("above");
            assertThat(corten.ok("image", "mount")).isEqualTo("mounted:1  " + root);
            assertThat(corten.ok("image", "mount", "mounted:1")).isEqualTo(root.toString());
            assertThat(Running.run("touch", root.resolve("new").toString()).err())
                    .contains("Read-only file system");
            assertThat(corten.run("rmi", "-f", "mounted:1").err())
                    .contains("image is mounted: unmount it first");
        } finally {
            corten.ok("image", "unmount", "mounted:1");
        }
        assertThat(root).doesNotExist();
        assertThat(corten.run("image", "unmount", "mounted:1").err()).contains("is not mounted");
        corten.ok("rmi", "mounted:1");
    }
}
