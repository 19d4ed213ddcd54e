package dev.corten.kernel.cgroup;

import dev.corten.model.container.CgroupStats;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Reading statistics of version 2.
final class StatsV2 {
    private StatsV2() {}

    static CgroupStats read(Cgroup cgroup) throws IOException {
        Map<String, Long> cpu = KeyedFile.read(cgroup, "cpu", "cpu.stat");
        Map<String, Long> events = KeyedFile.read(cgroup, "memory", "memory.events");
        long pidsLimit = KeyedFile.value(cgroup, "pids", "pids.max");
        return new CgroupStats(
                2,
                new CgroupStats.Cpu(
                        cpu.getOrDefault("usage_usec", 0L) * 1000,
                        cpu.getOrDefault("user_usec", 0L) * 1000,
                        cpu.getOrDefault("system_usec", 0L) * 1000,
                        List.of(),
                        cpu.getOrDefault("nr_periods", 0L),
                        cpu.getOrDefault("nr_throttled", 0L),
                        cpu.getOrDefault("throttled_usec", 0L) * 1000),
                new CgroupStats.Memory(
                        KeyedFile.value(cgroup, "memory", "memory.current"),
                        KeyedFile.value(cgroup, "memory", "memory.peak"),
                        KeyedFile.number(cgroup.get("memory", "memory.max").orElse("max")),
                        events.getOrDefault("oom", 0L),
                        KeyedFile.value(cgroup, "memory", "memory.swap.current"),
                        KeyedFile.read(cgroup, "memory", "memory.stat")),
                new CgroupStats.Pids(
                        KeyedFile.value(cgroup, "pids", "pids.current"),
                        pidsLimit == Long.MAX_VALUE ? 0 : pidsLimit),
                blockIo(cgroup.get("blkio", "io.stat").orElse("")));
    }

    /// Lines such as `8:0 rbytes=4096 wbytes=0 rios=1 wios=0 dbytes=0 dios=0`.
    static CgroupStats.BlockIo blockIo(String text) {
        var bytes = new ArrayList<CgroupStats.Entry>();
        var operations = new ArrayList<CgroupStats.Entry>();
        for (String line : text.split("\n", -1)) {
            String[] words = line.split(" ", -1);
            int colon = words[0].indexOf(':');
            if (colon <= 0) {
                continue;
            }
            long major = Long.parseLong(words[0].substring(0, colon));
            long minor = Long.parseLong(words[0].substring(colon + 1));
            for (String word : words) {
                int equals = word.indexOf('=');
                if (equals <= 0) {
                    continue;
                }
                long value = KeyedFile.number(word.substring(equals + 1));
                switch (word.substring(0, equals)) {
                    case "rbytes" -> bytes.add(new CgroupStats.Entry(major, minor, "read", value));
                    case "wbytes" -> bytes.add(new CgroupStats.Entry(major, minor, "write", value));
                    case "rios" ->
                            operations.add(new CgroupStats.Entry(major, minor, "read", value));
                    case "wios" ->
                            operations.add(new CgroupStats.Entry(major, minor, "write", value));
                    default -> {} // discards, which Docker does not show
                }
            }
        }
        return new CgroupStats.BlockIo(bytes, operations);
    }
}
