package dev.corten.systests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What is wrong is refused with a clear text, before any effect.
@ExtendWith(PrivateEngine.class)
class BadInputTest {
    /// A `docker run` that must fail with this text, and leave no container.
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "-u nouser | 125 | unable to find user nouser: no matching entries in passwd file",
                "-u 0:nogroup | 125 | unable to find group nogroup: no matching entries in group file",
                "-m 5m | 125 | Minimum memory limit allowed is 6MB",
                "-m 8m --memory-swap 7m | 125 | Minimum memoryswap limit should be larger",
                "--cpus 1000 | 125 | range of CPUs is from 0.01 to",
                "--cap-add BOGUS | 125 | unknown capability: \"CAP_BOGUS\"",
                "--stop-signal BOGUS | 125 | invalid signal: BOGUS",
                "--name a | 125 | Invalid container name (a), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed",
                "--name bad/name | 125 | Invalid container name (bad/name)",
                "-w relative | 125 | the working directory 'relative' is invalid",
                "-p x:80 | 125 | invalid",
                "-p 80:99999 | 125 | invalid",
                "--network nonet | 125 | nonet",
                "--runtime bogus | 125 | unknown or invalid runtime name: bogus",
                "--log-driver bogus | 125 | error looking up logging plugin bogus",
                "--security-opt bogus | 125 | bogus",
                "--network container:nope | 125 | No such container: nope",
            })
    void runIsRefused(String options, int status, String message, Client docker) {
        var command = new ArrayList<>(List.of("run", "--rm"));
        command.addAll(List.of(options.split(" ")));
        command.addAll(List.of("busybox", "echo", "ran"));
        Finished run = docker.run(command.toArray(String[]::new));
        assertThat(run.err()).contains(message);
        assertThat(run.status()).isEqualTo(status);
        assertThat(run.out()).isEmpty();
        assertThat(docker.ok("ps", "-a", "-q")).isEmpty();
    }

    /// What is not there yet says so and is never ignored.
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--health-cmd true | health checks",
            })
    void whatIsNotThereYetIsRefused(String options, String message, Client docker) {
        var command = new ArrayList<>(List.of("create"));
        command.addAll(List.of(options.split(" ")));
        command.addAll(List.of("busybox", "true"));
        Finished create = docker.run(command.toArray(String[]::new));
        assertThat(create.status()).isEqualTo(1);
        assertThat(create.err()).contains("not supported by this version of Corten yet", message);
        assertThat(docker.ok("ps", "-a", "-q")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "network create n1, user-defined networks are not supported",
        "network connect bridge c1, not supported"
    })
    void routesThatAreNotThereSaySo(String command, String message, Client docker) {
        docker.run("create", "--name", "c1", "busybox");
        Finished refused = docker.run(command.split(" "));
        assertThat(refused.status()).isNotZero();
        assertThat(refused.err()).contains(message);
    }

    /// Whatever a client sends, it gets Docker's status, and none of these is a fault of ours.
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/%zz | 400",
                "/v1.51/containers/json?filters=%7B%22label%22%3Anull%7D | 200",
                "/v1.51/events?since=99999999999999999&until=1 | 400",
                "/v1.51/events?since=-99999999999999999&until=1 | 200",
            })
    void oddRequestsAreAnsweredAsDockerDoes(String path, int status, Api api, Engine engine) {
        engine.answersAsItself();
        assertThat(api.get(path).status()).isEqualTo(status);
    }

    @Test
    void aRequestLineMayBeAsLongAsForDocker(Api api, Engine engine) {
        engine.answersAsItself();
        String names = "names=0123456789abcdef&".repeat(1000);
        assertThat(api.get("/v1.51/_ping?" + names).status()).isEqualTo(200);
    }

    @Test
    void nothingInAListIsTheEmptyText(Api api) {
        String body = "{\"Image\":\"busybox\",\"Cmd\":[\"echo\",null]}";
        assertThat(api.call("POST", "/v1.51/containers/create", body).status()).isEqualTo(201);
    }

    @Test
    void nameInUseIsRefused(Client docker) {
        String id = docker.ok("create", "--name", "c1", "busybox");
        Finished second = docker.run("create", "--name", "c1", "busybox");
        assertThat(second.status()).isEqualTo(1);
        assertThat(second.err())
                .contains(
                        "Conflict. The container name \"/c1\" is already in use by container \""
                                + id
                                + "\". You have to remove (or rename) that container to be able to"
                                + " reuse that name.");
    }

    @Test
    void absentImageIsRefused(Client docker) {
        Finished run = docker.run("run", "--pull", "never", "nope", "true");
        assertThat(run.status()).isEqualTo(125);
        assertThat(run.err()).contains("No such image: nope:latest");
    }

    @Test
    void openFileOfTheDaemonIsNoWorkingDirectory(Client docker) {
        // CVE-2024-21626
        for (int fd = 3; fd < 12; fd++) {
            Finished run =
                    docker.run(
                            "run",
                            "--rm",
                            "-w",
                            "/proc/self/fd/" + fd,
                            "busybox",
                            "cat",
                            "../../../../etc/hostname",
                            "./etc/hostname");
            assertThat(run.status()).isNotZero();
            assertThat(run.out()).isEmpty();
            assertThat(run.err()).contains("/proc/self/fd/" + fd);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{} | 400 | config cannot be empty in order to create a container",
                "null | 400 | config cannot be empty in order to create a container",
                "{\"Image\":\"\"} | 400 | no command specified",
                "{\"Image\":1} | 400 | ",
                "{\"Image\":\"busybox\" | 400 | ",
                "[] | 400 | ",
                "garbage | 400 | ",
                "{\"Image\":\"busybox\",\"Cmd\":{\"a\":1}} | 400 | ",
                "{\"Image\":\"busybox\",\"HostConfig\":{\"Memory\":\"much\"}} | 400 | ",
                "{\"Image\":\"busybox\",\"HostConfig\":{\"Memory\":1e99}} | 400 | ",
            })
    @Shows("API-05")
    void wrongJsonIsRefused(String body, int status, String message, Api api) {
        var answer = api.call("POST", "/containers/create", body);
        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.message()).isNotEmpty();
        if (message != null) {
            assertThat(answer.message()).isEqualTo(message);
        }
    }

    @Test
    void hugeJsonIsRefused(Api api) {
        byte[] huge = Tile.of(" ", 64 << 20);
        try (var connection = api.connect()) {
            connection.send(
                    Api.head(
                            "POST",
                            "/containers/create",
                            huge.length,
                            "application/json",
                            "close"));
            try {
                connection.send(huge);
            } catch (java.io.UncheckedIOException e) {
                // Refused before it was read, and cut: the answer says why.
                assertThat(e).hasRootCauseInstanceOf(java.io.IOException.class);
            }
            var answer = Api.Answer.parse(connection.received().awaitEnd());
            assertThat(answer.status()).isIn(400, 413);
            assertThat(answer.message()).contains("larger than");
        }
        assertThat(api.get("/containers/json").status()).isEqualTo(200);
        String deep = "{\"Labels\":" + "[".repeat(100_000);
        assertThat(api.call("POST", "/containers/create", deep).message()).isNotEmpty();
    }

    @Test
    @Shows({"API-01", "API-05"})
    void unknownVersionsAndRoutesAreRefused(Api api) {
        assertThat(api.get("/v1.99/containers/json").status()).isEqualTo(400);
        assertThat(api.get("/v1.99/containers/json").message())
                .contains("client version 1.99 is too new. Maximum supported API version is 1.51");
        assertThat(api.get("/v1.10/containers/json").text())
                .contains("client version 1.10 is too old. Minimum supported API version is");
        assertThat(api.get("/nonsense").status()).isEqualTo(404);
        assertThat(api.get("/nonsense").message()).isEqualTo("page not found");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "GARBAGE",
                "GET /_ping HTTP/9.9",
                "GET /%zz HTTP/1.1",
                "POST /containers/create HTTP/1.1;Content-Length: -5",
                "POST /containers/create HTTP/1.1;Content-Length: 99999999999999999999",
                "POST /containers/create HTTP/1.1;Content-Length: 2;Transfer-Encoding: chunked",
            })
    void whatIsNoHttpDoesNotHarm(String head, Api api) {
        try (var connection = api.connect()) {
            connection.send(head.replace(";", "\r\n") + "\r\nHost: d\r\n\r\n");
            connection.endOfInput();
            String answer = new String(connection.received().awaitEnd(), UTF_8);
            assertThat(answer).doesNotStartWith("HTTP/1.1 2");
        }
        assertThat(new String(api.get("/_ping").body(), UTF_8)).isEqualTo("OK");
    }

    @Test
    void clientsThatLeaveDoNotHarm(Client docker, Api api) {
        docker.ok(
                "run",
                "-d",
                "-i",
                "--name",
                "c1",
                "busybox",
                "sh",
                "-c",
                "echo begun; while read x; do echo got $x; done");
        Eventually.get("the log", () -> docker.ok("logs", "c1"), "begun"::equals);
        for (int i = 0; i < 5; i++) {
            try (var attach = api.hijack("/containers/c1/attach?stream=1&stdin=1&stdout=1", "")) {
                attach.send("x\n");
                attach.awaitPayload("an answer", text -> text.contains("got x"));
            }
            try (var logs = api.connect()) {
                logs.send("GET /containers/c1/logs?follow=1&stdout=1 HTTP/1.1\r\nHost: d\r\n\r\n");
                logs.received().await("begun");
            }
            try (var load = api.connect()) {
                load.send(
                        Api.head("POST", "/images/load", 1 << 20, "application/x-tar", "close")
                                + "x".repeat(3000));
            }
            try (var half = api.connect()) {
                half.send("POST /containers/create HTTP/1.1\r\nContent-Len");
            }
            try (var wait = api.connect()) {
                wait.send(Api.head("POST", "/containers/c1/wait", 0, "text/plain", "close"));
                wait.awaitHead();
            }
            try (var events = api.connect()) {
                events.send("GET /events HTTP/1.1\r\nHost: d\r\n\r\n");
                events.awaitHead();
            }
        }
        assertThat(docker.ok("logs", "c1").lines()).hasSize(6);
        assertThat(docker.ok("inspect", "-f", "{{.State.Status}}", "c1")).isEqualTo("running");
    }
}
