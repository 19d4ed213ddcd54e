package dev.corten.kernel.file;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.Syscall;
import dev.corten.kernel.ffi.IoBuffer;
import dev.corten.kernel.ffi.NativeCall;
import dev.corten.model.PathBytes;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Extended attributes. Values are bytes, names are text (`user.overlay.opaque`).
///
/// The forms with directory and name act on a link itself; they go through `/proc/self/fd`, since
/// the kernel has had descriptor-relative calls for attributes only since 6.13. Lists, of which a tree
/// wants as many as it has files, are read by those where they are there.
public final class Xattrs {
    public static final int XATTR_CREATE = 1;
    public static final int XATTR_REPLACE = 2;

    private static final int AT_SYMLINK_NOFOLLOW = 0x100;

    /// Whether the kernel is too old for listxattrat(2), or a filter of system calls does not know it.
    private static volatile boolean withoutListAt;

    private Xattrs() {}

    /// An attribute of an open file; empty if it has none of that name, or the file system has no
    /// attributes at all.
    public static Optional<byte[]> get(Fd fd, String name) throws Errno {
        try (var call = NativeCall.open();
                var buffer = IoBuffer.open()) {
            MemorySegment value = buffer.memory();
            long n =
                    call.invoke(
                            Syscall.FGETXATTR,
                            fd.number(),
                            call.path(name),
                            value.address(),
                            IoBuffer.SIZE);
            return value(Syscall.FGETXATTR, n, value, name + " of " + fd);
        }
    }

    public static Optional<byte[]> get(Fd dir, PathBytes path, String name) throws Errno {
        try (var call = NativeCall.open();
                var buffer = IoBuffer.open()) {
            MemorySegment value = buffer.memory();
            long n =
                    call.invoke(
                            Syscall.LGETXATTR,
                            call.path(below(dir, path)),
                            call.path(name),
                            value.address(),
                            IoBuffer.SIZE);
            return value(Syscall.LGETXATTR, n, value, name + " of " + path);
        }
    }

    private static Optional<byte[]> value(Syscall which, long n, MemorySegment value, String shown)
            throws Errno {
        if (n == -Errno.ENODATA || n == -Errno.EOPNOTSUPP) {
            return Optional.empty();
        }
        NativeCall.check(which, n, shown);
        return Optional.of(value.asSlice(0, n).toArray(JAVA_BYTE));
    }

    /// Sets an attribute of an open file; flags 0, XATTR_CREATE or XATTR_REPLACE.
    public static void set(Fd fd, String name, byte[] value, int flags) throws Errno {
        try (var call = NativeCall.open()) {
            long result =
                    call.invoke(
                            Syscall.FSETXATTR,
                            fd.number(),
                            call.path(name),
                            call.bytes(value).address(),
                            value.length,
                            flags);
            if (result < 0) {
                throw NativeCall.failure(Syscall.FSETXATTR, result, name + " of " + fd);
            }
        }
    }

    public static void set(Fd dir, PathBytes path, String name, byte[] value, int flags)
            throws Errno {
        try (var call = NativeCall.open()) {
            long result =
                    call.invoke(
                            Syscall.LSETXATTR,
                            call.path(below(dir, path)),
                            call.path(name),
                            call.bytes(value).address(),
                            value.length,
                            flags);
            if (result < 0) {
                throw NativeCall.failure(Syscall.LSETXATTR, result, name + " of " + path);
            }
        }
    }

    /// The names of all attributes of an open file.
    public static List<String> list(Fd fd) throws Errno {
        try (var call = NativeCall.open();
                var buffer = IoBuffer.open()) {
            MemorySegment names = buffer.memory();
            long n = call.invoke(Syscall.FLISTXATTR, fd.number(), names.address(), IoBuffer.SIZE);
            return names(Syscall.FLISTXATTR, n, names, fd.toString());
        }
    }

    public static List<String> list(Fd dir, PathBytes path) throws Errno {
        try (var call = NativeCall.open();
                var buffer = IoBuffer.open()) {
            MemorySegment names = buffer.memory();
            if (!withoutListAt) {
                long n =
                        call.invoke(
                                Syscall.LISTXATTRAT,
                                dir.number(),
                                call.path(path),
                                AT_SYMLINK_NOFOLLOW,
                                names.address(),
                                IoBuffer.SIZE);
                if (n != -Errno.ENOSYS && n != -Errno.EPERM) {
                    return names(Syscall.LISTXATTRAT, n, names, path.toString());
                }
                withoutListAt = true;
            }
            long n =
                    call.invoke(
                            Syscall.LLISTXATTR,
                            call.path(below(dir, path)),
                            names.address(),
                            IoBuffer.SIZE);
            return names(Syscall.LLISTXATTR, n, names, path.toString());
        }
    }

    private static List<String> names(Syscall which, long n, MemorySegment names, String shown)
            throws Errno {
        if (n == -Errno.EOPNOTSUPP || n == 0) {
            return List.of();
        }
        NativeCall.check(which, n, shown);
        var list = new ArrayList<String>();
        long start = 0;
        for (long i = 0; i < n; i++) {
            if (names.get(JAVA_BYTE, i) == 0) {
                byte[] name = names.asSlice(start, i - start).toArray(JAVA_BYTE);
                list.add(dev.corten.model.RawText.decode(name));
                start = i + 1;
            }
        }
        return list;
    }

    /// Removes an attribute of an open file. Returns false if it was not there.
    public static boolean remove(Fd fd, String name) throws Errno {
        try (var call = NativeCall.open()) {
            return removed(
                    Syscall.FREMOVEXATTR,
                    call.invoke(Syscall.FREMOVEXATTR, fd.number(), call.path(name)),
                    name + " of " + fd);
        }
    }

    public static boolean remove(Fd dir, PathBytes path, String name) throws Errno {
        try (var call = NativeCall.open()) {
            return removed(
                    Syscall.LREMOVEXATTR,
                    call.invoke(Syscall.LREMOVEXATTR, call.path(below(dir, path)), call.path(name)),
                    name + " of " + path);
        }
    }

    private static boolean removed(Syscall which, long result, String shown) throws Errno {
        if (result == -Errno.ENODATA) {
            return false;
        }
        NativeCall.check(which, result, shown);
        return true;
    }

    private static PathBytes below(Fd dir, PathBytes path) {
        return dir == Fd.CWD || path.isAbsolute()
                ? path
                : PathBytes.of(dir.procPath()).resolve(path);
    }
}
