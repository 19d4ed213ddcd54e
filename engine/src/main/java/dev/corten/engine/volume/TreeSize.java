package dev.corten.engine.volume;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.Directories;
import dev.corten.kernel.file.DirectoryEntry;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.file.Stat;
import java.util.HashSet;
import java.util.Set;

/// Adds up the sizes of the files in a directory that a container may be writing to: by
/// descriptors, so that no link leads elsewhere.
final class TreeSize {
    private static final int DEEPEST = 1000;

    private record Inode(long device, long number) {}

    private final Set<Inode> seen = new HashSet<>();
    private long bytes;

    private TreeSize() {}

    /// Bytes of its files and links, each inode once. What is too deep to be looked at, or comes
    /// and goes meanwhile, may be left out.
    static long of(String directory) throws Errno {
        var size = new TreeSize();
        try (Fd top = FileCalls.openDirectory(directory)) {
            size.add(top, 0);
        }
        return size.bytes;
    }

    private void add(Fd directory, int depth) throws Errno {
        for (DirectoryEntry entry : Directories.list(directory)) {
            try {
                Stat stat = FileCalls.lstat(directory, entry.name());
                if (!stat.isDirectory()) {
                    if (stat.links() < 2 || seen.add(new Inode(stat.device(), stat.inode()))) {
                        bytes += stat.size();
                    }
                } else if (depth < DEEPEST) {
                    try (Fd inner = FileCalls.openDirectory(directory, entry.name())) {
                        add(inner, depth + 1);
                    }
                }
            } catch (Errno e) {
                if (!e.isAny(Errno.ENOENT, Errno.ENOTDIR, Errno.ELOOP)) {
                    throw e;
                }
            }
        }
    }
}
