package dev.corten.engine.container;

import dev.corten.model.container.HostConfig;

/// The limits that an update has to write: those that were asked for, each with the ones that the
/// kernel knows only together with it.
final class LimitChanges {
    private LimitChanges() {}

    /// @param asked zero and empty where nothing was asked for
    /// @param after all limits of the container from then on
    static HostConfig of(HostConfig asked, HostConfig after) {
        HostConfig.Editor changes = HostConfig.DEFAULT.edit();
        if (asked.memory() != 0 || asked.memorySwap() != 0) {
            changes.memory = after.memory();
            changes.memorySwap = after.memorySwap();
        }
        if (asked.memoryReservation() != 0) {
            changes.memoryReservation = after.memoryReservation();
        }
        if (asked.cpuShares() != 0) {
            changes.cpuShares = after.cpuShares();
        }
        if (asked.nanoCpus() != 0 || asked.cpuPeriod() != 0 || asked.cpuQuota() != 0) {
            changes.nanoCpus = after.nanoCpus();
            changes.cpuPeriod = after.cpuPeriod();
            changes.cpuQuota = after.cpuQuota();
        }
        if (asked.cpuRealtimePeriod() != 0 || asked.cpuRealtimeRuntime() != 0) {
            changes.cpuRealtimePeriod = after.cpuRealtimePeriod();
            changes.cpuRealtimeRuntime = after.cpuRealtimeRuntime();
        }
        if (!asked.cpusetCpus().isEmpty()) {
            changes.cpusetCpus = after.cpusetCpus();
        }
        if (!asked.cpusetMems().isEmpty()) {
            changes.cpusetMems = after.cpusetMems();
        }
        if (asked.pidsLimit() != null) {
            changes.pidsLimit = after.pidsLimit();
        }
        if (asked.blkioWeight() != 0) {
            changes.blkioWeight = after.blkioWeight();
        }
        return changes.done();
    }
}
