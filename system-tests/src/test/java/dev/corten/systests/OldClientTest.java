package dev.corten.systests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Clients of old: the docker command line of 2021, and those who speak the first versions of the
/// API.
@Shows("API-01")
class OldClientTest {
    private Engine engine;

    @AfterEach
    void close() {
        if (engine != null) {
            engine.closeCleanly();
        }
    }

    private void start(String... options) {
        Machine.hasRoot();
        engine = Engine.start(options);
        if (!Limits.againstStub()) {
            Image.busybox().load(engine);
        }
    }

    private Client old() {
        Path folder = Machine.docker(Path.of("..").toAbsolutePath().normalize(), "20.10");
        return new Client(
                List.of(folder.resolve("docker").toString()),
                engine.socket(),
                engine.home(),
                Map.of());
    }

    @Test
    void theDockerCommandLineOf2021Works() throws IOException {
        start();
        Client docker = old();
        assertThat(docker.ok("version", "-f", "{{.Client.APIVersion}} {{.Server.Version}}"))
                .isEqualTo("1.41 28.5.2");
        Finished run =
                docker.run("run", "--rm", "busybox", "sh", "-c", "echo o; echo e >&2; exit 5");
        assertThat(run.out()).isEqualTo("o\n");
        assertThat(run.err()).isEqualTo("e\n");
        assertThat(run.status()).isEqualTo(5);
        assertThat(
                        docker.runWithInput("abc".getBytes(), "run", "-i", "--rm", "busybox", "rev")
                                .out())
                .isEqualTo("cba");
        docker.ok("run", "-d", "--name", "c1", "busybox", "sh", "-c", "echo log; sleep 1000");
        assertThat(docker.ok("ps")).contains("c1", "Up ");
        assertThat(docker.ok("exec", "c1", "echo", "in")).isEqualTo("in");
        Eventually.get("the log", () -> docker.ok("logs", "c1"), "log"::equals);
        assertThat(docker.ok("inspect", "-f", "{{.State.Status}}", "c1")).isEqualTo("running");
        assertThat(docker.ok("stats", "--no-stream")).contains("c1");
        assertThat(docker.ok("info"))
                .contains("Server Version: 28.5.2", "Storage Driver: overlay2");
        Path context = engine.scratch("context");
        Files.createDirectories(context);
        Files.writeString(context.resolve("Dockerfile"), "FROM busybox\nRUN echo made > /f\n");
        assertThat(docker.ok("build", "-t", "old:1", context.toString()))
                .contains("Step 2/2 : RUN echo made > /f", "Successfully tagged old:1");
        assertThat(docker.ok("build", "-t", "old:1", context.toString()))
                .contains(" ---> Using cache");
        assertThat(docker.ok("run", "--rm", "old:1", "cat", "/f")).isEqualTo("made");
        docker.ok("stop", "-t", "0", "c1");
        docker.ok("rm", "c1");
        assertThat(docker.ok("images")).contains("busybox");
    }

    @Test
    void theFloorIsDockers() {
        start();
        Api api = engine.api();
        Api.Answer below = api.get("/v1.23/_ping");
        assertThat(below.status()).isEqualTo(400);
        assertThat(below.headers()).containsEntry("Content-Type", "text/plain; charset=utf-8");
        assertThat(below.text())
                .isEqualTo(
                        "client version 1.23 is too old. Minimum supported API version is 1.24,"
                                + " please upgrade your client to a newer version\n");
        assertThat(api.get("/v1.24/_ping").text()).isEqualTo("OK");
        assertThat(api.get("/v1.52/_ping").message())
                .isEqualTo("client version 1.52 is too new. Maximum supported API version is 1.51");
    }

    @Test
    void theFloorIsLoweredOnRequest() {
        start("--min-api-version", "1.12");
        Api api = engine.api();
        assertThat(api.get("/v1.12/_ping").text()).isEqualTo("OK");
        assertThat(api.get("/v1.11/_ping").status()).isEqualTo(400);
        assertThat(api.get("/version").json().path("MinAPIVersion").asString()).isEqualTo("1.12");
        String body = "{\"Image\":\"busybox\",\"Cmd\":[\"true\"]}";
        Api.Answer created = api.call("POST", "/v1.12/containers/create?name=c1", body);
        assertThat(created.status()).isEqualTo(201);
        assertThat(api.call("POST", "/v1.12/containers/c1/start").status()).isEqualTo(204);
        assertThat(api.call("POST", "/v1.12/containers/c1/wait").json().path("StatusCode").asInt())
                .isZero();
        assertThat(api.call("DELETE", "/v1.12/containers/c1").status()).isEqualTo(204);
    }
}
