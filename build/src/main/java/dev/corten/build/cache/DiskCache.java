package dev.corten.build.cache;

import dev.corten.build.solve.CacheStore;
import dev.corten.build.solve.Result;
import dev.corten.build.solve.Vertex;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.file.FileData;
import dev.corten.kernel.file.FileSystemStatus;
import dev.corten.model.Digest;
import dev.corten.store.Store;
import dev.corten.store.snapshot.ChainId;
import dev.corten.store.snapshot.Layer;
import dev.corten.store.snapshot.Layers;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What came of earlier steps, on disk; and the one list of all that is kept for later builds.
///
/// A result is remembered by its layers, which stay as long as its record does. Damage is never an
/// error, but something that is not remembered. What a build has open is not removed.
///
/// @param <R> what steps make
public final class DiskCache<R extends Result<R>> implements CacheStore<R>, AutoCloseable {
    private static final System.Logger LOG = System.getLogger(DiskCache.class.getName());

    /// Between two collections.
    private static final Duration PAUSE = Duration.ofMinutes(1);

    /// How results are remembered.
    ///
    /// @param <R> what steps make
    public interface Remembering<R> {
        /// The layers by which a result is remembered.
        ///
        /// @return the top one's chain ID; empty: it is not remembered
        Optional<Digest> chainId(Vertex vertex, R result);

        /// The same result once more.
        ///
        /// @param pin belongs to it
        R restore(Digest content, Digest chainId, Layers.Pin pin);
    }

    private final Store store;
    private final InstantSource clock;
    private final Remembering<R> remembering;
    private final Supplier<List<PruneRule>> policy;
    private final StepRecords records;
    private final List<Kept> others = new CopyOnWriteArrayList<>();

    /// One removal at a time.
    private final Semaphore pruning = new Semaphore(1, true);

    private final ReentrantLock lock = new ReentrantLock();

    /// Guarded by lock; who collects, or waits to.
    private @Nullable Thread collector;

    /// Guarded by lock.
    private Instant lastCollection = Instant.EPOCH;

    /// Guarded by lock; whether something was built since the last collection began.
    private boolean wanted;

    /// Guarded by lock.
    private boolean closed;

    /// @param policy asked for each collection; without a rule nothing is collected
    public DiskCache(
            Store store,
            InstantSource clock,
            Remembering<R> remembering,
            Supplier<List<PruneRule>> policy) {
        this.store = store;
        this.clock = clock;
        this.remembering = remembering;
        this.policy = policy;
        this.records =
                new StepRecords(
                        store.layout().buildRecords().resolveSibling("keys"),
                        store.layout().buildRecords(),
                        store.durable());
    }

    /// Lists and prunes other things along with the results of steps.
    public void include(Kept other) {
        others.add(other);
    }

    // --- what the solver asks

    @Override
    public Optional<Entry> find(Digest key) {
        try {
            Optional<StepRecords.Found> found = records.find(key);
            if (found.isEmpty()) {
                return Optional.empty();
            }
            StepRecords.Name name = found.get().name();
            if (isGone(name)) {
                records.forget(key);
                records.delete(name);
                return Optional.empty();
            }
            records.used(name, clock.instant());
            return Optional.of(new Entry(found.get().content(), key));
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, () -> "cannot read the cache: " + key, e);
            return Optional.empty();
        }
    }

    private boolean isGone(StepRecords.Name name) {
        return name.chainId().filter(chain -> store.layers().find(chain).isEmpty()).isPresent();
    }

    @Override
    public Optional<R> open(Entry entry) {
        try {
            Optional<StepRecords.Found> found = records.find(entry.key());
            // What the key leads to may be another thing by now.
            if (found.isEmpty()
                    || found.get().name().chainId().isEmpty()
                    || !found.get().content().equals(entry.content())) {
                return Optional.empty();
            }
            Digest chainId = found.get().name().chainId().get();
            return store.layers()
                    .pin(chainId)
                    .map(pin -> remembering.restore(entry.content(), chainId, pin));
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, () -> "cannot read the cache: " + entry, e);
            return Optional.empty();
        }
    }

    @Override
    public void add(Digest key, Vertex vertex, R result) {
        Optional<Digest> chainId = remembering.chainId(vertex, result);
        if (chainId.isPresent()) {
            add(key, StepRecords.Name.of(chainId.get()), result.content(), vertex.name());
        }
    }

    /// Remembers what came of a step without having it: another cache tells of it.
    public void addContent(Digest key, String description, Digest content) {
        add(key, StepRecords.Name.ofContent(content), content, description);
    }

    private void add(Digest key, StepRecords.Name name, Digest content, String description) {
        try {
            records.add(key, name, content, CacheRecord.made(description, clock.instant()));
        } catch (IOException e) {
            // The build has what it needs.
            LOG.log(System.Logger.Level.WARNING, () -> "cannot remember " + description, e);
        }
    }

    @Override
    public void alias(Digest key, Entry entry) {
        try {
            Optional<StepRecords.Found> found = records.find(entry.key());
            if (found.isPresent()) {
                records.alias(key, found.get().name(), entry.content());
            }
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, () -> "cannot remember " + entry, e);
        }
    }

    // --- what is kept

    /// All that is kept for later builds, by when it was used last.
    public List<CacheUsage> usage() throws IOException {
        var all = new ArrayList<>(steps());
        for (Kept other : others) {
            all.addAll(other.usage());
        }
        all.sort(
                Comparator.comparing(CacheUsage::lastUsed)
                        .reversed()
                        .thenComparing(CacheUsage::id));
        return List.copyOf(all);
    }

    private List<CacheUsage> steps() throws IOException {
        Map<StepRecords.Name, CacheRecord> all = records.list();
        var ids = new HashMap<Digest, String>();
        all.keySet().forEach(name -> name.chainId().ifPresent(chain -> ids.put(chain, name.id())));
        Set<Digest> images = layersOfImages();
        var usage = new ArrayList<CacheUsage>();
        for (Map.Entry<StepRecords.Name, CacheRecord> entry : all.entrySet()) {
            StepRecords.Name name = entry.getKey();
            CacheRecord record = entry.getValue();
            Optional<Layer> layer = name.chainId().flatMap(store.layers()::find);
            if (name.chainId().isPresent() && layer.isEmpty()) {
                records.delete(name);
                continue;
            }
            usage.add(
                    new CacheUsage(
                            name.id(),
                            layer.flatMap(it -> below(it, ids)).stream().toList(),
                            CacheUsage.REGULAR,
                            record.description(),
                            layer.filter(it -> store.layers().isPinned(it.chainId())).isPresent(),
                            layer.filter(it -> images.contains(it.chainId())).isPresent(),
                            layer.map(Layer::size).orElse(0L),
                            record.created(),
                            record.lastUsed(),
                            record.uses()));
        }
        return usage;
    }

    /// The next layer below that is remembered.
    private Optional<String> below(Layer layer, Map<Digest, String> ids) {
        Optional<Digest> at = layer.parent();
        while (at.isPresent()) {
            String id = ids.get(at.get());
            if (id != null) {
                return Optional.of(id);
            }
            at = store.layers().find(at.get()).flatMap(Layer::parent);
        }
        return Optional.empty();
    }

    private Set<Digest> layersOfImages() {
        var chains = new HashSet<Digest>();
        store.images().list().forEach(image -> chains.addAll(ChainId.of(image.diffIds())));
        return chains;
    }

    /// What was removed.
    public record Pruned(List<String> ids, long bytes) {
        public Pruned {
            ids = List.copyOf(ids);
        }
    }

    /// Removes what a rule means.
    public Pruned prune(PruneRule rule) throws IOException {
        pruning.acquireUninterruptibly();
        try {
            return pruneAlone(rule);
        } finally {
            pruning.release();
        }
    }

    private Pruned pruneAlone(PruneRule rule) throws IOException {
        var sources = new HashMap<String, Kept>();
        var all = new ArrayList<CacheUsage>();
        Kept steps = new Steps();
        for (Kept source : both(steps)) {
            for (CacheUsage usage : source.usage()) {
                sources.put(usage.id(), source);
                all.add(usage);
            }
        }
        var removal =
                new Pruning(
                        rule,
                        all,
                        clock.instant(),
                        usage -> {
                            Kept source = sources.get(usage.id());
                            return source != null && source.remove(usage.id());
                        });
        List<CacheUsage> removed;
        try {
            removed = removal.run(disk().availableBytes());
        } finally {
            records.sweepKeys();
        }
        if (!removed.isEmpty()) {
            store.images().collectLayers();
        }
        return new Pruned(
                removed.stream().map(CacheUsage::id).toList(),
                // What images have stays.
                removed.stream().mapToLong(it -> it.shared() ? 0 : it.size()).sum());
    }

    private List<Kept> both(Kept steps) {
        var all = new ArrayList<Kept>();
        all.add(steps);
        all.addAll(others);
        return all;
    }

    private final class Steps implements Kept {
        private Map<String, StepRecords.Name> names = Map.of();

        @Override
        public List<CacheUsage> usage() throws IOException {
            List<CacheUsage> usage = steps();
            names = new HashMap<>();
            records.list().keySet().forEach(name -> names.put(name.id(), name));
            return usage;
        }

        @Override
        public boolean remove(String id) throws IOException {
            StepRecords.Name name = names.get(id);
            if (name == null || name.chainId().filter(store.layers()::isPinned).isPresent()) {
                return false;
            }
            records.delete(name);
            return true;
        }
    }

    // --- in the background

    private FileSystemStatus disk() throws IOException {
        try (Fd root = FileCalls.openDirectory(store.layout().dataRoot().toString())) {
            return FileData.statfs(root);
        }
    }

    /// To be called after each build: collects by the policy in the background, once a minute at most.
    public void built() {
        lock.lock();
        try {
            wanted = true;
            if (collector == null && !closed) {
                collector = Thread.ofVirtual().name("build-gc").start(this::collect);
            }
        } finally {
            lock.unlock();
        }
    }

    private void collect() {
        try {
            while (true) {
                Duration pause;
                lock.lock();
                try {
                    if (!wanted || closed) {
                        collector = null;
                        return;
                    }
                    pause = Duration.between(clock.instant(), lastCollection.plus(PAUSE));
                } finally {
                    lock.unlock();
                }
                if (pause.isPositive()) {
                    Thread.sleep(pause);
                }
                lock.lock();
                try {
                    wanted = false;
                    lastCollection = clock.instant();
                } finally {
                    lock.unlock();
                }
                collectNow();
            }
        } catch (InterruptedException end) {
            LOG.log(System.Logger.Level.DEBUG, "ended", end);
        } catch (IOException | RuntimeException e) {
            LOG.log(System.Logger.Level.WARNING, "cannot collect the cache of builds", e);
            lock.lock();
            try {
                collector = null;
            } finally {
                lock.unlock();
            }
        }
    }

    /// Collects by the policy, and writes down what was used.
    public Pruned collectNow() throws IOException {
        records.flush();
        var ids = new ArrayList<String>();
        long bytes = 0;
        for (PruneRule rule : policy.get()) {
            Pruned pruned = prune(rule);
            ids.addAll(pruned.ids());
            bytes += pruned.bytes();
        }
        return new Pruned(ids, bytes);
    }

    /// Writes down what was used.
    @Override
    public void close() throws IOException {
        Thread running;
        lock.lock();
        try {
            closed = true;
            running = collector;
        } finally {
            lock.unlock();
        }
        if (running != null) {
            running.interrupt();
        }
        records.flush();
    }
}
