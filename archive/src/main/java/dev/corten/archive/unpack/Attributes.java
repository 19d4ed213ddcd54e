package dev.corten.archive.unpack;

import dev.corten.archive.TarEntry;
import dev.corten.archive.TarFormatException;
import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.file.FileData;
import dev.corten.kernel.file.Stat;
import dev.corten.kernel.file.Xattrs;
import dev.corten.model.PathBytes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/// Owner, mode, extended attributes and time of files, in the order that keeps them all: a change
/// of owner takes setuid bits and file capabilities away, a change of mode the mask of an ACL,
/// and everything but the time changes no time that is set after it.
public final class Attributes {
    private Attributes() {}

    /// Overlayfs would obey these: an archive could redirect directories with them.
    private static boolean isOverlays(String xattr) {
        return xattr.startsWith("trusted.overlay.") || xattr.startsWith("user.overlay.");
    }

    static int id(long id, PathBytes name) throws TarFormatException {
        if (id < 0 || id >= 0xFFFF_FFFFL) {
            throw new TarFormatException("owner of " + name + " is out of range: " + id);
        }
        return (int) id;
    }

    /// The process's mask of modes, which libc can only tell by changing it.
    public static int umask() throws IOException {
        try (Fd fd = FileCalls.open("/proc/thread-self/status", FileCalls.O_RDONLY)) {
            String status = new String(FileData.readAll(fd, 16 << 10), StandardCharsets.UTF_8);
            return status.lines()
                    .filter(line -> line.startsWith("Umask:"))
                    .map(line -> Integer.parseInt(line.substring(6).strip(), 8))
                    .findFirst()
                    .orElse(0777);
        }
    }

    /// @param umask what the kernel took from the mode at creation
    static void ofNewFile(Fd fd, TarEntry entry, int umask) throws IOException {
        if (entry.uid() != 0 || entry.gid() != 0) {
            FileCalls.chown(fd, id(entry.uid(), entry.name()), id(entry.gid(), entry.name()));
        }
        if ((entry.mode() & (07000 | umask)) != 0) {
            FileCalls.chmod(fd, entry.mode());
        }
        xattrs(fd, entry);
        times(fd, entry);
    }

    static void ofDirectory(Fd fd, TarEntry entry) throws IOException {
        FileCalls.chown(fd, id(entry.uid(), entry.name()), id(entry.gid(), entry.name()));
        FileCalls.chmod(fd, entry.mode());
        xattrs(fd, entry);
        times(fd, entry);
    }

    /// Of a symbolic link, a device or a fifo that was just made.
    static void ofNewNode(Fd dir, PathBytes name, TarEntry entry) throws IOException {
        FileCalls.chown(dir, name, id(entry.uid(), entry.name()), id(entry.gid(), entry.name()));
        if (entry.kind() != TarEntry.Kind.SYMLINK) {
            FileCalls.chmod(dir, name, entry.mode());
        }
        for (var xattr : entry.xattrs().entrySet()) {
            String key = xattr.getKey().toString();
            if (!isOverlays(key)) {
                set(dir, name, key, xattr.getValue());
            }
        }
        Instant time = entry.mtime();
        long seconds = time.getEpochSecond();
        int nanos = time.getNano();
        FileCalls.times(dir, name, seconds, nanos, seconds, nanos);
    }

    private static void xattrs(Fd fd, TarEntry entry) throws Errno {
        for (var xattr : entry.xattrs().entrySet()) {
            String key = xattr.getKey().toString();
            if (!isOverlays(key)) {
                set(fd, key, xattr.getValue());
            }
        }
    }

    private static void times(Fd fd, TarEntry entry) throws Errno {
        Instant time = entry.mtime();
        long seconds = time.getEpochSecond();
        int nanos = time.getNano();
        FileCalls.times(fd, seconds, nanos, seconds, nanos);
    }

    /// Gives [to] what [from] has; both are directories or regular files.
    public static void copy(Fd from, Fd to) throws Errno {
        Stat stat = FileCalls.stat(from);
        FileCalls.chown(to, stat.uid(), stat.gid());
        FileCalls.chmod(to, stat.permissions());
        copyXattrs(from, to);
        FileCalls.times(
                to,
                stat.modifySeconds(),
                stat.modifyNanos(),
                stat.modifySeconds(),
                stat.modifyNanos());
    }

    /// Like [#copy(Fd, Fd)] for a link, a device or a fifo by its name.
    public static void copy(Fd fromDir, PathBytes from, Fd toDir, PathBytes to) throws Errno {
        Stat stat = FileCalls.lstat(fromDir, from);
        FileCalls.chown(toDir, to, stat.uid(), stat.gid());
        if (!stat.isSymlink()) {
            FileCalls.chmod(toDir, to, stat.permissions());
        }
        copyXattrs(fromDir, from, toDir, to);
        FileCalls.times(
                toDir,
                to,
                stat.modifySeconds(),
                stat.modifyNanos(),
                stat.modifySeconds(),
                stat.modifyNanos());
    }

    /// Gives [to] the extended attributes of [from]; both are directories or regular files.
    public static void copyXattrs(Fd from, Fd to) throws Errno {
        for (String key : Xattrs.list(from)) {
            if (!isOverlays(key)) {
                var value = Xattrs.get(from, key);
                if (value.isPresent()) {
                    set(to, key, value.get());
                }
            }
        }
    }

    /// Like [#copyXattrs(Fd, Fd)] for a link, a device or a fifo by its name.
    public static void copyXattrs(Fd fromDir, PathBytes from, Fd toDir, PathBytes to) throws Errno {
        for (String key : Xattrs.list(fromDir, from)) {
            var value = Xattrs.get(fromDir, from, key);
            if (!isOverlays(key) && value.isPresent()) {
                set(toDir, to, key, value.get());
            }
        }
    }

    /// A file system without such attributes loses them, as with Docker; nothing else may fail.
    private static void set(Fd fd, String key, byte[] value) throws Errno {
        try {
            Xattrs.set(fd, key, value, 0);
        } catch (Errno e) {
            if (!e.is(Errno.EOPNOTSUPP)) {
                throw e;
            }
        }
    }

    private static void set(Fd dir, PathBytes name, String key, byte[] value) throws Errno {
        try {
            Xattrs.set(dir, name, key, value, 0);
        } catch (Errno e) {
            // EPERM: user attributes are for files and directories only
            boolean impossible = e.is(Errno.EPERM) && key.startsWith("user.");
            if (!e.is(Errno.EOPNOTSUPP) && !impossible) {
                throw e;
            }
        }
    }
}
