package dev.corten.systests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `--storage-driver vfs`: containers on copies of their images, also where overlayfs cannot be.
@Shows({"DMN-05", "DSK-28"})
class CopySnapshotterTest {
    /// Runs the daemon in a mount namespace in which its data root is something else.
    private static final String ELSEWHERE =
            """
            #!/bin/sh
            for word; do
                case $before in --data-root) data=$word ;; esac
                before=$word
            done
            mkdir -p "$data" "$data.low" "$data.up/upper" "$data.up/work"
            export data
            exec unshare -m --propagation private sh -c '%s && exec %s "$@"' sh "$@"
            """;

    private static final String TMPFS = "mount -t tmpfs corten-test \"$data\"";
    private static final String OVERLAY =
            "mount -t overlay corten-test -o"
                    + " lowerdir=\"$data.low\",upperdir=\"$data.up/upper\",workdir=\"$data.up/work\""
                    + " \"$data\"";

    @TempDir Path dir;

    @BeforeAll
    static void machine() {
        Machine.hasRoot();
        Machine.hasProgram("docker");
    }

    private Path elsewhere(String mount) throws IOException {
        Path script = dir.resolve("cortend");
        Files.writeString(script, ELSEWHERE.formatted(mount, Engine.program("cortend")));
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
        return script;
    }

    @Test
    void containersLiveOnCopies() {
        Engine engine = Engine.start("--storage-driver", "vfs");
        try {
            life(engine);
            daemonDies(engine);
        } finally {
            engine.closeCleanly();
        }
    }

    /// A copy of the stopped container's files, its `/.dockerenv` among them; also an image may have
    /// such a file.
    @Test
    void stoppedContainersAreLookedAt() throws IOException {
        Engine engine = Engine.start("--storage-driver", "vfs");
        try {
            engine.answersAsItself();
            new Image("marked:latest")
                    .layer(Image.busyboxLayer())
                    .layer(new Tar().file(".dockerenv", "").bytes())
                    .load(engine);
            Client corten = engine.corten();
            corten.ok("run", "--name", "c1", "marked", "sh", "-c", "echo kept >/made");
            assertThat(corten.run("debug", "c1", "sh", "-c", "cat /made; echo x >/made").out())
                    .isEqualTo("kept\n");
            assertThat(Path.of(corten.ok("mount", "c1")).resolve("made")).hasContent("kept\n");
            corten.ok("umount", "c1");
            corten.ok("rm", "c1");
        } finally {
            engine.closeCleanly();
        }
    }

    @Test
    void containersLiveOnATmpfs() throws IOException {
        Engine engine = Engine.start(elsewhere(TMPFS), "--storage-driver", "vfs");
        try {
            life(engine);
        } finally {
            engine.closeCleanly();
        }
    }

    @Test
    void containersLiveOnAnOverlay() throws IOException {
        Engine engine = Engine.start(elsewhere(OVERLAY), "--storage-driver", "copy");
        try {
            life(engine);
        } finally {
            engine.closeCleanly();
        }
    }

    @Test
    void anOverlayIsNoPlaceForOverlays() throws IOException {
        Path script = elsewhere(OVERLAY);
        assertThatThrownBy(() -> Engine.start(script).closeCleanly())
                .hasMessageContaining("it is an overlay itself, which overlayfs cannot stack on")
                .hasMessageContaining("--storage-driver vfs");
    }

    @Test
    void anUnknownDriverIsRefused() {
        assertThatThrownBy(() -> Engine.start("--storage-driver", "btrfs").closeCleanly())
                .hasMessageContaining("driver not supported: btrfs");
    }

    private static void life(Engine engine) {
        Client docker = engine.docker();
        Image.busybox().load(engine);
        assertThat(docker.ok("info", "-f", "{{.Driver}} {{json .DriverStatus}}"))
                .isEqualTo("vfs null");
        assertThat(engine.corten().ok("info").lines()).contains(" Storage Driver: vfs");
        String write = "echo new > /new; rm /etc/group; echo more >> /etc/passwd; mkdir /d";
        docker.ok("run", "--name", "c1", "busybox", "sh", "-c", write);
        assertThat(docker.ok("diff", "c1").lines())
                .containsExactly("A /d", "C /etc", "D /etc/group", "C /etc/passwd", "A /new");
        assertThat(docker.ok("inspect", "-f", "{{.Driver}} {{json .GraphDriver}}", "c1"))
                .isEqualTo("vfs {\"Data\":null,\"Name\":\"vfs\"}");
        assertThat(docker.ok("image", "inspect", "-f", "{{json .GraphDriver}}", "busybox"))
                .isEqualTo("{\"Data\":null,\"Name\":\"vfs\"}");
        assertThat(docker.ok("ps", "-as", "--format", "{{.Size}}"))
                .matches("\\d+B \\(virtual .*B\\)");

        // Another container and the image have nothing of it.
        docker.ok("run", "-d", "--name", "c2", "busybox", "sleep", "1000");
        assertThat(docker.ok("exec", "c2", "cat", "/etc/group")).startsWith("root:");
        assertThat(docker.run("exec", "c2", "cat", "/new").status()).isEqualTo(1);
        docker.ok("exec", "c2", "sh", "-c", "echo exec > /from-exec");
        docker.ok("restart", "-t", "0", "c2");
        assertThat(docker.ok("exec", "c2", "cat", "/from-exec")).isEqualTo("exec");
        assertThat(docker.ok("diff", "c2")).isEqualTo("A /from-exec");

        assertThat(docker.run("run", "--rm", "--read-only", "busybox", "touch", "/x").err())
                .contains("Read-only file system");
        assertThat(docker.ok("run", "--rm", "-u", "web", "busybox", "id", "-un")).isEqualTo("web");
        docker.ok("rm", "-f", "c2");
        docker.ok("rm", "c1");
        assertThat(docker.run("rmi", "busybox").out()).contains("Deleted: sha256:");
        assertThat(docker.ok("images", "-q")).isEmpty();
    }

    private static void daemonDies(Engine engine) {
        Client docker = engine.docker();
        Image.busybox().load(engine);
        docker.ok("run", "-d", "--name", "c1", "busybox", "sleep", "1000");
        docker.ok("exec", "c1", "sh", "-c", "echo x > /mine");
        engine.kill();
        engine.open();
        assertThat(docker.ok("exec", "c1", "cat", "/mine")).isEqualTo("x");
        docker.ok("restart", "-t", "0", "c1");
        assertThat(docker.ok("diff", "c1")).isEqualTo("A /mine");
        docker.ok("rm", "-f", "c1");
    }
}
