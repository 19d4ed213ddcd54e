package dev.corten.kernel.process;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.Syscall;
import dev.corten.kernel.ffi.NativeCall;
import dev.corten.kernel.file.Poll;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A process by descriptor: unlike a number, it cannot come to mean another process.
public final class Pidfd implements AutoCloseable {
    // linux/wait.h
    private static final int P_PIDFD = 3;
    private static final int WNOHANG = 1;
    private static final int WEXITED = 4;
    private static final int CLD_EXITED = 1;
    private static final int CLD_DUMPED = 3;

    // siginfo_t of a child: the same on both architectures.
    static final int SIGINFO_BYTES = 128;
    static final int SI_CODE = 8;
    static final int SI_PID = 16;
    static final int SI_STATUS = 24;

    private final Fd fd;
    private final int pid;

    private Pidfd(Fd fd, int pid) {
        this.fd = fd;
        this.pid = pid;
    }

    /// @throws Errno ESRCH if there is no such process
    public static Pidfd open(int pid) throws Errno {
        long fd = NativeCall.direct(Syscall.PIDFD_OPEN, pid, 0);
        NativeCall.check(Syscall.PIDFD_OPEN, fd, "pid " + pid);
        return new Pidfd(Fd.adopt((int) fd), pid);
    }

    /// The process of this identity, empty if it has ended.
    public static Optional<Pidfd> open(ProcessIdentity identity) throws java.io.IOException {
        Pidfd opened;
        try {
            opened = open(identity.pid());
        } catch (Errno e) {
            if (e.isAny(Errno.ESRCH, Errno.EINVAL)) {
                return Optional.empty();
            }
            throw e;
        }
        // The descriptor holds whatever has the number now: compare after opening.
        boolean same;
        try {
            same = identity.isAlive();
        } catch (java.io.IOException | RuntimeException e) {
            opened.close();
            throw e;
        }
        if (!same) {
            opened.close();
            return Optional.empty();
        }
        return Optional.of(opened);
    }

    /// Takes ownership of a pidfd that came from elsewhere.
    public static Pidfd adopt(Fd fd, int pid) {
        return new Pidfd(fd.transfer(), pid);
    }

    /// The number that it was opened by.
    public int pid() {
        return pid;
    }

    public Fd fd() {
        return fd;
    }

    /// Sends a signal; 0 only checks. Returns false if the process has ended.
    public boolean signal(int signal) throws Errno {
        long result = NativeCall.direct(Syscall.PIDFD_SEND_SIGNAL, fd.number(), signal, 0, 0);
        if (result == -Errno.ESRCH) {
            return false;
        }
        if (result < 0) {
            throw NativeCall.failure(
                    Syscall.PIDFD_SEND_SIGNAL, result, Signals.name(signal) + " to " + pid);
        }
        return true;
    }

    /// Waits until the process has ended, ours or not. Returns false if the time is over.
    ///
    /// @param limit null means without end
    public boolean awaitEnd(@Nullable Duration limit) throws Errno {
        return Poll.await(fd, Poll.IN, limit);
    }

    /// Reaps a child of this process: waits for its end, and takes its status.
    public ExitStatus reap() throws Errno {
        return waitid(WEXITED)
                .orElseThrow(() -> new IllegalStateException("waitid returned without status"));
    }

    /// Reaps a child if it has ended.
    public Optional<ExitStatus> tryReap() throws Errno {
        return waitid(WEXITED | WNOHANG);
    }

    private Optional<ExitStatus> waitid(int options) throws Errno {
        try (var call = NativeCall.open()) {
            MemorySegment info = call.allocate(SIGINFO_BYTES);
            long result =
                    call.retrying(
                            Syscall.WAITID, P_PIDFD, fd.number(), info.address(), options, 0, 0);
            NativeCall.check(Syscall.WAITID, result, "pid " + pid);
            if (info.get(JAVA_INT, SI_PID) == 0) {
                return Optional.empty();
            }
            int code = info.get(JAVA_INT, SI_CODE);
            int status = info.get(JAVA_INT, SI_STATUS);
            return Optional.of(
                    code == CLD_EXITED
                            ? new ExitStatus(status, 0, false)
                            : new ExitStatus(0, status, code == CLD_DUMPED));
        }
    }

    /// A duplicate of another process's descriptor.
    public Fd descriptor(int number) throws Errno {
        long result = NativeCall.direct(Syscall.PIDFD_GETFD, fd.number(), number, 0);
        return Fd.adopt(
                (int) NativeCall.check(Syscall.PIDFD_GETFD, result, "fd " + number + " of " + pid));
    }

    @Override
    public void close() {
        fd.close();
    }
}
