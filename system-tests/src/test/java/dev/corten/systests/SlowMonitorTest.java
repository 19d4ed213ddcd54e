package dev.corten.systests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// A monitor that gets no time to run is not a dead one.
@ExtendWith(PrivateEngine.class)
class SlowMonitorTest {
    @Test
    void aNewDaemonWaitsForItAndServesTheOthers(Engine engine, Client docker) throws Exception {
        docker.ok("run", "-d", "--name", "slow", "-p", "127.0.0.1::80", "busybox", "sleep", "1000");
        docker.ok("run", "-d", "--name", "fine", "busybox", "sleep", "1000");
        String pid = pid(docker, "slow");
        String monitor = parent(pid);
        signal("STOP", monitor);
        try {
            engine.kill();
            engine.open();
            assertThat(docker.ok("ps", "--format", "{{.Names}}").lines())
                    .containsExactlyInAnyOrder("slow", "fine");
            assertThat(pid(docker, "slow")).isEqualTo(pid);
            assertThat(docker.ok("exec", "fine", "echo", "served")).isEqualTo("served");
            assertThat(docker.run("exec", "slow", "true").err()).contains("does not answer");
            docker.ok("rm", "-f", "fine");
        } finally {
            signal("CONT", monitor);
        }
        Eventually.holds(
                "it is there again", () -> docker.run("exec", "slow", "true").status() == 0);
        assertThat(pid(docker, "slow")).isEqualTo(pid);
        assertThat(docker.ok("port", "slow")).startsWith("80/tcp -> 127.0.0.1:");
        docker.ok("stop", "-t", "0", "slow");
        assertThat(docker.ok("inspect", "-f", "{{.State.ExitCode}}", "slow")).isEqualTo("137");
    }

    /// Whoever wants the end of a container gets it, whatever has become of its monitor.
    @Test
    void aContainerWhoseMonitorIsStoppedCanBeRemoved(Client docker) throws Exception {
        for (String[] command : new String[][] {{"rm", "-f", "c1"}, {"kill", "c1"}}) {
            docker.ok("run", "-d", "--name", "c1", "busybox", "sleep", "1000");
            String pid = pid(docker, "c1");
            signal("STOP", parent(pid));
            docker.ok(command);
            assertThat(docker.ok("ps", "-q")).isEmpty();
            docker.run("rm", "-f", "c1");
        }
    }

    private static String pid(Client docker, String name) {
        return docker.ok("inspect", "-f", "{{.State.Pid}}", name);
    }

    private static String parent(String pid) throws IOException {
        return Files.readAllLines(Path.of("/proc", pid, "status")).stream()
                .filter(line -> line.startsWith("PPid:"))
                .map(line -> line.substring("PPid:".length()).strip())
                .findFirst()
                .orElseThrow();
    }

    private static void signal(String name, String pid) throws Exception {
        assertThat(new ProcessBuilder("kill", "-" + name, pid).inheritIO().start().waitFor())
                .isZero();
    }
}
