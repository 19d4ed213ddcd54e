package dev.corten.systests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Options that few ask for: Podman's, which Docker has not, and Docker's that depend on the host.
@ExtendWith(PrivateEngine.class)
class RareOptionsTest {
    @BeforeEach
    void theEngineIsThere(Engine engine) {
        engine.answersAsItself();
    }

    private static void leavesNothing(Client docker, Finished refused, String message) {
        assertThat(refused.status()).isEqualTo(125);
        assertThat(refused.err()).contains(message);
        assertThat(docker.ok("ps", "-aq")).isEmpty();
    }

    @Test
    @Shows("RUN-35")
    void theProcessIsWrittenDown(Engine engine, Client docker) throws IOException {
        Path file = engine.scratch("container-pid");
        engine.corten()
                .ok("run", "-d", "--name=c1", "--pidfile=" + file, "busybox", "sleep", "1000");
        assertThat(file).hasContent(docker.ok("inspect", "-f", "{{.State.Pid}}", "c1"));

        // One that is gone when the command hears of it had a process too.
        engine.corten().ok("run", "--rm", "--pidfile=" + file, "busybox", "true");
        assertThat(Files.readString(file)).matches("[1-9][0-9]*");
        docker.ok("rm", "-f", "c1");

        Path nowhere = engine.scratch("no-such-directory").resolve("pid");
        leavesNothing(
                docker,
                engine.corten().run("run", "-d", "--pidfile=" + nowhere, "busybox", "true"),
                "open " + nowhere + ": no such file or directory");
        leavesNothing(
                docker,
                engine.corten().run("run", "--pidfile=/tmp", "busybox", "true"),
                "open /tmp: is a directory");
    }

    @Test
    @Shows("RES-14")
    void settingsOfVersionTwoAreRefusedOnVersionOne(Engine engine, Client docker, Api api) {
        Machine.hasControlGroupsOfVersion1();
        String text = "cannot use --cgroup-conf without cgroup v2";
        leavesNothing(
                docker,
                engine.corten().run("run", "--cgroup-conf=memory.high=64M", "busybox", "true"),
                text);
        Api.Answer refused =
                api.call(
                        "POST",
                        "/containers/create",
                        "{\"Image\":\"busybox\",\"HostConfig\":{\"CgroupConf\":"
                                + "{\"memory.high\":\"64M\"}}}");
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.message()).isEqualTo(text);
        leavesNothing(
                docker,
                engine.corten().run("run", "--cgroup-conf=memory.high", "busybox", "true"),
                "--cgroup-conf must be formatted KEY=VALUE");
    }

    @Test
    @Shows("RES-15")
    void aClassOfServiceMustBeThere(Engine engine, Client docker) {
        leavesNothing(
                docker,
                engine.corten().run("run", "--rdt-class=no-such-class", "busybox", "true"),
                Files.exists(Path.of("/sys/fs/resctrl/tasks"))
                        ? "no such RDT class: /sys/fs/resctrl/no-such-class"
                        : "cannot use --rdt-class: resctrl is not mounted at /sys/fs/resctrl");
        leavesNothing(
                docker,
                engine.corten().run("run", "--rdt-class=../cgroup", "busybox", "true"),
                "invalid RDT class \"../cgroup\"");
        Finished windows =
                engine.corten()
                        .run("create", "--cpu-count=2", "--cpu-percent=50", "busybox", "true");
        String only =
                " is only supported on a Docker daemon running on windows, but the Docker daemon"
                        + " is running on linux\n";
        assertThat(windows.err())
                .isEqualTo("\"--cpu-count\"" + only + "\"--cpu-percent\"" + only)
                .isEqualTo(
                        docker.run("create", "--cpu-count=2", "--cpu-percent=50", "busybox", "true")
                                .err());
        assertThat(windows.status()).isEqualTo(1);
    }

    @Test
    @Shows("RUN-44")
    void theSizeOfTheRootNeedsQuotas(Engine engine, Client docker) {
        String text =
                "--storage-opt is supported only for overlay over xfs with 'pquota' mount option";
        leavesNothing(docker, docker.run("run", "--storage-opt=size=1G", "busybox"), text);
        leavesNothing(docker, engine.corten().run("run", "--storage-opt=size=1G", "busybox"), text);
        leavesNothing(
                docker,
                docker.run("run", "--storage-opt=x=1", "--storage-opt=size=a", "busybox"),
                text);
        leavesNothing(
                docker, docker.run("run", "--storage-opt=x=1", "busybox"), "Unknown option x");
        leavesNothing(
                docker,
                engine.corten().run("run", "--storage-opt=size", "busybox"),
                "invalid storage option");
    }

    @Test
    @Shows("RUN-46")
    void theSocketOfTheEngineIsThere(Engine engine, Client docker) throws IOException {
        String inside =
                engine.corten()
                        .ok(
                                "run",
                                "--name=c1",
                                "--use-api-socket",
                                "busybox",
                                "stat",
                                "-c",
                                "%i %F",
                                "/var/run/docker.sock");
        assertThat(inside).isEqualTo(Files.getAttribute(engine.socket(), "unix:ino") + " socket");
        assertThat(docker.ok("inspect", "-f", "{{json .HostConfig.Mounts}}", "c1"))
                .isEqualTo(
                        "[{\"Type\":\"bind\",\"Source\":\""
                                + engine.socket()
                                + "\",\"Target\":\"/var/run/docker.sock\",\"BindOptions\":{}}]");
        docker.ok("create", "--name=c2", "--use-api-socket", "busybox");
        assertThat(docker.ok("inspect", "-f", "{{json .HostConfig.Mounts}}", "c2"))
                .isEqualTo(docker.ok("inspect", "-f", "{{json .HostConfig.Mounts}}", "c1"));

        Path config = Files.createDirectories(engine.scratch("config"));
        Files.writeString(config.resolve("config.json"), "{\"auths\":{\"r.example\":{}}}");
        Finished warned =
                engine.corten()
                        .run(
                                "--config=" + config,
                                "run",
                                "--rm",
                                "--use-api-socket",
                                "busybox",
                                "true");
        assertThat(warned.err())
                .isEqualTo(
                        "WARNING: --use-api-socket shares the socket, and no credentials of"
                                + " registries.\n");
        assertThat(warned.status()).isZero();
    }
}
