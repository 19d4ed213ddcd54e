package dev.corten.systests;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// What happens to a container between `create` and `rm`.
@ExtendWith(PrivateEngine.class)
class LifeCycleTest {
    private static final String TRAPPING =
            "trap 'echo bye; exit 3' TERM; echo ready; while :; do sleep 0.05; done";

    @Test
    @Shows("CTR-14")
    void stopLetsAHandlerEndTheContainer(Client docker) {
        docker.ok("run", "-d", "--name", "c1", "busybox", "sh", "-c", TRAPPING);
        awaitLog(docker, "c1", "ready");
        assertThat(docker.ok("stop", "c1")).isEqualTo("c1");
        assertThat(state(docker, "c1")).isEqualTo("exited 3");
        assertThat(docker.ok("logs", "c1")).endsWith("bye");
    }

    @Test
    @Shows("CTR-15")
    void stopKillsWhatIgnoresTheSignal(Client docker) {
        docker.ok("run", "-d", "--name", "c1", "busybox", "sleep", "1000");
        assertThat(docker.ok("stop", "-t", "1", "c1")).isEqualTo("c1");
        assertThat(state(docker, "c1")).isEqualTo("exited 137");
    }

    @Test
    void stopOfAStoppedContainerDoesNothing(Client docker, Api api) {
        docker.ok("run", "--name", "c1", "busybox", "true");
        assertThat(api.call("POST", "/containers/c1/stop").status()).isEqualTo(304);
        docker.ok("run", "-d", "--name", "c2", "busybox", "sleep", "100");
        assertThat(api.call("POST", "/containers/c2/start").status()).isEqualTo(304);
    }

    @Test
    @Shows({"CTR-18", "CTR-19"})
    void killSendsTheSignal(Client docker) {
        docker.ok("run", "-d", "--name", "c1", "busybox", "sh", "-c", TRAPPING);
        awaitLog(docker, "c1", "ready");
        assertThat(docker.ok("kill", "-s", "TERM", "c1")).isEqualTo("c1");
        assertThat(docker.ok("wait", "c1")).isEqualTo("3");
        docker.ok("run", "-d", "--name", "c2", "busybox", "sleep", "100");
        assertThat(docker.ok("kill", "c2")).isEqualTo("c2");
        assertThat(state(docker, "c2")).isEqualTo("exited 137");
        assertThat(docker.run("kill", "c2").err()).contains("is not running");
        docker.ok("start", "c2");
        assertThat(docker.run("kill", "-s", "BOGUS", "c2").err()).contains("invalid signal: BOGUS");
    }

    @Test
    @Shows("CTR-42")
    void waitAnswersAtTheEnd(Client docker) {
        docker.ok("run", "-d", "--name", "c1", "busybox", "sh", "-c", TRAPPING);
        awaitLog(docker, "c1", "ready");
        try (Running waiting = docker.start("wait", "c1")) {
            docker.ok("kill", "-s", "TERM", "c1");
            assertThat(waiting.await().ok()).isEqualTo("3");
        }
    }

    @Test
    void waitForRemovalReportsTheExitCode(Client docker, Api api) {
        docker.ok("run", "-d", "--rm", "--name", "c1", "busybox", "sh", "-c", TRAPPING);
        awaitLog(docker, "c1", "ready");
        try (var waiting = api.connect()) {
            waiting.send(
                    Api.head(
                            "POST",
                            "/v1.50/containers/c1/wait?condition=removed",
                            0,
                            "application/json",
                            "close"));
            waiting.awaitHead();
            docker.ok("kill", "-s", "TERM", "c1");
            var answer = Api.Answer.parse(waiting.received().awaitEnd());
            assertThat(answer.json().path("StatusCode").asInt(-1)).isEqualTo(3);
        }
    }

    @Test
    @Shows({"CTR-20", "CTR-22", "CTR-23"})
    void removeTakesAStoppedContainerAndRefusesARunningOne(Client docker) {
        docker.ok("run", "-d", "--name", "c1", "busybox", "sleep", "100");
        Finished refused = docker.run("rm", "c1");
        assertThat(refused.status()).isEqualTo(1);
        assertThat(refused.err())
                .contains(
                        "cannot remove container \"c1\": container is running: stop the container"
                                + " before removing or force remove");
        assertThat(docker.ok("rm", "-f", "c1")).isEqualTo("c1");
        assertThat(docker.run("rm", "c1").err()).contains("No such container: c1");
        docker.ok("create", "--name", "c2", "busybox");
        assertThat(docker.ok("rm", "c2")).isEqualTo("c2");
    }

    @Test
    @Shows("CLI-13")
    void severalAtOnceGoOnAfterAnError(Client docker) {
        docker.ok("create", "--name", "c1", "busybox");
        docker.ok("create", "--name", "c2", "busybox");
        Finished removed = docker.run("rm", "c1", "absent", "c2");
        assertThat(removed.status()).isEqualTo(1);
        assertThat(removed.lines()).containsExactly("c1", "c2");
        assertThat(removed.err()).contains("No such container: absent");
    }

    @Test
    @Shows("CON-08")
    void filesSurviveStopAndStart(Client docker) {
        docker.ok("run", "--name", "c1", "busybox", "sh", "-c", "cat /kept; echo x >> /kept");
        docker.ok("start", "-a", "c1");
        assertThat(docker.ok("start", "-a", "c1")).isEqualTo("x\nx");
        assertThat(docker.run("run", "--rm", "busybox", "cat", "/kept").err())
                .contains("can't open '/kept'");
    }

    @Test
    @Shows("CTR-34")
    void renamed(Client docker) {
        docker.ok("create", "--name", "old", "busybox");
        docker.ok("create", "--name", "taken", "busybox");
        docker.ok("rename", "old", "new");
        assertThat(docker.ok("inspect", "-f", "{{.Name}}", "new")).isEqualTo("/new");
        assertThat(docker.run("inspect", "old").err()).contains("No such object: old");
        assertThat(docker.run("rename", "new", "taken").err())
                .contains("The container name \"/taken\" is already in use by container");
        assertThat(docker.run("rename", "new", "new").err())
                .contains("Renaming a container with the same name as its current name");
    }

    @Test
    @Shows("CLI-12")
    void foundByPrefixOfTheId(Client docker, Api api) {
        String id = docker.ok("create", "--name", "c1", "busybox");
        assertThat(docker.ok("inspect", "-f", "{{.Name}}", id.substring(0, 5))).isEqualTo("/c1");
        assertThat(
                        api.get("/containers/" + id.substring(0, 12) + "/json")
                                .json()
                                .path("Id")
                                .asString())
                .isEqualTo(id);
        assertThat(api.get("/containers/absent/json").status()).isEqualTo(404);
        assertThat(api.get("/containers/absent/json").message())
                .isEqualTo("No such container: absent");
    }

    @Test
    @Shows({"CTR-26", "CTR-27", "CTR-29", "CLI-26", "CLI-28"})
    void listShowsWhatTheFiltersLeave(Client docker) {
        docker.ok("run", "-d", "--name", "up", "--label", "k=v", "busybox", "sleep", "100");
        docker.run("run", "--name", "down", "busybox", "sh", "-c", "exit 4");
        docker.ok("create", "--name", "made", "busybox");
        assertThat(names(docker)).containsExactly("up");
        assertThat(names(docker, "-a")).containsExactly("made", "down", "up");
        assertThat(names(docker, "-a", "-f", "status=exited")).containsExactly("down");
        assertThat(names(docker, "-a", "-f", "exited=4")).containsExactly("down");
        assertThat(names(docker, "-a", "-f", "name=ma")).containsExactly("made");
        assertThat(names(docker, "-a", "-f", "label=k=v")).containsExactly("up");
        assertThat(names(docker, "-a", "-f", "label=k=w")).isEmpty();
        assertThat(names(docker, "-a", "-f", "before=down")).containsExactly("up");
        assertThat(names(docker, "-n", "1")).containsExactly("made");
        assertThat(docker.ok("ps", "-a", "-f", "name=down", "--format", "{{.Status}} {{.Command}}"))
                .startsWith("Exited (4) ")
                .endsWith("\"sh -c 'exit 4'\"");
        assertThat(docker.ok("ps", "--format", "{{.Status}}")).startsWith("Up ");
        assertThat(docker.run("ps", "-f", "nonsense=1").err())
                .contains("invalid filter 'nonsense'");
    }

    private static List<String> names(Client docker, String... options) {
        var arguments = new java.util.ArrayList<>(List.of("ps", "--format", "{{.Names}}"));
        arguments.addAll(List.of(options));
        return docker.run(arguments.toArray(String[]::new)).ok().lines().toList();
    }

    @Test
    @Shows({"CTR-40", "CLI-29"})
    void inspectShowsStateAndConfiguration(Client docker, Api api) {
        String id = docker.ok("run", "-d", "--name", "c1", "-e", "A=b", "busybox", "sleep", "100");
        var json = api.get("/containers/c1/json").json();
        assertThat(json.path("Id").asString()).isEqualTo(id);
        assertThat(json.path("Path").asString()).isEqualTo("sleep");
        assertThat(json.path("Args").toString()).isEqualTo("[\"100\"]");
        assertThat(json.path("State").path("Status").asString()).isEqualTo("running");
        assertThat(json.path("State").path("Pid").asInt()).isPositive();
        assertThat(json.path("Config").path("Env").toString()).contains("A=b");
        assertThat(json.path("HostConfig").path("NetworkMode").asString()).isEqualTo("bridge");
        assertThat(json.path("Config").path("Hostname").asString()).isEqualTo(id.substring(0, 12));
    }

    @Test
    @Shows("CLI-33")
    void eventsTellTheLifeOfAContainer(Client docker) {
        try (Running events = docker.start("events", "--format", "{{.Type}} {{.Action}}")) {
            // Whatever happens before the subscription is not seen, so make noise until it is.
            Eventually.holds(
                    "events flow",
                    () -> {
                        docker.ok("tag", "busybox", "noise");
                        return events.out().text().contains("image tag");
                    });
            docker.ok("run", "--rm", "--name", "c1", "busybox", "true");
            String seen = events.out().await("container destroy");
            assertThat(seen.lines().filter(line -> !line.startsWith("image")).toList())
                    .containsExactly(
                            "container create",
                            "container attach",
                            "network connect",
                            "container start",
                            "network disconnect",
                            "container die",
                            "container destroy");
        }
    }

    @Test
    void pastEventsAreReplayed(Client docker) {
        docker.run("run", "--name", "c1", "busybox", "sh", "-c", "exit 6");
        var now = java.time.Instant.now();
        Finished events =
                docker.run(
                        "events",
                        "--since",
                        "1h",
                        "--until",
                        "%d.%09d".formatted(now.getEpochSecond(), now.getNano()),
                        "-f",
                        "event=die",
                        "--format",
                        "{{index .Actor.Attributes \"name\"}}:"
                                + "{{index .Actor.Attributes \"exitCode\"}}");
        assertThat(events.lines()).contains("c1:6");
    }

    @Test
    @Shows({"CLI-03", "CLI-05"})
    void versionAndInfo(Client docker, Api api) {
        assertThat(docker.ok("version", "--format", "{{.Server.APIVersion}} {{.Server.Os}}"))
                .isEqualTo("1.51 linux");
        docker.ok("run", "-d", "busybox", "sleep", "100");
        docker.ok("create", "busybox");
        assertThat(docker.ok("info", "--format", "{{.Containers}} {{.ContainersRunning}}"))
                .isEqualTo("2 1");
        assertThat(docker.ok("info")).contains("Storage Driver: overlay2");
        assertThat(new String(api.get("/_ping").body())).isEqualTo("OK");
    }

    private static String state(Client docker, String name) {
        return docker.ok("inspect", "-f", "{{.State.Status}} {{.State.ExitCode}}", name);
    }

    private static void awaitLog(Client docker, String name, String text) {
        Eventually.get("the log of " + name, () -> docker.ok("logs", name), l -> l.contains(text));
    }
}
