package dev.corten.kernel.file;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import dev.corten.kernel.Architecture;
import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.Syscall;
import dev.corten.kernel.ffi.NativeCall;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// epoll(7), level-triggered: waits for many descriptors at a cost that does not grow with their
/// number. The events are those of [Poll].
///
/// A descriptor must be taken out before it is closed: the kernel watches the open file, which may
/// have other descriptors in other processes. [#await] blocks its thread: use a platform thread.
public final class Epoll implements AutoCloseable {
    // sys/epoll.h
    private static final int EPOLL_CTL_ADD = 1;
    private static final int EPOLL_CTL_DEL = 2;
    private static final int EPOLL_CTL_MOD = 3;

    // struct epoll_event: u32 events, u64 data; packed on x86-64 only.
    private static final boolean PACKED = Architecture.current() == Architecture.X86_64;
    private static final int EVENT_BYTES = PACKED ? 12 : 16;
    private static final int DATA_OFFSET = PACKED ? 4 : 8;

    private static final int EVENTS_AT_ONCE = 128;

    private final Fd fd;

    private Epoll(Fd fd) {
        this.fd = fd;
    }

    /// What has happened to a descriptor.
    ///
    /// @param key the number that it was added with
    /// @param events [Poll] bits
    public record Event(long key, int events) {}

    public static Epoll open() throws Errno {
        long fd = NativeCall.direct(Syscall.EPOLL_CREATE1, FileCalls.O_CLOEXEC);
        return new Epoll(Fd.adopt((int) NativeCall.check(Syscall.EPOLL_CREATE1, fd, "")));
    }

    /// Waits for these events of a descriptor from now on; errors and hang-ups are always told.
    public void add(Fd watched, int events, long key) throws Errno {
        control(EPOLL_CTL_ADD, watched, events, key);
    }

    public void change(Fd watched, int events, long key) throws Errno {
        control(EPOLL_CTL_MOD, watched, events, key);
    }

    public void remove(Fd watched) throws Errno {
        control(EPOLL_CTL_DEL, watched, 0, 0);
    }

    private void control(int operation, Fd watched, int events, long key) throws Errno {
        try (var call = NativeCall.open()) {
            MemorySegment event = call.allocate(16);
            event.set(JAVA_INT, 0, events);
            event.set(JAVA_LONG_UNALIGNED, DATA_OFFSET, key);
            long result =
                    call.invoke(
                            Syscall.EPOLL_CTL,
                            fd.number(),
                            operation,
                            watched.number(),
                            event.address());
            NativeCall.check(Syscall.EPOLL_CTL, result, "operation " + operation);
        }
    }

    /// Waits until something has happened or the time is over.
    ///
    /// @param limit null means without end
    public List<Event> await(@Nullable Duration limit) throws Errno {
        long deadline = limit == null ? 0 : System.nanoTime() + limit.toNanos();
        try (var call = NativeCall.open()) {
            MemorySegment set = call.raw((long) EVENT_BYTES * EVENTS_AT_ONCE);
            long ready;
            do {
                long millis = -1;
                if (limit != null) {
                    long left = Math.max(0, deadline - System.nanoTime());
                    millis = Math.min(Integer.MAX_VALUE, (left + 999_999) / 1_000_000);
                }
                ready =
                        call.invoke(
                                Syscall.EPOLL_PWAIT,
                                fd.number(),
                                set.address(),
                                EVENTS_AT_ONCE,
                                millis,
                                0,
                                0);
            } while (ready == -Errno.EINTR);
            NativeCall.check(Syscall.EPOLL_PWAIT, ready, "");
            var events = new ArrayList<Event>();
            for (long i = 0; i < ready; i++) {
                events.add(
                        new Event(
                                set.get(JAVA_LONG_UNALIGNED, i * EVENT_BYTES + DATA_OFFSET),
                                set.get(JAVA_INT_UNALIGNED, i * EVENT_BYTES)));
            }
            return events;
        }
    }

    @Override
    public void close() {
        fd.close();
    }
}
