package dev.corten.api;

import dev.corten.engine.container.Containers;
import dev.corten.engine.container.Statistics;
import dev.corten.engine.container.view.Usage;
import dev.corten.engine.container.view.UsageReport;
import dev.corten.engine.event.Events;
import dev.corten.engine.system.EngineInfo;
import dev.corten.engine.system.SystemInfo;
import dev.corten.http.Exchange;
import dev.corten.http.Handler;
import dev.corten.http.Headers;
import dev.corten.model.NotFound;
import dev.corten.model.container.CgroupStats;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// `/metrics` for Prometheus: dockerd's names for what dockerd tells, and what each running
/// container uses.
public final class MetricsPage implements Handler {
    private static final double NANOS = 1e9;
    private static final double TICKS = 100;
    private static final int PAGE = 4096;

    // proc_pid_stat(5), counted behind the name in parentheses
    private static final int UTIME = 11;
    private static final int STIME = 12;
    private static final int RSS = 21;

    private final SystemInfo system;
    private final Containers containers;
    private final Statistics statistics;
    private final Events events;
    private final ApiMetrics api;

    public MetricsPage(
            SystemInfo system,
            Containers containers,
            Statistics statistics,
            Events events,
            ApiMetrics api) {
        this.system = system;
        this.containers = containers;
        this.statistics = statistics;
        this.events = events;
        this.api = api;
    }

    @Override
    public void handle(Exchange exchange) throws IOException {
        if (!exchange.rawPath().equals("/metrics")) {
            exchange.respond(
                    404,
                    Headers.of(
                            "Content-Type",
                            "text/plain; charset=utf-8",
                            "X-Content-Type-Options",
                            "nosniff"),
                    "404 page not found\n".getBytes(StandardCharsets.UTF_8));
            return;
        }
        exchange.respond(200, Headers.of("Content-Type", MetricsText.TYPE), text());
    }

    private byte[] text() throws IOException {
        var text = new MetricsText();
        api.writeTo(text);
        engine(text);
        process(text);
        usage(text);
        return text.bytes();
    }

    private void engine(MetricsText text) throws IOException {
        EngineInfo info = system.info();
        String states = "engine_daemon_container_states_containers";
        text.family(states, "gauge", "The count of containers in various states");
        text.sample(states, info.paused(), "state", "paused");
        text.sample(states, info.running(), "state", "running");
        text.sample(states, info.stopped(), "state", "stopped");
        text.single(
                "engine_daemon_engine_cpus_cpus",
                "gauge",
                "The number of cpus that the host system of the engine has",
                info.processors());
        text.family(
                "engine_daemon_engine_info",
                "gauge",
                "The information related to the engine and the OS it is running on");
        text.sample(
                "engine_daemon_engine_info",
                1,
                "architecture",
                info.architecture(),
                "commit",
                "",
                "daemon_id",
                info.id(),
                "graphdriver",
                info.driver(),
                "kernel",
                info.kernelVersion(),
                "os",
                info.operatingSystem(),
                "os_type",
                "linux",
                "os_version",
                info.osVersion(),
                "version",
                EngineApi.DOCKER_VERSION);
        text.single(
                "engine_daemon_engine_memory_bytes",
                "gauge",
                "The number of bytes of memory that the host system of the engine has",
                (double) info.memTotal());
        text.single(
                "engine_daemon_events_subscribers_total",
                "gauge",
                "The number of current subscribers to events",
                info.eventListeners());
        text.single(
                "engine_daemon_events_total",
                "counter",
                "The number of events logged",
                (double) events.published());
    }

    /// The daemon itself, from procfs.
    private static void process(MetricsText text) throws IOException {
        String stat = Files.readString(Path.of("/proc/self/stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        text.single(
                "process_cpu_seconds_total",
                "counter",
                "Total user and system CPU time spent in seconds.",
                (Long.parseLong(fields[UTIME]) + Long.parseLong(fields[STIME])) / TICKS);
        text.single(
                "process_resident_memory_bytes",
                "gauge",
                "Resident memory size in bytes.",
                (double) Long.parseLong(fields[RSS]) * PAGE);
        try (var open = Files.list(Path.of("/proc/self/fd"))) {
            text.single(
                    "process_open_fds",
                    "gauge",
                    "Number of open file descriptors.",
                    (double) open.count());
        }
        try (var threads = Files.list(Path.of("/proc/self/task"))) {
            text.single(
                    "process_threads",
                    "gauge",
                    "Number of threads of the system.",
                    (double) threads.count());
        }
    }

    private record Column(String name, String type, String help, Reading reading) {}

    /// One number of a measurement.
    @FunctionalInterface
    private interface Reading {
        double of(Usage usage);
    }

    private static final List<Column> COLUMNS =
            List.of(
                    new Column(
                            "corten_container_cpu_seconds_total",
                            "counter",
                            "The CPU time that the container has used",
                            usage -> usage.group().cpu().totalNanos() / NANOS),
                    new Column(
                            "corten_container_memory_usage_bytes",
                            "gauge",
                            "The memory that the container uses, page cache included",
                            usage -> (double) usage.group().memory().usageBytes()),
                    new Column(
                            "corten_container_memory_limit_bytes",
                            "gauge",
                            "The memory that the container can use at most",
                            usage -> (double) usage.memoryLimit()),
                    new Column(
                            "corten_container_pids",
                            "gauge",
                            "The processes and threads of the container",
                            usage -> (double) usage.group().pids().current()),
                    new Column(
                            "corten_container_network_receive_bytes_total",
                            "counter",
                            "The bytes that came to the container",
                            usage ->
                                    (double)
                                            usage.interfaces().values().stream()
                                                    .mapToLong(Usage.Traffic::receivedBytes)
                                                    .sum()),
                    new Column(
                            "corten_container_network_transmit_bytes_total",
                            "counter",
                            "The bytes that the container sent",
                            usage ->
                                    (double)
                                            usage.interfaces().values().stream()
                                                    .mapToLong(Usage.Traffic::sentBytes)
                                                    .sum()),
                    new Column(
                            "corten_container_block_bytes_total",
                            "counter",
                            "The bytes that the container has read from and written to disks",
                            usage -> blockBytes(usage.group().blockIo())));

    private static double blockBytes(CgroupStats.BlockIo io) {
        return (double)
                io.serviceBytes().stream()
                        .filter(entry ->
                                entry.operation().equalsIgnoreCase("read")
                                        || entry.operation().equalsIgnoreCase("write"))
                        .mapToLong(CgroupStats.Entry::value)
                        .sum();
    }

    private void usage(MetricsText text) throws IOException {
        var reports = new ArrayList<UsageReport>();
        for (var container : containers.list()) {
            try {
                UsageReport report = statistics.now(container.id().hex());
                if (report.now().isPresent()) {
                    reports.add(report);
                }
            } catch (NotFound e) {
                // Removed since it was listed.
            }
        }
        for (Column column : COLUMNS) {
            text.family(column.name(), column.type(), column.help());
            for (UsageReport report : reports) {
                text.sample(
                        column.name(),
                        column.reading().of(report.now().orElseThrow()),
                        "id",
                        report.id().hex(),
                        "name",
                        report.name());
            }
        }
    }
}
