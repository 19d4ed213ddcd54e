package dev.corten.systests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Removing all containers that do not run.
@ExtendWith(PrivateEngine.class)
class PruneTest {
    @Test
    @Shows({"CTR-24", "CTR-25"})
    void pruneRemovesWhatDoesNotRun(Client docker, Api api) {
        String running = docker.ok("run", "-d", "busybox", "sleep", "1000");
        String ended = docker.ok("run", "-d", "busybox", "sh", "-c", "echo 12345 > /written");
        docker.ok("wait", ended);
        String kept = docker.ok("create", "--label", "keep=yes", "busybox");
        Finished refused = docker.runWithInput("n\n".getBytes(UTF_8), "container", "prune");
        assertThat(refused.out()).contains("WARNING! This will remove all stopped containers.");
        assertThat(docker.ok("ps", "-aq").lines()).hasSize(3);

        assertThat(docker.ok("container", "prune", "-f", "--filter", "until=1h"))
                .isEqualTo("Total reclaimed space: 0B");
        assertThat(docker.ok("container", "prune", "-f", "--filter", "label!=keep").lines())
                .containsExactly("Deleted Containers:", ended, "", "Total reclaimed space: 6B");
        assertThat(docker.ok("ps", "-aq", "--no-trunc").lines())
                .containsExactlyInAnyOrder(running, kept);
        assertThat(docker.runWithInput("y\n".getBytes(UTF_8), "container", "prune").ok())
                .contains(kept);
        assertThat(docker.ok("ps", "-aq", "--no-trunc")).isEqualTo(running);
        assertThat(api.call("POST", "/containers/prune").text())
                .isEqualTo("{\"ContainersDeleted\":null,\"SpaceReclaimed\":0}\n");
        var wrong = api.call("POST", "/containers/prune?filters=%7B%22name%22%3A%5B%22x%22%5D%7D");
        assertThat(wrong.status()).isEqualTo(400);
        assertThat(wrong.message()).isEqualTo("invalid filter 'name'");
    }
}
