package dev.corten.systests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Images and containers that put links where the engine mounts, copies or looks: nothing of the
/// host is reached, read, made or covered by that.
@ExtendWith(PrivateEngine.class)
@Shows({"SEC-01", "VOL-18"})
class HostileMountsTest {
    private static final int RACES = 25;

    private Path outside;

    /// A directory of the host with something in it that nobody may see or change.
    @BeforeEach
    void outside(Engine engine) throws IOException {
        outside = Files.createDirectories(engine.scratch("outside"));
        Files.writeString(outside.resolve("secret"), "secret\n");
    }

    private void untouched() throws IOException {
        try (Stream<Path> found = Files.walk(outside)) {
            assertThat(found.map(path -> outside.relativize(path).toString()))
                    .containsExactlyInAnyOrder("", "secret");
        }
        assertThat(outside.resolve("secret")).hasContent("secret\n");
        assertThat(Files.readString(Path.of("/proc/self/mountinfo")))
                .doesNotContain(outside.toString());
    }

    private Image hostile(Tar layer) {
        return new Image("hostile:1")
                .layer(Image.busyboxLayer())
                .layer(layer.bytes())
                .config("\"Cmd\":[\"sh\"]");
    }

    private String up() {
        return "../".repeat(12) + outside.toString().substring(1);
    }

    /// The target of a mount is a link out of the image.
    @Test
    void targetsThatAreLinks(Client docker, Engine engine) throws IOException {
        hostile(
                        new Tar()
                                .symlink("absolute", outside.toString())
                                .symlink("climbing", up())
                                .symlink("dangling", up() + "/new/deeper")
                                .symlink("etcetera", "/etc")
                                .symlink("chain", "climbing"))
                .load(engine);
        for (String target :
                List.of(
                        "/absolute",
                        "/climbing",
                        "/dangling",
                        "/chain",
                        "/absolute/x",
                        "/climbing/y/z",
                        "/dangling/../../x")) {
            Finished run =
                    docker.run(
                            "run",
                            "--rm",
                            "-v",
                            "mine:" + target,
                            "-v",
                            "/proc/version:" + target + "/version",
                            "hostile:1",
                            "sh",
                            "-c",
                            "echo mine > " + target + "/file; cat " + target + "/secret");
            assertThat(run.out()).as(target).doesNotContain("secret");
            untouched();
        }
        assertThat(
                        docker.ok(
                                "run",
                                "--rm",
                                "--tmpfs",
                                "/absolute",
                                "--tmpfs",
                                "/climbing/t",
                                "hostile:1",
                                "sh",
                                "-c",
                                "touch /absolute/x; ls /absolute"))
                .contains("x");
        untouched();
        // Inside the image a link is what it is there.
        assertThat(
                        docker.ok(
                                "run",
                                "--rm",
                                "-v",
                                "mine:/etcetera:nocopy",
                                "hostile:1",
                                "sh",
                                "-c",
                                "ls /etc/file"))
                .isEqualTo("/etc/file");
        docker.ok("rmi", "-f", "hostile:1");
    }

    /// What an image "has" at a volume's place is never the host's.
    @Test
    void fillingReadsNothingOfTheHost(Client docker, Engine engine) throws IOException {
        hostile(
                        new Tar()
                                .symlink("absolute", outside.toString())
                                .symlink("climbing", up())
                                .symlink("magic", "/proc/self/root" + outside)
                                .directory("dir", 0755)
                                .symlink("dir/link", outside.resolve("secret").toString())
                                .hardLink("dir/hard", "dir/link"))
                .load(engine);
        for (String target :
                List.of("/absolute", "/climbing", "/magic", "/dir", outside.toString())) {
            docker.ok(
                    "create",
                    "--name",
                    "c1",
                    "-v",
                    "v1:" + target,
                    "-v",
                    target + "/more",
                    "hostile:1");
            try (Stream<Path> copied = Files.walk(engine.dataRoot().resolve("volumes"))) {
                assertThat(
                                copied.filter(path ->
                                                Files.isRegularFile(
                                                        path, LinkOption.NOFOLLOW_LINKS))
                                        .map(p -> p.getFileName().toString()))
                        .as(target)
                        .containsOnly("volume.json");
            }
            docker.ok("rm", "-v", "c1");
            docker.ok("volume", "rm", "v1");
        }
        untouched();
        docker.ok("rmi", "-f", "hostile:1");
    }

    /// A declared volume at a link of the image.
    @ParameterizedTest
    @ValueSource(strings = {"/absolute", "/climbing/x", "/../../../../absolute"})
    void declaredVolumes(String path, Client docker, Engine engine) throws IOException {
        hostile(new Tar().symlink("absolute", outside.toString()).symlink("climbing", up()))
                .config("\"Volumes\":{\"" + path + "\":{}}")
                .load(engine);
        docker.ok("run", "--rm", "hostile:1", "sh", "-c", "echo x > " + path + "/x");
        untouched();
        docker.ok("rmi", "-f", "hostile:1");
    }

    /// A container swaps a directory of its volume for a link, again and again, while others start
    /// with that part of the volume.
    @Test
    void aPartOfAVolumeThatIsSwapped(Client docker, Engine engine) throws IOException {
        docker.ok(
                "run",
                "--rm",
                "-v",
                "v1:/v",
                "busybox",
                "sh",
                "-c",
                "mkdir /v/real && echo mine > /v/real/secret");
        String swap =
                "while :; do ln -s "
                        + outside
                        + " /v/l; mv -T /v/l /v/part 2>/dev/null; rm -f /v/l /v/part;"
                        + " ln -s "
                        + up()
                        + " /v/part; rm -f /v/part;"
                        + " ln -s real /v/part; rm -f /v/part; done";
        docker.ok("run", "-d", "--name", "swapper", "-v", "v1:/v", "busybox", "sh", "-c", swap);
        int inside = 0;
        for (int i = 0; i < RACES; i++) {
            Finished run =
                    docker.run(
                            "run",
                            "--rm",
                            "--network",
                            "none",
                            "--mount",
                            "type=volume,src=v1,dst=/p,volume-subpath=part",
                            "busybox",
                            "cat",
                            "/p/secret");
            if (run.status() == 0) {
                assertThat(run.out()).isEqualTo("mine\n");
                inside++;
            } else {
                assertThat(run.err())
                        .containsAnyOf("escapes the base directory", "no such file or directory");
            }
        }
        assertThat(inside).isBetween(0, RACES);
        docker.ok("rm", "-f", "swapper");
        untouched();
    }

    /// The target of a mount lies in a volume in which another container swaps directories and
    /// links.
    @Test
    void aTargetInAVolumeThatIsSwapped(Client docker, Engine engine) throws IOException {
        docker.ok("volume", "create", "v1");
        String swap =
                "while :; do mkdir -p /v/t; rm -rf /v/t; ln -s "
                        + outside
                        + " /v/t; rm -f /v/t; ln -s "
                        + up()
                        + " /v/t; rm -f /v/t; done";
        docker.ok("run", "-d", "--name", "swapper", "-v", "v1:/v", "busybox", "sh", "-c", swap);
        for (int i = 0; i < RACES; i++) {
            Finished run =
                    docker.run(
                            "run",
                            "--rm",
                            "--network",
                            "none",
                            "-v",
                            "v1:/v",
                            "-v",
                            "v2:/v/t/deep",
                            "--tmpfs",
                            "/v/t/memory",
                            "busybox",
                            "sh",
                            "-c",
                            "cat /v/t/secret " + outside + "/secret 2>/dev/null");
            assertThat(run.out()).doesNotContain("secret");
        }
        docker.ok("rm", "-f", "swapper");
        untouched();
    }

    /// No mount covers what protects the host.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "/proc",
                "/proc/self",
                "/proc/sys",
                "/proc/../proc/sys/kernel",
                "/sys/../proc/1"
            })
    void procIsNotCovered(String target, Client docker) {
        Finished run = docker.run("run", "--rm", "-v", "v1:" + target, "busybox", "true");
        assertThat(run.status()).isNotZero();
        assertThat(run.err()).contains("cannot be mounted because it is");
        assertThat(docker.ok("ps", "-aq")).isEmpty();
    }

    /// A link of the image that leads into proc is no way around that.
    @ParameterizedTest
    @ValueSource(strings = {"/kernel", "/p/sys/kernel", "/p"})
    void procIsNotCoveredThroughALink(String target, Client docker, Engine engine) {
        hostile(new Tar().symlink("kernel", "/proc/sys/kernel").symlink("p", "proc")).load(engine);
        Finished run = docker.run("run", "--rm", "-v", "v1:" + target, "hostile:1", "true");
        assertThat(run.status()).isNotZero();
        assertThat(run.err()).contains("inside /proc");
        Finished memory = docker.run("run", "--rm", "--tmpfs", target, "hostile:1", "true");
        assertThat(memory.status()).isNotZero();
        assertThat(memory.err()).contains("inside /proc");
        docker.ok("rmi", "-f", "hostile:1");
    }

    /// Inside there are the standard streams and nothing else of the engine's.
    @Test
    void noDescriptorGetsInside(Client docker, Engine engine) throws IOException {
        Files.createDirectories(engine.scratch("bind"));
        Finished run =
                docker.run(
                        "run",
                        "--rm",
                        "-v",
                        "v1:/v",
                        "-v",
                        engine.scratch("bind") + ":/b",
                        "--mount",
                        "type=image,src=busybox,dst=/i",
                        "--tmpfs",
                        "/t",
                        "busybox",
                        "ls",
                        "/proc/self/fd");
        // The fourth is what `ls` reads the directory with.
        assertThat(run.ok().lines()).containsExactly("0", "1", "2", "3");
    }
}
