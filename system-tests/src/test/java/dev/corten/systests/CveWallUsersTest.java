package dev.corten.systests;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Who a process is in a container, what it may do, and what a request may ask for: known ways to
/// become more.
@ExtendWith(PrivateEngine.class)
class CveWallUsersTest {
    private static final String STATUS =
            "grep -E '^(Cap|Groups)' /proc/self/status | tr -s '\\t ' ' '";

    private static List<String> run(Client docker, String... options) {
        var command = new ArrayList<>(List.of("run", "--rm"));
        command.addAll(List.of(options));
        command.addAll(List.of("busybox", "sh", "-c", STATUS));
        return docker.ok(command.toArray(String[]::new)).lines().toList();
    }

    /// CVE-2022-24769, CVE-2022-29162.
    @Test
    @Shows("SEC-02")
    void noCapabilityIsInherited(Client docker) {
        String[] none = {"CapInh: 0000000000000000", "CapAmb: 0000000000000000"};
        assertThat(run(docker)).contains(none);
        assertThat(run(docker, "-u", "web", "--cap-add", "NET_ADMIN")).contains(none);
        assertThat(run(docker, "--privileged")).contains(none);
        docker.ok("run", "-d", "--name", "c1", "busybox", "sleep", "1000");
        for (String user : List.of("root", "web")) {
            assertThat(docker.ok("exec", "-u", user, "c1", "sh", "-c", STATUS).lines())
                    .contains(none);
            assertThat(
                            docker.ok("exec", "--privileged", "-u", user, "c1", "sh", "-c", STATUS)
                                    .lines())
                    .contains(none);
        }
    }

    /// CVE-2016-8867.
    @Test
    @Shows("SEC-02")
    void aUserWithoutPrivilegeGetsNoCapability(Client docker) {
        assertThat(run(docker, "--user", "1000", "--cap-add", "NET_ADMIN"))
                .contains("CapEff: 0000000000000000", "CapPrm: 0000000000000000");
    }

    /// CVE-2016-3697.
    @Test
    void aNumberIsNoName(Client docker, Engine engine) {
        new Image("named:1")
                .layer(Image.busyboxLayer())
                .layer(
                        new Tar()
                                .file(
                                        "etc/passwd",
                                        "1000:x:0:0::/:/bin/sh\nroot:x:0:0::/:/bin/sh\n")
                                .file("etc/group", "1000:x:0:\nroot:x:0:\n")
                                .bytes())
                .load(engine);
        assertThat(docker.ok("run", "--rm", "--user", "1000:1000", "named:1", "id"))
                .isEqualTo("uid=1000 gid=1000 groups=1000");
        docker.ok("run", "-d", "--name", "c1", "named:1", "sleep", "1000");
        assertThat(docker.ok("exec", "--user", "1000", "c1", "id", "-u")).isEqualTo("1000");
        docker.ok("rm", "-f", "c1");
        docker.ok("rmi", "named:1");
    }

    /// CVE-2024-40635.
    @ParameterizedTest
    @ValueSource(strings = {"2147483648", "4294967296", "-1", "1:4294967296", "99999999999999999"})
    void numbersThatAreTooLargeAreNotRoot(String user, Client docker) {
        Finished run = docker.run("run", "--rm", "--user=" + user, "busybox", "id", "-u");
        assertThat(run.status()).isNotZero();
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).contains("uids and gids must be in range 0-2147483647");
    }

    /// CVE-2022-36109, CVE-2023-25173: whoever is in a group is also refused as its member.
    @Test
    void groupsAreSet(Client docker) {
        assertThat(run(docker, "-u", "web")).contains("Groups: 10 1001 ");
        assertThat(run(docker, "-u", "web", "--group-add", "77")).contains("Groups: 10 77 1001 ");
        Finished refused =
                docker.run(
                        "run",
                        "--rm",
                        "busybox",
                        "sh",
                        "-c",
                        "echo x > /tmp/f; chown 0:10 /tmp/f; chmod 604 /tmp/f; su web -c"
                                + " 'cat /tmp/f'");
        assertThat(refused.err()).contains("Permission denied");
    }

    /// CVE-2024-9676, CVE-2026-47262: names are looked up in files, and in the container's.
    @Test
    void namesOfUsersAreReadFromFiles(Client docker) {
        docker.ok(
                "run",
                "-d",
                "--name",
                "c1",
                "busybox",
                "sh",
                "-c",
                "rm /etc/passwd; mkfifo /etc/passwd; rm /etc/group; ln -s /dev/zero /etc/group;"
                        + " touch /tmp/done; sleep 1000");
        Eventually.holds("done", () -> docker.run("exec", "c1", "ls", "/tmp/done").status() != 1);
        Finished fifo = docker.run("exec", "-u", "web", "c1", "id");
        assertThat(fifo.status()).isNotZero();
        assertThat(fifo.err()).contains("/etc/passwd of the container is no file");
    }

    /// CVE-2022-0811: a setting is one setting, and of the container.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "kernel.shm_rmid_forced=1+kernel.core_pattern=x",
                "kernel.shm_rmid_forced=1\nkernel.core_pattern=x",
                "net/../kernel/no_such_pattern=x",
                "kernel.no_such_pattern=x",
                "fs.no_such_limit=2",
                "/kernel/no_such_pattern=x"
            })
    @Shows("RUN-43")
    void settingsOfTheKernelAreTheContainersOwn(String sysctl, Api api, Client docker) {
        int equals = sysctl.indexOf('=');
        // The docker command line refuses some of them itself.
        int status =
                api.call(
                                "POST",
                                "/v1.51/containers/create?name=c1",
                                "{\"Image\":\"busybox\",\"Cmd\":[\"true\"],\"HostConfig\":{"
                                        + "\"Sysctls\":{\""
                                        + sysctl.substring(0, equals)
                                        + "\":\""
                                        + sysctl.substring(equals + 1).replace("\n", "\\n")
                                        + "\"}}}")
                        .status();
        assertThat(status).isEqualTo(201);
        Finished start = docker.run("start", "-a", "c1");
        assertThat(start.status()).isNotZero();
        assertThat(start.err())
                .containsAnyOf(
                        "invalid sysctl name",
                        "invalid value of sysctl",
                        "is not in a separate kernel namespace");
    }

    /// CVE-2018-20699: a list of processors is checked before it is written out.
    @Test
    void listsOfProcessorsAreBounded(Client docker) {
        Finished run =
                docker.run("create", "--cpuset-cpus", "0-9999999999", "--name", "c1", "busybox");
        assertThat(run.status()).isNotZero();
        assertThat(run.err()).contains("maximum is 8192");
        assertThat(docker.ok("ps", "-aq")).isEmpty();
    }
}
