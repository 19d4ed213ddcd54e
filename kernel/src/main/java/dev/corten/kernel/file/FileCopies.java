package dev.corten.kernel.file;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.Syscall;
import dev.corten.kernel.ffi.IoBuffer;
import dev.corten.kernel.ffi.NativeCall;

/// Bytes from one descriptor to another, inside the kernel where it can do that.
public final class FileCopies {
    private FileCopies() {}

    /// copy_file_range(2) at the descriptors' positions. Returns 0 at the end.
    private static long range(Fd from, Fd to, long length) throws Errno {
        try (var call = NativeCall.open()) {
            long n =
                    call.retrying(
                            Syscall.COPY_FILE_RANGE, from.number(), 0, to.number(), 0, length, 0);
            return NativeCall.check(Syscall.COPY_FILE_RANGE, n, from + " to " + to);
        }
    }

    /// Copies from the present positions to the end of the source, by the fastest means that the
    /// file systems have. Returns the number of bytes.
    public static long all(Fd from, Fd to) throws Errno {
        long total = 0;
        while (true) {
            long n;
            try {
                n = range(from, to, 1L << 30);
            } catch (Errno e) {
                // EXDEV and EOPNOTSUPP: not between these two; EINVAL: not regular files.
                if (total > 0 || !unsuitable(e)) {
                    throw e;
                }
                return bySendfile(from, to);
            }
            if (n == 0) {
                // Files of procfs have no size, and say so here: sendfile tells the truth.
                return total == 0 ? bySendfile(from, to) : total;
            }
            total += n;
        }
    }

    /// Copies so many bytes from and to the present positions, or fewer if the source ends.
    public static void some(Fd from, Fd to, long length) throws Errno {
        long left = length;
        while (left > 0) {
            long n;
            try {
                n = range(from, to, Math.min(left, 1L << 30));
            } catch (Errno e) {
                if (!unsuitable(e)) {
                    throw e;
                }
                n = sendfile(to, from, Math.min(left, 1L << 30));
            }
            if (n == 0) {
                return;
            }
            left -= n;
        }
    }

    private static boolean unsuitable(Errno e) {
        return e.isAny(Errno.EXDEV, Errno.EOPNOTSUPP, Errno.EINVAL)
                || e.isAny(Errno.ENOSYS, Errno.EBADF, Errno.EPERM);
    }

    private static long bySendfile(Fd from, Fd to) throws Errno {
        long total = 0;
        while (true) {
            long n;
            try {
                n = sendfile(to, from, 1L << 30);
            } catch (Errno e) {
                if (total > 0 || !unsuitable(e)) {
                    throw e;
                }
                return byHand(from, to);
            }
            if (n == 0) {
                return total;
            }
            total += n;
        }
    }

    private static long byHand(Fd from, Fd to) throws Errno {
        long total = 0;
        try (var buffer = IoBuffer.open()) {
            for (long n; (n = FileData.read(from, buffer.memory())) >= 0; total += n) {
                FileData.writeFully(to, buffer.memory().asSlice(0, n));
            }
        }
        return total;
    }

    /// sendfile(2) from the source's position. Returns 0 at the end.
    private static long sendfile(Fd to, Fd from, long length) throws Errno {
        try (var call = NativeCall.open()) {
            long n = call.retrying(Syscall.SENDFILE, to.number(), from.number(), 0, length);
            return NativeCall.check(Syscall.SENDFILE, n, from + " to " + to);
        }
    }
}
