package dev.corten.kernel.cgroup;

import dev.corten.model.oci.DeviceRule;
import dev.corten.model.oci.Resources;
import java.io.IOException;
import java.util.List;

/// Limits in the files of version 1.
final class LimitsV1 {
    private final LimitFiles files;

    LimitsV1(LimitFiles files) {
        this.files = files;
    }

    void apply(Resources resources) throws IOException {
        for (DeviceRule rule : resources.devices()) {
            files.set("devices", rule.allow() ? "devices.allow" : "devices.deny", rule.rule());
        }
        memory(resources.memory());
        cpu(resources.cpu());
        if (resources.pidsLimit() != 0) {
            long limit = resources.pidsLimit();
            files.set("pids", "pids.max", limit < 0 ? "max" : Long.toString(limit));
        }
        blockIo(resources.blockIo());
        for (Resources.HugepageLimit limit : resources.hugepages()) {
            files.set(
                    "hugetlb",
                    "hugetlb." + limit.pageSize() + ".limit_in_bytes",
                    Long.toString(limit.limitBytes()));
        }
    }

    private void memory(Resources.Memory memory) throws IOException {
        long limit = memory.limitBytes();
        long swap = memory.swapBytes();
        if (!hasSwap()) {
            // Nothing to limit: who asked was told.
            swap = swap == -1 ? 0 : swap;
        } else if (limit == -1 && swap == 0) {
            swap = -1; // no limit for memory means none for both together, as runc does
        }
        if (limit != 0 && swap != 0) {
            // The sum may never be below the memory limit, so the one that grows goes first.
            long now = files.number("memory", "memory.limit_in_bytes");
            boolean swapFirst = swap < 0 || now < swap;
            if (swapFirst) {
                files.set("memory", "memory.memsw.limit_in_bytes", swap);
            }
            memoryLimit(limit);
            if (!swapFirst) {
                files.set("memory", "memory.memsw.limit_in_bytes", swap);
            }
        } else if (limit != 0) {
            memoryLimit(limit);
        } else if (swap != 0) {
            files.set("memory", "memory.memsw.limit_in_bytes", swap);
        }
        if (memory.reservationBytes() != 0) {
            files.set("memory", "memory.soft_limit_in_bytes", memory.reservationBytes());
        }
        if (memory.kernelTcpBytes() != 0) {
            files.set("memory", "memory.kmem.tcp.limit_in_bytes", memory.kernelTcpBytes());
        }
        if (memory.disableOomKiller()) {
            files.set("memory", "memory.oom_control", 1);
        }
        if (memory.swappiness().isPresent()) {
            files.set("memory", "memory.swappiness", memory.swappiness().getAsInt());
        }
    }

    private boolean hasSwap() throws IOException {
        return files.get("memory", "memory.memsw.limit_in_bytes").isPresent();
    }

    private void memoryLimit(long limit) throws IOException {
        try {
            files.set("memory", "memory.limit_in_bytes", limit);
        } catch (LimitRefused refused) {
            if (!LimitFiles.isBusy(refused)) {
                throw refused;
            }
            throw new LimitRefused(
                    "unable to set memory limit to "
                            + limit
                            + " (current usage: "
                            + files.number("memory", "memory.usage_in_bytes")
                            + ", peak usage: "
                            + files.number("memory", "memory.max_usage_in_bytes")
                            + ")");
        }
    }

    /// The kernel takes shares that are out of its range for the nearest it knows, without a word.
    private void shares(long shares) throws IOException {
        files.set("cpu", "cpu.shares", shares);
        long taken = files.number("cpu", "cpu.shares");
        if (taken != shares) {
            throw new LimitRefused(
                    "the "
                            + (shares > taken ? "maximum" : "minimum")
                            + " allowed cpu-shares is "
                            + taken);
        }
    }

    private void cpu(Resources.Cpu cpu) throws IOException {
        if (cpu.shares() != 0) {
            shares(cpu.shares());
        }
        if (cpu.realtimePeriodMicros() != 0) {
            files.set("cpu", "cpu.rt_period_us", cpu.realtimePeriodMicros());
        }
        if (cpu.realtimeRuntimeMicros() != 0) {
            files.set("cpu", "cpu.rt_runtime_us", cpu.realtimeRuntimeMicros());
        }
        long period = cpu.periodMicros();
        if (period != 0) {
            try {
                files.set("cpu", "cpu.cfs_period_us", period);
                period = 0;
            } catch (LimitRefused refused) {
                // The present quota may be too much for the new period: then the quota goes first.
                if (!LimitFiles.isInvalid(refused) || cpu.quotaMicros() == 0) {
                    throw refused;
                }
            }
        }
        if (cpu.quotaMicros() != 0) {
            files.set("cpu", "cpu.cfs_quota_us", cpu.quotaMicros());
            if (period != 0) {
                files.set("cpu", "cpu.cfs_period_us", period);
            }
        }
        if (cpu.burstMicros() != 0) {
            files.set("cpu", "cpu.cfs_burst_us", cpu.burstMicros());
        }
        if (!cpu.cpus().isEmpty()) {
            files.set("cpuset", "cpuset.cpus", cpu.cpus());
        }
        if (!cpu.mems().isEmpty()) {
            files.set("cpuset", "cpuset.mems", cpu.mems());
        }
    }

    private void blockIo(Resources.BlockIo io) throws IOException {
        if (io.weight() != 0) {
            files.set("blkio", weightFile("weight"), io.weight());
        }
        for (Resources.WeightDevice device : io.weightDevices()) {
            files.set(
                    "blkio",
                    weightFile("weight_device"),
                    device.major() + ":" + device.minor() + " " + device.weight());
        }
        throttle("read_bps_device", io.readBytes());
        throttle("write_bps_device", io.writeBytes());
        throttle("read_iops_device", io.readOperations());
        throttle("write_iops_device", io.writeOperations());
    }

    /// The scheduler that has weights decides the file's name: CFQ until Linux 5.0, then BFQ.
    private String weightFile(String name) throws IOException {
        return files.get("blkio", "blkio." + name).isPresent()
                ? "blkio." + name
                : "blkio.bfq." + name;
    }

    private void throttle(String file, List<Resources.Throttle> limits) throws IOException {
        for (Resources.Throttle limit : limits) {
            files.set(
                    "blkio",
                    "blkio.throttle." + file,
                    limit.major() + ":" + limit.minor() + " " + limit.rate());
        }
    }
}
