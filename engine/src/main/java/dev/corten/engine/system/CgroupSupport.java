package dev.corten.engine.system;

/// What the host's control groups can do.
///
/// @param version `1` or `2`
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
        boolean oomKillDisable) {}
