package dev.corten.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ArchivesTest {
    @TempDir Path folder;

    @Test
    void anotherTarReadsTheArchiveAndItsLayer() throws IOException, InterruptedException {
        assumeTrue(Files.exists(Path.of("/bin/busybox")), "no /bin/busybox (busybox-static)");
        Path archive = new Archives(folder, true).busybox();
        assertThat(tar("-tf", archive.toString())).contains("manifest.json", "/layer.tar");
        String layer =
                tar("-tf", archive.toString())
                        .lines()
                        .filter(n -> n.endsWith("layer.tar"))
                        .toList()
                        .getFirst();
        tar("-xf", archive.toString(), "-C", folder.toString());
        assertThat(tar("-tvf", folder.resolve(layer).toString()))
                .contains("drwxrwxrwt", "bin/busybox", "bin/sh -> busybox");
        String digest = Archives.sha256(Files.readAllBytes(folder.resolve(layer)));
        assertThat(layer).startsWith(digest);
    }

    @Test
    void theSameBytesEachTime() throws IOException {
        assumeTrue(Files.exists(Path.of("/bin/busybox")), "no /bin/busybox (busybox-static)");
        byte[] once = Files.readAllBytes(new Archives(folder.resolve("a"), true).busybox());
        byte[] again = Files.readAllBytes(new Archives(folder.resolve("b"), true).busybox());
        assertThat(once).isEqualTo(again);
    }

    private static String tar(String... arguments) throws IOException, InterruptedException {
        var command = new java.util.ArrayList<>(java.util.List.of("tar"));
        command.addAll(java.util.List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes());
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }
}
