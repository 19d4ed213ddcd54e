package dev.corten.systests;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// The library Testcontainers, without its helper container and its start-up checks.
@ExtendWith(PrivateEngine.class)
class TestcontainersTest {
    @Test
    @Shows({"API-07", "BLD-32"})
    void startsWaitsForExecsInAndRemovesAContainer(Engine engine, Client docker) {
        var java = Path.of(System.getProperty("java.home"), "bin/java").toString();
        var command =
                List.of(
                        java,
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        TestcontainersProgram.class.getName());
        var environment =
                Map.of(
                        "DOCKER_HOST",
                        "unix://" + engine.socket(),
                        "HOME",
                        engine.home().toString(),
                        "TESTCONTAINERS_RYUK_DISABLED",
                        "true",
                        "TESTCONTAINERS_CHECKS_DISABLE",
                        "true");
        try (var program = Running.start(command, environment)) {
            Finished finished = program.await();
            assertThat(finished.lines())
                    .as(finished.toString())
                    .startsWith(
                            "running true",
                            "log hello",
                            "exec 3inside",
                            "err",
                            "page no program",
                            "built copied");
            assertThat(finished.lines().getLast()).matches("id [0-9a-f]{64}");
        }
        assertThat(docker.ok("ps", "-aq")).isEmpty();
    }
}
