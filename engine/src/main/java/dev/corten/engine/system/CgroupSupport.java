package dev.corten.engine.system;

/// What the host's control groups can do.
///
/// @param version `1` or `2`
/// @param processors that can be used, as the kernel lists them: `0-3,8`
/// @param memoryNodes in the same form
public record CgroupSupport(
        String version,
        boolean memoryLimit,
        boolean swapLimit,
        boolean kernelMemoryTcp,
        boolean cpuCfsPeriod,
        boolean cpuCfsQuota,
        boolean cpuShares,
        boolean cpuset,
        boolean pidsLimit,
        boolean oomKillDisable,
        boolean memoryReservation,
        boolean memorySwappiness,
        boolean cpuRealtime,
        BlockIo blockIo,
        String processors,
        String memoryNodes) {
    /// What can be limited of the traffic with disks: shares, and rates.
    public record BlockIo(
            boolean weight,
            boolean weightDevice,
            boolean readBytes,
            boolean writeBytes,
            boolean readOperations,
            boolean writeOperations) {}
}
