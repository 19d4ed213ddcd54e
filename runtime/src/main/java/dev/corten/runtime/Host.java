package dev.corten.runtime;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.file.FileData;
import dev.corten.model.PathBytes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Set;

/// What a plan depends on beside its spec: facts of this machine and this process.
interface Host {
    /// The number of the kernel's last capability.
    int lastCapability();

    /// What is at a path of `/proc` or `/sys`. These have the same entries in every container,
    /// so that a plan names only what is there, with its kind.
    Kind kind(PathBytes path);

    /// Whether a descriptor is of a directory.
    boolean isDirectory(Fd fd) throws IOException;

    /// What there is at a path.
    enum Kind {
        ABSENT,
        FILE,
        DIRECTORY
    }

    /// The running machine.
    static Host running() throws IOException {
        return Running.read();
    }

    /// The kernel's own answers.
    record Running(int lastCapability) implements Host {
        private static final int MAX_LINE = 64;

        static Running read() throws IOException {
            byte[] text = FileData.readFile(Fd.CWD, "/proc/sys/kernel/cap_last_cap", MAX_LINE);
            return new Running(
                    Integer.parseInt(new String(text, StandardCharsets.US_ASCII).strip()));
        }

        @Override
        public Kind kind(PathBytes path) {
            try {
                return FileCalls.findStat(Fd.CWD, path)
                        .map(stat -> stat.isDirectory() ? Kind.DIRECTORY : Kind.FILE)
                        .orElse(Kind.ABSENT);
            } catch (Errno e) {
                // Not to be seen here, so not to be seen inside either: same kernel, same files.
                return Kind.ABSENT;
            }
        }

        @Override
        public boolean isDirectory(Fd fd) throws Errno {
            return FileCalls.stat(fd).isDirectory();
        }
    }

    /// The roots whose entries [#kind] knows.
    Set<String> KNOWN_ROOTS = Set.of("/proc/", "/sys/");
}
