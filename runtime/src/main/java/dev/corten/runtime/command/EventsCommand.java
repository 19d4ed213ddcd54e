package dev.corten.runtime.command;

import dev.corten.kernel.process.Pidfd;
import dev.corten.model.container.CgroupStats;
import dev.corten.runtime.bundle.Document;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// `events`: what a container uses, every so often or once, and its want of memory.
final class EventsCommand {
    static final Flags.Known FLAGS =
            new Flags.Known(Set.of("stats"), Set.of("interval"), Map.of(), false);

    private static final Duration INTERVAL = Duration.ofSeconds(5);

    private final Place place;
    private final PrintStream out;

    EventsCommand(Place place, PrintStream out) {
        this.place = place;
        this.out = out;
    }

    void run(Flags flags) throws IOException, Failure {
        ContainerRecord container = place.load(flags.id("events"));
        Duration interval = interval(flags);
        try (Pidfd init = container.runningProcess()) {
            print(container);
            if (flags.has("stats")) {
                return;
            }
            long kills = container.group().oomKills();
            while (!init.awaitEnd(interval)) {
                long now = container.group().oomKills();
                if (now > kills) {
                    kills = now;
                    line(container, "oom", null);
                }
                print(container);
            }
        }
    }

    private static Duration interval(Flags flags) throws Failure {
        String text = flags.find("interval").orElse("");
        if (text.isEmpty()) {
            return INTERVAL;
        }
        if (!text.matches("[1-9][0-9]{0,6}(ms|s|m)")) {
            throw new Failure("duration interval must be greater than 0: " + text);
        }
        long number = Long.parseLong(text.replaceAll("\\D", ""));
        return switch (text.replaceAll("\\d", "")) {
            case "ms" -> Duration.ofMillis(number);
            case "s" -> Duration.ofSeconds(number);
            default -> Duration.ofMinutes(number);
        };
    }

    private void print(ContainerRecord container) throws IOException {
        line(container, "stats", data(container.group().stats()));
    }

    private void line(ContainerRecord container, String type, @Nullable Object data) {
        var event = new LinkedHashMap<String, @Nullable Object>();
        event.put("type", type);
        event.put("id", container.id());
        if (data != null) {
            event.put("data", data);
        }
        out.println(new String(Document.write(event), StandardCharsets.UTF_8));
        out.flush();
    }

    private static Map<String, @Nullable Object> data(CgroupStats stats) {
        var usage = new LinkedHashMap<String, @Nullable Object>();
        usage.put("total", stats.cpu().totalNanos());
        usage.put("percpu", stats.cpu().perCpuNanos());
        usage.put("kernel", stats.cpu().systemNanos());
        usage.put("user", stats.cpu().userNanos());
        var throttling = new LinkedHashMap<String, @Nullable Object>();
        throttling.put("periods", stats.cpu().periods());
        throttling.put("throttledPeriods", stats.cpu().throttledPeriods());
        throttling.put("throttledTime", stats.cpu().throttledNanos());
        var memory = new LinkedHashMap<String, @Nullable Object>();
        memory.put("limit", stats.memory().limitBytes());
        memory.put("usage", stats.memory().usageBytes());
        memory.put("max", stats.memory().maxUsageBytes());
        memory.put("failcnt", stats.memory().failures());
        var data = new LinkedHashMap<String, @Nullable Object>();
        data.put("cpu", Map.of("usage", usage, "throttling", throttling));
        data.put("memory", Map.of("usage", memory, "raw", stats.memory().stat()));
        data.put("pids", Map.of("current", stats.pids().current(), "limit", stats.pids().limit()));
        data.put(
                "blkio",
                Map.of(
                        "ioServiceBytesRecursive",
                        entries(stats.blockIo().serviceBytes()),
                        "ioServicedRecursive",
                        entries(stats.blockIo().serviced())));
        return data;
    }

    private static List<Map<String, Object>> entries(List<CgroupStats.Entry> entries) {
        return entries.stream()
                .map(entry ->
                        Map.<String, Object>of(
                                "major", entry.major(),
                                "minor", entry.minor(),
                                "op", entry.operation(),
                                "value", entry.value()))
                .toList();
    }
}
