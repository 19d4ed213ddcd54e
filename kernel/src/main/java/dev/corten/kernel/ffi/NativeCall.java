package dev.corten.kernel.ffi;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Syscall;
import dev.corten.model.PathBytes;
import dev.corten.model.RawText;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/// One or a few system calls with the memory of their arguments.
///
/// ```java
/// try (var call = NativeCall.open()) {
///     long result = call.invoke(Syscall.UMOUNT2, call.path(target), flags);
///     if (result < 0) throw call.failure(Syscall.UMOUNT2, result, target.toString());
/// }
/// ```
///
/// Everything goes through libc's `syscall(2)`: one downcall shape, so that the JVM links one
/// method handle at start instead of dozens, and no wrapper of libc changes the meaning of a call
/// for all threads (its `setresuid` does). Results are as the kernel gives them, negative error
/// numbers included; `errno` is captured by the linker in the same downcall.
///
/// Memory comes from a small pool of buffers, since taking one is cheaper than malloc and zeroing;
/// what does not fit comes from a confined arena that ends with the call object. Addresses taken
/// from here are valid until [#close].
public final class NativeCall implements AutoCloseable {
    /// A null pointer, or "no file descriptor" where zero means that.
    public static final long NULL = 0;

    private static final int SCRATCH_BYTES = 16 * 1024;
    private static final int POOLED = 32;
    private static final AtomicReferenceArray<@Nullable MemorySegment> POOL =
            new AtomicReferenceArray<>(POOLED);

    private static final MethodHandle SYSCALL;
    private static final long ERRNO_OFFSET;
    private static final long STATE_BYTES;

    static {
        Linker linker = Linker.nativeLinker();
        var state = Linker.Option.captureStateLayout();
        ERRNO_OFFSET =
                state.byteOffset(java.lang.foreign.MemoryLayout.PathElement.groupElement("errno"));
        STATE_BYTES = (state.byteSize() + 15) & ~15L;
        SYSCALL =
                linker.downcallHandle(
                        linker.defaultLookup().findOrThrow("syscall"),
                        FunctionDescriptor.of(
                                JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG,
                                JAVA_LONG, JAVA_LONG),
                        Linker.Option.captureCallState("errno"),
                        Linker.Option.firstVariadicArg(1));
    }

    private final MemorySegment scratch;
    private long used = STATE_BYTES;
    private @Nullable Arena overflow;

    private NativeCall(MemorySegment scratch) {
        this.scratch = scratch;
    }

    /// A call object for this thread; close it on the same thread.
    public static NativeCall open() {
        MemorySegment pooled = POOL.getAndSet(slot(), null);
        return new NativeCall(pooled != null ? pooled : Arena.ofAuto().allocate(SCRATCH_BYTES, 16));
    }

    private static int slot() {
        return (int) Thread.currentThread().threadId() & (POOLED - 1);
    }

    /// Zeroed memory, aligned to 16 bytes.
    public MemorySegment allocate(long size) {
        MemorySegment segment = raw(size);
        segment.fill((byte) 0);
        return segment;
    }

    /// Memory with undefined content, for results.
    public MemorySegment raw(long size) {
        long rounded = (size + 15) & ~15L;
        if (used + rounded <= SCRATCH_BYTES) {
            MemorySegment segment = scratch.asSlice(used, size);
            used += rounded;
            return segment;
        }
        Arena arena = overflow;
        if (arena == null) {
            arena = Arena.ofConfined();
            overflow = arena;
        }
        return arena.allocate(Math.max(size, 1), 16).asSlice(0, size);
    }

    /// A copy of these bytes.
    public MemorySegment bytes(byte[] bytes) {
        MemorySegment segment = raw(bytes.length);
        MemorySegment.copy(bytes, 0, segment, JAVA_BYTE, 0, bytes.length);
        return segment;
    }

    /// The address of a NUL-terminated copy.
    public long cString(byte[] bytes) {
        MemorySegment segment = raw(bytes.length + 1L);
        MemorySegment.copy(bytes, 0, segment, JAVA_BYTE, 0, bytes.length);
        segment.set(JAVA_BYTE, bytes.length, (byte) 0);
        return segment.address();
    }

    public long path(PathBytes path) {
        return cString(path.bytes());
    }

    /// Text of our own or from the command line, see [RawText].
    public long path(String path) {
        int length = path.length();
        MemorySegment segment = raw(length + 1L);
        for (int i = 0; i < length; i++) {
            char c = path.charAt(i);
            if (c == 0) {
                throw new dev.corten.model.InvalidParameter("path contains a NUL character");
            }
            if (c >= 0x80) {
                return cString(RawText.encode(path));
            }
            segment.set(JAVA_BYTE, i, (byte) c);
        }
        segment.set(JAVA_BYTE, length, (byte) 0);
        return segment.address();
    }

    /// Makes the call. Returns its result, or the negative error number.
    public long invoke(Syscall call, long a, long b, long c, long d, long e, long f) {
        long result;
        try {
            result = (long) SYSCALL.invokeExact(scratch, (long) call.number(), a, b, c, d, e, f);
        } catch (RuntimeException | Error failure) {
            throw failure;
        } catch (Throwable impossible) {
            throw new AssertionError("a downcall threw a checked exception", impossible);
        }
        return result == -1 ? -scratch.get(JAVA_INT, ERRNO_OFFSET) : result;
    }

    public long invoke(Syscall call, long a, long b, long c, long d, long e) {
        return invoke(call, a, b, c, d, e, 0);
    }

    public long invoke(Syscall call, long a, long b, long c, long d) {
        return invoke(call, a, b, c, d, 0, 0);
    }

    public long invoke(Syscall call, long a, long b, long c) {
        return invoke(call, a, b, c, 0, 0, 0);
    }

    public long invoke(Syscall call, long a, long b) {
        return invoke(call, a, b, 0, 0, 0, 0);
    }

    public long invoke(Syscall call, long a) {
        return invoke(call, a, 0, 0, 0, 0, 0);
    }

    public long invoke(Syscall call) {
        return invoke(call, 0, 0, 0, 0, 0, 0);
    }

    /// Makes the call again while it is interrupted by a signal; for calls that may be repeated.
    public long retrying(Syscall call, long a, long b, long c, long d, long e, long f) {
        long result;
        do {
            result = invoke(call, a, b, c, d, e, f);
        } while (result == -Errno.EINTR);
        return result;
    }

    public long retrying(Syscall call, long a, long b, long c, long d) {
        return retrying(call, a, b, c, d, 0, 0);
    }

    public long retrying(Syscall call, long a, long b, long c) {
        return retrying(call, a, b, c, 0, 0, 0);
    }

    /// A call whose arguments are numbers only.
    public static long direct(Syscall call, long a, long b, long c, long d) {
        try (var open = open()) {
            return open.invoke(call, a, b, c, d, 0, 0);
        }
    }

    public static long direct(Syscall call, long a, long b, long c) {
        return direct(call, a, b, c, 0);
    }

    public static long direct(Syscall call, long a, long b) {
        return direct(call, a, b, 0, 0);
    }

    public static long direct(Syscall call, long a) {
        return direct(call, a, 0, 0, 0);
    }

    /// The exception for a negative result.
    public static Errno failure(Syscall call, long result, String arguments) {
        return new Errno((int) -result, call.callName(), arguments);
    }

    /// The result, if it is none of the errors.
    public static long check(Syscall call, long result, String arguments) throws Errno {
        if (result < 0) {
            throw failure(call, result, arguments);
        }
        return result;
    }

    /// Ends the life of all memory that was allocated here.
    @Override
    public void close() {
        Arena arena = overflow;
        if (arena != null) {
            overflow = null;
            arena.close();
        }
        POOL.lazySet(slot(), scratch);
    }
}
