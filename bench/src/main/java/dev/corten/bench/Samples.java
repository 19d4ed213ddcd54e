package dev.corten.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The samples of all engines in the order in which they were taken.
final class Samples {
    private final Map<String, Map<String, List<Double>>> byEngine = new LinkedHashMap<>();

    void add(String engine, String metric, double value) {
        byEngine.computeIfAbsent(engine, _ -> new LinkedHashMap<>())
                .computeIfAbsent(metric, _ -> new ArrayList<>())
                .add(value);
    }

    Series of(String engine, String metric) {
        return new Series(byEngine.getOrDefault(engine, Map.of()).getOrDefault(metric, List.of()));
    }

    record Series(List<Double> values) {
        boolean isEmpty() {
            return values.isEmpty();
        }

        /// The sample with everything cold.
        double first() {
            return values.getFirst();
        }

        double median() {
            return percentile(50);
        }

        double best(Metric.Better better) {
            return percentile(better == Metric.Better.LOWER ? 0 : 100);
        }

        /// The bad end: 95 of 100 samples are better.
        double tail(Metric.Better better) {
            return percentile(better == Metric.Better.LOWER ? 95 : 5);
        }

        double percentile(double percent) {
            List<Double> sorted = values.stream().sorted().toList();
            double at = percent / 100 * (sorted.size() - 1);
            int below = (int) Math.floor(at);
            int above = (int) Math.ceil(at);
            return sorted.get(below) + (at - below) * (sorted.get(above) - sorted.get(below));
        }
    }

    String json() {
        var engines = new ArrayList<String>();
        byEngine.forEach((engine, metrics) -> {
            var lines = new ArrayList<String>();
            metrics.forEach((name, values) -> lines.add("    \"" + name + "\": " + values));
            engines.add("  \"" + engine + "\": {\n" + String.join(",\n", lines) + "\n  }");
        });
        return "{\n" + String.join(",\n", engines) + "\n}\n";
    }
}
