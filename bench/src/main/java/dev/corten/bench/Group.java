package dev.corten.bench;

import java.io.IOException;
import java.util.List;

/// Metrics that are sampled together.
///
/// @param runs samples of each engine
/// @param quickRuns the same with `--quick`
record Group(String name, int runs, int quickRuns, List<Metric> metrics, Sampler sampler) {
    interface Sampler {
        void sample(Engine engine, Recorder recorder) throws IOException, InterruptedException;
    }

    interface Recorder {
        void record(String metric, double value);
    }
}
