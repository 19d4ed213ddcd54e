package dev.corten.kernel.cgroup;

import dev.corten.model.container.CgroupStats;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Reading statistics of version 1.
final class StatsV1 {
    /// What `memory.limit_in_bytes` says when there is no limit: the largest number of pages.
    private static final long UNLIMITED = 0x7FFF_FFFF_FFFF_F000L;

    private StatsV1() {}

    static CgroupStats read(Cgroup cgroup) throws IOException {
        return new CgroupStats(1, cpu(cgroup), memory(cgroup), pids(cgroup), blockIo(cgroup));
    }

    private static CgroupStats.Cpu cpu(Cgroup cgroup) throws IOException {
        Map<String, Long> throttling = KeyedFile.read(cgroup, "cpu", "cpu.stat");
        var perCpu = new ArrayList<Long>();
        String usage = cgroup.get("cpuacct", "cpuacct.usage_percpu").orElse("").strip();
        if (!usage.isEmpty()) {
            for (String value : usage.split(" ", -1)) {
                perCpu.add(Long.parseLong(value));
            }
        }
        return new CgroupStats.Cpu(
                KeyedFile.value(cgroup, "cpuacct", "cpuacct.usage"),
                KeyedFile.value(cgroup, "cpuacct", "cpuacct.usage_user"),
                KeyedFile.value(cgroup, "cpuacct", "cpuacct.usage_sys"),
                perCpu,
                throttling.getOrDefault("nr_periods", 0L),
                throttling.getOrDefault("nr_throttled", 0L),
                throttling.getOrDefault("throttled_time", 0L));
    }

    private static CgroupStats.Memory memory(Cgroup cgroup) throws IOException {
        long limit = KeyedFile.value(cgroup, "memory", "memory.limit_in_bytes");
        Map<String, Long> stat = KeyedFile.read(cgroup, "memory", "memory.stat");
        return new CgroupStats.Memory(
                KeyedFile.value(cgroup, "memory", "memory.usage_in_bytes"),
                KeyedFile.value(cgroup, "memory", "memory.max_usage_in_bytes"),
                limit >= UNLIMITED ? Long.MAX_VALUE : limit,
                KeyedFile.value(cgroup, "memory", "memory.failcnt"),
                stat.getOrDefault("total_swap", 0L),
                stat);
    }

    private static CgroupStats.Pids pids(Cgroup cgroup) throws IOException {
        long limit = KeyedFile.value(cgroup, "pids", "pids.max");
        return new CgroupStats.Pids(
                KeyedFile.value(cgroup, "pids", "pids.current"),
                limit == Long.MAX_VALUE ? 0 : limit);
    }

    private static CgroupStats.BlockIo blockIo(Cgroup cgroup) throws IOException {
        List<CgroupStats.Entry> bytes = entries(cgroup, "blkio.bfq.io_service_bytes_recursive");
        List<CgroupStats.Entry> operations = entries(cgroup, "blkio.bfq.io_serviced_recursive");
        if (bytes.isEmpty()) {
            // Without the BFQ scheduler its files are empty, and the throttler counts.
            bytes = entries(cgroup, "blkio.throttle.io_service_bytes_recursive");
            operations = entries(cgroup, "blkio.throttle.io_serviced_recursive");
        }
        return new CgroupStats.BlockIo(bytes, operations);
    }

    /// Lines such as `8:0 Read 4096`; the last line is a total without a device.
    private static List<CgroupStats.Entry> entries(Cgroup cgroup, String file) throws IOException {
        var entries = new ArrayList<CgroupStats.Entry>();
        for (String line : cgroup.get("blkio", file).orElse("").split("\n", -1)) {
            String[] words = line.split(" ", -1);
            int colon = words[0].indexOf(':');
            if (words.length == 3 && colon > 0) {
                entries.add(
                        new CgroupStats.Entry(
                                Long.parseLong(words[0].substring(0, colon)),
                                Long.parseLong(words[0].substring(colon + 1)),
                                words[1],
                                Long.parseLong(words[2])));
            }
        }
        return entries;
    }
}
