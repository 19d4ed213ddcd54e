package dev.corten.daemon;

import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.HotSpotDiagnosticMXBean.ThreadDumpFormat;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/// What each thread is doing, virtual ones too, for whoever asks why something hangs.
final class ThreadDump {
    private static final Logger LOG = System.getLogger(ThreadDump.class.getName());

    private ThreadDump() {}

    /// Writes a new file in this directory and says so in the log.
    static void write(Path directory) {
        String time = Instant.now().truncatedTo(ChronoUnit.MILLIS).toString().replace(":", "");
        Path file = directory.resolve("thread-stacks-" + time + ".log");
        try {
            dump(file);
            LOG.log(Level.INFO, () -> "thread stacks written to " + file);
        } catch (IOException | IllegalArgumentException e) {
            LOG.log(Level.ERROR, () -> "thread stacks not written to " + file, e);
        }
    }

    /// The same as text.
    static byte[] bytes(Path directory) throws IOException {
        Path file = Files.createTempFile(directory, "thread-stacks-", ".tmp");
        try {
            Files.delete(file);
            dump(file);
            return Files.readAllBytes(file);
        } finally {
            Files.deleteIfExists(file);
        }
    }

    private static void dump(Path file) throws IOException {
        ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
                .dumpThreads(file.toString(), ThreadDumpFormat.TEXT_PLAIN);
    }
}
