package dev.corten.systests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// How long our command line takes to start, beside docker's: `bench/run` measures it. What a busy
/// machine makes of the figures is not judged here, only that there are some, and printed.
@ExtendWith(PrivateEngine.class)
class CliStartTest {
    @Test
    @Shows("CLI-39")
    void theBenchComparesBothCommandLines(Engine engine) throws IOException {
        engine.answersAsItself();
        Path json = engine.scratch("samples.json");
        var command =
                List.of(
                        "../bench/run",
                        "--quick",
                        "--only",
                        "cli",
                        "--host",
                        "unix://" + engine.socket(),
                        "--json",
                        json.toString());
        var environment = Map.of("JAVA_HOME", System.getProperty("java.home"));
        try (var bench = Running.start(command, environment)) {
            bench.closeInput();
            Finished finished = bench.await();
            assertThat(finished.status()).as(finished.toString()).isZero();
            assertThat(finished.out()).contains("| `cli_version` | ms |", "| `cli_ps` | ms |");
        }
        JsonNode samples = new JsonMapper().readTree(Files.readAllBytes(json));
        for (String what : List.of("version", "ps")) {
            double ours = best(samples, "cli_" + what);
            double dockers = best(samples, "docker_" + what);
            System.out.printf(
                    "%s: corten %.0f ms, docker %.0f ms, ratio %.2f%n",
                    what, ours, dockers, ours / dockers);
        }
    }

    private static double best(JsonNode samples, String metric) {
        JsonNode values = samples.path("corten").path(metric);
        assertThat(values.size()).as("samples of " + metric + " in " + samples).isPositive();
        return values.valueStream().mapToDouble(JsonNode::asDouble).min().orElseThrow();
    }
}
