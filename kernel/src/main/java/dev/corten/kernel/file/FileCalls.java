package dev.corten.kernel.file;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.corten.kernel.Architecture;
import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.Syscall;
import dev.corten.kernel.ffi.NativeCall;
import dev.corten.model.PathBytes;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/// Calls on names: open, create, link, rename, remove, and attributes.
///
/// A path is relative to the directory given first, unless it is absolute. Each call comes twice:
/// with [PathBytes] for names of images and containers, with `String` for our own.
public final class FileCalls {
    private static final boolean ARM = Architecture.current() == Architecture.AARCH64;

    // fcntl.h; three of them differ by architecture.
    public static final int O_RDONLY = 0;
    public static final int O_WRONLY = 1;
    public static final int O_RDWR = 2;
    public static final int O_CREAT = 0100;
    public static final int O_EXCL = 0200;
    public static final int O_NOCTTY = 0400;
    public static final int O_TRUNC = 01000;
    public static final int O_APPEND = 02000;
    public static final int O_NONBLOCK = 04000;
    public static final int O_DSYNC = 010000;
    public static final int O_DIRECT = ARM ? 0200000 : 040000;
    public static final int O_DIRECTORY = ARM ? 040000 : 0200000;
    public static final int O_NOFOLLOW = ARM ? 0100000 : 0400000;
    public static final int O_NOATIME = 01000000;
    public static final int O_CLOEXEC = 02000000;
    public static final int O_PATH = 010000000;
    public static final int O_TMPFILE = 020000000 | O_DIRECTORY;

    public static final int AT_SYMLINK_NOFOLLOW = 0x100;
    public static final int AT_REMOVEDIR = 0x200;
    public static final int AT_SYMLINK_FOLLOW = 0x400;
    public static final int AT_NO_AUTOMOUNT = 0x800;
    public static final int AT_EMPTY_PATH = 0x1000;

    // linux/openat2.h
    public static final int RESOLVE_NO_XDEV = 0x01;
    public static final int RESOLVE_NO_MAGICLINKS = 0x02;
    public static final int RESOLVE_NO_SYMLINKS = 0x04;
    public static final int RESOLVE_BENEATH = 0x08;
    public static final int RESOLVE_IN_ROOT = 0x10;
    public static final int RESOLVE_CACHED = 0x20;

    // linux/fs.h
    public static final int RENAME_NOREPLACE = 1;
    public static final int RENAME_EXCHANGE = 2;
    public static final int RENAME_WHITEOUT = 4;

    public static final int F_OK = 0;
    public static final int X_OK = 1;
    public static final int W_OK = 2;
    public static final int R_OK = 4;

    /// For [#times]: leave this time as it is, or take the present one.
    public static final int UTIME_NOW = 0x3FFFFFFF;

    public static final int UTIME_OMIT = 0x3FFFFFFE;

    private static final int PATH_MAX = 4096;

    private FileCalls() {}

    private static long address(NativeCall call, Object path) {
        return path instanceof PathBytes bytes ? call.path(bytes) : call.path((String) path);
    }

    private static String at(Fd dir, Object path) {
        return dir == Fd.CWD ? path.toString() : path + " in " + dir;
    }

    // ---- open

    /// openat(2), close-on-exec.
    public static Fd open(Fd dir, PathBytes path, int flags, int mode) throws Errno {
        return openAny(dir, path, flags, mode);
    }

    public static Fd open(Fd dir, String path, int flags, int mode) throws Errno {
        return openAny(dir, path, flags, mode);
    }

    public static Fd open(Fd dir, PathBytes path, int flags) throws Errno {
        return openAny(dir, path, flags, 0);
    }

    public static Fd open(Fd dir, String path, int flags) throws Errno {
        return openAny(dir, path, flags, 0);
    }

    /// Opens one of our own files by its absolute path.
    public static Fd open(String path, int flags) throws Errno {
        return openAny(Fd.CWD, path, flags, 0);
    }

    /// A descriptor of a directory, for use as the first argument here. Follows links.
    public static Fd openDirectory(String path) throws Errno {
        return openAny(Fd.CWD, path, O_RDONLY | O_DIRECTORY, 0);
    }

    /// A descriptor of a directory; the last component may not be a link.
    public static Fd openDirectory(Fd dir, PathBytes path) throws Errno {
        return openAny(dir, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
    }

    public static Fd openDirectory(Fd dir, String path) throws Errno {
        return openAny(dir, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
    }

    /// Like [#open], but empty where there is no such file (ENOENT, ENOTDIR).
    public static Optional<Fd> find(Fd dir, PathBytes path, int flags) throws Errno {
        return findAny(dir, path, flags);
    }

    public static Optional<Fd> find(Fd dir, String path, int flags) throws Errno {
        return findAny(dir, path, flags);
    }

    private static Optional<Fd> findAny(Fd dir, Object path, int flags) throws Errno {
        try (var call = NativeCall.open()) {
            long fd = tryOpen(call, dir, path, flags, 0);
            if (fd == -Errno.ENOENT || fd == -Errno.ENOTDIR) {
                return Optional.empty();
            }
            return Optional.of(opened(fd, dir, path, flags));
        }
    }

    private static Fd openAny(Fd dir, Object path, int flags, int mode) throws Errno {
        try (var call = NativeCall.open()) {
            return opened(tryOpen(call, dir, path, flags, mode), dir, path, flags);
        }
    }

    private static long tryOpen(NativeCall call, Fd dir, Object path, int flags, int mode) {
        return call.retrying(
                Syscall.OPENAT, dir.number(), address(call, path), flags | O_CLOEXEC, mode);
    }

    private static Fd opened(long fd, Fd dir, Object path, int flags) throws Errno {
        if (fd < 0) {
            throw NativeCall.failure(Syscall.OPENAT, fd, at(dir, path) + openFlags(flags));
        }
        return Fd.adopt((int) fd);
    }

    /// openat2(2), close-on-exec, with `RESOLVE_*` flags. Repeats while the kernel asks for it
    /// (EAGAIN: a rename raced with the resolution of `..`), up to a bound.
    public static Fd open2(Fd dir, PathBytes path, int flags, int mode, int resolve) throws Errno {
        return open2Any(dir, path, flags, mode, resolve);
    }

    public static Fd open2(Fd dir, String path, int flags, int mode, int resolve) throws Errno {
        return open2Any(dir, path, flags, mode, resolve);
    }

    private static Fd open2Any(Fd dir, Object path, int flags, int mode, int resolve) throws Errno {
        try (var call = NativeCall.open()) {
            MemorySegment how = call.raw(24);
            // The kernel refuses flags that O_PATH makes meaningless, and a mode without O_CREAT.
            how.set(JAVA_LONG, 0, Integer.toUnsignedLong(flags | O_CLOEXEC));
            boolean creates = (flags & (O_CREAT | (O_TMPFILE & ~O_DIRECTORY))) != 0;
            how.set(JAVA_LONG, 8, creates ? mode : 0);
            how.set(JAVA_LONG, 16, resolve);
            long name = address(call, path);
            long fd;
            int tries = 0;
            do {
                fd = call.retrying(Syscall.OPENAT2, dir.number(), name, how.address(), 24);
            } while (fd == -Errno.EAGAIN && (resolve & RESOLVE_CACHED) == 0 && ++tries < 128);
            if (fd < 0) {
                throw NativeCall.failure(
                        Syscall.OPENAT2,
                        fd,
                        at(dir, path) + openFlags(flags) + resolveFlags(resolve));
            }
            return Fd.adopt((int) fd);
        }
    }

    private static String openFlags(int flags) {
        var text = new StringBuilder(" (");
        text.append((flags & O_PATH) != 0 ? "O_PATH" : accessMode(flags & 3));
        append(text, flags, O_CREAT, "O_CREAT");
        append(text, flags, O_EXCL, "O_EXCL");
        append(text, flags, O_TRUNC, "O_TRUNC");
        append(text, flags, O_APPEND, "O_APPEND");
        append(text, flags, O_NONBLOCK, "O_NONBLOCK");
        append(text, flags, O_DIRECTORY, "O_DIRECTORY");
        append(text, flags, O_NOFOLLOW, "O_NOFOLLOW");
        return text.append(')').toString();
    }

    private static String accessMode(int mode) {
        return switch (mode) {
            case O_RDONLY -> "O_RDONLY";
            case O_WRONLY -> "O_WRONLY";
            default -> "O_RDWR";
        };
    }

    private static String resolveFlags(int resolve) {
        if (resolve == 0) {
            return "";
        }
        var text = new StringBuilder();
        append(text, resolve, RESOLVE_NO_XDEV, "RESOLVE_NO_XDEV");
        append(text, resolve, RESOLVE_NO_MAGICLINKS, "RESOLVE_NO_MAGICLINKS");
        append(text, resolve, RESOLVE_NO_SYMLINKS, "RESOLVE_NO_SYMLINKS");
        append(text, resolve, RESOLVE_BENEATH, "RESOLVE_BENEATH");
        append(text, resolve, RESOLVE_IN_ROOT, "RESOLVE_IN_ROOT");
        append(text, resolve, RESOLVE_CACHED, "RESOLVE_CACHED");
        return " (" + text.substring(1) + ")";
    }

    private static void append(StringBuilder text, int flags, int flag, String name) {
        if ((flags & flag) == flag) {
            text.append('|').append(name);
        }
    }

    // ---- create

    /// mkdirat(2); the umask applies.
    public static void mkdir(Fd dir, PathBytes path, int mode) throws Errno {
        mkdirAny(dir, path, mode);
    }

    public static void mkdir(Fd dir, String path, int mode) throws Errno {
        mkdirAny(dir, path, mode);
    }

    private static void mkdirAny(Fd dir, Object path, int mode) throws Errno {
        try (var call = NativeCall.open()) {
            long result = call.invoke(Syscall.MKDIRAT, dir.number(), address(call, path), mode);
            if (result < 0) {
                throw NativeCall.failure(Syscall.MKDIRAT, result, at(dir, path));
            }
        }
    }

    /// Makes the directory with exactly this mode. Returns false if something is there already.
    public static boolean ensureDirectory(Fd dir, String path, int mode) throws Errno {
        try {
            mkdirAny(dir, path, mode);
        } catch (Errno e) {
            if (e.is(Errno.EEXIST)) {
                return false;
            }
            throw e;
        }
        chmod(dir, path, mode);
        return true;
    }

    /// symlinkat(2).
    public static void symlink(PathBytes target, Fd dir, PathBytes path) throws Errno {
        symlinkAny(target, dir, path);
    }

    public static void symlink(String target, Fd dir, String path) throws Errno {
        symlinkAny(target, dir, path);
    }

    private static void symlinkAny(Object target, Fd dir, Object path) throws Errno {
        try (var call = NativeCall.open()) {
            long result =
                    call.invoke(
                            Syscall.SYMLINKAT,
                            address(call, target),
                            dir.number(),
                            address(call, path));
            if (result < 0) {
                throw NativeCall.failure(
                        Syscall.SYMLINKAT, result, target + " at " + at(dir, path));
            }
        }
    }

    /// linkat(2); flags are AT_SYMLINK_FOLLOW and AT_EMPTY_PATH.
    public static void link(Fd fromDir, PathBytes from, Fd toDir, PathBytes to, int flags)
            throws Errno {
        linkAny(fromDir, from, toDir, to, flags);
    }

    public static void link(Fd fromDir, String from, Fd toDir, String to, int flags) throws Errno {
        linkAny(fromDir, from, toDir, to, flags);
    }

    private static void linkAny(Fd fromDir, Object from, Fd toDir, Object to, int flags)
            throws Errno {
        try (var call = NativeCall.open()) {
            long result =
                    call.invoke(
                            Syscall.LINKAT,
                            fromDir.number(),
                            address(call, from),
                            toDir.number(),
                            address(call, to),
                            flags);
            if (result < 0) {
                throw NativeCall.failure(
                        Syscall.LINKAT, result, at(fromDir, from) + " to " + at(toDir, to));
            }
        }
    }

    /// mknodat(2); mode has the type (`S_IFCHR`, ...), the umask applies.
    public static void mknod(Fd dir, PathBytes path, int mode, int major, int minor) throws Errno {
        mknodAny(dir, path, mode, major, minor);
    }

    public static void mknod(Fd dir, String path, int mode, int major, int minor) throws Errno {
        mknodAny(dir, path, mode, major, minor);
    }

    private static void mknodAny(Fd dir, Object path, int mode, int major, int minor) throws Errno {
        try (var call = NativeCall.open()) {
            long device = Stat.makeDevice(major, minor) & 0xFFFFFFFFL;
            long result =
                    call.invoke(Syscall.MKNODAT, dir.number(), address(call, path), mode, device);
            if (result < 0) {
                throw NativeCall.failure(Syscall.MKNODAT, result, at(dir, path));
            }
        }
    }

    // ---- remove and rename

    /// unlinkat(2) of what is no directory.
    public static void unlink(Fd dir, PathBytes path) throws Errno {
        removeAny(dir, path, 0);
    }

    public static void unlink(Fd dir, String path) throws Errno {
        removeAny(dir, path, 0);
    }

    /// unlinkat(2) of an empty directory.
    public static void rmdir(Fd dir, PathBytes path) throws Errno {
        removeAny(dir, path, AT_REMOVEDIR);
    }

    public static void rmdir(Fd dir, String path) throws Errno {
        removeAny(dir, path, AT_REMOVEDIR);
    }

    private static void removeAny(Fd dir, Object path, int flags) throws Errno {
        try (var call = NativeCall.open()) {
            long result = call.invoke(Syscall.UNLINKAT, dir.number(), address(call, path), flags);
            if (result < 0) {
                throw NativeCall.failure(
                        Syscall.UNLINKAT,
                        result,
                        at(dir, path) + (flags == 0 ? "" : " (AT_REMOVEDIR)"));
            }
        }
    }

    /// Removes a file or an empty directory. Returns false if it was not there.
    public static boolean removeIfExists(Fd dir, PathBytes path) throws Errno {
        return removeIfExistsAny(dir, path);
    }

    public static boolean removeIfExists(Fd dir, String path) throws Errno {
        return removeIfExistsAny(dir, path);
    }

    private static boolean removeIfExistsAny(Fd dir, Object path) throws Errno {
        try (var call = NativeCall.open()) {
            long name = address(call, path);
            long result = call.invoke(Syscall.UNLINKAT, dir.number(), name, 0);
            if (result == -Errno.EISDIR) {
                result = call.invoke(Syscall.UNLINKAT, dir.number(), name, AT_REMOVEDIR);
            }
            if (result == -Errno.ENOENT) {
                return false;
            }
            if (result < 0) {
                throw NativeCall.failure(Syscall.UNLINKAT, result, at(dir, path));
            }
            return true;
        }
    }

    /// renameat2(2).
    public static void rename(Fd fromDir, PathBytes from, Fd toDir, PathBytes to, int flags)
            throws Errno {
        renameAny(fromDir, from, toDir, to, flags);
    }

    public static void rename(Fd fromDir, String from, Fd toDir, String to, int flags)
            throws Errno {
        renameAny(fromDir, from, toDir, to, flags);
    }

    private static void renameAny(Fd fromDir, Object from, Fd toDir, Object to, int flags)
            throws Errno {
        try (var call = NativeCall.open()) {
            long result =
                    call.invoke(
                            Syscall.RENAMEAT2,
                            fromDir.number(),
                            address(call, from),
                            toDir.number(),
                            address(call, to),
                            flags);
            if (result < 0) {
                throw NativeCall.failure(
                        Syscall.RENAMEAT2, result, at(fromDir, from) + " to " + at(toDir, to));
            }
        }
    }

    // ---- attributes

    /// fchmod(2); works on descriptors of O_PATH too.
    public static void chmod(Fd fd, int mode) throws Errno {
        long result = NativeCall.direct(Syscall.FCHMOD, fd.number(), mode);
        if (result == -Errno.EBADF) {
            chmodAny(Fd.CWD, fd.procPath(), mode);
            return;
        }
        NativeCall.check(Syscall.FCHMOD, result, fd.toString());
    }

    /// fchmodat(2), which follows links: name only what cannot be one.
    public static void chmod(Fd dir, PathBytes path, int mode) throws Errno {
        chmodAny(dir, path, mode);
    }

    public static void chmod(Fd dir, String path, int mode) throws Errno {
        chmodAny(dir, path, mode);
    }

    private static void chmodAny(Fd dir, Object path, int mode) throws Errno {
        try (var call = NativeCall.open()) {
            long result = call.invoke(Syscall.FCHMODAT, dir.number(), address(call, path), mode);
            if (result < 0) {
                throw NativeCall.failure(Syscall.FCHMODAT, result, at(dir, path));
            }
        }
    }

    /// Changes the owner; works on descriptors of O_PATH too. -1 leaves a value as it is.
    public static void chown(Fd fd, int uid, int gid) throws Errno {
        chownAny(fd, "", uid, gid, AT_EMPTY_PATH);
    }

    /// fchownat(2); does not follow a link in the last component.
    public static void chown(Fd dir, PathBytes path, int uid, int gid) throws Errno {
        chownAny(dir, path, uid, gid, AT_SYMLINK_NOFOLLOW);
    }

    public static void chown(Fd dir, String path, int uid, int gid) throws Errno {
        chownAny(dir, path, uid, gid, AT_SYMLINK_NOFOLLOW);
    }

    private static void chownAny(Fd dir, Object path, int uid, int gid, int flags) throws Errno {
        try (var call = NativeCall.open()) {
            long result =
                    call.invoke(
                            Syscall.FCHOWNAT,
                            dir.number(),
                            address(call, path),
                            Integer.toUnsignedLong(uid),
                            Integer.toUnsignedLong(gid),
                            flags);
            if (result < 0) {
                throw NativeCall.failure(
                        Syscall.FCHOWNAT, result, at(dir, path) + " to " + uid + ":" + gid);
            }
        }
    }

    /// utimensat(2); does not follow a link in the last component.
    public static void times(
            Fd dir,
            PathBytes path,
            long accessSeconds,
            int accessNanos,
            long modifySeconds,
            int modifyNanos)
            throws Errno {
        try (var call = NativeCall.open()) {
            times(
                    call,
                    dir,
                    call.path(path),
                    AT_SYMLINK_NOFOLLOW,
                    accessSeconds,
                    accessNanos,
                    modifySeconds,
                    modifyNanos);
        }
    }

    /// The times of an open file; descriptors of O_PATH need the name form.
    public static void times(
            Fd fd, long accessSeconds, int accessNanos, long modifySeconds, int modifyNanos)
            throws Errno {
        try (var call = NativeCall.open()) {
            times(
                    call,
                    fd,
                    NativeCall.NULL,
                    0,
                    accessSeconds,
                    accessNanos,
                    modifySeconds,
                    modifyNanos);
        }
    }

    private static void times(
            NativeCall call,
            Fd dir,
            long path,
            int flags,
            long accessSeconds,
            int accessNanos,
            long modifySeconds,
            int modifyNanos)
            throws Errno {
        MemorySegment times = call.raw(32);
        times.set(JAVA_LONG, 0, accessSeconds);
        times.set(JAVA_LONG, 8, accessNanos);
        times.set(JAVA_LONG, 16, modifySeconds);
        times.set(JAVA_LONG, 24, modifyNanos);
        long result = call.invoke(Syscall.UTIMENSAT, dir.number(), path, times.address(), flags);
        NativeCall.check(Syscall.UTIMENSAT, result, dir.toString());
    }

    /// readlinkat(2); an empty path reads the link that the descriptor (O_PATH) is of.
    public static PathBytes readlink(Fd dir, PathBytes path) throws Errno {
        return readlinkAny(dir, path);
    }

    public static PathBytes readlink(Fd dir, String path) throws Errno {
        return readlinkAny(dir, path);
    }

    private static PathBytes readlinkAny(Fd dir, Object path) throws Errno {
        try (var call = NativeCall.open()) {
            MemorySegment buffer = call.raw(PATH_MAX);
            long result =
                    call.invoke(
                            Syscall.READLINKAT,
                            dir.number(),
                            address(call, path),
                            buffer.address(),
                            PATH_MAX);
            if (result < 0) {
                throw NativeCall.failure(Syscall.READLINKAT, result, at(dir, path));
            }
            return PathBytes.of(buffer.asSlice(0, result).toArray(JAVA_BYTE));
        }
    }

    /// The attributes of an open file, O_PATH too.
    public static Stat stat(Fd fd) throws Errno {
        return statAny(fd, "", AT_EMPTY_PATH).orElseThrow(() -> missing(fd, ""));
    }

    /// The attributes of a name; does not follow a link in the last component.
    public static Stat lstat(Fd dir, PathBytes path) throws Errno {
        return statAny(dir, path, AT_SYMLINK_NOFOLLOW).orElseThrow(() -> missing(dir, path));
    }

    public static Stat lstat(Fd dir, String path) throws Errno {
        return statAny(dir, path, AT_SYMLINK_NOFOLLOW).orElseThrow(() -> missing(dir, path));
    }

    /// The attributes of what a name leads to.
    public static Stat stat(Fd dir, String path) throws Errno {
        return statAny(dir, path, 0).orElseThrow(() -> missing(dir, path));
    }

    public static Stat stat(Fd dir, PathBytes path) throws Errno {
        return statAny(dir, path, 0).orElseThrow(() -> missing(dir, path));
    }

    /// Like [#lstat], empty where there is no such file.
    public static Optional<Stat> findStat(Fd dir, PathBytes path) throws Errno {
        return statAny(dir, path, AT_SYMLINK_NOFOLLOW);
    }

    public static Optional<Stat> findStat(Fd dir, String path) throws Errno {
        return statAny(dir, path, AT_SYMLINK_NOFOLLOW);
    }

    public static boolean exists(Fd dir, String path) throws Errno {
        return statAny(dir, path, AT_SYMLINK_NOFOLLOW).isPresent();
    }

    public static boolean exists(Fd dir, PathBytes path) throws Errno {
        return statAny(dir, path, AT_SYMLINK_NOFOLLOW).isPresent();
    }

    private static Errno missing(Fd dir, Object path) {
        return new Errno(Errno.ENOENT, "statx", at(dir, path));
    }

    /// faccessat2(2) with the effective ids.
    public static boolean isAccessible(Fd dir, String path, int mode) {
        try (var call = NativeCall.open()) {
            return call.invoke(Syscall.FACCESSAT2, dir.number(), call.path(path), mode, 0x200) == 0;
        }
    }

    // struct statx of linux/stat.h: the same on every architecture.
    static final int STATX_BYTES = 256;
    private static final int STATX_BASIC_STATS = 0x7FF;
    private static final int STATX_MNT_ID = 0x1000;

    private static Optional<Stat> statAny(Fd dir, Object path, int flags) throws Errno {
        try (var call = NativeCall.open()) {
            MemorySegment s = call.raw(STATX_BYTES);
            long result =
                    call.invoke(
                            Syscall.STATX,
                            dir.number(),
                            address(call, path),
                            flags | AT_NO_AUTOMOUNT,
                            STATX_BASIC_STATS | STATX_MNT_ID,
                            s.address());
            if (result == -Errno.ENOENT || result == -Errno.ENOTDIR) {
                return Optional.empty();
            }
            if (result < 0) {
                throw NativeCall.failure(Syscall.STATX, result, at(dir, path));
            }
            boolean mounted = (s.get(JAVA_INT, 0) & STATX_MNT_ID) != 0;
            return Optional.of(
                    new Stat(
                            s.get(JAVA_INT, 136),
                            s.get(JAVA_INT, 140),
                            s.get(JAVA_LONG, 32),
                            s.get(JAVA_SHORT, 28) & 0xFFFF,
                            s.get(JAVA_INT, 16),
                            s.get(JAVA_INT, 20),
                            s.get(JAVA_INT, 24),
                            s.get(JAVA_INT, 128),
                            s.get(JAVA_INT, 132),
                            s.get(JAVA_LONG, 40),
                            s.get(JAVA_LONG, 48),
                            s.get(JAVA_INT, 4),
                            s.get(JAVA_LONG, 64),
                            s.get(JAVA_INT, 72),
                            s.get(JAVA_LONG, 112),
                            s.get(JAVA_INT, 120),
                            s.get(JAVA_LONG, 96),
                            s.get(JAVA_INT, 104),
                            mounted ? s.get(JAVA_LONG, 144) : 0,
                            s.get(JAVA_LONG, 8)));
        }
    }
}
