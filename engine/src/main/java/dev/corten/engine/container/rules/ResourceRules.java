package dev.corten.engine.container.rules;

import dev.corten.engine.system.CgroupSupport;
import dev.corten.kernel.cgroup.ClassesOfService;
import dev.corten.model.Internal;
import dev.corten.model.InvalidParameter;
import dev.corten.model.container.DeviceMapping;
import dev.corten.model.container.HostConfig;
import dev.corten.model.container.Ulimit;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a container may use of the host: checked against what the host has and the kernel can limit.
public final class ResourceRules {
    private final MemoryRules memory;
    private final CpuRules cpu;
    private final BlockIoRules blockIo;
    private final CgroupSupport cgroups;
    private final HostFileRules files;

    ResourceRules(int processors, CgroupSupport cgroups) {
        this.memory = new MemoryRules(cgroups);
        this.cpu = new CpuRules(processors, cgroups);
        this.blockIo = new BlockIoRules(cgroups.blockIo());
        this.cgroups = cgroups;
        this.files =
                new HostFileRules(
                        cgroups.version().equals("1"), new ClassesOfService(ClassesOfService.ROOT));
    }

    /// @param host gets what follows from the request and the kernel
    void apply(
            HostConfig request,
            HostConfig.Editor host,
            List<String> warnings,
            ContainerDefaults defaults) {
        if (request.shmSize() < 0) {
            throw new InvalidParameter("SHM size can not be less than 0");
        }
        if (request.shmSize() == 0) {
            host.shmSize = defaults.shmBytes();
        }
        limits(host, warnings, false);
        if (host.memory > 0 && host.memorySwap == 0) {
            host.memorySwap = 2 * host.memory;
        }
        if (cgroups.oomKillDisable() && host.oomKillDisable == null) {
            host.oomKillDisable = false;
        }
        if (host.pidsLimit != null && host.pidsLimit <= 0) {
            host.pidsLimit = null;
        }
        ulimits(request.ulimits());
        devices(request.devices());
        if (request.oomScoreAdj() < -1000 || request.oomScoreAdj() > 1000) {
            throw new InvalidParameter(
                    "Invalid value "
                            + request.oomScoreAdj()
                            + ", range for oom score adj is [-1000, 1000]");
        }
        storage(request.storageOpt());
        files.check(request);
    }

    /// Checks the limits, and takes out with a warning what the kernel cannot limit.
    ///
    /// @param update whether they are for a container that is there, and has other limits
    public void limits(HostConfig.Editor host, List<String> warnings, boolean update) {
        memory.apply(host, warnings, update);
        if (host.pidsLimit != null && !cgroups.pidsLimit()) {
            if (host.pidsLimit > 0) {
                warnings.add(
                        "Your kernel does not support PIDs limit capabilities or the cgroup is not"
                                + " mounted. PIDs limit discarded.");
            }
            host.pidsLimit = null;
        }
        cpu.apply(host, warnings);
        blockIo.apply(host, warnings);
    }

    private static void storage(@Nullable Map<String, String> options) {
        if (options == null) {
            return;
        }
        // No file system of ours has Docker's quotas.
        if (options.keySet().stream().anyMatch("size"::equalsIgnoreCase)) {
            throw new Internal(
                    "--storage-opt is supported only for overlay over xfs with 'pquota' mount"
                            + " option");
        }
        if (!options.isEmpty()) {
            throw new Internal("Unknown option " + options.keySet().iterator().next());
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

    private static void devices(@Nullable List<DeviceMapping> devices) {
        if (devices == null) {
            return;
        }
        for (DeviceMapping device : devices) {
            if (!device.cgroupPermissions().matches("[rwm]*")) {
                throw new InvalidParameter("invalid device mode: " + device.cgroupPermissions());
            }
        }
    }
}
