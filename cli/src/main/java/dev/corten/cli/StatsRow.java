package dev.corten.cli;

import dev.corten.client.Json;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/// One line of `stats`, made of what the daemon says of a container.
final class StatsRow {
    static final String TABLE =
            "{{.ID}}\t{{.Name}}\t{{.CPUPerc}}\t{{.MemUsage}}\t{{.MemPerc}}\t{{.NetIO}}"
                    + "\t{{.BlockIO}}\t{{.PIDs}}";

    private StatsRow() {}

    static Map<String, String> headers() {
        var headers = new LinkedHashMap<String, String>();
        headers.put("Container", "CONTAINER");
        headers.put("Name", "NAME");
        headers.put("ID", "CONTAINER ID");
        headers.put("CPUPerc", "CPU %");
        headers.put("MemUsage", "MEM USAGE / LIMIT");
        headers.put("MemPerc", "MEM %");
        headers.put("NetIO", "NET I/O");
        headers.put("BlockIO", "BLOCK I/O");
        headers.put("PIDs", "PIDS");
        return headers;
    }

    /// @param container under which name it was asked for
    static LinkedHashMap<String, Json> of(String container, Json stats, boolean full) {
        String id = stats.get("id").text("");
        String name = stats.get("name").text("");
        long used = memory(stats.get("memory_stats"));
        long limit = stats.get("memory_stats").get("limit").integer(0);
        var row = new LinkedHashMap<String, Json>();
        put(row, "Container", container);
        put(row, "Name", name.startsWith("/") ? name.substring(1) : name);
        put(row, "ID", full ? id : Texts.shortId(id));
        put(row, "CPUPerc", percent(cpu(stats)));
        put(row, "MemUsage", Quantity.binarySize(used) + " / " + Quantity.binarySize(limit));
        put(row, "MemPerc", percent(limit == 0 ? 0 : (double) used / limit));
        put(row, "NetIO", network(stats.get("networks")));
        put(row, "BlockIO", blockIo(stats.get("blkio_stats").get("io_service_bytes_recursive")));
        put(row, "PIDs", Long.toString(stats.get("pids_stats").get("current").integer(0)));
        return row;
    }

    /// Of a container that nothing was heard of yet.
    static LinkedHashMap<String, Json> unknown(String container) {
        var row = new LinkedHashMap<String, Json>();
        put(row, "Container", container);
        put(row, "Name", "--");
        put(row, "ID", container);
        put(row, "MemUsage", "-- / --");
        for (String field : new String[] {"CPUPerc", "MemPerc", "NetIO", "BlockIO", "PIDs"}) {
            put(row, field, "--");
        }
        return row;
    }

    private static void put(Map<String, Json> row, String name, String text) {
        row.put(name, Json.string(text));
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
