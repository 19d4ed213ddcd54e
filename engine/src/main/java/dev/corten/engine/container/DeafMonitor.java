package dev.corten.engine.container;

import dev.corten.kernel.Errno;
import dev.corten.kernel.process.Pidfd;
import dev.corten.kernel.process.ProcessIdentity;
import dev.corten.kernel.process.Signals;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;

/// A monitor that does not tell of the end of its container, because somebody has stopped it.
final class DeafMonitor {
    private static final String NAME = "corten-monitor";

    private static final Logger LOG = System.getLogger(DeafMonitor.class.getName());

    private DeafMonitor() {}

    /// Ends the monitor of a process that has ended, so that the daemon takes note. One of a process
    /// that lives has nothing to tell yet.
    static void end(ProcessIdentity ended) throws IOException {
        OptionalInt monitor = ended.isAlive() ? OptionalInt.empty() : ended.parent();
        if (monitor.isEmpty()) {
            return;
        }
        try (Pidfd process = Pidfd.open(monitor.getAsInt())) {
            // What is its child still has not been waited for: the number is still the monitor's.
            if (monitor.equals(ended.parent()) && isMonitor(monitor.getAsInt())) {
                LOG.log(Level.WARNING, () -> "monitor " + monitor.getAsInt() + " is deaf: it ends");
                process.signal(Signals.SIGKILL);
            }
        } catch (Errno e) {
            if (!e.is(Errno.ESRCH)) {
                throw e;
            }
            LOG.log(Level.DEBUG, "a monitor ended by itself", e);
        }
    }

    private static boolean isMonitor(int pid) throws IOException {
        return Files.readString(Path.of("/proc/" + pid + "/comm")).strip().equals(NAME);
    }
}
