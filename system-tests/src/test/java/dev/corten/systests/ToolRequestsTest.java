package dev.corten.systests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.URLEncoder;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// The requests of tools that are programs of their own, in their order and versions, as their
/// sources make them. What they need of networks of their own and of `cp` comes with these.
@ExtendWith(PrivateEngine.class)
class ToolRequestsTest {
    private static String filters(String json) {
        return "filters=" + URLEncoder.encode(json, UTF_8);
    }

    private static JsonNode ok(Api api, String path) {
        Api.Answer answer = api.get(path);
        assertThat(answer.status()).as(path + " " + answer).isEqualTo(200);
        return answer.json();
    }

    private static String created(Api api, String path, String json) {
        Api.Answer answer = api.call("POST", path, json);
        assertThat(answer.status()).as(answer.toString()).isEqualTo(201);
        return answer.json().path("Id").asString();
    }

    private static void done(Api.Answer answer) {
        assertThat(answer.status()).as(answer.toString()).isEqualTo(204);
    }

    /// Its provider speaks 1.24: the list, each container's address and labels, then events, with a
    /// new list for each.
    @Test
    @Shows("API-08")
    void traefikFindsWhatItRoutesTo(Api api, Client docker) {
        assertThat(ok(api, "/v1.24/version").path("ApiVersion").asString()).isNotEmpty();
        try (var events = api.connect()) {
            events.send(
                    "GET /v1.24/events?"
                            + filters("{\"type\":{\"container\":true}}")
                            + " HTTP/1.1\r\nHost: d\r\n\r\n");
            events.awaitHead();
            docker.ok(
                    "run",
                    "-d",
                    "--name",
                    "web",
                    "--expose",
                    "80",
                    "--label",
                    "traefik.http.routers.web.rule=Host(`a`)",
                    "busybox",
                    "sleep",
                    "1000");
            events.received().await("\"Action\":\"start\"");
        }
        JsonNode list = ok(api, "/v1.24/containers/json?limit=0");
        assertThat(list).hasSize(1);
        JsonNode web = ok(api, "/v1.24/containers/" + list.get(0).path("Id").asString() + "/json");
        assertThat(
                        web.path("Config")
                                .path("Labels")
                                .path("traefik.http.routers.web.rule")
                                .asString())
                .isEqualTo("Host(`a`)");
        assertThat(web.path("HostConfig").path("NetworkMode").asString()).isNotEmpty();
        assertThat(web.path("NetworkSettings").path("Ports").has("80/tcp")).isTrue();
        assertThat(
                        web.path("NetworkSettings")
                                .path("Networks")
                                .path("bridge")
                                .path("IPAddress")
                                .asString())
                .isEqualTo(docker.ok("inspect", "-f", "{{.NetworkSettings.IPAddress}}", "web"));
        assertThat(ok(api, "/v1.24/networks?" + filters("{\"scope\":{\"local\":true}}")))
                .isNotEmpty();
    }

    /// It stops a container, removes it, and makes it again out of what `inspect` said of it.
    @Test
    @Shows("API-08")
    void watchtowerMakesAContainerAnew(Api api, Client docker) {
        docker.ok(
                "run",
                "-d",
                "--name",
                "app",
                "-e",
                "A=1",
                "-p",
                "127.0.0.1::80",
                "-m",
                "64m",
                "-v",
                "data:/data",
                "--restart",
                "always",
                "--label",
                "keep=me",
                "busybox",
                "sleep",
                "1000");
        JsonNode running =
                ok(api, "/v1.25/containers/json?" + filters("{\"status\":{\"running\":true}}"));
        String id = running.get(0).path("Id").asString();
        JsonNode old = ok(api, "/v1.25/containers/" + id + "/json");
        String image = old.path("Image").asString();
        assertThat(ok(api, "/v1.25/images/" + image + "/json").path("Id").asString())
                .isEqualTo(image);
        done(api.call("POST", "/v1.25/containers/" + id + "/kill?signal=SIGKILL"));
        Eventually.holds(
                "it is not running",
                () ->
                        !ok(api, "/v1.25/containers/" + id + "/json")
                                        .path("State")
                                        .path("Running")
                                        .asBoolean()
                                || api.call("POST", "/v1.25/containers/" + id + "/stop?t=0")
                                                .status()
                                        < 400);
        done(api.call("DELETE", "/v1.25/containers/" + id + "?force=1&v=0"));

        var wish = (ObjectNode) old.path("Config").deepCopy();
        wish.set("HostConfig", old.path("HostConfig"));
        ObjectNode networking = new JsonMapper().createObjectNode();
        networking.putObject("EndpointsConfig").set("bridge", new JsonMapper().createObjectNode());
        wish.set("NetworkingConfig", networking);
        String again = created(api, "/v1.25/containers/create?name=app", wish.toString());
        done(api.call("POST", "/v1.25/containers/" + again + "/start"));
        JsonNode anew = ok(api, "/v1.25/containers/app/json");
        for (String part : List.of("Env", "Cmd", "Labels", "Image")) {
            assertThat(anew.path("Config").path(part)).isEqualTo(old.path("Config").path(part));
        }
        for (String part : List.of("Memory", "Binds", "RestartPolicy", "NetworkMode")) {
            assertThat(anew.path("HostConfig").path(part))
                    .as(part)
                    .isEqualTo(old.path("HostConfig").path(part));
        }
        assertThat(docker.ok("port", "app", "80")).startsWith("127.0.0.1:");
    }

    /// Its overview, by way of its agent or on the socket.
    @Test
    @Shows("API-08")
    void portainerShowsItsDashboard(Api api, Client docker) {
        docker.ok("run", "-d", "--name", "web", "-v", "data:/data", "busybox", "sleep", "1000");
        assertThat(api.get("/_ping").text()).isEqualTo("OK");
        assertThat(ok(api, "/info").path("Containers").asInt()).isEqualTo(1);
        assertThat(ok(api, "/version").path("Os").asString()).isEqualTo("linux");
        JsonNode list = ok(api, "/containers/json?all=1&size=1");
        assertThat(list.get(0).path("SizeRootFs").asLong()).isPositive();
        assertThat(ok(api, "/images/json?all=0").get(0).path("RepoTags").get(0).asString())
                .isEqualTo("busybox:latest");
        assertThat(ok(api, "/volumes").path("Volumes").get(0).path("Name").asString())
                .isEqualTo("data");
        assertThat(ok(api, "/networks")).hasSize(3);
        JsonNode usage = ok(api, "/system/df");
        assertThat(usage.path("LayersSize").asLong()).isPositive();
        assertThat(usage.path("Volumes").get(0).path("UsageData").path("RefCount").asInt()).isOne();
        String id = list.get(0).path("Id").asString();
        assertThat(ok(api, "/containers/" + id + "/top").path("Processes")).hasSize(1);
        assertThat(ok(api, "/containers/" + id + "/stats?stream=false").path("name").asString())
                .isEqualTo("/web");
        String all =
                api.get("/events?since=0&until=" + java.time.Instant.now().getEpochSecond()).text();
        assertThat(all.lines().count()).isPositive();
        // It asks for Swarm's things too, and takes 503 for a host without.
        assertThat(api.get("/services").status()).isEqualTo(503);
        assertThat(ok(api, "/plugins")).isEmpty();
    }

    /// Its docker executor: a cache volume, a helper that gets its script on stdin, and the removal.
    @Test
    @Shows("API-08")
    void gitlabRunnerFeedsItsScriptToAContainer(Api api) {
        Api.Answer volume =
                api.call(
                        "POST",
                        "/v1.44/volumes/create",
                        "{\"Name\":\"runner-cache\",\"Labels\":{\"com.gitlab.gitlab-runner.managed\":\"true\"}}");
        assertThat(volume.status()).isEqualTo(201);
        String id =
                created(
                        api,
                        "/v1.44/containers/create?name=runner-build",
                        """
                        {"Image":"busybox","Cmd":["sh"],"AttachStdin":true,"AttachStdout":true,
                         "AttachStderr":true,"OpenStdin":true,"StdinOnce":true,"Tty":false,
                         "Env":["CI=true"],"HostConfig":{"Binds":["runner-cache:/cache"],
                         "Privileged":false,"RestartPolicy":{"Name":"no"},
                         "LogConfig":{"Type":"json-file"}}}
                        """);
        try (var attached =
                api.hijack(
                        "/v1.44/containers/" + id + "/attach?stream=1&stdin=1&stdout=1&stderr=1",
                        "")) {
            done(api.call("POST", "/v1.44/containers/" + id + "/start"));
            attached.send("set -e\necho job of $CI | tee /cache/out\nexit 3\n");
            attached.endOfInput();
            assertThat(new String(Api.Connection.payload(attached.received().awaitEnd()), UTF_8))
                    .isEqualTo("job of true\n");
        }
        Api.Answer wait =
                api.call("POST", "/v1.44/containers/" + id + "/wait?condition=not-running");
        assertThat(wait.json().path("StatusCode").asInt()).isEqualTo(3);
        done(api.call("DELETE", "/v1.44/containers/" + id + "?v=1&force=1"));
        assertThat(
                        ok(
                                        api,
                                        "/v1.44/volumes?"
                                                + filters(
                                                        "{\"label\":{\"com.gitlab.gitlab-runner.managed=true\":true}}"))
                                .path("Volumes"))
                .hasSize(1);
    }

    /// A node of kind or k3d: privileged, with a new /run and host modules, and its API's port on
    /// the loopback address; act's container waits and is entered again and again.
    @Test
    @Shows("API-08")
    void nodesOfClustersAndJobsOfActAreRun(Client docker) {
        docker.ok(
                "run",
                "--name",
                "kind-control-plane",
                "--hostname",
                "kind-control-plane",
                "--label",
                "io.x-k8s.kind.role=control-plane",
                "--privileged",
                "--security-opt",
                "seccomp=unconfined",
                "--security-opt",
                "apparmor=unconfined",
                "--tmpfs",
                "/tmp",
                "--tmpfs",
                "/run",
                "--volume",
                "/var",
                "--volume",
                "/lib:/lib/modules:ro",
                "-e",
                "KIND_EXPERIMENTAL_CONTAINERD_SNAPSHOTTER",
                "--detach",
                "--tty",
                "--restart=on-failure:1",
                "--init=false",
                "--cgroupns=private",
                "--publish=127.0.0.1::6443/TCP",
                "busybox",
                "sleep",
                "1000");
        assertThat(
                        docker.ok(
                                "ps",
                                "-a",
                                "--filter",
                                "label=io.x-k8s.kind.role",
                                "--format",
                                "{{.Names}}"))
                .isEqualTo("kind-control-plane");
        assertThat(
                        docker.ok(
                                "inspect",
                                "--format",
                                "{{ with (index (index .NetworkSettings.Ports \"6443/tcp\") 0) }}{{ printf \"%s\t%s\""
                                        + " .HostIp .HostPort }}{{ end }}",
                                "kind-control-plane"))
                .matches("127\\.0\\.0\\.1\t\\d+");
        assertThat(
                        docker.ok(
                                "exec",
                                "--privileged",
                                "kind-control-plane",
                                "sh",
                                "-c",
                                "mount | grep -c ' /run type tmpfs'"))
                .isEqualTo("1");
        docker.ok(
                "run", "-d", "--name", "act", "--entrypoint", "tail", "busybox", "-f", "/dev/null");
        assertThat(
                        docker.run(
                                        "exec",
                                        "-e",
                                        "GITHUB_ACTIONS=true",
                                        "-w",
                                        "/tmp",
                                        "act",
                                        "sh",
                                        "-e",
                                        "-c",
                                        "echo $GITHUB_ACTIONS; pwd; exit 7")
                                .lines())
                .containsExactly("true", "/tmp");
    }
}
