package dev.corten.kernel.file;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.Syscall;
import dev.corten.kernel.ffi.NativeCall;
import java.lang.foreign.MemorySegment;

/// eventfd(2): a counter that others can wait for with [Poll].
public final class Eventfd implements AutoCloseable {
    private final Fd fd;

    private Eventfd(Fd fd) {
        this.fd = fd;
    }

    public static Eventfd create() throws Errno {
        long fd = NativeCall.direct(Syscall.EVENTFD2, 0, FileCalls.O_CLOEXEC);
        return new Eventfd(Fd.adopt((int) NativeCall.check(Syscall.EVENTFD2, fd, "")));
    }

    public Fd fd() {
        return fd;
    }

    public void signal() throws Errno {
        try (var call = NativeCall.open()) {
            MemorySegment value = call.raw(8);
            value.set(JAVA_LONG, 0, 1);
            FileData.write(fd, value);
        }
    }

    /// Waits until the counter is not zero, and takes its value.
    public long take() throws Errno {
        try (var call = NativeCall.open()) {
            MemorySegment value = call.raw(8);
            FileData.read(fd, value);
            return value.get(JAVA_LONG, 0);
        }
    }

    @Override
    public void close() {
        fd.close();
    }
}
