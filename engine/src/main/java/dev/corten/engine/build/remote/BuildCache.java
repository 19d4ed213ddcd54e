package dev.corten.engine.build.remote;

import dev.corten.build.solve.CacheStore;
import dev.corten.build.solve.Operation;
import dev.corten.build.solve.Vertex;
import dev.corten.build.work.Tree;
import dev.corten.model.Digest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/// What one build may take from earlier ones: what is remembered here, and in the caches that it
/// names. It notes what the build asked for, as that is what can be exported.
///
/// A cache that was written elsewhere can say what it likes: that a step makes something else than it
/// makes, or that a result holds what another one holds. Its layers are checked by their digests, its
/// claims cannot be. So they count for the builds that name it, and for nobody else: what such a build
/// learns is remembered here under keys of its own, made of the names of the caches too.
final class BuildCache implements CacheStore<Tree> {
    private static final Vertex IMPORTED =
            new Vertex(
                    "imported from a cache",
                    new Operation() {
                        @Override
                        public Digest definition() {
                            return Digest.of("imported".getBytes(StandardCharsets.US_ASCII));
                        }
                    },
                    List.of());

    private final CacheStore<Tree> local;
    private final List<ImportedCache> imported;
    private final RemoteCaches.Trees trees;

    /// Names the imported caches; empty without one.
    private final Optional<String> realm;

    private final ReentrantLock lock = new ReentrantLock();

    /// Guarded by lock.
    private final Set<Digest> asked = new LinkedHashSet<>();

    BuildCache(
            CacheStore<Tree> local,
            List<ImportedCache> imported,
            Optional<String> realm,
            RemoteCaches.Trees trees) {
        this.local = local;
        this.imported = imported;
        this.realm = realm;
        this.trees = trees;
    }

    /// The key under which something is remembered here.
    private Digest own(Digest key) {
        return realm.map(names ->
                        Digest.of(
                                ("imported\n" + names + "\n" + key)
                                        .getBytes(StandardCharsets.UTF_8)))
                .orElse(key);
    }

    /// The keys that the build has asked for, in that order.
    List<Digest> asked() {
        lock.lock();
        try {
            return new ArrayList<>(asked);
        } finally {
            lock.unlock();
        }
    }

    private void note(Digest key) {
        lock.lock();
        try {
            asked.add(key);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Optional<Entry> find(Digest key) throws IOException {
        note(key);
        Optional<Entry> here = findLocal(key);
        if (here.isPresent()) {
            return here;
        }
        for (ImportedCache cache : imported) {
            Optional<Entry> there = cache.find(key);
            if (there.isPresent()) {
                return there;
            }
        }
        return Optional.empty();
    }

    private Optional<Entry> findLocal(Digest key) throws IOException {
        Optional<Entry> here = local.find(key);
        return here.isPresent() || realm.isEmpty() ? here : local.find(own(key));
    }

    @Override
    public Optional<Tree> open(Entry entry) throws IOException {
        Optional<Tree> here = openLocal(entry);
        if (here.isPresent()) {
            return here;
        }
        for (ImportedCache cache : imported) {
            if (cache.find(entry.key()).equals(Optional.of(entry))) {
                Optional<Tree> brought = bring(cache, entry);
                if (brought.isPresent()) {
                    return brought;
                }
            }
        }
        return Optional.empty();
    }

    /// The result of an entry if it is here.
    Optional<Tree> openLocal(Entry entry) throws IOException {
        Optional<Tree> here = local.open(entry);
        if (here.isPresent() || realm.isEmpty()) {
            return here;
        }
        return local.open(new Entry(entry.content(), own(entry.key())));
    }

    private Optional<Tree> bring(ImportedCache cache, Entry entry) throws IOException {
        try {
            Optional<ImportedCache.Opened> opened = cache.open(entry);
            if (opened.isEmpty()) {
                return Optional.empty();
            }
            try (var layers = opened.get()) {
                Tree tree = trees.of(layers.chainId(), entry.content());
                local.add(own(entry.key()), IMPORTED, tree);
                return Optional.of(tree);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (IOException)
                    new java.io.InterruptedIOException("import of a cache was interrupted")
                            .initCause(e);
        }
    }

    @Override
    public void add(Digest key, Vertex vertex, Tree result) throws IOException {
        note(key);
        local.add(own(key), vertex, result);
    }

    @Override
    public void alias(Digest key, Entry entry) throws IOException {
        note(key);
        if (local.find(entry.key()).equals(Optional.of(entry))) {
            local.alias(own(key), entry);
        }
    }
}
