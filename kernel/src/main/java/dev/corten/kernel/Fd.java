package dev.corten.kernel;

import dev.corten.kernel.ffi.NativeCall;
import java.util.concurrent.atomic.AtomicInteger;

/// An open file descriptor with one owner.
///
/// Whoever holds an `Fd` closes it, or gives it away with [#transfer]. Descriptors made here are
/// close-on-exec, always; what a child shall inherit is named when it is started. Closing twice is
/// harmless. Do not close one while another thread uses it: the number may be reused at once.
public final class Fd implements AutoCloseable {
    private static final int CWD_NUMBER = -100;
    private static final int CLOSED = -1;

    /// `AT_FDCWD`: paths are relative to the working directory. Closing it does nothing.
    public static final Fd CWD = new Fd(CWD_NUMBER);

    private final AtomicInteger number;

    private Fd(int number) {
        this.number = new AtomicInteger(number);
    }

    /// Takes ownership of an open descriptor.
    public static Fd adopt(int number) {
        if (number < 0) {
            throw new IllegalArgumentException("not a file descriptor: " + number);
        }
        return new Fd(number);
    }

    /// The number, for a call made now.
    ///
    /// @throws IllegalStateException if it is closed
    public int number() {
        int n = number.get();
        if (n == CLOSED) {
            throw new IllegalStateException("file descriptor is closed");
        }
        return n;
    }

    public boolean isOpen() {
        return number.get() != CLOSED;
    }

    /// Another descriptor of the same open file, close-on-exec.
    public Fd duplicate() throws Errno {
        // F_DUPFD_CLOEXEC
        long result = NativeCall.direct(Syscall.FCNTL, number(), 1030, 0);
        return adopt((int) NativeCall.check(Syscall.FCNTL, result, "F_DUPFD_CLOEXEC"));
    }

    /// Gives ownership away: this object is closed from now on, the result is open.
    ///
    /// ```java
    /// try (Fd fd = open(path)) {
    ///     lock(fd);               // if this throws, fd is closed
    ///     return fd.transfer();   // otherwise the caller has it
    /// }
    /// ```
    public Fd transfer() {
        return adopt(release());
    }

    /// Like [#transfer], as the bare number.
    public int release() {
        int n = number.get() == CWD_NUMBER ? CWD_NUMBER : number.getAndSet(CLOSED);
        if (n < 0) {
            throw new IllegalStateException("file descriptor is closed");
        }
        return n;
    }

    /// The path that stands for this descriptor in this process: `/proc/self/fd/7`.
    public String procPath() {
        return "/proc/self/fd/" + number();
    }

    /// Closes it. An error of close(2) is not reported: the descriptor is gone in any case, and
    /// who must know that data arrived on the disk has called fsync before.
    @Override
    public void close() {
        if (number.get() == CWD_NUMBER) {
            return;
        }
        int n = number.getAndSet(CLOSED);
        if (n >= 0) {
            NativeCall.direct(Syscall.CLOSE, n);
        }
    }

    @Override
    public String toString() {
        int n = number.get();
        return n == CLOSED ? "fd closed" : n == CWD_NUMBER ? "cwd" : "fd " + n;
    }
}
