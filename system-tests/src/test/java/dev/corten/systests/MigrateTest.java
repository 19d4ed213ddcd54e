package dev.corten.systests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// `corten system migrate`, from a data root that Docker 28.5.2 has written: two images, one of them a
/// commit of the container `job`, which has changed files and ended with 3; the container `idle`, which
/// was never started; the volume `kept` and two without a name. `system-tests/docker-root/record` makes such a one.
@Shows("DSK-32")
@ExtendWith(PrivateEngine.class)
class MigrateTest {
    private static final String JOB =
            "1167eebbc2b8bd295645e0c4d5f88cefbbb364eb79efdc63d1a5862b3b9b80e5";
    private static final String FIRST =
            "sha256:2cc61dcd1177c20a347f182f990e460f5862f94526ae5e45c799dba2ba129fa5";
    private static final String SECOND =
            "sha256:8e438c5f162e7bb1a0194b4e465f4abb895de7a2f92379cdf162dcd3f13be034";

    private Client corten;
    private Path root;

    @BeforeEach
    void dockerRoot(Engine engine) throws IOException, InterruptedException {
        corten = engine.corten();
        engine.answersAsItself();
        root = engine.scratch("docker");
        Files.createDirectories(root);
        Path archive = engine.scratch("docker-root.tar.gz");
        try (InputStream in =
                Objects.requireNonNull(getClass().getResourceAsStream("docker-root.tar.gz"))) {
            Files.copy(in, archive);
        }
        Process tar =
                new ProcessBuilder(
                                "tar",
                                "-C",
                                root.toString(),
                                "--xattrs",
                                "--xattrs-include=*",
                                "-xzpf",
                                archive.toString())
                        .inheritIO()
                        .start();
        assertThat(tar.waitFor()).isZero();
        Files.delete(archive);
    }

    private static List<String> steps(String outcome) {
        return List.of(
                "image corten/fixture:1: " + outcome,
                "image corten/fixture:2: " + outcome,
                "volume 9e6ed6259bd8f666572f798f4729f489fc8db1d6c1c67ea0ae435c866754eab8: "
                        + outcome,
                "volume f6280a1bedbf8356633bf87ced15659725c22ac82e8dbf43d4ffd96ac2fb9203: "
                        + outcome,
                "volume kept: " + outcome,
                "container job: " + outcome,
                "container idle: " + outcome);
    }

    @Test
    void allOfItIsCopiedOnceAndWorks(Client docker) {
        assertThat(corten.ok("system", "migrate", "--dry-run", root.toString()).lines())
                .containsExactlyElementsOf(steps("found"));
        assertThat(docker.ok("ps", "-aq")).isEmpty();
        assertThat(docker.ok("volume", "ls", "-q")).isEmpty();

        assertThat(corten.ok("system", "migrate", root.toString()).lines())
                .containsExactlyElementsOf(steps("copied"));
        assertThat(docker.ok("image", "inspect", "--format", "{{.Id}}", "corten/fixture:1"))
                .isEqualTo(FIRST);
        assertThat(docker.ok("image", "inspect", "--format", "{{.Id}}", "corten/fixture:latest"))
                .isEqualTo(FIRST);
        assertThat(docker.ok("image", "inspect", "--format", "{{.Id}}", "corten/fixture:2"))
                .isEqualTo(SECOND);
        assertThat(docker.ok("run", "--rm", "--network", "none", "corten/fixture:1"))
                .isEqualTo("hello");
        // A commit keeps the command.
        assertThat(docker.run("run", "--rm", "--network", "none", "corten/fixture:2").out())
                .isEqualTo("made\n");

        assertThat(
                        docker.ok(
                                "inspect",
                                "--format",
                                "{{.Id}} {{.Created}} {{.State.Status}} {{.State.ExitCode}}"
                                        + " {{.Config.Labels.made}} {{.Config.Image}}",
                                "job"))
                .isEqualTo(JOB + " 2026-11-22T00:41:59.262837001Z exited 3 here corten/fixture:1");
        assertThat(docker.ok("logs", "job")).isEqualTo("made");
        assertThat(docker.ok("diff", "job").lines())
                .contains("D /etc/gone", "A /dir/new", "D /dir/old");
        assertThat(docker.ok("inspect", "--format", "{{.HostConfig.Memory}}", "idle"))
                .isEqualTo("67108864");
        assertThat(docker.ok("volume", "inspect", "--format", "{{.Labels.team}}", "kept"))
                .isEqualTo("storage");
        assertThat(docker.run("start", "-a", "job").status()).isEqualTo(3);
        assertThat(docker.ok("start", "-a", "idle")).isEqualTo("hello");

        assertThat(corten.ok("system", "migrate", root.toString()).lines())
                .containsExactlyElementsOf(steps("here already"));
    }

    @Test
    void filesOfVolumesAreCopiedWithTheirModes(Engine engine) throws IOException {
        corten.ok("system", "migrate", root.toString());
        Path kept = engine.dataRoot().resolve("volumes/kept/_data/kept");
        assertThat(kept).hasContent("volume\n");
        assertThat(Files.getPosixFilePermissions(kept)).hasSize(3);
    }

    /// A daemon on Docker's own directory would take its layers for debris.
    @Test
    void aDataRootOfDockerIsNotOpened(Engine engine) throws IOException, InterruptedException {
        Path out = engine.scratch("refusal");
        Process daemon =
                new ProcessBuilder(
                                Engine.program("cortend").toString(),
                                "-H",
                                "unix://" + engine.scratch("other.sock"),
                                "--data-root",
                                root.toString(),
                                "--exec-root",
                                engine.scratch("other-run").toString(),
                                "--pidfile",
                                engine.scratch("other.pid").toString())
                        .redirectErrorStream(true)
                        .redirectOutput(out.toFile())
                        .start();
        assertThat(daemon.waitFor()).isNotZero();
        assertThat(Files.readString(out))
                .contains("belongs to a Docker Engine")
                .contains("corten system migrate " + root);
        assertThat(root.resolve("lock")).doesNotExist();
        Files.delete(out);
    }

    @Test
    void whatIsNoDataRootIsRefused(Engine engine) {
        Finished refused = corten.run("system", "migrate", engine.home().toString());
        assertThat(refused.status()).isEqualTo(1);
        assertThat(refused.err()).contains("is not the data root of a Docker Engine");
    }
}
