package dev.corten.systests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Pulls into a small data root of its own, by a daemon that limits what a layer may unpack to.
class TightPullTest {
    private static final int MEGABYTES = 48;
    private static final int MOST = 16;
    private static final int MEGABYTE = 1 << 20;

    private static Engine engine;
    private static ScriptedRegistry registry;

    @BeforeAll
    static void open() {
        Machine.hasRoot();
        Machine.hasProgram("docker");
        registry = ScriptedRegistry.open();
        engine = Engine.start("--max-layer-size", MOST + "m");
        if (Limits.againstStub()) {
            return;
        }
        engine.moveToDisk(MEGABYTES);
    }

    @AfterAll
    static void close() {
        if (engine == null) {
            return;
        }
        registry.close();
        if (Limits.againstStub()) {
            engine.closeCleanly();
            return;
        }
        try {
            engine.terminate();
        } finally {
            engine.leaveDisk();
            engine.closeCleanly("no space left", "No space left");
        }
    }

    private static Finished pull(String name) {
        return engine.docker().run("pull", registry.host() + "/" + name);
    }

    private static int megabytesUsed() {
        return Integer.parseInt(
                Running.run("du", "-sm", engine.dataRoot().toString()).ok().split("\t")[0]);
    }

    /// A few kilobytes that would unpack to a gigabyte.
    @Test
    void aLayerThatSwells() throws IOException {
        var zipped = new ByteArrayOutputStream();
        byte[] file = new Tar().file("zeros", new byte[MEGABYTE], 0644).bytes();
        try (var gzip = new GZIPOutputStream(zipped)) {
            // Many files, so that no single header tells.
            for (int i = 0; i < 1024; i++) {
                gzip.write(file, 0, file.length - 1024);
            }
        }
        registry.image(
                "swells",
                "1",
                new Published()
                        .layer(
                                new Published.Layer(
                                        Published.DOCKER_LAYER,
                                        zipped.toByteArray(),
                                        "0".repeat(64))));
        Finished pull = pull("swells:1");
        assertThat(pull.status()).isEqualTo(1);
        assertThat(pull.err()).doesNotContain("no space left");
        assertThat(engine.docker().ok("images", "-q")).isEmpty();
        Eventually.holds("nothing of it is left", () -> megabytesUsed() < 4);
    }

    /// No room: the pull says so, and what it has taken is given back when there is room again.
    @Test
    @Shows("DSK-33")
    void noRoom() throws IOException {
        registry.image("large", "1", Published.noise(31, 8 * MEGABYTE));
        Path filling = engine.dataRoot().resolve("filling");
        Running.run("dd", "if=/dev/zero", "of=" + filling, "bs=1M", "count=" + (MEGABYTES - 6));
        Finished pull = pull("large:1");
        assertThat(pull.status()).isEqualTo(1);
        assertThat(pull.err()).containsIgnoringCase("no space left on device");
        assertThat(engine.docker().ok("images", "-q")).isEmpty();
        Files.deleteIfExists(filling);
        assertThat(pull("large:1").ok()).contains("Downloaded newer image");
        assertThat(engine.docker().ok("run", "--rm", registry.host() + "/large:1", "echo", "on"))
                .isEqualTo("on");
        engine.docker().ok("rmi", registry.host() + "/large:1");
    }
}
