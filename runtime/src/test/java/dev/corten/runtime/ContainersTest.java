package dev.corten.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Containers on the real kernel by the real shim.
class ContainersTest {
    @TempDir static Path directory;
    private static Bundle bundle;
    private static ShimMonitors monitors;

    @BeforeAll
    static void open() throws Exception {
        bundle = new Bundle(directory);
        monitors =
                ShimMonitors.open(
                        Bundle.shim(), directory.resolve("exec"), List.of(), ControlGroups.NONE);
    }

    @AfterAll
    static void close() {
        monitors.close();
        bundle.close();
    }

    @Test
    void exitCodesAndOutput() throws Exception {
        Bundle.Result result =
                bundle.run(
                        monitors, bundle.request("sh", "-c", "echo hello; echo err >&2; exit 7"));
        assertThat(result.output()).isEqualTo("hello\nerr\n");
        assertThat(result.exit().exitCode()).isEqualTo(7);
        assertThat(result.exit().oomKilled()).isFalse();
    }
}
