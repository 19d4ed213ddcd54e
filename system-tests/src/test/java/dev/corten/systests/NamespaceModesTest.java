package dev.corten.systests;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Namespaces that a container shares with the host or with another container.
@ExtendWith(PrivateEngine.class)
class NamespaceModesTest {
    @Test
    @Shows("RUN-40")
    void processesOfAnotherContainerAreSeenAndEndWithIt(Client docker) {
        docker.ok("run", "-d", "--name", "owner", "busybox", "sleep", "1000");
        docker.ok(
                "run",
                "-d",
                "--name",
                "guest",
                "--pid",
                "container:owner",
                "busybox",
                "sleep",
                "2000");
        assertThat(docker.ok("exec", "guest", "ps", "-o", "pid,args"))
                .contains("1 sleep 1000")
                .contains("sleep 2000");
        assertThat(docker.ok("exec", "owner", "ps", "-o", "args")).contains("sleep 2000");
        // The kernel ends a namespace with its first process.
        docker.ok("kill", "owner");
        assertThat(docker.ok("wait", "guest")).isEqualTo("137");
    }

    @Test
    @Shows("RUN-40")
    void aGuestFindsItsOwnerByIdWhateverItIsCalled(Client docker, Api api) {
        String owner = docker.ok("create", "--name", "owner", "busybox", "sleep", "1000");
        docker.ok("create", "--name", "guest", "--pid", "container:owner", "busybox", "ps");
        assertThat(docker.ok("inspect", "-f", "{{.HostConfig.PidMode}}", "guest"))
                .isEqualTo("container:" + owner);
        var early = api.call("POST", "/containers/guest/start");
        assertThat(early.status()).isEqualTo(500);
        assertThat(early.message())
                .isEqualTo("failed to join PID namespace: container " + owner + " is not running");
        docker.ok("start", "owner");
        docker.ok("rename", "owner", "other");
        assertThat(docker.ok("start", "-a", "guest")).contains("sleep 1000");
        docker.ok("rm", "-f", "other");
        assertThat(docker.run("start", "guest").err()).contains("No such container: " + owner);
    }

    @Test
    @Shows("RUN-40")
    void sharedMemoryIsSharedIfItsOwnerLets(Client docker, Api api) {
        docker.ok(
                "run",
                "-d",
                "--name",
                "owner",
                "--ipc",
                "shareable",
                "--shm-size",
                "8m",
                "busybox",
                "sh",
                "-c",
                "echo here > /dev/shm/file; sleep 1000");
        Eventually.holds(
                "it is", () -> docker.run("exec", "owner", "ls", "/dev/shm/file").status() == 0);
        assertThat(
                        docker.ok(
                                "run",
                                "--rm",
                                "--ipc",
                                "container:owner",
                                "busybox",
                                "sh",
                                "-c",
                                "cat /dev/shm/file; rm /dev/shm/file; df /dev/shm | tail -1;"
                                        + " readlink /proc/self/ns/ipc"))
                .startsWith("here\n")
                .contains("8192")
                .endsWith(docker.ok("exec", "owner", "readlink", "/proc/self/ns/ipc"));
        assertThat(docker.ok("exec", "owner", "ls", "/dev/shm")).isEmpty();
        String closed = docker.ok("run", "-d", "--name", "closed", "busybox", "sleep", "1000");
        docker.ok("create", "--name", "guest", "--ipc", "container:closed", "busybox", "true");
        var refused = api.call("POST", "/containers/guest/start");
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.message())
                .isEqualTo(
                        "failed to join IPC namespace: container "
                                + closed
                                + ": non-shareable IPC (hint: use IpcMode:shareable for the donor"
                                + " container)");
        docker.ok("stop", "-t", "0", "closed");
        assertThat(api.call("POST", "/containers/guest/start").status()).isEqualTo(409);
        assertThat(docker.ok("run", "--rm", "--ipc", "none", "busybox", "ls", "/dev"))
                .doesNotContain("shm");
    }

    @Test
    @Shows("RUN-40")
    void theHostsNamespacesAreTheHosts(Client docker) {
        String own =
                Running.run("sh", "-c", "readlink /proc/self/ns/uts; readlink /proc/self/ns/ipc")
                        .ok();
        assertThat(
                        docker.ok(
                                "run",
                                "--rm",
                                "--uts",
                                "host",
                                "--ipc",
                                "host",
                                "busybox",
                                "sh",
                                "-c",
                                "readlink /proc/self/ns/uts; readlink /proc/self/ns/ipc"))
                .isEqualTo(own);
        assertThat(
                        docker.ok(
                                "run",
                                "--rm",
                                "--pid",
                                "host",
                                "--cgroupns",
                                "private",
                                "busybox",
                                "sh",
                                "-c",
                                "readlink /proc/self/ns/pid; readlink /proc/self/ns/cgroup"))
                .startsWith(Running.run("readlink", "/proc/self/ns/pid").ok())
                .doesNotContain(Running.run("readlink", "/proc/self/ns/cgroup").ok());
    }

    @Test
    @Shows("RUN-40")
    void wrongModesAreRefused(Api api) {
        refused(api, "\"PidMode\":\"private\"", "invalid PID mode: private");
        refused(api, "\"PidMode\":\"container:\"", "invalid PID mode: container:");
        refused(api, "\"PidMode\":\"container:nope\"", "No such container: nope");
        refused(api, "\"IpcMode\":\"container:nope\"", "No such container: nope");
        refused(api, "\"IpcMode\":\"bad\"", "invalid IPC mode: bad");
        refused(api, "\"UTSMode\":\"container:x\"", "invalid UTS mode: container:x");
        refused(api, "\"CgroupnsMode\":\"x\"", "invalid cgroup namespace mode: x");
    }

    private static void refused(Api api, String mode, String message) {
        var answer =
                api.call(
                        "POST",
                        "/containers/create",
                        "{\"Image\":\"busybox\",\"HostConfig\":{" + mode + "}}");
        assertThat(answer.message()).isEqualTo(message);
        assertThat(answer.status()).isEqualTo(400);
    }
}
