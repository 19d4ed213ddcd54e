package dev.corten.systests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Known ways out of containers, each tried from inside. What archives and mounts can do is tried in
/// [HostileArchivesTest].
@ExtendWith(PrivateEngine.class)
class CveWallTest {
    /// CVE-2019-5736: what runs the container's program cannot be written from inside, neither at a
    /// start whose program is `/proc/self/exe` nor at an exec.
    @Test
    @Shows("SEC-02")
    void theEnginesProgramsCannotBeOverwritten(Client docker) throws IOException {
        Path library = Engine.tree().resolve("lib");
        byte[] shim = Files.readAllBytes(library.resolve("corten-shim"));
        byte[] init = Files.readAllBytes(library.resolve("docker-init"));
        docker.run("run", "--rm", "--entrypoint", "/proc/self/exe", "busybox", "x");
        docker.ok(
                "run",
                "-d",
                "--name",
                "c1",
                "--init",
                "busybox",
                "sh",
                "-c",
                "while :; do for e in /proc/[0-9]*/exe; do echo x > $e; done 2>/dev/null;"
                        + " sleep 0.01; done");
        for (int i = 0; i < 10; i++) {
            docker.run("exec", "c1", "/proc/self/exe");
            docker.ok("exec", "c1", "true");
        }
        assertThat(Files.readAllBytes(library.resolve("corten-shim"))).isEqualTo(shim);
        assertThat(Files.readAllBytes(library.resolve("docker-init"))).isEqualTo(init);
    }

    /// CVE-2024-21626: no working directory leads through a descriptor of the engine.
    @Test
    void noWorkingDirectoryIsTheHosts(Client docker) {
        docker.ok("run", "-d", "--name", "c1", "busybox", "sleep", "1000");
        for (int fd = 3; fd < 16; fd++) {
            String directory = "/proc/self/fd/" + fd;
            String look = "ls -d ../../../../etc/shadow- ../../../work 2>/dev/null; true";
            var run = docker.run("run", "--rm", "-w", directory, "busybox", "sh", "-c", look);
            assertThat(run.out()).as("run in " + directory).isEmpty();
            var exec = docker.run("exec", "-w", directory, "c1", "sh", "-c", look);
            assertThat(exec.status()).as("exec in " + directory).isNotZero();
        }
        assertThat(docker.ok("run", "--rm", "busybox", "pwd")).isEqualTo("/");
    }

    /// CVE-2025-52881: settings go into a procfs that nothing can be mounted over.
    @Test
    @Shows("RUN-43")
    void settingsReachTheKernelWhateverIsMounted(Client docker) {
        assertThat(
                        docker.ok(
                                "run",
                                "--rm",
                                "--sysctl",
                                "net.core.somaxconn=77",
                                "--tmpfs",
                                "/dev/x",
                                "busybox",
                                "cat",
                                "/proc/sys/net/core/somaxconn"))
                .isEqualTo("77");
        assertThat(
                        docker.run(
                                        "run",
                                        "--rm",
                                        "--tmpfs",
                                        "/proc/sys/net/core",
                                        "busybox",
                                        "true")
                                .err())
                .contains("inside /proc");
    }

    /// CVE-2021-41091: users of the host cannot walk into the files of containers.
    @Test
    void theDataRootIsClosed(Engine engine, Client docker) throws IOException {
        docker.ok("create", "--name", "c1", "busybox");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(engine.dataRoot())))
                .isEqualTo("rwx--x---");
    }
}
