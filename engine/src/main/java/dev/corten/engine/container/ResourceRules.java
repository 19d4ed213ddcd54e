package dev.corten.engine.container;

import dev.corten.engine.system.CgroupSupport;
import dev.corten.model.InvalidParameter;
import dev.corten.model.container.HostConfig;
import dev.corten.model.container.Ulimit;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// What a container may use of the host: checked against what the host has and the kernel can limit.
final class ResourceRules {
    private static final long MIN_MEMORY_BYTES = 6L * 1024 * 1024;

    private final int processors;
    private final CgroupSupport cgroups;

    ResourceRules(int processors, CgroupSupport cgroups) {
        this.processors = processors;
        this.cgroups = cgroups;
    }

    /// @param host gets what follows from the request and the kernel
    void apply(
            HostConfig request,
            HostConfig.Editor host,
            List<String> warnings,
            ContainerDefaults defaults) {
        if (request.storageOpt() != null && !request.storageOpt().isEmpty()) {
            throw CreateRules.notYet("storage options");
        }
        if (!request.cgroupParent().isEmpty()) {
            throw CreateRules.notYet("cgroup parents");
        }
        CreateRules.absent("device requests (--gpus)", request.deviceRequests());
        CreateRules.absent("device cgroup rules", request.deviceCgroupRules());
        if (request.shmSize() < 0) {
            throw new InvalidParameter("SHM size can not be less than 0");
        }
        if (request.shmSize() == 0) {
            host.shmSize = defaults.shmBytes();
        }
        if (request.pidsLimit() != null && request.pidsLimit() <= 0) {
            host.pidsLimit = null;
        }
        if (!cgroups.oomKillDisable()) {
            if (Boolean.TRUE.equals(request.oomKillDisable())) {
                warnings.add(
                        "Your kernel does not support OomKillDisable. OomKillDisable discarded.");
            }
            host.oomKillDisable = null;
        } else if (request.oomKillDisable() == null) {
            host.oomKillDisable = false;
        }
        memory(request, host, warnings);
        cpu(request);
        ulimits(request.ulimits());
        if (request.oomScoreAdj() < -1000 || request.oomScoreAdj() > 1000) {
            throw new InvalidParameter(
                    "Invalid value "
                            + request.oomScoreAdj()
                            + ", range for oom score adj is [-1000, 1000]");
        }
    }

    private void memory(HostConfig request, HostConfig.Editor host, List<String> warnings) {
        long memory = request.memory();
        long swap = request.memorySwap();
        if (memory != 0 && memory < MIN_MEMORY_BYTES) {
            throw new InvalidParameter("Minimum memory limit allowed is 6MB");
        }
        if (memory > 0 && swap > 0 && swap < memory) {
            throw new InvalidParameter(
                    "Minimum memoryswap limit should be larger than memory limit, see usage");
        }
        if (memory == 0 && swap > 0) {
            throw new InvalidParameter(
                    "You should always set the Memory limit when using Memoryswap limit, see"
                            + " usage");
        }
        if (memory > 0 && request.memoryReservation() > memory) {
            throw new InvalidParameter(
                    "Minimum memory limit can not be less than memory reservation limit, see"
                            + " usage");
        }
        if (request.memoryReservation() != 0 && request.memoryReservation() < MIN_MEMORY_BYTES) {
            throw new InvalidParameter("Minimum memory reservation allowed is 6MB");
        }
        if (memory > 0 && swap == 0) {
            host.memorySwap = 2 * memory;
        }
        if (memory > 0 && !cgroups.swapLimit()) {
            warnings.add(
                    "Your kernel does not support swap limit capabilities or the cgroup is not"
                            + " mounted. Memory limited without swap.");
            host.memorySwap = -1;
        }
        Long swappiness = request.memorySwappiness();
        if (swappiness != null) {
            if (swappiness == -1) {
                host.memorySwappiness = null;
            } else if (swappiness < 0 || swappiness > 100) {
                throw new InvalidParameter(
                        "Invalid value: "
                                + swappiness
                                + ", valid memory swappiness range is"
                                + " 0-100");
            }
        }
    }

    private void cpu(HostConfig request) {
        long nano = request.nanoCpus();
        if (nano > 0 && request.cpuPeriod() > 0) {
            throw new InvalidParameter(
                    "Conflicting options: Nano CPUs and CPU Period cannot both be set");
        }
        if (nano > 0 && request.cpuQuota() > 0) {
            throw new InvalidParameter(
                    "Conflicting options: Nano CPUs and CPU Quota cannot both be set");
        }
        if (nano < 0 || nano > processors * 1_000_000_000L) {
            throw new InvalidParameter(
                    String.format(
                            Locale.ROOT,
                            "range of CPUs is from 0.01 to %d.00, as there are only %d CPUs"
                                    + " available",
                            processors,
                            processors));
        }
        long period = request.cpuPeriod();
        if (period != 0 && (period < 1000 || period > 1_000_000)) {
            throw new InvalidParameter(
                    "CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e."
                            + " 1000000)");
        }
        if (request.cpuQuota() > 0 && request.cpuQuota() < 1000) {
            throw new InvalidParameter("CPU cfs quota can not be less than 1ms (i.e. 1000)");
        }
    }

    private static void ulimits(@Nullable List<Ulimit> ulimits) {
        if (ulimits == null) {
            return;
        }
        for (Ulimit ulimit : ulimits) {
            if (ulimit.soft() > ulimit.hard() && ulimit.hard() != -1) {
                throw new InvalidParameter(
                        "ulimit soft limit must be less than or equal to hard limit: "
                                + ulimit.soft()
                                + " > "
                                + ulimit.hard());
            }
        }
    }
}
