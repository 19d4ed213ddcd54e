package dev.corten.systests;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// `docker logs`, and `attach`.
@ExtendWith(PrivateEngine.class)
class LogsTest {
    @Test
    @Shows({"LOG-01", "LOG-02"})
    void keepsTheStreamsApart(Client docker) {
        docker.ok("run", "-d", "--name", "c1", "busybox", "sh", "-c", "echo out; echo err >&2");
        docker.ok("wait", "c1");
        Finished logs = docker.run("logs", "c1");
        assertThat(logs.out()).isEqualTo("out\n");
        assertThat(logs.err()).isEqualTo("err\n");
    }

    @Test
    @Shows("LOG-05")
    void tailShowsTheLastLines(Client docker) {
        docker.ok("run", "--name", "c1", "busybox", "seq", "1000");
        assertThat(docker.run("logs", "--tail", "3", "c1").lines())
                .containsExactly("998", "999", "1000");
        assertThat(docker.run("logs", "-n", "0", "c1").out()).isEmpty();
        assertThat(docker.run("logs", "-n", "all", "c1").lines()).hasSize(1000);
    }

    @Test
    void lastLineNeedsNoEnd(Client docker) {
        docker.ok("run", "--name", "c1", "busybox", "printf", "a\\nb");
        assertThat(docker.run("logs", "c1").out()).isEqualTo("a\nb");
    }

    @Test
    @Shows("LOG-05")
    void timestampsAreUtcWithNineDigits(Client docker) {
        docker.ok("run", "--name", "c1", "busybox", "echo", "x");
        assertThat(docker.ok("logs", "-t", "c1"))
                .matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{9}Z x");
    }

    @Test
    @Shows("LOG-05")
    void sinceAndUntilCut(Client docker) {
        docker.ok("run", "--name", "c1", "busybox", "echo", "before");
        Instant between = Instant.now();
        docker.ok("start", "c1");
        docker.ok("wait", "c1");
        String time = "%d.%09d".formatted(between.getEpochSecond(), between.getNano());
        assertThat(docker.run("logs", "c1").lines()).hasSize(2);
        assertThat(docker.run("logs", "-t", "--until", time, "c1").lines())
                .singleElement()
                .satisfies(line -> assertThat(Instant.parse(line.split(" ")[0])).isBefore(between));
        assertThat(docker.run("logs", "-t", "--since", time, "c1").lines())
                .singleElement()
                .satisfies(line -> assertThat(Instant.parse(line.split(" ")[0])).isAfter(between));
    }

    @Test
    @Shows("LOG-04")
    void followGoesOnUntilTheEnd(Client docker) {
        docker.ok(
                "run",
                "-d",
                "-i",
                "--name",
                "c1",
                "busybox",
                "sh",
                "-c",
                "echo first; read x; echo second; exit 0");
        try (Running logs = docker.start("logs", "-f", "c1")) {
            logs.out().await("first\n");
            docker.runWithInput("go\n".getBytes(), "attach", "c1");
            assertThat(logs.await().out()).isEqualTo("first\nsecond\n");
        }
    }

    @Test
    @Shows("LOG-06")
    void rotationKeepsTheNewest(Client docker) {
        docker.ok(
                "run",
                "--name",
                "c1",
                "--log-opt",
                "max-size=20k",
                "--log-opt",
                "max-file=2",
                "busybox",
                "seq",
                "5000");
        var lines = docker.run("logs", "c1").lines();
        assertThat(lines.getLast()).isEqualTo("5000");
        assertThat(lines.size()).isBetween(100, 1000);
        int first = Integer.parseInt(lines.getFirst());
        assertThat(lines.size()).isEqualTo(5000 - first + 1);
    }

    @Test
    void longLinesStayWhole(Client docker) {
        Finished run =
                docker.run(
                        "run",
                        "--name",
                        "c1",
                        "busybox",
                        "sh",
                        "-c",
                        "head -c 100000 /dev/zero | tr '\\0' x; echo; echo end");
        assertThat(run.out()).hasSize(100_005);
        assertThat(docker.run("logs", "c1").out()).isEqualTo(run.out());
    }

    @Test
    @Shows("EXE-01")
    void attachedClientGetsWhatComesAndNotWhatWas(Client docker, Api api) {
        docker.ok(
                "run",
                "-d",
                "-i",
                "--name",
                "c1",
                "busybox",
                "sh",
                "-c",
                "echo was; while read line; do echo got $line; done; echo end");
        Eventually.get("the log", () -> docker.ok("logs", "c1"), l -> l.contains("was"));
        try (var attached =
                api.hijack("/containers/c1/attach?stream=1&stdin=1&stdout=1&stderr=1", "")) {
            attached.send("a\n");
            attached.awaitPayload("an answer", text -> text.equals("got a\n"));
            attached.send("b\n");
            attached.awaitPayload("an answer", text -> text.equals("got a\ngot b\n"));
        }
        // Without StdinOnce the input stays open for whoever comes next.
        try (var attached =
                api.hijack("/containers/c1/attach?stream=1&logs=1&stdin=1&stdout=1&stderr=1", "")) {
            attached.awaitPayload("the log", text -> text.equals("was\ngot a\ngot b\n"));
        }
        assertThat(docker.ok("inspect", "-f", "{{.State.Running}}", "c1")).isEqualTo("true");
    }

    @Test
    void attachAnswersInItsOwnForm(Api api, Client docker) {
        var absent = api.call("POST", "/containers/nope/attach?stream=1&stdout=1");
        assertThat(absent.status()).isEqualTo(404);
        assertThat(absent.text()).isEqualTo("No such container: nope\r\n");
        docker.ok("run", "-d", "--name", "c1", "busybox", "sleep", "100");
        try (var attached = api.hijack("/v1.50/containers/c1/attach?stream=1&stdout=1", "")) {
            assertThat(attached.awaitHead().lines())
                    .contains(
                            "HTTP/1.1 101 UPGRADED",
                            "Content-Type: application/vnd.docker.multiplexed-stream",
                            "Connection: Upgrade",
                            "Upgrade: tcp");
        }
    }

    @Test
    void logsNeedAStream(Api api, Client docker) {
        docker.ok("create", "--name", "c1", "busybox");
        var answer = api.get("/containers/c1/logs");
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.message())
                .isEqualTo("Bad parameters: you must choose at least one stream");
        assertThat(docker.run("logs", "nope").err()).contains("No such container: nope");
    }
}
