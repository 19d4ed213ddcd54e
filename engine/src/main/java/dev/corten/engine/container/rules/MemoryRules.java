package dev.corten.engine.container.rules;

import dev.corten.engine.system.CgroupSupport;
import dev.corten.model.InvalidParameter;
import dev.corten.model.container.HostConfig;
import java.util.List;

/// Limits of memory. The order of the checks is Docker's: it decides which of several mistakes is
/// named.
final class MemoryRules {
    /// Less is not enough for a program to start.
    private static final long MIN_BYTES = 6L * 1024 * 1024;

    private final CgroupSupport cgroups;

    MemoryRules(CgroupSupport cgroups) {
        this.cgroups = cgroups;
    }

    void apply(HostConfig.Editor host, List<String> warnings, boolean update) {
        limit(host, warnings, update);
        swappiness(host, warnings);
        reservation(host, warnings);
        if (host.oomKillDisable != null && !cgroups.oomKillDisable()) {
            if (host.oomKillDisable) {
                warnings.add(
                        "Your kernel does not support OomKillDisable. OomKillDisable discarded.");
            }
            host.oomKillDisable = null;
        }
        if (Boolean.TRUE.equals(host.oomKillDisable) && host.memory == 0) {
            warnings.add(
                    "OOM killer is disabled for the container, but no memory limit is set, this"
                            + " can result in the system running out of resources.");
        }
    }

    private void limit(HostConfig.Editor host, List<String> warnings, boolean update) {
        if (host.memory != 0 && host.memory < MIN_BYTES) {
            throw new InvalidParameter("Minimum memory limit allowed is 6MB");
        }
        if (host.memory > 0 && !cgroups.memoryLimit()) {
            warnings.add(
                    "Your kernel does not support memory limit capabilities or the cgroup is not"
                            + " mounted. Limitation discarded.");
            host.memory = 0;
            host.memorySwap = -1;
        }
        if (host.memory > 0 && host.memorySwap != -1 && !cgroups.swapLimit()) {
            warnings.add(
                    "Your kernel does not support swap limit capabilities or the cgroup is not"
                            + " mounted. Memory limited without swap.");
            host.memorySwap = -1;
        }
        if (host.memory > 0 && host.memorySwap > 0 && host.memorySwap < host.memory) {
            throw new InvalidParameter(
                    "Minimum memoryswap limit should be larger than memory limit, see usage");
        }
        if (host.memory == 0 && host.memorySwap > 0 && !update) {
            throw new InvalidParameter(
                    "You should always set the Memory limit when using Memoryswap limit, see"
                            + " usage");
        }
    }

    private void swappiness(HostConfig.Editor host, List<String> warnings) {
        if (host.memorySwappiness != null && host.memorySwappiness == -1) {
            host.memorySwappiness = null;
        }
        if (host.memorySwappiness != null && !cgroups.memorySwappiness()) {
            warnings.add(
                    "Your kernel does not support memory swappiness capabilities or the cgroup is"
                            + " not mounted. Memory swappiness discarded.");
            host.memorySwappiness = null;
        }
        Long swappiness = host.memorySwappiness;
        if (swappiness != null && (swappiness < 0 || swappiness > 100)) {
            throw new InvalidParameter(
                    "Invalid value: " + swappiness + ", valid memory swappiness range is 0-100");
        }
    }

    private void reservation(HostConfig.Editor host, List<String> warnings) {
        if (host.memoryReservation > 0 && !cgroups.memoryReservation()) {
            warnings.add(
                    "Your kernel does not support memory soft limit capabilities or the cgroup is"
                            + " not mounted. Limitation discarded.");
            host.memoryReservation = 0;
        }
        if (host.memoryReservation > 0 && host.memoryReservation < MIN_BYTES) {
            throw new InvalidParameter("Minimum memory reservation allowed is 6MB");
        }
        if (host.memory > 0 && host.memoryReservation > 0 && host.memory < host.memoryReservation) {
            throw new InvalidParameter(
                    "Minimum memory limit can not be less than memory reservation limit, see"
                            + " usage");
        }
    }
}
