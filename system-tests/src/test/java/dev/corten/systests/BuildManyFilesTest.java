package dev.corten.systests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// A context of many small files: `-Dcontext.files=1000000` is what `./verify --all` does.
@ExtendWith(PrivateEngine.class)
class BuildManyFilesTest {
    private static final int FILES = Integer.getInteger("context.files", 20_000);
    private static final int IN_A_DIRECTORY = 1000;

    /// What the daemon may need for a build of any size, and for each file.
    private static final long MOST = 128 << 20;

    private static final long FOR_EACH = 256;

    @Test
    void theDaemonNeedsLittleForEach(Engine engine) throws IOException {
        try (var build = BuildFolder.of(engine, "corten")) {
            for (int i = 0; i < FILES; i++) {
                Path file = build.path("c/d" + i / IN_A_DIRECTORY + "/file-" + i);
                if (i % IN_A_DIRECTORY == 0) {
                    Files.createDirectories(file.getParent());
                }
                Files.writeString(file, "file " + i);
            }
            build.dockerfile("FROM busybox", "COPY c /c");
            long idle = resident(engine);
            long most = built(engine, build);
            assertThat(most - idle)
                    .as("%d bytes for each file", (most - idle) / FILES)
                    .isLessThan(MOST + FOR_EACH * FILES);
            String count = "find /c -type f | wc -l; cat /c/d" + last() / IN_A_DIRECTORY + "/file-";
            assertThat(engine.docker().ok("run", "--rm", "many", "sh", "-c", count + last()))
                    .isEqualTo(FILES + "\nfile " + last());
            // One of them is another one now.
            build.file("c/d0/file-7", "changed");
            built(engine, build);
            assertThat(engine.docker().ok("run", "--rm", "many", "cat", "/c/d0/file-7"))
                    .isEqualTo("changed");
        }
    }

    private static int last() {
        return FILES - 1;
    }

    /// @return the most memory that the daemon had while it built
    private static long built(Engine engine, BuildFolder build) throws IOException {
        long most = 0;
        try (Running running = build.start("-t", "many")) {
            running.closeInput();
            while (running.isAlive()) {
                most = Math.max(most, resident(engine));
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
            }
            running.await().ok();
        }
        return most;
    }

    private static long resident(Engine engine) throws IOException {
        return Files.readAllLines(Path.of("/proc/" + engine.pid() + "/status")).stream()
                        .filter(line -> line.startsWith("RssAnon:"))
                        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                        .sum()
                << 10;
    }
}
