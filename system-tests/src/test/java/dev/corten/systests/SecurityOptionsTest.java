package dev.corten.systests;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// More confinement than usual, and less.
@ExtendWith(PrivateEngine.class)
class SecurityOptionsTest {
    private static final String CAPABILITIES = "grep CapEff /proc/self/status | cut -f2";
    private static final String USUAL = "00000000a80425fb";

    private static String run(Client docker, String script, String... options) {
        var command = new java.util.ArrayList<>(List.of("run", "--rm"));
        command.addAll(List.of(options));
        command.addAll(List.of("busybox", "sh", "-c", script));
        return docker.ok(command.toArray(String[]::new));
    }

    @Test
    @Shows("CLI-35")
    void capabilitiesAreAddedAndDropped(Client docker) {
        assertThat(run(docker, CAPABILITIES)).isEqualTo(USUAL);
        assertThat(run(docker, CAPABILITIES, "--cap-drop", "ALL")).isEqualTo("0".repeat(16));
        assertThat(run(docker, CAPABILITIES, "--cap-drop", "all", "--cap-add", "chown"))
                .isEqualTo("0".repeat(15) + "1");
        assertThat(run(docker, CAPABILITIES, "--cap-add", "CAP_NET_ADMIN"))
                .isEqualTo("00000000a80435fb");
        String all = run(docker, CAPABILITIES, "--privileged");
        assertThat(run(docker, CAPABILITIES, "--cap-add", "ALL")).isEqualTo(all);
        long dropped = Long.parseLong(all, 16) & ~(1L << 27);
        assertThat(run(docker, CAPABILITIES, "--cap-add", "ALL", "--cap-drop", "MKNOD"))
                .isEqualTo("%016x".formatted(dropped));
        assertThat(docker.run("run", "--cap-add", "bogus", "busybox").err())
                .contains("invalid CapAdd: unknown capability: \"CAP_BOGUS\"");
    }

    @Test
    @Shows({"CLI-35", "EXE-08"})
    void aPrivilegedExecHasAllCapabilitiesAndTheContainersFilter(Client docker) {
        docker.ok("run", "-d", "--name", "c1", "--cap-drop", "ALL", "busybox", "sleep", "1000");
        String seccomp = "; grep Seccomp: /proc/self/status | cut -f2";
        String all = run(docker, CAPABILITIES, "--privileged");
        assertThat(docker.ok("exec", "--privileged", "c1", "sh", "-c", CAPABILITIES + seccomp))
                .isEqualTo(all + "\n2");
        assertThat(docker.ok("exec", "c1", "sh", "-c", CAPABILITIES + seccomp))
                .isEqualTo("0".repeat(16) + "\n2");
    }

    @Test
    @Shows("EXE-08")
    void theEnvironmentOfAnExecMayComeFromAFile(Client docker, Engine engine) throws Exception {
        docker.ok("run", "-d", "--name", "c1", "-e", "A=container", "busybox", "sleep", "1000");
        var file = engine.home().resolve("variables");
        java.nio.file.Files.writeString(file, "# comment\nA=file\nB=b c\nHERE\n\n");
        for (Client client : List.of(docker, engine.corten())) {
            try (var exec =
                    client.start(
                            java.util.Map.of("HERE", "of the caller"),
                            "exec",
                            "--env-file",
                            file.toString(),
                            "-e",
                            "C=option",
                            "c1",
                            "sh",
                            "-c",
                            "echo $A, $B, $C, $HERE")) {
                exec.closeInput();
                assertThat(exec.await().ok()).isEqualTo("file, b c, option, of the caller");
            }
        }
    }

    @Test
    @Shows("CLI-35")
    void aProfileOfTheUsersIsObeyed(Client docker, Api api) {
        var profile =
                "{\\\"defaultAction\\\":\\\"SCMP_ACT_ALLOW\\\",\\\"syscalls\\\":[{\\\"names\\\":"
                        + "[\\\"mkdir\\\",\\\"mkdirat\\\"],\\\"action\\\":\\\"SCMP_ACT_ERRNO\\\"}]}";
        create(api, "c1", "\"seccomp=" + profile + "\"", "[\"mkdir\",\"/x\"]");
        assertThat(docker.run("start", "-a", "c1").err()).contains("Operation not permitted");
        create(api, "c2", "\"seccomp={bad\"", "[\"true\"]");
        var broken = api.call("POST", "/containers/c2/start");
        assertThat(broken.status()).isEqualTo(500);
        assertThat(broken.message()).startsWith("Decoding seccomp profile failed: ");
        create(api, "c3", "\"seccomp={\\\"defaultAction\\\":\\\"SCMP_ACT_FOO\\\"}\"", "[\"true\"]");
        assertThat(api.call("POST", "/containers/c3/start").message())
                .isEqualTo(
                        "failed to create task for container: failed to create shim task: OCI"
                                + " runtime create failed: runc create failed: string SCMP_ACT_FOO"
                                + " is not a valid action for seccomp");
    }

    private static Api.Answer create(Api api, String name, String options, String command) {
        return api.call(
                "POST",
                "/v1.51/containers/create?name=" + name,
                "{\"Image\":\"busybox\",\"Cmd\":"
                        + command
                        + ",\"HostConfig\":{\"SecurityOpt\":["
                        + options
                        + "]}}");
    }

    @Test
    @Shows("CLI-35")
    void otherOptionsHaveTheirEffectOrAreRefused(Client docker, Api api) {
        assertThat(
                        run(
                                docker,
                                "grep NoNewPrivs /proc/self/status",
                                "--security-opt=no-new-privileges"))
                .isEqualTo("NoNewPrivs:\t1");
        String mounts = "[\"grep\",\"-c\",\" /sys/fs/cgroup.* cgroup.* rw\",\"/proc/mounts\"]";
        create(api, "c1", "\"writable-cgroups=true\"", mounts);
        assertThat(Integer.parseInt(docker.ok("start", "-a", "c1"))).isPositive();
        create(api, "c2", "", mounts);
        assertThat(docker.run("start", "-a", "c2").out()).isEqualTo("0\n");
        for (String accepted : List.of("label=type:x", "label=disable", "apparmor=unconfined")) {
            assertThat(run(docker, "echo yes", "--security-opt", accepted)).isEqualTo("yes");
        }
        assertThat(create(api, "c3", "\"bogus\"", "[\"true\"]").message())
                .isEqualTo("invalid --security-opt 1: \"bogus\"");
        assertThat(create(api, "c3", "\"bogus=1\"", "[\"true\"]").message())
                .isEqualTo("invalid --security-opt 2: \"bogus=1\"");
        assertThat(create(api, "c3", "\"no-new-privileges=x\"", "[\"true\"]").message())
                .isEqualTo("invalid --security-opt 2: \"no-new-privileges=x\"");
        var userns = docker.run("run", "--rm", "--userns", "private", "busybox", "true");
        assertThat(userns.status()).isEqualTo(125);
        assertThat(run(docker, "echo yes", "--userns", "host")).isEqualTo("yes");
    }

    @Test
    @Shows("RUN-43")
    void limitsSettingsAndSharedMemory(Client docker, Api api) {
        assertThat(
                        run(
                                docker,
                                "ulimit -n; ulimit -Hn; cat /proc/sys/net/core/somaxconn"
                                        + " /proc/sys/kernel/shmmax; df -k /dev/shm | tail -1",
                                "--ulimit",
                                "nofile=100:200",
                                "--sysctl",
                                "net.core.somaxconn=1000",
                                "--sysctl",
                                "kernel.shmmax=123456",
                                "--shm-size",
                                "2m"))
                .matches("(?s)100\n200\n1000\n123456\nshm +2048 .*");
        for (String name : List.of("vm.swappiness", "kernel.core_pattern", "bogus")) {
            assertThat(startWith(api, "\"Sysctls\":{\"" + name + "\":\"1\"}"))
                    .endsWith("sysctl \"" + name + "\" is not in a separate kernel namespace");
        }
        assertThat(
                        startWith(
                                api,
                                "\"NetworkMode\":\"host\","
                                        + "\"Sysctls\":{\"net.core.somaxconn\":\"1\"}"))
                .endsWith("sysctl \"net.core.somaxconn\" not allowed in host network namespace");
        assertThat(startWith(api, "\"Ulimits\":[{\"Name\":\"bogus\",\"Soft\":1,\"Hard\":1}]"))
                .endsWith("wrong rlimit value: RLIMIT_BOGUS");
        assertThat(docker.run("run", "--rm", "--ulimit", "bogus=1", "busybox", "true").status())
                .isEqualTo(125);
    }

    /// The error of a start.
    private static String startWith(Api api, String host) {
        var created =
                api.call(
                        "POST",
                        "/v1.51/containers/create",
                        "{\"Image\":\"busybox\",\"Cmd\":[\"true\"],\"HostConfig\":{" + host + "}}");
        String id = created.json().path("Id").asString();
        var answer = api.call("POST", "/containers/" + id + "/start");
        assertThat(answer.status()).isEqualTo(500);
        return answer.message();
    }

    @Test
    @Shows("CLI-35")
    void aPrivilegedContainerSeesTheHostsDevices(Client docker) {
        assertThat(
                        run(
                                docker,
                                "ls /dev/loop-control; touch /sys/kernel/x 2>&1; true",
                                "--privileged"))
                .startsWith("/dev/loop-control")
                .doesNotContain("Read-only");
        assertThat(run(docker, "ls /dev/loop-control 2>&1; true")).contains("No such file");
        assertThat(run(docker, "cat /proc/mounts | grep -c ' /proc/'; true", "--privileged"))
                .isEqualTo("0");
    }

    /// What is in force with AppArmor is seen where Debian's kernel is emulated; without it, a profile
    /// means nothing, as with Docker.
    @Test
    @Shows("SEC-04")
    void profilesOfAppArmorAreTakenWhereThereIsAppArmor(Client docker) {
        boolean there = docker.ok("info", "-f", "{{.SecurityOptions}}").contains("name=apparmor");
        docker.ok("create", "--name", "c1", "busybox", "sleep", "1000");
        String format = "{{.AppArmorProfile}}";
        assertThat(docker.ok("inspect", "-f", format, "c1")).isEmpty();
        docker.ok("start", "c1");
        assertThat(docker.ok("inspect", "-f", format, "c1"))
                .isEqualTo(there ? "docker-default" : "");
        Finished other =
                docker.run("run", "--rm", "--security-opt", "apparmor=mine", "busybox", "true");
        assertThat(other.status()).isEqualTo(there ? 127 : 0);
    }

    @Test
    @Shows("RUN-36")
    void anInitReapsAndPassesSignalsOn(Client docker) {
        docker.ok(
                "run",
                "-d",
                "--name",
                "c1",
                "--init",
                "busybox",
                "sh",
                "-c",
                "(sleep 0.1 &) ; trap 'exit 7' TERM; echo up; while :; do sleep 0.05; done");
        Eventually.get("it is up", () -> docker.ok("logs", "c1"), l -> l.contains("up"));
        assertThat(docker.ok("exec", "c1", "cat", "/proc/1/cmdline"))
                .startsWith("/sbin/docker-init");
        Eventually.get(
                "no zombie is left",
                () -> docker.ok("exec", "c1", "ps", "-o", "stat,args"),
                ps -> !ps.contains("Z"));
        docker.ok("stop", "c1");
        assertThat(docker.ok("inspect", "-f", "{{.State.ExitCode}}", "c1")).isEqualTo("7");
        assertThat(docker.run("run", "--rm", "--init", "busybox", "nosuchprogram").status())
                .isEqualTo(127);
        // Nobody inside can change the program that all containers share.
        assertThat(
                        docker.run(
                                        "run",
                                        "--rm",
                                        "--init",
                                        "busybox",
                                        "sh",
                                        "-c",
                                        "echo x > /sbin/docker-init; echo x > /proc/1/exe")
                                .err())
                .contains("/sbin/docker-init: Read-only file system")
                .doesNotContain("nonexistent");
    }
}
