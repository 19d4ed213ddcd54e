package dev.corten.model.oci;

import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/// Limits of the control group. Zero and `""` mean "not set" everywhere, -1 "unlimited".
///
/// @param devices in order; the first usually denies everything
/// @param unified files of cgroup v2 by name, written as they are
public record Resources(
        Memory memory,
        Cpu cpu,
        long pidsLimit,
        BlockIo blockIo,
        List<HugepageLimit> hugepages,
        List<DeviceRule> devices,
        Map<String, String> unified) {
    /// No limits at all, every device allowed.
    public static final Resources NONE =
            new Resources(Memory.NONE, Cpu.NONE, 0, BlockIo.NONE, List.of(), List.of(), Map.of());

    public Resources {
        hugepages = List.copyOf(hugepages);
        devices = List.copyOf(devices);
        unified = Map.copyOf(unified);
    }

    /// Bytes each.
    ///
    /// @param swapBytes memory and swap together, as Docker's `--memory-swap`
    /// @param swappiness 0 to 100; absent: inherited
    public record Memory(
            long limitBytes,
            long reservationBytes,
            long swapBytes,
            long kernelTcpBytes,
            OptionalInt swappiness,
            boolean disableOomKiller) {
        public static final Memory NONE = new Memory(0, 0, 0, 0, OptionalInt.empty(), false);
    }

    /// @param shares Docker's scale, 2 to 262144
    /// @param quotaMicros for each period
    /// @param cpus a list such as `0-3,8`
    /// @param mems a list of memory nodes
    public record Cpu(
            long shares,
            long quotaMicros,
            long periodMicros,
            long burstMicros,
            long realtimeRuntimeMicros,
            long realtimePeriodMicros,
            String cpus,
            String mems) {
        public static final Cpu NONE = new Cpu(0, 0, 0, 0, 0, 0, "", "");
    }

    /// @param weight 10 to 1000
    public record BlockIo(
            int weight,
            List<WeightDevice> weightDevices,
            List<Throttle> readBytes,
            List<Throttle> writeBytes,
            List<Throttle> readOperations,
            List<Throttle> writeOperations) {
        public static final BlockIo NONE =
                new BlockIo(0, List.of(), List.of(), List.of(), List.of(), List.of());

        public BlockIo {
            weightDevices = List.copyOf(weightDevices);
            readBytes = List.copyOf(readBytes);
            writeBytes = List.copyOf(writeBytes);
            readOperations = List.copyOf(readOperations);
            writeOperations = List.copyOf(writeOperations);
        }
    }

    public record WeightDevice(long major, long minor, int weight) {}

    /// @param rate for each second
    public record Throttle(long major, long minor, long rate) {}

    /// @param pageSize as the kernel names it: `2MB`
    public record HugepageLimit(String pageSize, long limitBytes) {}
}
