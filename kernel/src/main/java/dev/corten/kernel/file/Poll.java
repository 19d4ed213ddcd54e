package dev.corten.kernel.file;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.Syscall;
import dev.corten.kernel.ffi.NativeCall;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// poll(2) on several descriptors. Blocks its thread: use a platform thread.
public final class Poll {
    // poll.h
    public static final int IN = 1;
    public static final int PRI = 2;
    public static final int OUT = 4;
    public static final int ERR = 8;
    public static final int HUP = 0x10;
    public static final int NVAL = 0x20;
    public static final int RDHUP = 0x2000;

    // struct pollfd: int fd, short events, short revents
    static final int POLLFD_BYTES = 8;

    private Poll() {}

    /// Waits until one of the descriptors is ready or the time is over.
    ///
    /// @param events what to wait for, for each descriptor; 0 means errors only
    /// @param limit how long, null means without end
    /// @return the events of each descriptor, all 0 if the time is over
    public static int[] poll(Fd[] fds, int[] events, @Nullable Duration limit) throws Errno {
        long deadline = limit == null ? 0 : System.nanoTime() + limit.toNanos();
        try (var call = NativeCall.open()) {
            MemorySegment set = call.raw((long) POLLFD_BYTES * fds.length);
            MemorySegment time = call.raw(16);
            long ready;
            do {
                for (int i = 0; i < fds.length; i++) {
                    set.set(JAVA_INT, 8L * i, fds[i].number());
                    set.set(JAVA_SHORT, 8L * i + 4, (short) events[i]);
                    set.set(JAVA_SHORT, 8L * i + 6, (short) 0);
                }
                if (limit != null) {
                    long left = Math.max(0, deadline - System.nanoTime());
                    time.set(JAVA_LONG, 0, left / 1_000_000_000);
                    time.set(JAVA_LONG, 8, left % 1_000_000_000);
                }
                ready =
                        call.invoke(
                                Syscall.PPOLL,
                                set.address(),
                                fds.length,
                                limit == null ? 0 : time.address(),
                                0,
                                8);
            } while (ready == -Errno.EINTR);
            NativeCall.check(Syscall.PPOLL, ready, fds.length + " descriptors");
            int[] result = new int[fds.length];
            for (int i = 0; i < fds.length; i++) {
                result[i] = set.get(JAVA_SHORT, 8L * i + 6) & 0xFFFF;
            }
            return result;
        }
    }

    /// Waits for one descriptor. Returns false if the time is over.
    public static boolean await(Fd fd, int events, @Nullable Duration limit) throws Errno {
        return poll(new Fd[] {fd}, new int[] {events}, limit)[0] != 0;
    }
}
