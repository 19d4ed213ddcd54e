package dev.corten.systests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// `docker exec`.
@ExtendWith(PrivateEngine.class)
class ExecTest {
    @BeforeEach
    void container(Client docker) {
        docker.run("run", "-d", "--name", "c1", "-e", "OUTER=1", "busybox", "sleep", "1000");
    }

    @Test
    void theKernelChoosesItsVictimAsTheContainerSays(Client docker) {
        docker.ok("run", "-d", "--name", "c2", "--oom-score-adj", "321", "busybox", "sleep", "99");
        assertThat(docker.ok("exec", "c2", "cat", "/proc/self/oom_score_adj")).isEqualTo("321");
        assertThat(docker.ok("exec", "c1", "cat", "/proc/self/oom_score_adj")).isEqualTo("0");
    }

    @Test
    @Shows("EXE-03")
    void runsInTheContainer(Client docker) {
        Finished exec = docker.run("exec", "c1", "sh", "-c", "echo out; echo err >&2; exit 5");
        assertThat(exec.out()).isEqualTo("out\n");
        assertThat(exec.err()).isEqualTo("err\n");
        assertThat(exec.status()).isEqualTo(5);
        assertThat(docker.ok("exec", "c1", "hostname"))
                .isEqualTo(docker.ok("inspect", "-f", "{{.Config.Hostname}}", "c1"));
        assertThat(docker.ok("exec", "c1", "sh", "-c", "tr '\\0' ' ' </proc/1/cmdline"))
                .isEqualTo("sleep 1000");
    }

    @Test
    void inputIsPiped(Client docker) {
        byte[] input = "line\n".repeat(20_000).getBytes(UTF_8);
        assertThat(docker.runWithInput(input, "exec", "-i", "c1", "wc", "-l").out().strip())
                .isEqualTo("20000");
    }

    @Test
    @Shows("EXE-08")
    void userDirectoryAndEnvironmentAreAsAsked(Client docker) {
        assertThat(
                        docker.run(
                                        "exec",
                                        "-u",
                                        "web",
                                        "-w",
                                        "/tmp",
                                        "-e",
                                        "INNER=2",
                                        "c1",
                                        "sh",
                                        "-c",
                                        "id -un; id -gn; pwd; echo $OUTER $INNER $HOME")
                                .lines())
                .containsExactly("web", "web", "/tmp", "1 2 /home");
        assertThat(docker.ok("exec", "-u", "1:2", "c1", "sh", "-c", "id -u; id -g"))
                .isEqualTo("1\n2");
    }

    @Test
    @Shows("EXE-08")
    void detachedDoesNotWait(Client docker) {
        Finished exec = docker.run("exec", "-d", "c1", "sh", "-c", "echo done >/made; sleep 100");
        assertThat(exec.status()).isZero();
        assertThat(exec.out()).isEmpty();
        Eventually.get(
                "the file", () -> docker.run("exec", "c1", "cat", "/made").out(), "done\n"::equals);
    }

    @Test
    @Shows("CLI-35")
    void absentCommandIs127(Client docker) {
        Finished absent = docker.run("exec", "c1", "no-such-command");
        assertThat(absent.status()).isEqualTo(127);
        assertThat(absent.out() + absent.err())
                .contains("exec: \"no-such-command\": executable file not found in $PATH");
        Finished plain = docker.run("exec", "c1", "/etc/plain");
        assertThat(plain.status()).isEqualTo(126);
        assertThat(plain.out() + plain.err()).contains("permission denied");
    }

    @Test
    void absentDirectoryAndUserAreNamed(Client docker) {
        Finished folder = docker.run("exec", "-w", "/nodir", "c1", "true");
        assertThat(folder.status()).isEqualTo(127);
        assertThat(folder.out() + folder.err())
                .contains("chdir to cwd (\"/nodir\")", "no such file or directory");
        Finished user = docker.run("exec", "-u", "nouser", "c1", "true");
        assertThat(user.status()).isNotZero();
        assertThat(user.out() + user.err())
                .contains("unable to find user nouser: no matching entries in passwd file");
    }

    @Test
    @Shows("EXE-09")
    void needsARunningContainer(Client docker) {
        docker.ok("create", "--name", "c2", "busybox");
        Finished exec = docker.run("exec", "c2", "true");
        assertThat(exec.status()).isEqualTo(1);
        assertThat(exec.err()).contains("is not running");
        assertThat(docker.run("exec", "nope", "true").err()).contains("No such container: nope");
    }

    @Test
    void endsWithTheContainer(Client docker) {
        try (Running exec = docker.start("exec", "c1", "sh", "-c", "echo in; sleep 100")) {
            exec.out().await("in");
            docker.ok("kill", "c1");
            assertThat(exec.await().status()).isEqualTo(137);
        }
    }

    @Test
    void inspectedAfterTheEnd(Client docker, Api api) {
        String id =
                api.call(
                                "POST",
                                "/containers/c1/exec",
                                """
                                {"AttachStdout":true,"Cmd":["sh","-c","echo x; exit 4"]}
                                """)
                        .json()
                        .path("Id")
                        .asString();
        try (var exec = api.hijack("/exec/" + id + "/start", "{\"Detach\":false,\"Tty\":false}")) {
            byte[] all = exec.received().awaitEnd();
            assertThat(new String(Api.Connection.payload(all), UTF_8)).isEqualTo("x\n");
        }
        var json = api.get("/exec/" + id + "/json").json();
        assertThat(json.path("ExitCode").asInt(-1)).isEqualTo(4);
        assertThat(json.path("Running").asBoolean(true)).isFalse();
        assertThat(api.get("/exec/nope/json").message()).isEqualTo("No such exec instance: nope");
    }

    @Test
    @Shows("RUN-36")
    void leavesNoZombies(Client docker) {
        docker.ok("run", "-d", "--init", "--name", "c2", "busybox", "sleep", "1000");
        for (int i = 0; i < 5; i++) {
            docker.ok("exec", "-d", "c2", "sh", "-c", "sleep 0.01 & exit 0");
        }
        Eventually.get(
                "processes without zombies",
                () -> docker.ok("exec", "c2", "ps", "-o", "pid,stat,args"),
                ps ->
                        ps.contains("sleep 1000")
                                && !ps.contains(" Z ")
                                && !ps.contains("sleep 0.01"));
    }
}
