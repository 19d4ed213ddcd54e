package dev.corten.systests;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Containers whose processes stand still.
@ExtendWith(PrivateEngine.class)
class PauseTest {
    private static final String COUNTING =
            "i=0; while :; do i=$((i+1)); echo $i > /count; sleep 0.01; done";

    @Test
    @Shows({"CTR-30", "CTR-32", "CTR-33"})
    void nothingHappensInAPausedContainer(Client docker, Api api) {
        docker.ok("run", "-d", "--name", "c1", "busybox", "sh", "-c", COUNTING);
        assertThat(docker.ok("pause", "c1")).isEqualTo("c1");
        assertThat(docker.ok("ps", "--format", "{{.Status}}"))
                .startsWith("Up ")
                .endsWith(" (Paused)");
        var state = api.get("/containers/c1/json").json().path("State");
        assertThat(state.path("Status").asString()).isEqualTo("paused");
        assertThat(state.path("Running").asBoolean()).isTrue();
        assertThat(state.path("Paused").asBoolean()).isTrue();
        assertThat(docker.ok("info", "--format", "{{.ContainersPaused}}")).isEqualTo("1");
        assertThat(docker.ok("ps", "-q", "-f", "status=paused")).isNotEmpty();

        assertThat(docker.ok("unpause", "c1")).isEqualTo("c1");
        assertThat(docker.ok("inspect", "-f", "{{.State.Status}}", "c1")).isEqualTo("running");
        String before = docker.ok("exec", "c1", "cat", "/count");
        Eventually.get(
                "the count goes on",
                () -> docker.ok("exec", "c1", "cat", "/count"),
                now -> !now.equals(before));
    }

    @Test
    void refusalsAreInDockersWords(Client docker, Api api) {
        String id = docker.ok("run", "-d", "--name", "c1", "busybox", "sleep", "1000");
        var notPaused = api.call("POST", "/containers/c1/unpause");
        assertThat(notPaused.status()).isEqualTo(500);
        assertThat(notPaused.message()).isEqualTo("Container " + id + " is not paused");
        assertThat(api.call("POST", "/containers/c1/pause").status()).isEqualTo(204);
        assertConflict(api, "POST", "/pause", "Container " + id + " is already paused");
        assertConflict(
                api, "POST", "/start", "cannot start a paused container, try unpause instead");
        assertConflict(
                api,
                "DELETE",
                "",
                "cannot remove container \"c1\": container is paused and must be unpaused first");
        var exec = api.call("POST", "/containers/c1/exec", "{\"Cmd\":[\"true\"]}");
        assertThat(exec.status()).isEqualTo(409);
        assertThat(exec.message())
                .isEqualTo("Container c1 is paused, unpause the container before exec");
        docker.ok("rm", "-f", "c1");
        String other = docker.ok("create", "--name", "c1", "busybox");
        assertConflict(api, "POST", "/pause", "container " + other + " is not running");
        assertThat(api.call("POST", "/containers/none/pause").status()).isEqualTo(404);
    }

    private static void assertConflict(Api api, String method, String verb, String words) {
        var answer = api.call(method, "/containers/c1" + verb);
        assertThat(answer.status()).as(verb).isEqualTo(409);
        assertThat(answer.message()).isEqualTo(words);
    }

    @Test
    void stopLetsAPausedContainerHandleTheSignal(Client docker) {
        docker.ok(
                "run",
                "-d",
                "--name",
                "c1",
                "busybox",
                "sh",
                "-c",
                "trap 'exit 3' TERM; echo ready; while :; do sleep 0.05; done");
        Eventually.get("it is ready", () -> docker.ok("logs", "c1"), l -> l.contains("ready"));
        docker.ok("pause", "c1");
        docker.ok("stop", "c1");
        assertThat(docker.ok("inspect", "-f", "{{.State.ExitCode}} {{.State.Paused}}", "c1"))
                .isEqualTo("3 false");
        docker.ok("start", "c1");
        docker.ok("pause", "c1");
        docker.ok("kill", "c1");
        assertThat(docker.ok("inspect", "-f", "{{.State.Status}}", "c1")).isEqualTo("exited");
    }

    @Test
    void pauseIsAnEvent(Client docker) {
        docker.ok("run", "-d", "--name", "seen", "busybox", "sleep", "1000");
        docker.ok("pause", "seen");
        docker.ok("unpause", "seen");
        docker.ok("pause", "seen");
        docker.ok("rm", "-f", "seen");
        var now = java.time.Instant.now();
        assertThat(
                        docker.run(
                                        "events",
                                        "--since",
                                        "1h",
                                        "--until",
                                        "%d.%09d".formatted(now.getEpochSecond(), now.getNano()),
                                        "-f",
                                        "container=seen",
                                        "--format",
                                        "{{.Action}}")
                                .lines())
                .filteredOn(List.of("pause", "unpause", "kill")::contains)
                .containsExactly("pause", "unpause", "pause", "kill", "unpause");
    }

    @Test
    void aPausedContainerIsStillPausedForTheNextDaemon(Client docker, Engine engine) {
        docker.ok("run", "-d", "--name", "c1", "busybox", "sleep", "1000");
        docker.ok("pause", "c1");
        engine.terminate();
        engine.open();
        assertThat(docker.ok("inspect", "-f", "{{.State.Status}}", "c1")).isEqualTo("paused");
        docker.ok("unpause", "c1");
        assertThat(docker.ok("exec", "c1", "echo", "goes on")).isEqualTo("goes on");
    }
}
