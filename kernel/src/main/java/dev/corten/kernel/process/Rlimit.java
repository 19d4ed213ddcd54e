package dev.corten.kernel.process;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Syscall;
import dev.corten.kernel.ffi.NativeCall;
import java.lang.foreign.MemorySegment;
import java.util.Locale;
import java.util.Optional;

/// The resource limits of getrlimit(2). Numbers from asm-generic/resource.h.
public enum Rlimit {
    CPU(0),
    FSIZE(1),
    DATA(2),
    STACK(3),
    CORE(4),
    RSS(5),
    NPROC(6),
    NOFILE(7),
    MEMLOCK(8),
    AS(9),
    LOCKS(10),
    SIGPENDING(11),
    MSGQUEUE(12),
    NICE(13),
    RTPRIO(14),
    RTTIME(15);

    /// No limit.
    public static final long INFINITY = -1;

    /// Both halves of a limit; -1 is [#INFINITY].
    public record Value(long soft, long hard) {}

    private final int number;

    Rlimit(int number) {
        this.number = number;
    }

    public int number() {
        return number;
    }

    /// As the OCI specification says it: `RLIMIT_NOFILE`.
    public String ociName() {
        return "RLIMIT_" + name();
    }

    /// As `--ulimit` says it: `nofile`.
    public String ulimitName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// The limit of a name such as `RLIMIT_NOFILE` or `nofile`.
    public static Optional<Rlimit> parse(String name) {
        String upper = name.toUpperCase(Locale.ROOT);
        String bare = upper.startsWith("RLIMIT_") ? upper.substring(7) : upper;
        for (Rlimit limit : values()) {
            if (limit.name().equals(bare)) {
                return Optional.of(limit);
            }
        }
        return Optional.empty();
    }

    /// The limit of a process, 0 for this one.
    public Value get(int pid) throws Errno {
        try (var call = NativeCall.open()) {
            MemorySegment old = call.raw(16);
            long result = call.invoke(Syscall.PRLIMIT64, pid, number, 0, old.address());
            NativeCall.check(Syscall.PRLIMIT64, result, ociName());
            return new Value(old.get(JAVA_LONG, 0), old.get(JAVA_LONG, 8));
        }
    }

    /// Changes the limit of a process, 0 for this one. Raising the hard one is EPERM without
    /// CAP_SYS_RESOURCE.
    public void set(int pid, Value value) throws Errno {
        try (var call = NativeCall.open()) {
            MemorySegment limit = call.raw(16);
            limit.set(JAVA_LONG, 0, value.soft());
            limit.set(JAVA_LONG, 8, value.hard());
            long result = call.invoke(Syscall.PRLIMIT64, pid, number, limit.address(), 0);
            if (result < 0) {
                throw NativeCall.failure(
                        Syscall.PRLIMIT64,
                        result,
                        ociName() + " " + value.soft() + ":" + value.hard());
            }
        }
    }
}
