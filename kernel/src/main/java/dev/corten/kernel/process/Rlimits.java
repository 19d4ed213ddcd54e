package dev.corten.kernel.process;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Syscall;
import dev.corten.kernel.ffi.NativeCall;
import dev.corten.model.oci.Rlimit;
import java.lang.foreign.MemorySegment;
import java.util.Locale;
import java.util.Optional;

/// Resource limits of processes, by prlimit(2).
public final class Rlimits {
    private Rlimits() {}

    /// The resource of a name such as `RLIMIT_NOFILE` or `nofile`.
    public static Optional<Rlimit.Resource> find(String name) {
        String upper = name.toUpperCase(Locale.ROOT);
        String bare = upper.startsWith("RLIMIT_") ? upper.substring(7) : upper;
        for (Rlimit.Resource resource : Rlimit.Resource.values()) {
            if (resource.name().equals(bare)) {
                return Optional.of(resource);
            }
        }
        return Optional.empty();
    }

    /// The limit of a process, 0 for this one.
    public static Rlimit get(int pid, Rlimit.Resource resource) throws Errno {
        try (var call = NativeCall.open()) {
            MemorySegment old = call.raw(16);
            long result = call.invoke(Syscall.PRLIMIT64, pid, resource.number(), 0, old.address());
            NativeCall.check(Syscall.PRLIMIT64, result, "RLIMIT_" + resource);
            return new Rlimit(resource, old.get(JAVA_LONG, 0), old.get(JAVA_LONG, 8));
        }
    }

    /// Changes the limit of a process, 0 for this one. Raising the hard one is EPERM without
    /// CAP_SYS_RESOURCE.
    public static void set(int pid, Rlimit limit) throws Errno {
        try (var call = NativeCall.open()) {
            MemorySegment value = call.raw(16);
            value.set(JAVA_LONG, 0, limit.soft());
            value.set(JAVA_LONG, 8, limit.hard());
            long result =
                    call.invoke(
                            Syscall.PRLIMIT64, pid, limit.resource().number(), value.address(), 0);
            if (result < 0) {
                throw NativeCall.failure(
                        Syscall.PRLIMIT64,
                        result,
                        "RLIMIT_" + limit.resource() + " " + limit.soft() + ":" + limit.hard());
            }
        }
    }
}
