package dev.corten.build.context;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.file.Stat;
import dev.corten.kernel.file.Xattrs;
import dev.corten.model.PathBytes;
import java.util.Map;

/// Gives files what a list says of them. All belong to root, as the daemon makes them.
final class FileMetadata {
    /// A change of the owner takes it away, and all files of a context change theirs.
    private static final String CAPABILITY = "security.capability";

    private FileMetadata() {}

    /// Of a file or directory.
    static void set(Fd fd, ListEntry entry) throws Errno {
        FileCalls.chmod(fd, entry.permissions());
        for (Map.Entry<PathBytes, byte[]> attribute : entry.attributes().entrySet()) {
            String name = attribute.getKey().toString();
            if (isOverlays(name) || name.equals(CAPABILITY)) {
                continue;
            }
            try {
                Xattrs.set(fd, name, attribute.getValue(), 0);
            } catch (Errno e) {
                if (!e.is(Errno.EOPNOTSUPP)) {
                    throw e;
                }
            }
        }
        FileCalls.times(fd, entry.seconds(), entry.nanos(), entry.seconds(), entry.nanos());
    }

    private static boolean isOverlays(String name) {
        return name.startsWith("trusted.overlay.") || name.startsWith("user.overlay.");
    }

    /// Makes what is neither a file nor a directory.
    static void make(Fd directory, PathBytes name, ListEntry entry) throws Errno {
        if (entry.type() == Stat.S_IFLNK) {
            FileCalls.symlink(entry.link(), directory, name);
        } else {
            long device = entry.type() == Stat.S_IFIFO ? 0 : entry.size();
            FileCalls.mknod(
                    directory,
                    name,
                    entry.type() | 0600,
                    (int) (device >> 8 & 0xFFF | device >> 32 & 0xFFFFF000L),
                    (int) (device & 0xFF | device >> 12 & 0xFFFFFF00L));
            FileCalls.chmod(directory, name, entry.permissions());
        }
        FileCalls.times(
                directory, name, entry.seconds(), entry.nanos(), entry.seconds(), entry.nanos());
    }
}
