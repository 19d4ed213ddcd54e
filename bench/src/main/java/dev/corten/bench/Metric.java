package dev.corten.bench;

/// Something that is measured.
///
/// @param better which direction is good
/// @param budget what `docs/benchmarks.md` promises, as the last column shows it
record Metric(String name, String unit, Better better, Budget budget) {
    enum Better {
        LOWER,
        HIGHER
    }

    /// What must hold for our median.
    sealed interface Budget {
        /// A share of the peer's median, for times; a multiple of it, for throughputs.
        record OfPeer(double factor) implements Budget {}

        record Absolute(double limit) implements Budget {}

        /// A share of another metric of ours.
        record OfMetric(String other, double factor) implements Budget {}

        record None() implements Budget {}
    }

    static Metric time(String name, Budget budget) {
        return new Metric(name, "ms", Better.LOWER, budget);
    }

    boolean within(double ours, double limit) {
        return better == Better.LOWER ? ours <= limit : ours >= limit;
    }
}
