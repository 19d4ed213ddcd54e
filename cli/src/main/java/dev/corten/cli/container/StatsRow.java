package dev.corten.cli.container;

import dev.corten.cli.listing.ListRows;
import dev.corten.cli.listing.Row;
import dev.corten.cli.text.Quantity;
import dev.corten.cli.text.Texts;
import dev.corten.client.Json;
import java.util.Locale;

/// One line of `stats`, made of what the daemon says of a container.
final class StatsRow {
    private static final String TABLE =
            "{{.ID}}\t{{.Name}}\t{{.CPUPerc}}\t{{.MemUsage}}\t{{.MemPerc}}\t{{.NetIO}}"
                    + "\t{{.BlockIO}}\t{{.PIDs}}";

    private StatsRow() {}

    static ListRows rows() {
        return new ListRows(
                "stats",
                TABLE,
                "Container",
                "CONTAINER",
                "Name",
                "NAME",
                "ID",
                "CONTAINER ID",
                "CPUPerc",
                "CPU %",
                "MemUsage",
                "MEM USAGE / LIMIT",
                "MemPerc",
                "MEM %",
                "NetIO",
                "NET I/O",
                "BlockIO",
                "BLOCK I/O",
                "PIDs",
                "PIDS");
    }

    /// @param container under which name it was asked for
    static Row of(String container, Json stats, boolean full) {
        String id = stats.get("id").text("");
        String name = stats.get("name").text("");
        long used = memory(stats.get("memory_stats"));
        long limit = stats.get("memory_stats").get("limit").integer(0);
        var row = new Row();
        row.put("Container", container);
        row.put("Name", name.startsWith("/") ? name.substring(1) : name);
        row.put("ID", full ? id : Texts.shortId(id));
        row.put("CPUPerc", percent(cpu(stats)));
        row.put("MemUsage", Quantity.binarySize(used) + " / " + Quantity.binarySize(limit));
        row.put("MemPerc", percent(limit == 0 ? 0 : (double) used / limit));
        row.put("NetIO", network(stats.get("networks")));
        row.put("BlockIO", blockIo(stats.get("blkio_stats").get("io_service_bytes_recursive")));
        row.put("PIDs", Long.toString(stats.get("pids_stats").get("current").integer(0)));
        return row;
    }

    /// Of a container that nothing was heard of yet.
    static Row unknown(String container) {
        var row = new Row();
        row.put("Container", container);
        row.put("Name", "--");
        row.put("ID", container);
        row.put("MemUsage", "-- / --");
        for (String field : new String[] {"CPUPerc", "MemPerc", "NetIO", "BlockIO", "PIDs"}) {
            row.put(field, "--");
        }
        return row;
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%.2f%%", share * 100);
    }

    /// The share of one processor: two that are busy make 200 %.
    private static double cpu(Json stats) {
        Json now = stats.get("cpu_stats");
        Json before = stats.get("precpu_stats");
        double used = total(now) - total(before);
        double host =
                (double) now.get("system_cpu_usage").integer(0)
                        - before.get("system_cpu_usage").integer(0);
        long processors = now.get("online_cpus").integer(0);
        if (processors == 0) {
            processors = now.get("cpu_usage").get("percpu_usage").items().size();
        }
        return used > 0 && host > 0 ? used / host * processors : 0;
    }

    private static double total(Json cpu) {
        return cpu.get("cpu_usage").get("total_usage").integer(0);
    }

    /// Without files that the kernel keeps in memory because there is room: on control groups of
    /// version 1 and 2 under different names.
    private static long memory(Json memory) {
        long used = memory.get("usage").integer(0);
        Json stat = memory.get("stats");
        Json first = stat.get("total_inactive_file");
        long idle = (first.isAbsent() ? stat.get("inactive_file") : first).integer(0);
        return idle < used ? used - idle : used;
    }

    private static String network(Json interfaces) {
        long received = 0;
        long sent = 0;
        for (Json each : interfaces.members().values()) {
            received += each.get("rx_bytes").integer(0);
            sent += each.get("tx_bytes").integer(0);
        }
        return Quantity.size(received, 3) + " / " + Quantity.size(sent, 3);
    }

    private static String blockIo(Json entries) {
        long read = 0;
        long written = 0;
        for (Json entry : entries.items()) {
            switch (entry.get("op").text("").toLowerCase(Locale.ROOT)) {
                case "read" -> read += entry.get("value").integer(0);
                case "write" -> written += entry.get("value").integer(0);
                default -> {} // sums, and what is neither
            }
        }
        return Quantity.size(read, 3) + " / " + Quantity.size(written, 3);
    }
}
