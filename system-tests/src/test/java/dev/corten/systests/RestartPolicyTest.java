package dev.corten.systests;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

/// What `--restart` does, as the docker command line sees it.
@ExtendWith(PrivateEngine.class)
class RestartPolicyTest {
    /// Ends when its input does.
    private static final String UNTIL_TOLD = "read x; exit 3";

    private static JsonNode state(Api api, String name) {
        return api.get("/containers/" + name + "/json").json().path("State");
    }

    private static int restarts(Api api, String name) {
        return api.get("/containers/" + name + "/json").json().path("RestartCount").asInt();
    }

    private static void awaitStatus(Api api, String name, String status) {
        Eventually.get(
                name + " " + status,
                () -> state(api, name).path("Status").asString(),
                status::equals);
    }

    /// A container in a wait that is long enough for everything a test does meanwhile.
    private static void waiting(Client docker, Api api, String... options) {
        var arguments = new java.util.ArrayList<>(List.of("run", "-d", "--name", "c1"));
        arguments.addAll(List.of(options));
        arguments.addAll(List.of("busybox", "sh", "-c", "exit 3"));
        docker.ok(arguments.toArray(String[]::new));
        Eventually.holds(
                "the sixth wait",
                () -> restarts(api, "c1") == 6 && state(api, "c1").path("Restarting").asBoolean());
    }

    private static String seconds(Instant time) {
        return "%d.%09d".formatted(time.getEpochSecond(), time.getNano());
    }

    @Test
    @Shows({"RUN-07", "CTR-51"})
    void onFailureStartsSoOftenAndThenNoMore(Client docker, Api api) {
        String begin = seconds(Instant.now());
        docker.ok("run", "-d", "--name", "c1", "--restart", "on-failure:2", "busybox", "false");
        awaitStatus(api, "c1", "exited");
        assertThat(restarts(api, "c1")).isEqualTo(2);
        assertThat(state(api, "c1").path("ExitCode").asInt()).isEqualTo(1);
        Finished events =
                docker.run(
                        "events",
                        "--since",
                        begin,
                        "--until",
                        seconds(Instant.now()),
                        "--format",
                        "{{.Type}} {{.Action}}");
        assertThat(events.lines().stream().filter(line -> !line.startsWith("image")).toList())
                .containsExactly(
                        "container create",
                        "network connect",
                        "container start",
                        "network disconnect",
                        "container die",
                        "network connect",
                        "container start",
                        "network disconnect",
                        "container die",
                        "network connect",
                        "container start",
                        "network disconnect",
                        "container die");
        docker.ok("run", "--name", "c2", "--restart", "on-failure", "busybox", "true");
        assertThat(state(api, "c2").path("Status").asString()).isEqualTo("exited");
    }

    @Test
    @Shows("CTR-30")
    void aContainerThatWaitsShowsItself(Client docker, Api api) {
        waiting(docker, api, "--restart", "always");
        assertThat(docker.ok("ps", "--format", "{{.Status}}|{{.State}}"))
                .matches("Restarting \\(3\\) .* ago\\|restarting");
        JsonNode state = state(api, "c1");
        assertThat(state.path("Running").asBoolean()).isTrue();
        assertThat(state.path("Paused").asBoolean()).isFalse();
        assertThat(state.path("Pid").asInt(-1)).isZero();
        assertThat(state.path("ExitCode").asInt()).isEqualTo(3);
        assertThat(docker.ok("ps", "-q", "-f", "status=restarting")).isNotEmpty();
        assertThat(docker.ok("info", "--format", "{{.ContainersRunning}} {{.ContainersStopped}}"))
                .isEqualTo("0 1");
    }

    @Test
    void whatAContainerThatWaitsRefuses(Client docker, Api api) {
        waiting(docker, api, "--restart", "always");
        String id = docker.ok("inspect", "-f", "{{.Id}}", "c1");
        String wait = "Container " + id + " is restarting, wait until the container is running";
        assertThat(docker.run("attach", "c1").err())
                .contains("You cannot attach to a restarting container, wait until it is running");
        for (List<String> verb :
                List.of(
                        List.of("exec", "c1", "true"),
                        List.of("top", "c1"),
                        List.of("pause", "c1"))) {
            Finished refused = docker.run(verb.toArray(String[]::new));
            assertThat(refused.status()).isEqualTo(1);
            assertThat(refused.err()).isEqualTo("Error response from daemon: " + wait + "\n");
        }
        assertThat(docker.run("rm", "c1").err())
                .contains(
                        "cannot remove container \"c1\": container is restarting: stop the"
                                + " container before removing or force remove");
        assertThat(api.call("POST", "/containers/c1/start").status()).isEqualTo(304);
        assertThat(docker.ok("rm", "-f", "c1")).isEqualTo("c1");
        assertThat(docker.ok("ps", "-aq")).isEmpty();
    }

    @Test
    void aStopOrAKillEndsTheWait(Client docker, Api api) {
        waiting(docker, api, "--restart", "unless-stopped");
        Instant begin = Instant.now();
        assertThat(docker.ok("stop", "c1")).isEqualTo("c1");
        assertThat(Duration.between(begin, Instant.now())).isLessThan(Duration.ofSeconds(5));
        assertThat(state(api, "c1").path("Status").asString()).isEqualTo("exited");
        assertThat(restarts(api, "c1")).isEqualTo(6);
        docker.ok("rm", "c1");
        waiting(docker, api, "--restart", "always");
        assertThat(docker.ok("kill", "-s", "HUP", "c1")).isEqualTo("c1");
        assertThat(state(api, "c1").path("Status").asString()).isEqualTo("exited");
    }

    @Test
    void whoWaitsIsToldOfEachExit(Client docker, Api api) {
        docker.ok(
                "run",
                "-d",
                "-i",
                "--name",
                "c1",
                "--restart",
                "always",
                "busybox",
                "sh",
                "-c",
                UNTIL_TOLD);
        try (var waiting = api.connect();
                var attached = api.hijack("/containers/c1/attach?stream=1&stdin=1", "")) {
            waiting.send(Api.head("POST", "/containers/c1/wait", 0, "application/json", "close"));
            waiting.awaitHead();
            attached.send("go\n");
            waiting.received().awaitEnd();
            assertThat(waiting.received().text()).contains("{\"StatusCode\":3}");
        }
        Eventually.holds("started again", () -> restarts(api, "c1") == 1);
    }

    @Test
    @Shows("RUN-07")
    void theNextDaemonGoesOn(Engine engine, Client docker, Api api) {
        waiting(docker, api, "--restart", "on-failure:7");
        docker.ok(
                "run",
                "-d",
                "--name",
                "honoured",
                "--restart",
                "unless-stopped",
                "busybox",
                "sleep",
                "1000");
        docker.ok(
                "run", "-d", "--name", "always", "--restart", "always", "busybox", "sleep", "1000");
        docker.ok("stop", "-t", "0", "honoured", "always");
        engine.kill();
        engine.open();
        awaitStatus(api, "always", "running");
        assertThat(state(api, "honoured").path("Status").asString()).isEqualTo("exited");
        awaitStatus(api, "c1", "exited");
        assertThat(restarts(api, "c1")).isEqualTo(7);
    }

    @Test
    @Shows("CTR-17")
    void aRestartKeepsWhatGoesWithItsExit(Client docker, Api api) {
        String id = docker.ok("run", "-d", "--rm", "--name", "c1", "busybox", "sleep", "1000");
        String before = state(api, "c1").path("StartedAt").asString();
        assertThat(docker.ok("restart", "-t", "0", "c1")).isEqualTo("c1");
        assertThat(docker.ok("ps", "-q", "--no-trunc")).isEqualTo(id);
        assertThat(state(api, "c1").path("StartedAt").asString()).isNotEqualTo(before);
        docker.ok("stop", "-t", "0", "c1");
        Eventually.holds("removed", () -> docker.ok("ps", "-aq").isEmpty());
    }

    @Test
    void contradictionsAreRefused(Client docker) {
        assertThat(docker.run("create", "--restart", "always:3", "busybox").err())
                .isEqualTo(
                        "Error response from daemon: invalid restart policy: maximum retry count"
                                + " can only be used with 'on-failure'\n");
        assertThat(docker.run("create", "--restart", "bogus", "busybox").err())
                .isEqualTo(
                        "Error response from daemon: invalid restart policy: unknown policy"
                                + " 'bogus'; use one of 'no', 'always', 'on-failure', or"
                                + " 'unless-stopped'\n");
    }
}
