package dev.corten.kernel.cgroup;

import dev.corten.kernel.Errno;
import dev.corten.model.oci.DeviceRule;
import dev.corten.model.oci.Resources;
import java.io.IOException;
import java.util.List;

/// Limits in the files of version 1.
final class LimitsV1 {
    private final Cgroup cgroup;

    LimitsV1(Cgroup cgroup) {
        this.cgroup = cgroup;
    }

    void apply(Resources resources) throws IOException {
        for (DeviceRule rule : resources.devices()) {
            cgroup.set("devices", rule.allow() ? "devices.allow" : "devices.deny", rule.rule());
        }
        memory(resources.memory());
        cpu(resources.cpu());
        if (resources.pidsLimit() != 0) {
            long limit = resources.pidsLimit();
            cgroup.set("pids", "pids.max", limit < 0 ? "max" : Long.toString(limit));
        }
        blockIo(resources.blockIo());
        for (Resources.HugepageLimit limit : resources.hugepages()) {
            cgroup.set(
                    "hugetlb",
                    "hugetlb." + limit.pageSize() + ".limit_in_bytes",
                    Long.toString(limit.limitBytes()));
        }
    }

    private void memory(Resources.Memory memory) throws IOException {
        long limit = memory.limitBytes();
        long swap = memory.swapBytes();
        if (limit == -1 && swap == 0 && hasSwap()) {
            swap = -1; // no limit for memory means none for both together, as runc does
        }
        if (limit != 0 && swap != 0) {
            // The sum may never be below the memory limit, so the one that grows goes first.
            String now = cgroup.get("memory", "memory.limit_in_bytes").orElse("0").strip();
            boolean swapFirst = swap == -1 || Long.parseLong(now) < swap;
            if (swapFirst) {
                number("memory", "memory.memsw.limit_in_bytes", swap);
            }
            memoryLimit(limit);
            if (!swapFirst) {
                number("memory", "memory.memsw.limit_in_bytes", swap);
            }
        } else if (limit != 0) {
            memoryLimit(limit);
        } else if (swap != 0) {
            number("memory", "memory.memsw.limit_in_bytes", swap);
        }
        if (memory.reservationBytes() != 0) {
            number("memory", "memory.soft_limit_in_bytes", memory.reservationBytes());
        }
        if (memory.kernelTcpBytes() != 0) {
            number("memory", "memory.kmem.tcp.limit_in_bytes", memory.kernelTcpBytes());
        }
        if (memory.disableOomKiller()) {
            number("memory", "memory.oom_control", 1);
        }
        if (memory.swappiness().isPresent()) {
            number("memory", "memory.swappiness", memory.swappiness().getAsInt());
        }
    }

    private boolean hasSwap() throws IOException {
        return cgroup.get("memory", "memory.memsw.limit_in_bytes").isPresent();
    }

    private void memoryLimit(long limit) throws IOException {
        try {
            number("memory", "memory.limit_in_bytes", limit);
        } catch (Errno e) {
            if (!e.is(Errno.EBUSY)) {
                throw e;
            }
            String used = cgroup.get("memory", "memory.usage_in_bytes").orElse("?").strip();
            throw new Errno(
                    e.number(), e.call(), e.arguments() + " (" + used + " bytes are in use)");
        }
    }

    private void cpu(Resources.Cpu cpu) throws IOException {
        if (cpu.shares() != 0) {
            number("cpu", "cpu.shares", cpu.shares());
        }
        if (cpu.realtimePeriodMicros() != 0) {
            number("cpu", "cpu.rt_period_us", cpu.realtimePeriodMicros());
        }
        if (cpu.realtimeRuntimeMicros() != 0) {
            number("cpu", "cpu.rt_runtime_us", cpu.realtimeRuntimeMicros());
        }
        long period = cpu.periodMicros();
        if (period != 0) {
            try {
                number("cpu", "cpu.cfs_period_us", period);
                period = 0;
            } catch (Errno e) {
                // The present quota may be too much for the new period: then the quota goes first.
                if (!e.is(Errno.EINVAL) || cpu.quotaMicros() == 0) {
                    throw e;
                }
            }
        }
        if (cpu.quotaMicros() != 0) {
            number("cpu", "cpu.cfs_quota_us", cpu.quotaMicros());
            if (period != 0) {
                number("cpu", "cpu.cfs_period_us", period);
            }
        }
        if (cpu.burstMicros() != 0) {
            number("cpu", "cpu.cfs_burst_us", cpu.burstMicros());
        }
        if (!cpu.cpus().isEmpty()) {
            cgroup.set("cpuset", "cpuset.cpus", cpu.cpus());
        }
        if (!cpu.mems().isEmpty()) {
            cgroup.set("cpuset", "cpuset.mems", cpu.mems());
        }
    }

    private void blockIo(Resources.BlockIo io) throws IOException {
        if (io.weight() != 0) {
            number("blkio", weightFile("weight"), io.weight());
        }
        for (Resources.WeightDevice device : io.weightDevices()) {
            cgroup.set(
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
        return cgroup.get("blkio", "blkio." + name).isPresent()
                ? "blkio." + name
                : "blkio.bfq." + name;
    }

    private void throttle(String file, List<Resources.Throttle> limits) throws IOException {
        for (Resources.Throttle limit : limits) {
            cgroup.set(
                    "blkio",
                    "blkio.throttle." + file,
                    limit.major() + ":" + limit.minor() + " " + limit.rate());
        }
    }

    private void number(String controller, String file, long value) throws IOException {
        cgroup.set(controller, file, Long.toString(value));
    }
}
