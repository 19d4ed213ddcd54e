package dev.corten.kernel.cgroup;

import java.util.List;
import java.util.Map;

/// What a control group has used. Times in nanoseconds, sizes in bytes; a part whose controller is
/// missing is zero or empty.
public record CgroupStats(Cpu cpu, Memory memory, Pids pids, BlockIo blockIo) {
    /// @param perCpuNanos version 1 only, otherwise empty
    public record Cpu(
            long totalNanos,
            long userNanos,
            long systemNanos,
            List<Long> perCpuNanos,
            long periods,
            long throttledPeriods,
            long throttledNanos) {
        public Cpu {
            perCpuNanos = List.copyOf(perCpuNanos);
        }
    }

    /// @param limitBytes `Long.MAX_VALUE` if there is none
    /// @param maxUsageBytes the peak; 0 where the kernel does not tell
    /// @param failures how often the limit was hit
    /// @param stat the lines of `memory.stat`, in the kernel's order
    public record Memory(
            long usageBytes,
            long maxUsageBytes,
            long limitBytes,
            long failures,
            long swapUsageBytes,
            Map<String, Long> stat) {
        public Memory {
            stat = java.util.Collections.unmodifiableMap(new java.util.LinkedHashMap<>(stat));
        }
    }

    /// @param limit 0 if there is none
    public record Pids(long current, long limit) {}

    /// Bytes and operations, as `Read`, `Write`, ... for each device.
    public record BlockIo(List<Entry> serviceBytes, List<Entry> serviced) {
        public BlockIo {
            serviceBytes = List.copyOf(serviceBytes);
            serviced = List.copyOf(serviced);
        }
    }

    /// @param operation `Read`, `Write`, `Sync`, `Async`, `Discard`, `Total` on version 1; `read`,
    ///     `write` on version 2
    public record Entry(long major, long minor, String operation, long value) {}
}
