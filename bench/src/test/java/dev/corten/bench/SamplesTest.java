package dev.corten.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corten.bench.Metric.Better;
import dev.corten.bench.Metric.Budget;
import java.util.List;
import org.junit.jupiter.api.Test;

final class SamplesTest {
    private final Samples samples = new Samples();

    @Test
    void percentilesLieBetweenSamples() {
        var series = new Samples.Series(List.of(40.0, 10.0, 20.0, 30.0));
        assertThat(series.median()).isEqualTo(25.0);
        assertThat(series.first()).isEqualTo(40.0);
        assertThat(series.best(Better.LOWER)).isEqualTo(10.0);
        assertThat(series.best(Better.HIGHER)).isEqualTo(40.0);
        assertThat(series.tail(Better.LOWER)).isBetween(30.0, 40.0);
        assertThat(series.tail(Better.HIGHER)).isBetween(10.0, 20.0);
    }

    @Test
    void budgetsAreHeldAgainstTheFirstPeer() {
        samples.add("corten", "run", 30);
        samples.add("docker", "run", 100);
        samples.add("podman", "run", 10);
        var report = new Report(samples, "corten", List.of("docker", "podman"));
        Metric met = Metric.time("run", new Budget.OfPeer(0.5));
        assertThat(report.table(List.of(met))).contains("**0.300**", "**3.00**", "≤ 0.500× met");
        assertThat(report.over()).isZero();

        Metric missed = Metric.time("run", new Budget.OfPeer(0.25));
        assertThat(report.table(List.of(missed))).contains("≤ 0.250× **missed**");
        assertThat(report.over()).isEqualTo(1);
    }

    @Test
    void aThroughputIsAMultiple() {
        samples.add("corten", "output", 90);
        samples.add("docker", "output", 20);
        var metric = new Metric("output", "MB/s", Better.HIGHER, new Budget.OfPeer(4));
        var report = new Report(samples, "corten", List.of("docker"));
        assertThat(report.table(List.of(metric))).contains("≥ 4.00× met");
    }

    @Test
    void withoutPeersOnlyAbsoluteBudgetsAreJudged() {
        samples.add("corten", "rss", 200);
        samples.add("corten", "run", 30);
        var report = new Report(samples, "corten", List.of());
        String table =
                report.table(
                        List.of(
                                new Metric("rss", "MiB", Better.LOWER, new Budget.Absolute(110)),
                                Metric.time("run", new Budget.OfPeer(0.25))));
        assertThat(table).contains("≤ 110 **missed**", "≤ 0.250× |");
        assertThat(report.over()).isEqualTo(1);
    }
}
