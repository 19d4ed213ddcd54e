package dev.corten.kernel.file;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.Syscall;
import dev.corten.kernel.ffi.IoBuffer;
import dev.corten.kernel.ffi.NativeCall;
import dev.corten.model.PathBytes;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Reading directories, and deleting trees.
public final class Directories {
    /// How many descriptors a deletion keeps open at most; deeper trees are walked by `..`.
    private static final int DEPTH_WITH_DESCRIPTORS = 64;

    private static final int FAILURES_KEPT = 32;

    // linux/fs.h, on all 64-bit architectures
    private static final long FS_IOC_GETFLAGS = 0x80086601L;
    private static final long FS_IOC_SETFLAGS = 0x40086602L;
    private static final int FS_TOPDIR_FL = 0x20000;

    private Directories() {}

    /// Says that what is in the directories of this one has nothing to do with each other, so that
    /// ext4 puts each of them into another part of the disk (`chattr +T`). The descriptor must be one
    /// for reading.
    ///
    /// @return false if the file system knows no such thing, which changes nothing but speed
    public static boolean unrelated(Fd directory) {
        try (var call = NativeCall.open()) {
            MemorySegment flags = call.raw(Long.BYTES);
            if (call.invoke(Syscall.IOCTL, directory.number(), FS_IOC_GETFLAGS, flags.address())
                    < 0) {
                return false;
            }
            int before = flags.get(JAVA_INT, 0);
            if ((before & FS_TOPDIR_FL) != 0) {
                return true;
            }
            flags.set(JAVA_INT, 0, before | FS_TOPDIR_FL);
            return call.invoke(Syscall.IOCTL, directory.number(), FS_IOC_SETFLAGS, flags.address())
                    >= 0;
        }
    }

    /// All entries but `.` and `..`, in the directory's own order. The descriptor is read from its
    /// start, and must be one for reading (not O_PATH).
    public static List<DirectoryEntry> list(Fd directory) throws Errno {
        var entries = new ArrayList<DirectoryEntry>();
        FileData.seek(directory, 0, FileData.SEEK_SET);
        while (readSome(directory, entries)) {
            // until the end
        }
        return entries;
    }

    /// Opens and lists a directory; the last component may not be a link.
    public static List<DirectoryEntry> list(Fd dir, PathBytes path) throws Errno {
        try (Fd directory = FileCalls.openDirectory(dir, path)) {
            return list(directory);
        }
    }

    public static List<DirectoryEntry> list(Fd dir, String path) throws Errno {
        try (Fd directory = FileCalls.openDirectory(dir, path)) {
            return list(directory);
        }
    }

    /// Adds the next entries. Returns false at the end.
    private static boolean readSome(Fd directory, List<DirectoryEntry> entries) throws Errno {
        try (var call = NativeCall.open();
                var buffer = IoBuffer.open()) {
            MemorySegment memory = buffer.memory();
            long n =
                    call.invoke(
                            Syscall.GETDENTS64,
                            directory.number(),
                            memory.address(),
                            IoBuffer.SIZE);
            if (n == -Errno.ENOENT) {
                return false; // removed meanwhile: nothing is in it
            }
            NativeCall.check(Syscall.GETDENTS64, n, directory.toString());
            // At once: single reads of memory that is not the heap's are slow as long as this is
            // new.
            byte[] bytes = memory.asSlice(0, n).toArray(JAVA_BYTE);
            // struct linux_dirent64: u64 ino, s64 off, u16 reclen, u8 type, name
            for (int at = 0; at < n; ) {
                int name = at + 19;
                int end = name;
                while (bytes[end] != 0) {
                    end++;
                }
                boolean dots =
                        bytes[name] == '.'
                                && (end == name + 1 || (end == name + 2 && bytes[name + 1] == '.'));
                if (!dots) {
                    entries.add(
                            new DirectoryEntry(
                                    PathBytes.of(Arrays.copyOfRange(bytes, name, end)),
                                    memory.get(JAVA_LONG_UNALIGNED, at),
                                    bytes[at + 18] & 0xFF));
                }
                at += memory.get(JAVA_SHORT_UNALIGNED, at + 16) & 0xFFFF;
            }
            return n > 0;
        }
    }

    /// What [#deleteTree] could not remove.
    ///
    /// @param removed how many entries are gone
    /// @param failures the first errors, with the name each is about
    public record Deletion(long removed, List<Errno> failures) {
        public Deletion {
            failures = List.copyOf(failures);
        }

        public boolean complete() {
            return failures.isEmpty();
        }

        /// @throws Errno the first failure, if there is one
        public void orThrow() throws Errno {
            if (!failures.isEmpty()) {
                throw failures.getFirst();
            }
        }
    }

    /// Removes a name and everything below it, without following links and without leaving the
    /// tree by a concurrent rename. What is not there counts as removed; what cannot be removed
    /// (immutable, busy, a mount point) is reported, and the rest is removed all the same.
    public static Deletion deleteTree(Fd dir, PathBytes name) throws Errno {
        return new Deleter().delete(dir, name);
    }

    public static Deletion deleteTree(Fd dir, String name) throws Errno {
        return new Deleter().delete(dir, PathBytes.of(name));
    }

    /// Removes everything in a directory but not itself.
    public static Deletion deleteContents(Fd directory) throws Errno {
        var deleter = new Deleter();
        deleter.empty(directory);
        return deleter.result();
    }

    private static final class Deleter {
        private final List<Errno> failures = new ArrayList<>();
        private long removed;

        Deletion delete(Fd dir, PathBytes name) throws Errno {
            remove(dir, new DirectoryEntry(name, 0, DirectoryEntry.UNKNOWN));
            return result();
        }

        Deletion result() {
            return new Deletion(removed, failures);
        }

        private void remove(Fd dir, DirectoryEntry entry) throws Errno {
            if (!entry.isDirectory()) {
                try {
                    FileCalls.unlink(dir, entry.name());
                    removed++;
                    return;
                } catch (Errno e) {
                    if (e.is(Errno.ENOENT)) {
                        return;
                    }
                    if (!e.isAny(Errno.EISDIR, Errno.EPERM) || !isDirectory(dir, entry)) {
                        fail(e);
                        return;
                    }
                }
            }
            try (Fd directory = FileCalls.openDirectory(dir, entry.name())) {
                empty(directory);
            } catch (Errno e) {
                if (e.isAny(Errno.ENOENT, Errno.ENOTDIR, Errno.ELOOP)) {
                    // Gone, or replaced by something else: the rmdir below tells which.
                } else {
                    fail(e);
                }
            }
            rmdir(dir, entry.name());
        }

        private boolean isDirectory(Fd dir, DirectoryEntry entry) throws Errno {
            return FileCalls.findStat(dir, entry.name()).map(Stat::isDirectory).orElse(false);
        }

        private void rmdir(Fd dir, PathBytes name) {
            try {
                FileCalls.rmdir(dir, name);
                removed++;
            } catch (Errno e) {
                if (e.is(Errno.ENOENT)) {
                    return;
                }
                // ENOTEMPTY follows from a failure below that is on the list already.
                if (!e.is(Errno.ENOTEMPTY) || failures.isEmpty()) {
                    fail(e);
                }
            }
        }

        private void fail(Errno e) {
            if (failures.size() < FAILURES_KEPT) {
                failures.add(e);
            }
        }

        /// One level of the walk: a directory, its descriptor, and what is left to do in it.
        private record Level(Fd fd, PathBytes name, ArrayDeque<DirectoryEntry> left) {}

        /// Empties a directory by a walk with a stack of its own: trees are as deep as their
        /// makers like, thread stacks are not. The number of open descriptors is bounded by
        /// flattening: what is deeper than the bound is moved up before it is deleted.
        void empty(Fd top) throws Errno {
            var stack = new ArrayDeque<Level>();
            stack.push(new Level(top, PathBytes.of("."), entries(top)));
            try {
                while (!stack.isEmpty()) {
                    Level level = stack.peek();
                    DirectoryEntry entry = level.left().poll();
                    if (entry == null) {
                        stack.pop();
                        Level parent = stack.peek();
                        if (parent != null) {
                            level.fd().close();
                            rmdir(parent.fd(), level.name());
                        }
                    } else if (!descend(stack, level, entry, top)) {
                        remove(level.fd(), entry);
                    }
                }
            } finally {
                for (Level level : stack) {
                    if (level.fd() != top) {
                        level.fd().close();
                    }
                }
            }
        }

        /// Opens a directory as the next level. Returns false if the entry is none.
        private boolean descend(
                ArrayDeque<Level> stack, Level level, DirectoryEntry entry, Fd top) {
            boolean directory = entry.isDirectory();
            if (!directory && entry.type() != DirectoryEntry.UNKNOWN) {
                return false;
            }
            try {
                if (!directory && !isDirectory(level.fd(), entry)) {
                    return false;
                }
                if (stack.size() >= DEPTH_WITH_DESCRIPTORS && moveUp(level, entry, top, stack)) {
                    return true;
                }
                Fd fd = FileCalls.openDirectory(level.fd(), entry.name());
                stack.push(new Level(fd, entry.name(), entries(fd)));
            } catch (Errno e) {
                if (!e.isAny(Errno.ENOENT, Errno.ENOTDIR, Errno.ELOOP)) {
                    fail(e);
                }
            }
            return true;
        }

        /// Moves a deep directory to the top, where it is deleted later. Returns false where that
        /// is not possible (a mount in between): then it is walked where it is.
        private boolean moveUp(Level level, DirectoryEntry entry, Fd top, ArrayDeque<Level> stack)
                throws Errno {
            PathBytes name =
                    PathBytes.of(".corten-deep-" + entry.inode() + "-" + System.nanoTime());
            try {
                FileCalls.rename(level.fd(), entry.name(), top, name, FileCalls.RENAME_NOREPLACE);
            } catch (Errno e) {
                if (e.isAny(Errno.EXDEV, Errno.EBUSY, Errno.EINVAL)) {
                    return false;
                }
                throw e;
            }
            stack.getLast()
                    .left()
                    .add(new DirectoryEntry(name, entry.inode(), DirectoryEntry.DIRECTORY));
            return true;
        }

        private ArrayDeque<DirectoryEntry> entries(Fd directory) throws Errno {
            return new ArrayDeque<>(list(directory));
        }
    }
}
