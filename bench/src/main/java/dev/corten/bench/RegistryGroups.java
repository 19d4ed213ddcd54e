package dev.corten.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.corten.bench.Metric.Better;
import dev.corten.bench.Metric.Budget;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// What is measured of registry servers: the same client, the same bytes, the same number of
/// connections. Both sync what they have been given before they say so.
final class RegistryGroups {
    private static final int CONNECTIONS = 4;
    private static final int PIECE = 1 << 20;

    private final boolean quick;
    private final byte[] noise = new byte[PIECE];
    private long blobs;

    /// @param sampler takes one sample of one server
    record ServerGroup(
            String name, int runs, int quickRuns, List<Metric> metrics, Sampler sampler) {}

    interface Sampler {
        void sample(LocalRegistry registry, Group.Recorder recorder)
                throws IOException, InterruptedException;
    }

    RegistryGroups(boolean quick) {
        this.quick = quick;
        new Random(1).nextBytes(noise);
    }

    List<ServerGroup> all() {
        var same = new Budget.OfPeer(1);
        return List.of(
                new ServerGroup(
                        "registry_blobs",
                        5,
                        1,
                        List.of(
                                new Metric("put_64m", "MB/s", Better.HIGHER, same),
                                Metric.time("put_64m_p50", same),
                                Metric.time("put_64m_p99", same),
                                new Metric("get_64m", "MB/s", Better.HIGHER, same),
                                Metric.time("get_64m_p50", same),
                                Metric.time("get_64m_p99", same)),
                        this::blobs),
                new ServerGroup(
                        "registry_manifests",
                        5,
                        1,
                        List.of(
                                new Metric(
                                        "manifests",
                                        "1/s",
                                        Better.HIGHER,
                                        quick ? new Budget.None() : new Budget.Absolute(1000)),
                                Metric.time("manifests_p50", same),
                                Metric.time("manifests_p99", same),
                                new Metric("tags", "1/s", Better.HIGHER, same)),
                        this::manifests),
                new ServerGroup(
                        "registry_memory",
                        1,
                        1,
                        List.of(
                                new Metric(
                                        "push_32x256m_peak",
                                        "MiB",
                                        Better.LOWER,
                                        new Budget.Absolute(256)),
                                new Metric(
                                        "push_32x256m", "MB/s", Better.HIGHER, new Budget.None())),
                        this::memory));
    }

    /// A body that nobody has seen before: a number, and noise that is always the same.
    private record Blob(long number, byte[] noise, long length, String digest)
            implements RegistryConnection.Body {
        static Blob of(long number, byte[] noise, long length) {
            MessageDigest sum = Archives.newSha256();
            var blob = new Blob(number, noise, length, "");
            try {
                blob.writeTo(new DigestOutputStream(OutputStream.nullOutputStream(), sum));
            } catch (IOException e) {
                throw new IllegalStateException("nowhere to go wrong", e);
            }
            return new Blob(
                    number, noise, length, "sha256:" + HexFormat.of().formatHex(sum.digest()));
        }

        @Override
        public void writeTo(OutputStream out) throws IOException {
            out.write(ByteBuffer.allocate(Long.BYTES).putLong(number).array());
            for (long left = length - Long.BYTES; left > 0; left -= noise.length) {
                out.write(noise, 0, (int) Math.min(noise.length, left));
            }
        }
    }

    private List<Blob> newBlobs(int count, long length) {
        var made = new ArrayList<Blob>();
        for (int n = 0; n < count; n++) {
            made.add(Blob.of(blobs++ + (System.nanoTime() << 8), noise, length));
        }
        return made;
    }

    private void blobs(LocalRegistry registry, Group.Recorder recorder)
            throws IOException, InterruptedException {
        List<Blob> blobs = newBlobs(quick ? 4 : 24, quick ? 4 << 20 : 64 << 20);
        var put =
                timed(registry, CONNECTIONS, blobs, (c, b) -> c.put("bench/blobs", b.digest(), b));
        record(recorder, "put_64m", put, blobs);
        var get =
                timed(
                        registry,
                        CONNECTIONS,
                        blobs,
                        (connection, blob) -> {
                            long length = connection.get("/v2/bench/blobs/blobs/" + blob.digest());
                            if (length != blob.length()) {
                                throw new Failure("a blob of " + length + " bytes");
                            }
                        });
        record(recorder, "get_64m", get, blobs);
        registry.empty();
    }

    private static void record(
            Group.Recorder recorder, String name, Times times, List<Blob> blobs) {
        double bytes = blobs.stream().mapToLong(Blob::length).sum();
        recorder.record(name, bytes / 1e6 / (times.wall() / 1e3));
        recorder.record(name + "_p50", times.percentile(50));
        recorder.record(name + "_p99", times.percentile(99));
    }

    private void manifests(LocalRegistry registry, Group.Recorder recorder)
            throws IOException, InterruptedException {
        byte[] config = "{\"architecture\":\"amd64\",\"os\":\"linux\"}".getBytes(UTF_8);
        String digest = "sha256:" + Archives.sha256(config);
        try (var connection = new RegistryConnection(registry.port())) {
            connection.put("bench/manifests", digest, RegistryConnection.Body.of(config));
            connection.putManifest(
                    "bench/manifests",
                    "latest",
                    Archives.manifest(
                            digest, config.length, List.of(digest), List.of((long) config.length)));
        }
        int count = quick ? 200 : 8000;
        List<Integer> requests = Collections.nCopies(count, 0);
        int connections = 2 * CONNECTIONS;
        var times =
                timed(
                        registry,
                        connections,
                        requests,
                        (c, _) -> c.get("/v2/bench/manifests/manifests/latest"));
        recorder.record("manifests", count / (times.wall() / 1e3));
        recorder.record("manifests_p50", times.percentile(50));
        recorder.record("manifests_p99", times.percentile(99));
        var tags =
                timed(
                        registry,
                        connections,
                        requests,
                        (c, _) -> c.get("/v2/bench/manifests/tags/list"));
        recorder.record("tags", count / (tags.wall() / 1e3));
        registry.empty();
    }

    private void memory(LocalRegistry registry, Group.Recorder recorder)
            throws IOException, InterruptedException {
        List<Blob> blobs = newBlobs(quick ? 4 : 32, quick ? 8 << 20 : 256 << 20);
        Processes.forgetPeak(registry.pid());
        var times =
                timed(
                        registry,
                        blobs.size(),
                        blobs,
                        (c, b) -> c.put("bench/memory", b.digest(), b));
        recorder.record("push_32x256m_peak", Processes.peak(registry.pid()));
        double bytes = blobs.stream().mapToLong(Blob::length).sum();
        recorder.record("push_32x256m", bytes / 1e6 / (times.wall() / 1e3));
        registry.empty();
    }

    // ---- the clients

    private interface Work<T> {
        void on(RegistryConnection connection, T item) throws IOException;
    }

    /// In milliseconds.
    private record Times(double wall, List<Double> each) {
        double percentile(double percent) {
            return new Samples.Series(each).percentile(percent);
        }
    }

    /// Each connection takes one item after the other.
    private static <T> Times timed(
            LocalRegistry registry, int connections, List<T> items, Work<T> work)
            throws IOException, InterruptedException {
        var each = new ArrayList<Double>();
        var clients = new ArrayList<Callable<List<Double>>>();
        for (int k = 0; k < connections; k++) {
            int first = k;
            clients.add(() -> {
                var own = new ArrayList<Double>();
                try (var connection = new RegistryConnection(registry.port())) {
                    for (int n = first; n < items.size(); n += connections) {
                        long start = System.nanoTime();
                        work.on(connection, items.get(n));
                        own.add((System.nanoTime() - start) / 1e6);
                    }
                }
                return own;
            });
        }
        try (var threads = Executors.newFixedThreadPool(connections)) {
            long start = System.nanoTime();
            for (Future<List<Double>> client : threads.invokeAll(clients)) {
                each.addAll(client.get());
            }
            return new Times((System.nanoTime() - start) / 1e6, each);
        } catch (ExecutionException e) {
            throw new Failure(registry.name() + ": " + e.getCause());
        }
    }
}
