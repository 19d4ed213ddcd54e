package dev.corten.systests;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// The processes of a container, seen from the host.
@ExtendWith(PrivateEngine.class)
class TopTest {
    @Test
    @Shows("CTR-37")
    void topShowsTheProcessesOfTheContainerOnly(Client docker, Api api) {
        docker.ok("run", "-d", "--name", "c1", "busybox", "sh", "-c", "sleep 1000; true");
        String pid = docker.ok("inspect", "-f", "{{.State.Pid}}", "c1");
        Eventually.get("both processes", () -> docker.ok("top", "c1"), t -> t.lines().count() == 3);
        var answer = api.get("/containers/c1/top").json();
        assertThat(answer.path("Titles").toString())
                .isEqualTo("[\"UID\",\"PID\",\"PPID\",\"C\",\"STIME\",\"TTY\",\"TIME\",\"CMD\"]");
        var shell = answer.path("Processes").path(0);
        assertThat(shell.path(0).asString()).isEqualTo("root");
        assertThat(shell.path(1).asString()).isEqualTo(pid);
        assertThat(shell.path(5).asString()).isEqualTo("?");
        assertThat(shell.path(6).asString()).isEqualTo("00:00:00");
        assertThat(shell.path(7).asString()).isEqualTo("sh -c sleep 1000; true");
        var sleep = answer.path("Processes").path(1);
        assertThat(sleep.path(2).asString()).isEqualTo(pid);
        assertThat(sleep.path(7).asString()).isEqualTo("sleep 1000");
    }

    @Test
    void theUsualTableIsThatOfPs(Client docker, Api api) {
        docker.ok("run", "-dt", "--name", "c1", "-u", "1234", "busybox", "sleep", "1000");
        var ours = api.get("/containers/c1/top").json();
        // The same, but made by ps.
        var theirs = api.get("/containers/c1/top?ps_args=-fe").json();
        assertThat(ours).isEqualTo(theirs);
        assertThat(ours.path("Processes").path(0).path(0).asString()).isEqualTo("1234");
    }

    @Test
    void otherColumnsComeFromPs(Client docker, Api api) {
        docker.ok("run", "-d", "--name", "c1", "busybox", "sleep", "1000");
        assertThat(docker.ok("top", "c1", "-eo", "pid,args").lines().toList())
                .hasSize(2)
                .first()
                .satisfies(line -> assertThat(line).matches("PID +COMMAND *"));
        var noPid = api.get("/containers/c1/top?ps_args=-o%20comm");
        assertThat(noPid.status()).isEqualTo(500);
        assertThat(noPid.message()).isEqualTo("Couldn't find PID field in ps output");
        assertThat(docker.run("top", "c1", "--no-such-option").err())
                .contains("Error response from daemon: ps: error: ");
    }

    @Test
    void aStoppedContainerHasNone(Client docker, Api api) {
        String id = docker.ok("create", "--name", "c1", "busybox");
        var answer = api.get("/containers/c1/top");
        assertThat(answer.status()).isEqualTo(409);
        assertThat(answer.message()).isEqualTo("container " + id + " is not running");
    }
}
