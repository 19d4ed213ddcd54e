package dev.corten.systests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ServerSocket;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What the daemon tells of itself: to Prometheus, and to those who want to know its API.
class MetricsTest {
    private Engine engine;
    private Client docker;
    private int port;

    @BeforeEach
    void start() throws IOException {
        Machine.hasRoot();
        Machine.hasProgram("docker");
        try (var free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        engine = Engine.start("--metrics-addr", "127.0.0.1:" + port);
        docker = engine.docker();
        if (!Limits.againstStub()) {
            Image.busybox().load(engine);
        }
    }

    @AfterEach
    void close() {
        engine.closeCleanly();
    }

    private String metrics() {
        return Running.run("curl", "-s", "http://127.0.0.1:" + port + "/metrics").out();
    }

    private double value(String sample) {
        return metrics()
                .lines()
                .filter(line -> line.startsWith(sample + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(sample.length() + 1)))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + sample));
    }

    @Test
    @Shows("DMN-17")
    void dockersNamesAreServed() {
        docker.ok("run", "-d", "--name", "c1", "busybox", "sleep", "1000");
        docker.ok("create", "--name", "c2", "busybox");
        for (String state : List.of("running", "stopped")) {
            assertThat(value("engine_daemon_container_states_containers{state=\"" + state + "\"}"))
                    .isEqualTo(1);
        }
        assertThat(value("engine_daemon_container_states_containers{state=\"paused\"}")).isZero();
        assertThat(value("engine_daemon_container_actions_seconds_count{action=\"create\"}"))
                .isEqualTo(2);
        assertThat(
                        value(
                                "engine_daemon_container_actions_seconds_bucket{action=\"start\","
                                        + "le=\"+Inf\"}"))
                .isEqualTo(1);
        assertThat(value("engine_daemon_container_actions_seconds_sum{action=\"start\"}"))
                .isPositive();
        assertThat(value("engine_daemon_engine_cpus_cpus"))
                .isEqualTo(Double.parseDouble(docker.ok("info", "-f", "{{.NCPU}}")));
        assertThat(value("engine_daemon_engine_memory_bytes"))
                .isEqualTo(Double.parseDouble(docker.ok("info", "-f", "{{.MemTotal}}")));
        double before = value("engine_daemon_events_total");
        docker.ok("rm", "c2");
        assertThat(value("engine_daemon_events_total")).isEqualTo(before + 1);
        assertThat(metrics())
                .contains(
                        "daemon_id=\"" + docker.ok("info", "-f", "{{.ID}}") + "\"",
                        "# TYPE engine_daemon_container_actions_seconds histogram");
        docker.ok("rm", "-f", "c1");
    }

    @Test
    @Shows("DMN-17")
    void eachRunningContainersUseIsServed() {
        String id = docker.ok("run", "-d", "--name", "c1", "-m", "32m", "busybox", "sleep", "1000");
        String labels = "{id=\"" + id + "\",name=\"c1\"}";
        assertThat(value("corten_container_memory_limit_bytes" + labels)).isEqualTo(32 << 20);
        assertThat(value("corten_container_memory_usage_bytes" + labels)).isPositive();
        assertThat(value("corten_container_pids" + labels)).isEqualTo(1);
        double before = value("corten_container_cpu_seconds_total" + labels);
        docker.ok("exec", "c1", "sh", "-c", "i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done");
        assertThat(value("corten_container_cpu_seconds_total" + labels)).isGreaterThan(before);
        docker.ok("rm", "-f", "c1");
        assertThat(metrics()).doesNotContain(id);
    }

    @Test
    @Shows("DMN-17")
    void nothingElseIsServedThere() {
        Finished other =
                Running.run(
                        "curl", "-s", "-w", "%{http_code}", "http://127.0.0.1:" + port + "/info");
        assertThat(other.out()).isEqualTo("404 page not found\n404");
        assertThat(engine.api().get("/metrics").status()).isEqualTo(404);
    }

    /// Each path of the document is asked, and none may be unknown.
    @Test
    @Shows("API-11")
    void theDescriptionOfTheApiNamesWhatIsServed() {
        Api.Answer answer = engine.api().get("/openapi.yaml");
        assertThat(answer.headers()).containsEntry("Content-Type", "application/yaml");
        List<String> paths =
                answer.text()
                        .lines()
                        .filter(line -> line.matches(" {2}/\\S*:"))
                        .map(line -> line.strip().replaceFirst(":$", ""))
                        .toList();
        assertThat(paths)
                .hasSizeGreaterThan(60)
                .contains("/containers/{name}/json", "/_ping", "/openapi.yaml");
        Stream<String> read = paths.stream().filter(path -> isRead(answer.text(), path));
        assertThat(read.filter(path -> !path.equals("/events")))
                .allSatisfy(path -> {
                    Api.Answer given = engine.api().get(path.replaceAll("\\{\\w+}", "nope"));
                    assertThat(given.text()).isNotEqualTo("{\"message\":\"page not found\"}\n");
                });
    }

    private static boolean isRead(String document, String path) {
        int at = document.indexOf("\n  " + path + ":\n");
        int end = document.indexOf("\n  /", at + 1);
        String operations = document.substring(at, end < 0 ? document.length() : end);
        return operations.contains("\n    get:\n");
    }
}
