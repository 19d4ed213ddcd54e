package dev.corten.api.wire;

import dev.corten.engine.container.view.Usage;
import dev.corten.engine.container.view.UsageReport;
import dev.corten.model.container.CgroupStats;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What a container uses, as Docker writes it: one shape for version 1 of the control groups and one
/// for version 2.
public final class StatsJson {
    /// How version 2 says that there is no limit of processes.
    private static final BigInteger NO_LIMIT = new BigInteger("18446744073709551615");

    /// Docker takes these lines of version 1's `memory.stat` and no others.
    private static final List<String> MEMORY_V1 =
            List.of(
                    "active_anon",
                    "active_file",
                    "cache",
                    "dirty",
                    "hierarchical_memory_limit",
                    "hierarchical_memsw_limit",
                    "inactive_anon",
                    "inactive_file",
                    "mapped_file",
                    "pgfault",
                    "pgmajfault",
                    "pgpgin",
                    "pgpgout",
                    "rss",
                    "rss_huge",
                    "total_active_anon",
                    "total_active_file",
                    "total_cache",
                    "total_dirty",
                    "total_inactive_anon",
                    "total_inactive_file",
                    "total_mapped_file",
                    "total_pgfault",
                    "total_pgmajfault",
                    "total_pgpgin",
                    "total_pgpgout",
                    "total_rss",
                    "total_rss_huge",
                    "total_unevictable",
                    "total_writeback",
                    "unevictable",
                    "writeback");

    /// And these of version 2's, here in the order in which Go writes them.
    private static final List<String> MEMORY_V2 =
            List.of(
                    "active_anon",
                    "active_file",
                    "anon",
                    "anon_thp",
                    "file",
                    "file_dirty",
                    "file_mapped",
                    "file_writeback",
                    "inactive_anon",
                    "inactive_file",
                    "kernel_stack",
                    "pgactivate",
                    "pgdeactivate",
                    "pgfault",
                    "pglazyfree",
                    "pglazyfreed",
                    "pgmajfault",
                    "pgrefill",
                    "pgscan",
                    "pgsteal",
                    "shmem",
                    "slab",
                    "slab_reclaimable",
                    "slab_unreclaimable",
                    "sock",
                    "thp_collapse_alloc",
                    "thp_fault_alloc",
                    "unevictable",
                    "workingset_activate",
                    "workingset_nodereclaim",
                    "workingset_refault");

    /// The lists of block I/O after bytes and operations; kernels of today fill none of them.
    private static final List<String> MORE_BLOCK_IO =
            List.of(
                    "io_queue_recursive",
                    "io_service_time_recursive",
                    "io_wait_time_recursive",
                    "io_merged_recursive",
                    "io_time_recursive",
                    "sectors_recursive");

    private StatsJson() {}

    /// A single measurement, which does not say whose it is unless there is nothing to measure.
    public static Json.Document single(UsageReport report) {
        return write(report, report.now().isEmpty());
    }

    /// One that can be compared with another.
    public static Json.Document write(UsageReport report) {
        return write(report, true);
    }

    private static Json.Document write(UsageReport report, boolean named) {
        return Json.escapedObject(o -> {
            if (named) {
                o.text("name", "/" + report.name()).text("id", report.id().hex());
            }
            o.time("read", report.now().map(Usage::at).orElse(GoTime.ZERO));
            o.time("preread", report.before().map(Usage::at).orElse(GoTime.ZERO));
            Optional<CgroupStats> group = report.now().map(Usage::group);
            o.object("pids_stats", p -> group.ifPresent(g -> pids(p, g)));
            o.object("blkio_stats", b -> blockIo(b, group));
            o.number("num_procs", 0).object("storage_stats", _ -> {});
            o.object("cpu_stats", c -> cpu(c, report.now()));
            o.object("precpu_stats", c -> cpu(c, report.before()));
            o.object("memory_stats", m -> report.now().ifPresent(u -> memory(m, u)));
            report.now().ifPresent(usage -> networks(o, usage));
        });
    }

    private static void pids(Json o, CgroupStats group) {
        o.numberIfAny("current", group.pids().current());
        if (group.version() == 2 && group.pids().limit() == 0) {
            o.plain("limit", NO_LIMIT);
        } else {
            o.numberIfAny("limit", group.pids().limit());
        }
    }

    private static void blockIo(Json o, Optional<CgroupStats> group) {
        boolean first = group.map(g -> g.version() == 1).orElse(false);
        List<CgroupStats.Entry> bytes =
                group.map(g -> g.blockIo().serviceBytes()).orElse(List.of());
        entries(o, "io_service_bytes_recursive", first || !bytes.isEmpty() ? bytes : null);
        entries(
                o,
                "io_serviced_recursive",
                first ? group.map(g -> g.blockIo().serviced()).orElseThrow() : null);
        MORE_BLOCK_IO.forEach(name -> entries(o, name, first ? List.of() : null));
    }

    private static void entries(Json o, String key, @Nullable List<CgroupStats.Entry> entries) {
        o.objects(
                key,
                entries,
                (e, entry) ->
                        e.number("major", entry.major())
                                .number("minor", entry.minor())
                                .text("op", entry.operation())
                                .number("value", entry.value()));
    }

    private static void cpu(Json o, Optional<Usage> usage) {
        Optional<CgroupStats.Cpu> cpu = usage.map(u -> u.group().cpu());
        o.object(
                "cpu_usage",
                c -> {
                    c.number("total_usage", cpu.map(CgroupStats.Cpu::totalNanos).orElse(0L));
                    cpu.map(CgroupStats.Cpu::perCpuNanos)
                            .filter(each -> !each.isEmpty())
                            .ifPresent(each -> c.plain("percpu_usage", each));
                    c.number(
                            "usage_in_kernelmode",
                            cpu.map(CgroupStats.Cpu::systemNanos).orElse(0L));
                    c.number("usage_in_usermode", cpu.map(CgroupStats.Cpu::userNanos).orElse(0L));
                });
        o.numberIfAny("system_cpu_usage", usage.map(Usage::hostNanos).orElse(0L));
        o.numberIfAny("online_cpus", usage.map(Usage::processors).orElse(0));
        o.object(
                "throttling_data",
                t ->
                        t.number("periods", cpu.map(CgroupStats.Cpu::periods).orElse(0L))
                                .number(
                                        "throttled_periods",
                                        cpu.map(CgroupStats.Cpu::throttledPeriods).orElse(0L))
                                .number(
                                        "throttled_time",
                                        cpu.map(CgroupStats.Cpu::throttledNanos).orElse(0L)));
    }

    private static void memory(Json o, Usage usage) {
        CgroupStats.Memory memory = usage.group().memory();
        boolean first = usage.group().version() == 1;
        o.numberIfAny("usage", memory.usageBytes());
        if (first) {
            o.numberIfAny("max_usage", memory.maxUsageBytes());
        }
        var lines = new TreeMap<String, Long>();
        for (String name : first ? MEMORY_V1 : MEMORY_V2) {
            lines.put(name, memory.stat().getOrDefault(name, 0L));
        }
        o.object("stats", s -> lines.forEach(s::number));
        o.numberIfAny("failcnt", memory.failures());
        o.numberIfAny("limit", usage.memoryLimit());
    }

    private static void networks(Json o, Usage usage) {
        if (usage.interfaces().isEmpty()) {
            return;
        }
        o.object(
                "networks",
                n -> {
                    for (Map.Entry<String, Usage.Traffic> each : usage.interfaces().entrySet()) {
                        n.object(each.getKey(), t -> traffic(t, each.getValue()));
                    }
                });
    }

    private static void traffic(Json o, Usage.Traffic traffic) {
        o.number("rx_bytes", traffic.receivedBytes())
                .number("rx_packets", traffic.receivedPackets())
                .number("rx_errors", traffic.receiveErrors())
                .number("rx_dropped", traffic.receiveDrops())
                .number("tx_bytes", traffic.sentBytes())
                .number("tx_packets", traffic.sentPackets())
                .number("tx_errors", traffic.sendErrors())
                .number("tx_dropped", traffic.sendDrops());
    }
}
