package dev.corten.systests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Builds in a data root that has no room left: a small file system of its own.
class BuildDiskFullTest {
    private static final int MEGABYTES = 40;
    private static final long MEGABYTE = 1L << 20;
    private static final String NO_SPACE = "no space left on device";

    private Engine engine;

    @BeforeEach
    void open() throws IOException {
        Machine.hasRoot();
        Machine.hasProgram("docker");
        engine = Engine.start();
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

    @ParameterizedTest
    @ValueSource(strings = {"docker", "corten"})
    void aCommandFillsTheDisk(String program) {
        try (var build = BuildFolder.of(engine, program)) {
            TreeSet<String> before = layers();
            long free = free();
            build.dockerfile("FROM busybox", "RUN dd if=/dev/zero of=/big bs=1M");
            assertThat(build.build(removing(program)).status()).as(build.said()).isEqualTo(1);
            assertThat(build.said()).containsIgnoringCase(NO_SPACE);
            nothingIsLeft(before, free);
            goesOn(build);
        }
    }

    /// With the classic builder a command that fails leaves a container, where there is room for its
    /// records: what the command said and did is told all the same.
    @Test
    void aCommandFillsTheDiskAndItsContainerHasNoRoom() {
        try (var build = BuildFolder.of(engine, "docker")) {
            build.dockerfile(
                    "FROM busybox", "RUN cat /dev/zero > /big; echo -n x > /more; exit 37");
            assertThat(build.build().status()).as(build.said()).isEqualTo(37);
            assertThat(build.said()).containsIgnoringCase(NO_SPACE);
            engine.removeContainers();
            Eventually.holds("there is room again", () -> free() > 30 * MEGABYTE);
            goesOn(build);
        }
    }

    /// It has left no room for its layer's records.
    @ParameterizedTest
    @ValueSource(strings = {"docker", "corten"})
    void aCommandFillsTheDiskAndSucceeds(String program) {
        try (var build = BuildFolder.of(engine, program)) {
            TreeSet<String> before = layers();
            long free = free();
            build.dockerfile(
                    "FROM busybox",
                    "RUN cat /dev/zero > /big; i=0;"
                            + " while echo > /many$i; do i=$((i+1)); done; true");
            assertThat(build.build(removing(program)).status()).as(build.said()).isEqualTo(1);
            assertThat(build.said().lines().reduce((_, last) -> last).orElseThrow())
                    .containsIgnoringCase(NO_SPACE);
            nothingIsLeft(before, free);
            goesOn(build);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"docker", "corten"})
    void noRoomForACopy(String program) {
        try (var build = BuildFolder.of(engine, program)) {
            build.dockerfile(
                    "FROM busybox AS made",
                    "RUN dd if=/dev/zero of=/big bs=1M count=16",
                    "FROM busybox",
                    "COPY --from=made /big /1",
                    "COPY --from=made /big /2");
            assertThat(build.build(removing(program)).status()).as(build.said()).isEqualTo(1);
            assertThat(build.said()).containsIgnoringCase(NO_SPACE);
            engine.docker().ok("image", "prune", "-f");
            engine.docker().ok("builder", "prune", "-af");
            Eventually.holds("there is room again", () -> free() > 30 * MEGABYTE);
            goesOn(build);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"docker", "corten"})
    void noRoomForTheContext(String program) throws IOException {
        try (var build = BuildFolder.of(engine, program)) {
            TreeSet<String> before = layers();
            long free = free();
            build.dockerfile("FROM busybox", "COPY . /all");
            byte[] noise = new byte[(int) (MEGABYTES * MEGABYTE)];
            new Random(2).nextBytes(noise);
            Files.write(build.path("noise"), noise);
            assertThat(build.build(removing(program)).status()).as(build.said()).isEqualTo(1);
            assertThat(build.said()).containsIgnoringCase(NO_SPACE);
            nothingIsLeft(before, free);
            Files.delete(build.path("noise"));
            goesOn(build);
        }
    }

    /// All steps are in the cache; what is missing is room for the image.
    @ParameterizedTest
    @ValueSource(strings = {"docker", "corten"})
    void noRoomForTheImage(String program) throws IOException {
        try (var build = BuildFolder.of(engine, program)) {
            build.dockerfile("FROM busybox", "RUN echo made > /made");
            build.build("-t", "one").ok();
            Path filling = fill();
            String images = engine.docker().ok("images", "-aq");
            build.dockerfile("FROM busybox", "RUN echo made > /made", "LABEL a=b");
            assertThat(build.build("-t", "two").status()).as(build.said()).isEqualTo(1);
            assertThat(build.said()).containsIgnoringCase(NO_SPACE);
            assertThat(engine.docker().ok("images", "-aq")).isEqualTo(images);
            Files.delete(filling);
            build.build("-t", "two").ok();
            assertThat(engine.docker().ok("run", "--rm", "two", "cat", "/made")).isEqualTo("made");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"oci", "docker", "tar"})
    void noRoomForWhatIsSent(String type) throws IOException {
        try (var build = BuildFolder.of(engine, "corten")) {
            build.dockerfile("FROM busybox", "RUN head -c 1000000 /dev/urandom > /made");
            build.build("-t", "one").ok();
            Path filling = fill();
            Finished sent = build.build("-o", "type=" + type + ",dest=out.tar");
            if (sent.status() != 0) {
                assertThat(build.said()).containsIgnoringCase(NO_SPACE);
                assertThat(build.path("out.tar")).doesNotExist();
            }
            Files.delete(filling);
            build.build("-o", "type=" + type + ",dest=out.tar").ok();
            assertThat(build.path("out.tar")).isRegularFile();
        }
    }

    private static String[] removing(String program) {
        return program.equals("docker")
                ? new String[] {"--force-rm"}
                : new String[] {"--progress=plain"};
    }

    private void nothingIsLeft(TreeSet<String> layers, long free) {
        Eventually.get("what was begun is gone", this::layers, layers::equals);
        Eventually.get("there is room again", this::free, now -> now > free - MEGABYTE);
        assertThat(names(engine.dataRoot().resolve("tmp"))).isEmpty();
        assertThat(engine.docker().ok("ps", "-aq")).isEmpty();
    }

    private void goesOn(BuildFolder build) {
        build.dockerfile("FROM busybox", "RUN echo on > /on");
        build.build("-t", "on").ok();
        assertThat(engine.docker().ok("run", "--rm", "on", "cat", "/on")).isEqualTo("on");
    }

    private TreeSet<String> layers() {
        return names(engine.dataRoot().resolve("overlay2"));
    }

    private static TreeSet<String> names(Path directory) {
        try (Stream<Path> all = Files.list(directory)) {
            var names = new TreeSet<String>();
            all.forEach(path -> names.add(path.getFileName().toString()));
            return names;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private long free() {
        try {
            return Files.getFileStore(engine.dataRoot()).getUsableSpace();
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
