package dev.corten.kernel.ffi;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/// A pooled piece of native memory through which heap arrays are read and written.
///
/// Blocking calls may not see heap memory (the collector would have to wait for them), so the
/// bytes are copied once; 128 KiB keep that in the processor's cache.
public final class IoBuffer implements AutoCloseable {
    public static final int SIZE = 128 * 1024;
    private static final int POOLED = 8;
    private static final AtomicReferenceArray<@Nullable MemorySegment> POOL =
            new AtomicReferenceArray<>(POOLED);

    private final MemorySegment memory;

    private IoBuffer(MemorySegment memory) {
        this.memory = memory;
    }

    public static IoBuffer open() {
        MemorySegment pooled = POOL.getAndSet(slot(), null);
        return new IoBuffer(pooled != null ? pooled : Arena.ofAuto().allocate(SIZE, 4096));
    }

    private static int slot() {
        return (int) Thread.currentThread().threadId() & (POOLED - 1);
    }

    public MemorySegment memory() {
        return memory;
    }

    @Override
    public void close() {
        POOL.lazySet(slot(), memory);
    }
}
