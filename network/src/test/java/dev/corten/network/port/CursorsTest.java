package dev.corten.network.port;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CursorsTest {
    @TempDir Path directory;

    @Test
    void lastValueCountsAndSurvives() throws Exception {
        Path file = directory.resolve("deep/cursors");
        try (Cursors cursors = Cursors.open(file)) {
            assertThat(cursors.get("tcp 0.0.0.0 1-9")).isEmpty();
            cursors.set("tcp 0.0.0.0 1-9", "4");
            cursors.set("address", "10.0.0.2");
            cursors.set("tcp 0.0.0.0 1-9", "5");
        }
        try (Cursors cursors = Cursors.open(file)) {
            assertThat(cursors.get("tcp 0.0.0.0 1-9")).contains("5");
            assertThat(cursors.get("address")).contains("10.0.0.2");
        }
        assertThat(file).hasContent("tcp 0.0.0.0 1-9 5\naddress 10.0.0.2");
    }

    @Test
    void lineThatWasCutOffIsNone() {
        assertThat(Cursors.parse("a 1\nb 2\na 34")).containsEntry("a", "1").containsEntry("b", "2");
        assertThat(Cursors.parse("")).isEmpty();
        assertThat(Cursors.parse("garbage\n\n x\n")).isEmpty();
    }

    @Test
    void fileDoesNotGrowWithoutEnd() throws Exception {
        Path file = directory.resolve("cursors");
        try (Cursors cursors = Cursors.open(file)) {
            for (int i = 0; i < 25_000; i++) {
                cursors.set("tcp 0.0.0.0 1-65535", Integer.toString(i));
            }
            assertThat(Files.size(file)).isLessThan(400_000);
        }
        try (Cursors cursors = Cursors.open(file)) {
            assertThat(cursors.get("tcp 0.0.0.0 1-65535")).contains("24999");
        }
    }
}
