package dev.corten.bench;

import dev.corten.bench.Metric.Better;
import dev.corten.bench.Metric.Budget;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// The table, in markdown, so that it can be put into `docs/benchmarks.md` as it is.
final class Report {
    private final Samples samples;
    private final String ours;
    private final List<String> peers;
    private int over;

    Report(Samples samples, String ours, List<String> peers) {
        this.samples = samples;
        this.ours = ours;
        this.peers = peers;
    }

    /// Metrics over their budget, known after [#table(List)].
    int over() {
        return over;
    }

    String table(List<Metric> metrics) {
        var text = new StringBuilder("| metric | unit | " + ours + " p50 (best; p95; first) |");
        var rule = new StringBuilder("|---|---|---|");
        for (String peer : peers) {
            text.append(" ").append(peer).append(" p50 (best; p95) | ratio (best) |");
            rule.append("---|---|");
        }
        text.append(" budget |\n").append(rule).append("---|\n");
        for (Metric metric : metrics) {
            row(metric, text);
        }
        return text.toString();
    }

    private void row(Metric metric, StringBuilder text) {
        Samples.Series own = samples.of(ours, metric.name());
        Better better = metric.better();
        text.append("| `").append(metric.name()).append("` | ").append(metric.unit()).append(" | ");
        text.append(own.isEmpty() ? "-" : cell(own, better, true)).append(" |");
        for (String peer : peers) {
            Samples.Series other = samples.of(peer, metric.name());
            text.append(" ")
                    .append(other.isEmpty() ? "-" : cell(other, better, false))
                    .append(" |");
            if (own.isEmpty() || other.isEmpty()) {
                text.append(" - |");
            } else {
                text.append(" **")
                        .append(number(own.median() / other.median()))
                        .append("** (")
                        .append(number(own.best(better) / other.best(better)))
                        .append(") |");
            }
        }
        text.append(" ").append(own.isEmpty() ? "-" : verdict(metric, own)).append(" |\n");
    }

    private static String cell(Samples.Series series, Better better, boolean withFirst) {
        if (series.values().size() == 1) {
            return number(series.median());
        }
        return number(series.median())
                + " ("
                + number(series.best(better))
                + "; "
                + number(series.tail(better))
                + (withFirst ? "; " + number(series.first()) : "")
                + ")";
    }

    private String verdict(Metric metric, Samples.Series own) {
        String sign = metric.better() == Better.LOWER ? "≤ " : "≥ ";
        return switch (metric.budget()) {
            case Budget.None() -> "";
            case Budget.Absolute(double limit) ->
                    sign + number(limit) + mark(metric.within(own.median(), limit));
            case Budget.OfPeer(double factor) -> {
                Samples.Series peer =
                        peers.isEmpty()
                                ? new Samples.Series(List.of())
                                : samples.of(peers.getFirst(), metric.name());
                yield sign
                        + number(factor)
                        + "×"
                        + (peer.isEmpty()
                                ? ""
                                : mark(metric.within(own.median(), factor * peer.median())));
            }
            case Budget.OfMetric(String other, double factor) -> {
                Samples.Series against = samples.of(ours, other);
                yield sign
                        + number(factor)
                        + "× "
                        + other
                        + (against.isEmpty()
                                ? ""
                                : mark(metric.within(own.median(), factor * against.median())));
            }
        };
    }

    private String mark(boolean within) {
        if (within) {
            return " met";
        }
        over++;
        return " **missed**";
    }

    private static String number(double value) {
        double size = Math.abs(value);
        String format = size >= 100 ? "%.0f" : size >= 10 ? "%.1f" : size >= 1 ? "%.2f" : "%.3f";
        return String.format(Locale.ROOT, format, value);
    }

    /// What the figures were measured on.
    static String machine() throws IOException {
        var lines = new ArrayList<String>();
        String model =
                Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
                        .filter(line -> line.startsWith("model name"))
                        .map(line -> line.substring(line.indexOf(':') + 1).strip())
                        .findFirst()
                        .orElse(System.getProperty("os.arch"));
        String memory = Files.readAllLines(Path.of("/proc/meminfo")).getFirst();
        long gibibytes = Long.parseLong(memory.replaceAll("\\D", "")) >> 20;
        String load = Files.readString(Path.of("/proc/loadavg")).split(" ", 2)[0];
        lines.add(
                "%s; %d × %s; %d GiB; Linux %s; load before the run %s"
                        .formatted(
                                LocalDate.now(ZoneOffset.UTC),
                                Runtime.getRuntime().availableProcessors(),
                                model,
                                gibibytes,
                                System.getProperty("os.version"),
                                load));
        return String.join("\n", lines);
    }
}
