package dev.corten.systests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// `corten mount`: a container's files on the host, as Podman has it.
@Shows("CTR-48")
@ExtendWith(PrivateEngine.class)
class ContainerMountTest {
    private Client corten;

    @BeforeEach
    void corten(Engine engine) {
        corten = engine.corten();
        engine.answersAsItself();
    }

    private Path mount(String name) {
        return Path.of(corten.ok("mount", name));
    }

    @Test
    void filesOfAStoppedContainerAreReadAndWritten(Client docker) throws IOException {
        String id = docker.ok("run", "-d", "--name", "c1", "busybox", "sh", "-c", "echo in >/a");
        docker.ok("wait", "c1");
        assertThat(corten.ok("mount")).isEmpty();
        Path root = mount("c1");
        assertThat(root.resolve("a")).hasContent("in\n");
        assertThat(root.resolve("bin/busybox")).isExecutable();
        Files.writeString(root.resolve("b"), "from the host\n");
        assertThat(corten.ok("mount").split("\\s+"))
                .containsExactly(id.substring(0, 12), root.toString());
        assertThat(corten.ok("container", "mount", "--no-trunc")).startsWith(id + " ");
        assertThat(corten.ok("mount", "--format", "json"))
                .isEqualTo(
                        """
                        [
                         {
                          "id": "%s",
                          "Names": [
                           "c1"
                          ],
                          "mountpoint": "%s"
                         }
                        ]\
                        """
                                .formatted(id, root));
        assertThat(corten.ok("umount", "c1")).isEqualTo(id);
        assertThat(root).doesNotExist();
        assertThat(docker.ok("diff", "c1").lines()).contains("A /a", "A /b");
        assertThat(corten.run("unmount", "c1").err()).contains("container c1 is not mounted");
    }

    /// One file system, however it came about: mounted first or started first.
    @Test
    void aRunningContainerAndTheHostSeeEachOthersChanges(Client docker) throws IOException {
        docker.ok("run", "-d", "--name", "c1", "--read-only", "busybox", "sleep", "1000");
        docker.ok("create", "--name", "c2", "busybox", "sleep", "1000");
        Path first = mount("c1");
        Path second = mount("c2");
        docker.ok("start", "c2");
        for (String name : List.of("c1", "c2")) {
            Path root = name.equals("c1") ? first : second;
            Files.writeString(root.resolve("etc/made"), "by the host\n");
            assertThat(docker.ok("exec", name, "cat", "/etc/made")).isEqualTo("by the host");
        }
        docker.ok("exec", "c2", "sh", "-c", "echo more >>/etc/made");
        assertThat(second.resolve("etc/made")).hasContent("by the host\nmore\n");
        assertThat(docker.run("exec", "c1", "touch", "/x").err()).contains("Read-only file system");
        // A restart does not part them.
        docker.ok("restart", "-t", "0", "c2");
        docker.ok("exec", "c2", "sh", "-c", "echo again >>/etc/made");
        assertThat(second.resolve("etc/made")).hasContent("by the host\nmore\nagain\n");
        assertThat(corten.ok("umount", "--all").lines()).hasSize(2);
        assertThat(docker.ok("exec", "c2", "tail", "-n", "1", "/etc/made")).isEqualTo("again");
    }

    @Test
    void mountsAreCountedAndOutliveTheDaemon(Client docker, Engine engine) {
        docker.ok("create", "--name", "c1", "busybox");
        Path root = mount("c1");
        assertThat(mount("c1")).isEqualTo(root);
        engine.kill();
        engine.open();
        assertThat(mount("c1")).isEqualTo(root);
        corten.ok("umount", "c1");
        corten.ok("umount", "c1");
        assertThat(root.resolve("bin")).isDirectory();
        corten.ok("umount", "c1");
        assertThat(root).doesNotExist();
        mount("c1");
        mount("c1");
        corten.ok("umount", "--force", "c1");
        assertThat(corten.ok("mount")).isEmpty();
    }

    @Test
    void aMountedContainerIsRemovedByForceOnly(Client docker) {
        docker.ok("create", "--name", "c1", "busybox");
        Path root = mount("c1");
        Finished refused = docker.run("rm", "c1");
        assertThat(refused.status()).isEqualTo(1);
        assertThat(refused.err()).contains("container is mounted");
        assertThat(root.resolve("bin")).isDirectory();
        docker.ok("rm", "-f", "c1");
        assertThat(root).doesNotExist();
        // `--rm` is not stopped by it either.
        docker.ok("run", "-d", "--rm", "--name", "c2", "busybox", "sleep", "1000");
        Path other = mount("c2");
        docker.ok("kill", "c2");
        Eventually.holds("it is gone", () -> !Files.exists(other));
        assertThat(corten.ok("mount")).isEmpty();
    }

    @Test
    void manyAndTheLatestAreMounted(Client docker) {
        docker.ok("create", "--name", "c1", "busybox");
        String latest = docker.ok("create", "--name", "c2", "busybox");
        assertThat(Path.of(corten.ok("mount", "--latest")).resolve("bin")).isDirectory();
        assertThat(corten.ok("mount")).startsWith(latest.substring(0, 12));
        corten.ok("umount", "-l");
        assertThat(corten.ok("mount", "--all").lines()).hasSize(2);
        corten.ok("umount", "-a");
        Finished absent = corten.run("mount", "nope", "c1");
        assertThat(absent.status()).isEqualTo(1);
        assertThat(absent.err()).contains("No such container: nope");
        assertThat(absent.out()).contains("/root");
        corten.ok("umount", "c1");
        assertThat(corten.run("mount", "-a", "c1").err())
                .isEqualTo("--all and containers cannot be used together\n");
        assertThat(corten.run("mount", "--format", "yaml").err())
                .isEqualTo("unknown --format argument: \"yaml\"\n");
        assertThat(corten.run("umount").status()).isEqualTo(1);
    }

    /// What a container has put where the mount point's parts are means nothing on the host.
    @Test
    void pathsOfTheContainerAreNotFollowed(Client docker, Engine engine) throws IOException {
        Path outside = Files.createDirectory(engine.scratch("outside"));
        docker.ok(
                "run",
                "--name",
                "c1",
                "busybox",
                "sh",
                "-c",
                "rm -rf /home /tmp; ln -s " + outside + " /home; ln -s / /tmp");
        Path root = mount("c1");
        assertThat(Files.isSymbolicLink(root.resolve("home"))).isTrue();
        corten.ok("umount", "c1");
        assertThat(outside).isEmptyDirectory();
    }

    @Test
    void aDaemonElsewhereIsRefused(Client docker, Engine engine) {
        docker.ok("create", "--name", "c1", "busybox");
        var remote =
                new Client(
                        List.of(Engine.program("corten").toString(), "-H", "tcp://127.0.0.1:1"),
                        engine.socket(),
                        engine.home(),
                        java.util.Map.of());
        Finished refused = remote.run("mount", "c1");
        assertThat(refused.status()).isEqualTo(1);
        assertThat(refused.err())
                .contains("containers are mounted on the daemon's machine", "tcp://127.0.0.1:1");
    }
}
