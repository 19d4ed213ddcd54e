package dev.corten.model.container;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What a control group has used. Times in nanoseconds, sizes in bytes; a part whose controller is
/// missing is zero or empty.
///
/// @param version of the control groups, 1 or 2
public record CgroupStats(int version, Cpu cpu, Memory memory, Pids pids, BlockIo blockIo) {
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
    /// @param failures how often the limit was hit (version 1), or memory ran out at it (2)
    /// @param stat the lines of `memory.stat`, in the kernel's order
    public record Memory(
            long usageBytes,
            long maxUsageBytes,
            long limitBytes,
            long failures,
            long swapUsageBytes,
            Map<String, Long> stat) {
        public Memory {
            stat = Collections.unmodifiableMap(new LinkedHashMap<>(stat));
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
