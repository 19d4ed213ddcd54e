package dev.corten.systests;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// What a container has changed in its file system.
@ExtendWith(PrivateEngine.class)
class DiffTest {
    @Test
    void addedChangedAndDeletedFiles(Client docker, Api api) {
        docker.ok(
                "run",
                "--name",
                "c1",
                "busybox",
                "sh",
                "-c",
                "mkdir -p /new/d; echo x > /new/d/f; echo x >> /etc/passwd; rm /etc/group");
        assertThat(docker.ok("diff", "c1").lines())
                .containsExactly(
                        "C /etc",
                        "D /etc/group",
                        "C /etc/passwd",
                        "A /new",
                        "A /new/d",
                        "A /new/d/f");
        assertThat(api.get("/containers/c1/changes").text())
                .startsWith("[{\"Path\":\"/etc\",\"Kind\":0},{\"Path\":\"/etc/group\",\"Kind\":2}");
    }

    @Test
    void aContainerThatHasWrittenNothingHasNoChanges(Client docker, Api api) {
        docker.ok("create", "--name", "c1", "busybox");
        assertThat(api.get("/containers/c1/changes").text()).isEqualTo("null\n");
        docker.ok("run", "-d", "--name", "c2", "busybox", "sleep", "1000");
        assertThat(api.get("/containers/c2/changes").text()).isEqualTo("null\n");
        assertThat(docker.ok("diff", "c2")).isEmpty();
        assertThat(api.get("/containers/none/changes").status()).isEqualTo(404);
    }
}
