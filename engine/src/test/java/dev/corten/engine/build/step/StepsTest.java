package dev.corten.engine.build.step;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corten.build.work.StepExit;
import dev.corten.kernel.Fd;
import dev.corten.kernel.mount.Mounts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Steps on the real kernel by the real shim.
@Timeout(60)
class StepsTest {
    @TempDir static Path directory;
    private static StepMachine machine;

    private StepMachine.Root root;

    @BeforeAll
    static void open() throws Exception {
        machine = new StepMachine(directory);
    }

    @AfterAll
    static void close() throws Exception {
        machine.close();
    }

    @BeforeEach
    void mount() throws IOException {
        root = machine.new Root();
    }

    @AfterEach
    void leavesNothing() throws IOException {
        root.close();
        assertThat(machine.left()).isEmpty();
    }

    private StepMachine.Step step() {
        return machine.new Step(root);
    }

    private static Fd open(Path path) throws IOException {
        return Mounts.openTree(Fd.CWD, path.toString(), Mounts.OPEN_TREE_CLONE);
    }

    @Test
    void writesWhatItSaysAndEndsAsItEnds() throws Exception {
        StepMachine.Result result = step().sh("echo out; echo err >&2; exit 7");

        assertThat(result.out()).isEqualTo("out\n");
        assertThat(result.err()).isEqualTo("err\n");
        assertThat(result.exit()).isEqualTo(new StepExit(7, false));
    }

    @Test
    void leavesItsChangesAndNothingElse() throws Exception {
        step().sh("echo x > /made; rm /etc/plain");

        assertThat(root.changes()).containsExactly("etc/", "etc/plain", "made");
        assertThat(Files.getLastModifiedTime(root.upper.resolve("etc")).toInstant())
                .isAfter(StepMachine.LONG_AGO);
    }

    @Test
    void aStepThatChangesNothingLeavesTheTimesOfDirectories() throws Exception {
        step().sh("true");

        assertThat(root.changes()).containsExactly("etc/");
        assertThat(Files.getLastModifiedTime(root.upper.resolve("etc")).toInstant())
                .isEqualTo(StepMachine.LONG_AGO);
        assertThat(Files.getLastModifiedTime(root.upper).toInstant())
                .isEqualTo(StepMachine.LONG_AGO);
    }
}
