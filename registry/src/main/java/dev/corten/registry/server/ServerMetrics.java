package dev.corten.registry.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.corten.http.Exchange;
import dev.corten.registry.server.event.EndpointQueue;
import dev.corten.registry.server.protocol.RequestLog;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;

/// Counters in Prometheus' text format, under the names that Docker Registry has for them.
final class ServerMetrics implements RequestLog {
    static final String TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private static final double[] BOUNDS = {
        .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 25, 50, 100
    };

    private final ConcurrentMap<Key, LongAdder> requests = new ConcurrentHashMap<>();
    private final ConcurrentMap<Key, Histogram> durations = new ConcurrentHashMap<>();
    private final LongAdder sentBytes = new LongAdder();
    private final Supplier<List<EndpointQueue.Counts>> notifications;

    private record Key(String handler, String method, int code) {
        String labels() {
            return "code=\"%d\",handler=\"%s\",method=\"%s\"".formatted(code, handler, method);
        }
    }

    private static final class Histogram {
        final LongAdder[] buckets = new LongAdder[BOUNDS.length];
        final LongAdder count = new LongAdder();
        final LongAdder nanos = new LongAdder();

        Histogram() {
            java.util.Arrays.setAll(buckets, _ -> new LongAdder());
        }

        void add(Duration taken) {
            double seconds = taken.toNanos() / 1e9;
            for (int i = 0; i < BOUNDS.length; i++) {
                if (seconds <= BOUNDS[i]) {
                    buckets[i].increment();
                }
            }
            count.increment();
            nanos.add(taken.toNanos());
        }
    }

    ServerMetrics(Supplier<List<EndpointQueue.Counts>> notifications) {
        this.notifications = notifications;
    }

    @Override
    public void answered(
            Exchange request, String handler, String user, int status, long bytes, Duration taken) {
        // Nobody can make up kinds of requests: the names are ours.
        String method =
                switch (request.method()) {
                    case "GET", "HEAD", "PUT", "POST", "PATCH", "DELETE" ->
                            request.method().toLowerCase(Locale.ROOT);
                    default -> "other";
                };
        String kind = handler.isEmpty() ? "other" : handler;
        requests.computeIfAbsent(new Key(kind, method, status), _ -> new LongAdder()).increment();
        durations.computeIfAbsent(new Key(kind, method, 0), _ -> new Histogram()).add(taken);
        sentBytes.add(bytes);
    }

    byte[] text() {
        var out = new StringBuilder(8 << 10);
        family(out, "registry_http_requests_total", "counter", "Requests by what they were for.");
        sorted(requests)
                .forEach((key, count) ->
                        out.append("registry_http_requests_total{")
                                .append(key.labels())
                                .append("} ")
                                .append(count.sum())
                                .append('\n'));
        String name = "registry_http_request_duration_seconds";
        family(out, name, "histogram", "How long requests took.");
        sorted(durations).forEach((key, histogram) -> append(out, name, key, histogram));
        family(out, "registry_http_response_bytes_total", "counter", "Bytes of bodies sent.");
        sample(out, "registry_http_response_bytes_total", "", sentBytes.sum());
        List<EndpointQueue.Counts> endpoints = notifications.get();
        family(out, "registry_notifications_pending", "gauge", "Events that wait.");
        endpoints.forEach(
                e -> sample(out, "registry_notifications_pending", label(e), e.pending()));
        family(out, "registry_notifications_events_total", "counter", "Events by their fate.");
        for (var e : endpoints) {
            String metric = "registry_notifications_events_total";
            sample(out, metric, label(e) + ",type=\"Successes\"", e.sent());
            sample(out, metric, label(e) + ",type=\"Failures\"", e.failed());
            sample(out, metric, label(e) + ",type=\"Dropped\"", e.dropped());
        }
        Runtime runtime = Runtime.getRuntime();
        family(out, "process_heap_bytes", "gauge", "Memory of objects.");
        sample(out, "process_heap_bytes", "", runtime.totalMemory() - runtime.freeMemory());
        return out.toString().getBytes(UTF_8);
    }

    private static String label(EndpointQueue.Counts endpoint) {
        String name = endpoint.name().replace("\\", "\\\\").replace("\"", "\\\"");
        return "endpoint=\"" + name.replace("\n", "\\n") + "\"";
    }

    private static <V> Map<Key, V> sorted(Map<Key, V> map) {
        var sorted =
                new TreeMap<Key, V>(
                        java.util.Comparator.comparing(Key::handler)
                                .thenComparing(Key::method)
                                .thenComparingInt(Key::code));
        sorted.putAll(map);
        return sorted;
    }

    private static void append(StringBuilder out, String name, Key key, Histogram histogram) {
        String labels = "handler=\"" + key.handler() + "\",method=\"" + key.method() + "\"";
        for (int i = 0; i < BOUNDS.length; i++) {
            String bound = Double.toString(BOUNDS[i]).replaceFirst("\\.0$", "");
            sample(
                    out,
                    name + "_bucket",
                    labels + ",le=\"" + bound + "\"",
                    histogram.buckets[i].sum());
        }
        sample(out, name + "_bucket", labels + ",le=\"+Inf\"", histogram.count.sum());
        out.append(name).append("_sum{").append(labels).append("} ");
        out.append(histogram.nanos.sum() / 1e9).append('\n');
        sample(out, name + "_count", labels, histogram.count.sum());
    }

    private static void family(StringBuilder out, String name, String type, String help) {
        out.append("# HELP ").append(name).append(' ').append(help).append('\n');
        out.append("# TYPE ").append(name).append(' ').append(type).append('\n');
    }

    private static void sample(StringBuilder out, String name, String labels, long value) {
        out.append(name);
        if (!labels.isEmpty()) {
            out.append('{').append(labels).append('}');
        }
        out.append(' ').append(value).append('\n');
    }
}
