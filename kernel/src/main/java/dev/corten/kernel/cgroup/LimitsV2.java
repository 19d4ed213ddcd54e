package dev.corten.kernel.cgroup;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileCalls;
import dev.corten.model.InvalidParameter;
import dev.corten.model.oci.Resources;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/// Limits in the files of version 2, converted as runc 1.3.2 and later do.
final class LimitsV2 {
    private static final long PERIOD_DEFAULT_MICROS = 100_000;

    private final LimitFiles files;

    LimitsV2(LimitFiles files) {
        this.files = files;
    }

    void apply(Resources resources) throws IOException {
        if (!resources.devices().isEmpty()) {
            try (Fd directory =
                    FileCalls.openDirectory(files.cgroup().unifiedDirectory().orElseThrow())) {
                DeviceFilter.of(resources.devices()).attach(directory);
            }
        }
        memory(resources.memory());
        cpu(resources.cpu());
        if (resources.pidsLimit() != 0) {
            files.set("pids", "pids.max", orMax(resources.pidsLimit()));
        }
        blockIo(resources.blockIo());
        for (Resources.HugepageLimit limit : resources.hugepages()) {
            files.set(
                    "hugetlb",
                    "hugetlb." + limit.pageSize() + ".max",
                    Long.toString(limit.limitBytes()));
        }
        for (Map.Entry<String, String> file : resources.unified().entrySet()) {
            if (file.getKey().contains("/")) {
                throw new InvalidParameter(
                        "unified resource \"" + file.getKey() + "\" must be a file name");
            }
            String path = files.cgroup().unifiedDirectory().orElseThrow() + "/" + file.getKey();
            try {
                Cgroup.write(path, file.getValue());
            } catch (Errno e) {
                throw new LimitRefused(path, file.getValue(), e);
            }
        }
    }

    private static String orMax(long value) {
        return value < 0 ? "max" : Long.toString(value);
    }

    private void memory(Resources.Memory memory) throws IOException {
        long limit = memory.limitBytes();
        long swap = memory.swapBytes();
        if (limit == -1 && swap == 0) {
            swap = -1;
        }
        if (swap != 0) {
            long bytes = swapOnly(limit, swap);
            // A kernel that does not count swap has no such file: neither "none" nor "all" is a
            // limit that would be missed there, as runc has it.
            if (bytes > 0 || files.get("memory", "memory.swap.max").isPresent()) {
                files.set("memory", "memory.swap.max", orMax(bytes));
            }
        }
        if (limit != 0) {
            files.set("memory", "memory.max", orMax(limit));
        }
        if (memory.reservationBytes() != 0) {
            files.set("memory", "memory.low", orMax(memory.reservationBytes()));
        }
    }

    /// Version 1 limits the sum, version 2 the swap alone.
    static long swapOnly(long limit, long sum) {
        if (sum < 0) {
            return -1;
        }
        if (limit <= 0) {
            throw new InvalidParameter("unable to set swap limit without memory limit");
        }
        if (sum < limit) {
            throw new InvalidParameter("memory+swap limit should be >= memory limit");
        }
        return sum - limit;
    }

    private void cpu(Resources.Cpu cpu) throws IOException {
        if (cpu.shares() != 0) {
            files.set("cpu", "cpu.weight", Long.toString(weightOfShares(cpu.shares())));
        }
        if (cpu.quotaMicros() != 0 || cpu.periodMicros() != 0) {
            long period = cpu.periodMicros() != 0 ? cpu.periodMicros() : PERIOD_DEFAULT_MICROS;
            String quota = cpu.quotaMicros() > 0 ? Long.toString(cpu.quotaMicros()) : "max";
            files.set("cpu", "cpu.max", quota + " " + period);
        }
        if (cpu.burstMicros() != 0) {
            files.set("cpu", "cpu.max.burst", Long.toString(cpu.burstMicros()));
        }
        if (!cpu.cpus().isEmpty()) {
            files.set("cpuset", "cpuset.cpus", cpu.cpus());
        }
        if (!cpu.mems().isEmpty()) {
            files.set("cpuset", "cpuset.mems", cpu.mems());
        }
    }

    /// 2..262144 to 1..10000 so that both defaults meet: 1024 becomes 100.
    static long weightOfShares(long shares) {
        if (shares <= 2) {
            return 1;
        }
        if (shares >= 262144) {
            return 10000;
        }
        double l = Math.log((double) shares) / Math.log(2);
        return (long) Math.ceil(Math.pow(10, (l * l + 125 * l) / 612.0 - 7.0 / 34.0));
    }

    private void blockIo(Resources.BlockIo io) throws IOException {
        if (io.weight() != 0) {
            if (files.get("blkio", "io.bfq.weight").isPresent()) {
                files.set("blkio", "io.bfq.weight", Integer.toString(io.weight()));
            } else {
                files.set("blkio", "io.weight", Long.toString(ioWeight(io.weight())));
            }
        }
        for (Resources.WeightDevice device : io.weightDevices()) {
            files.set(
                    "blkio",
                    "io.bfq.weight",
                    device.major() + ":" + device.minor() + " " + device.weight());
        }
        throttle("rbps", io.readBytes());
        throttle("wbps", io.writeBytes());
        throttle("riops", io.readOperations());
        throttle("wiops", io.writeOperations());
    }

    /// 10..1000 to 1..10000.
    static long ioWeight(int weight) {
        return 1 + (weight - 10L) * 9999 / 990;
    }

    private void throttle(String key, List<Resources.Throttle> limits) throws IOException {
        for (Resources.Throttle limit : limits) {
            files.set(
                    "blkio",
                    "io.max",
                    limit.major() + ":" + limit.minor() + " " + key + "=" + limit.rate());
        }
    }
}
