package dev.corten.systests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A data root that has no room left: a small file system of its own.
class DiskFullTest {
    private static final int MEGABYTES = 24;
    private static final long MEGABYTE = 1L << 20;

    private Engine engine;
    private Client docker;

    @BeforeEach
    void open() throws IOException {
        Machine.hasRoot();
        Machine.hasProgram("docker");
        engine = Engine.start();
        docker = engine.docker();
        if (Limits.againstStub()) {
            return;
        }
        engine.moveToDisk(MEGABYTES);
        Image.busybox().load(engine);
    }

    @AfterEach
    void close() {
        if (Limits.againstStub()) {
            engine.closeCleanly();
            return;
        }
        try {
            engine.removeContainers();
            engine.terminate();
        } finally {
            engine.leaveDisk();
            engine.closeCleanly();
        }
    }

    @Test
    void loadFailsAndLeavesNothing() throws IOException {
        byte[] noise = new byte[(int) (2 * MEGABYTES * MEGABYTE)];
        new Random(1).nextBytes(noise);
        byte[] archive =
                new Image("big:latest")
                        .layer(new Tar().file("noise", noise, 0644).bytes())
                        .archive();
        long before = free();
        Path file = engine.scratch("big.tar");
        Files.write(file, archive);
        Finished load = docker.run("load", "-i", file.toString());
        Files.delete(file);
        assertThat(load.status()).isNotZero();
        assertThat(load.err()).containsIgnoringCase("no space left on device");
        assertThat(docker.ok("images", "--format", "{{.Repository}}")).isEqualTo("busybox");
        Eventually.get("what was unpacked is gone", this::free, now -> now > before - MEGABYTE);
        assertThat(docker.ok("run", "--rm", "busybox", "echo", "on")).isEqualTo("on");
    }

    @Test
    void createFailsAndLeavesNothing() throws IOException {
        Path filling = fill();
        Finished create = docker.run("create", "--name", "c1", "busybox", "true");
        assertThat(create.status()).isEqualTo(1);
        assertThat(create.err()).containsIgnoringCase("no space left on device");
        assertThat(docker.ok("ps", "-a", "-q")).isEmpty();
        Files.delete(filling);
        assertThat(docker.ok("run", "--name", "c1", "busybox", "echo", "on")).isEqualTo("on");
        Eventually.get("order", () -> Disorder.of(engine), java.util.Set::isEmpty);
    }

    @Test
    void containerGoesOnWithoutRoomForItsLog() throws IOException {
        docker.ok(
                "run",
                "-d",
                "--name",
                "c1",
                "--log-opt",
                "max-size=-1",
                "busybox",
                "sh",
                "-c",
                "echo first; while :; do read x < /tmp/go 2>/dev/null && break; done;"
                        + " i=0; while [ $i -lt 1000 ]; do i=$((i+1)); echo line $i; done;"
                        + " echo over > /tmp/over; read x < /tmp/last; echo last; exit 3");
        Eventually.get("the log", () -> docker.ok("logs", "c1"), "first"::equals);
        // The pipes are made while there is room for their names.
        docker.ok("exec", "c1", "mkfifo", "/tmp/last");
        docker.ok("exec", "c1", "sh", "-c", "echo go > /tmp/go");
        Path filling = fill();
        Eventually.holds(
                "it writes what nobody can keep, and goes on",
                () -> docker.run("exec", "c1", "test", "-e", "/tmp/over").status() == 0);
        assertThat(docker.ok("inspect", "-f", "{{.State.Status}}", "c1")).isEqualTo("running");
        Files.delete(filling);
        docker.ok("exec", "c1", "sh", "-c", "echo x > /tmp/last");
        assertThat(docker.ok("wait", "c1")).isEqualTo("3");
        assertThat(docker.ok("logs", "c1")).startsWith("first").endsWith("last");
    }

    private long free() {
        try {
            FileStore store = Files.getFileStore(engine.dataRoot());
            return store.getUsableSpace();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Takes all the room there is.
    private Path fill() {
        Path file = engine.dataRoot().resolve("filling");
        Running.run("dd", "if=/dev/zero", "of=" + file, "bs=4k");
        assertThat(free()).isZero();
        return file;
    }
}
