package dev.corten.kernel.cgroup;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.Directories;
import dev.corten.kernel.file.DirectoryEntry;
import dev.corten.kernel.file.FileCalls;
import java.util.List;

/// Removes the directory of a group, with those below it.
final class GroupRemoval {
    private GroupRemoval() {}

    /// @return false if something is busy
    static boolean tree(String directory) throws Errno {
        if (one(directory)) {
            return true;
        }
        List<DirectoryEntry> entries;
        try {
            entries = Directories.list(Fd.CWD, directory);
        } catch (Errno e) {
            if (e.is(Errno.ENOENT)) {
                return true;
            }
            throw e;
        }
        for (DirectoryEntry entry : entries) {
            if (entry.isDirectory()) {
                tree(directory + "/" + entry.name());
            }
        }
        return one(directory);
    }

    private static boolean one(String directory) throws Errno {
        try {
            FileCalls.rmdir(Fd.CWD, directory);
            return true;
        } catch (Errno e) {
            if (e.is(Errno.ENOENT)) {
                return true;
            }
            if (e.isAny(Errno.EBUSY, Errno.ENOTEMPTY)) {
                return false;
            }
            throw e;
        }
    }
}
