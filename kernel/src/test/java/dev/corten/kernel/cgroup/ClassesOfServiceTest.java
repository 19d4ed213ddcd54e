package dev.corten.kernel.cgroup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileData;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ClassesOfServiceTest {
    @Test
    void aClassIsJoinedByItsFile(@TempDir Path root) throws IOException {
        var classes = new ClassesOfService(root.toString());
        assertThat(classes.areThere()).isFalse();
        Files.createFile(root.resolve("tasks"));
        Path tasks = Files.createFile(Files.createDirectory(root.resolve("gold")).resolve("tasks"));
        assertThat(classes.areThere()).isTrue();
        assertThat(classes.has("gold")).isTrue();
        assertThat(classes.has("../" + root.getFileName() + "/gold")).isFalse();
        try (Fd open = classes.open("gold")) {
            FileData.writeFully(open, "0".getBytes(StandardCharsets.US_ASCII));
        }
        assertThat(tasks).hasContent("0");
        assertThatThrownBy(() -> classes.open("silver"))
                .hasMessage("there is no RDT class \"silver\"");
    }

    @Test
    void readsWhereAProcessIs() {
        assertThat(ClassesOfService.parse("res:gold\nmon:\n")).contains("gold");
        assertThat(ClassesOfService.parse("res:/\nmon:\n")).isEmpty();
        assertThat(ClassesOfService.parse("")).isEmpty();
    }
}
