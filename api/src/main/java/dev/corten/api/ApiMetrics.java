package dev.corten.api;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/// Counts what is asked of the API and how long it takes. Thread-safe.
public final class ApiMetrics {
    /// The names that Docker has for what is done to containers.
    private static final Map<String, String> CONTAINER_ACTIONS =
            Map.of(
                    "GET /containers/{name}/changes", "changes",
                    "POST /commit", "commit",
                    "POST /containers/create", "create",
                    "DELETE /containers/{name}", "delete",
                    "POST /containers/{name}/start", "start");

    private final Map<String, Durations> containers = new TreeMap<>();
    private final Map<Answered, LongAdder> requests = new ConcurrentHashMap<>();

    /// @param code the status
    record Answered(String kind, String effect, int code) {}

    public ApiMetrics() {
        for (String action : CONTAINER_ACTIONS.values()) {
            containers.put(action, new Durations());
        }
    }

    void count(Route route, int status, long nanos) {
        String kind = route.kind().name().toLowerCase(Locale.ROOT);
        String effect = route.effect().name().toLowerCase(Locale.ROOT);
        requests.computeIfAbsent(new Answered(kind, effect, status), _ -> new LongAdder())
                .increment();
        if (status < 400) {
            action(route).ifPresent(durations -> durations.add(nanos));
        }
    }

    private Optional<Durations> action(Route route) {
        String action = CONTAINER_ACTIONS.get(route.method() + " " + route.pattern());
        return Optional.ofNullable(action).map(containers::get);
    }

    void writeTo(MetricsText text) {
        text.family(
                "engine_daemon_container_actions_seconds",
                "histogram",
                "The number of seconds it takes to process each container action");
        containers.forEach((action, durations) ->
                durations.writeTo(
                        text, "engine_daemon_container_actions_seconds", "action", action));
        text.family("corten_api_requests_total", "counter", "The number of requests answered");
        requests.entrySet().stream()
                .sorted((a, b) -> a.getKey().toString().compareTo(b.getKey().toString()))
                .forEach(entry ->
                        text.sample(
                                "corten_api_requests_total",
                                (double) entry.getValue().sum(),
                                "code",
                                Integer.toString(entry.getKey().code()),
                                "effect",
                                entry.getKey().effect(),
                                "kind",
                                entry.getKey().kind()));
    }

    /// How often something took how long.
    private static final class Durations {
        /// Upper bounds in seconds, as Prometheus' own client has them.
        private static final List<String> BOUNDS =
                List.of(
                        "0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1", "2.5", "5",
                        "10");

        private final long[] counts = new long[BOUNDS.size() + 1];
        private double sum;

        synchronized void add(long nanos) {
            double seconds = nanos / 1e9;
            sum += seconds;
            int bucket = 0;
            while (bucket < BOUNDS.size() && seconds > Double.parseDouble(BOUNDS.get(bucket))) {
                bucket++;
            }
            counts[bucket]++;
        }

        synchronized void writeTo(MetricsText text, String name, String label, String value) {
            long total = 0;
            for (int i = 0; i <= BOUNDS.size(); i++) {
                total += counts[i];
                String bound = i < BOUNDS.size() ? BOUNDS.get(i) : "+Inf";
                text.sample(name + "_bucket", (double) total, label, value, "le", bound);
            }
            text.sample(name + "_sum", sum, label, value);
            text.sample(name + "_count", (double) total, label, value);
        }
    }
}
