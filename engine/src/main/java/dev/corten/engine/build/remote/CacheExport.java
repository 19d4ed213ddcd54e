package dev.corten.engine.build.remote;

import dev.corten.build.solve.CacheStore.Entry;
import dev.corten.build.work.Tree;
import dev.corten.model.Digest;
import dev.corten.store.snapshot.ChainId;
import dev.corten.store.snapshot.Layer;
import dev.corten.store.snapshot.Layers;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// What a build has to tell of its cache. What it tells of stays until it is closed.
final class CacheExport implements AutoCloseable {
    private final Layers layers;
    private final List<Tree> open = new ArrayList<>();

    /// In the order of their keys: the same build gives the same document.
    private final Map<Digest, Told> told = new TreeMap<>();

    /// @param chain diff IDs; empty: only the content is told
    private record Told(Digest content, Optional<List<Digest>> chain) {}

    private CacheExport(Layers layers) {
        this.layers = layers;
    }

    /// @param wanted the chain IDs of results that are worth their layers; empty: all are
    static CacheExport of(BuildCache cache, Layers layers, Optional<Set<Digest>> wanted)
            throws IOException {
        var export = new CacheExport(layers);
        boolean done = false;
        try {
            for (Digest key : cache.asked()) {
                Optional<Entry> entry = cache.find(key);
                if (entry.isPresent()) {
                    export.add(key, entry.get(), cache, wanted);
                }
            }
            done = true;
            return export;
        } finally {
            if (!done) {
                export.close();
            }
        }
    }

    private void add(Digest key, Entry entry, BuildCache cache, Optional<Set<Digest>> wanted)
            throws IOException {
        Optional<Tree> tree = cache.openLocal(entry);
        tree.ifPresent(open::add);
        Optional<List<Digest>> chain =
                tree.filter(it -> isWorth(it, wanted)).flatMap(this::diffIds);
        told.put(key, new Told(entry.content(), chain));
    }

    private static boolean isWorth(Tree tree, Optional<Set<Digest>> wanted) {
        return wanted.isEmpty() || tree.chainId().filter(wanted.get()::contains).isPresent();
    }

    private Optional<List<Digest>> diffIds(Tree tree) {
        return tree.chainId()
                .map(top -> layers.chain(top).reversed().stream().map(Layer::diffId).toList());
    }

    boolean isEmpty() {
        return told.isEmpty();
    }

    /// The chains of all layers that are told of, each once.
    List<List<Digest>> chains() {
        return told.values().stream().flatMap(it -> it.chain().stream()).distinct().toList();
    }

    /// For layers that lie beside it.
    CacheDocument document() {
        var positions = new LinkedHashMap<Digest, Integer>();
        var chains = new LinkedHashMap<List<Digest>, Integer>();
        for (List<Digest> chain : chains()) {
            chain.forEach(diffId -> positions.putIfAbsent(diffId, positions.size()));
            chains.put(chain, chains.size());
        }
        return document(positions, chains);
    }

    /// For an image: only what its own layers can show is worth being told.
    CacheDocument inline(List<Digest> image) {
        var positions = new LinkedHashMap<Digest, Integer>();
        var chains = new LinkedHashMap<List<Digest>, Integer>();
        Set<Digest> own = ChainId.of(image).stream().collect(Collectors.toSet());
        for (List<Digest> chain : chains()) {
            if (!chain.isEmpty() && own.contains(ChainId.of(chain).getLast())) {
                chains.put(chain, chains.size());
            }
        }
        for (int i = 0; i < image.size(); i++) {
            positions.putIfAbsent(image.get(i), i);
        }
        return document(positions, chains);
    }

    private CacheDocument document(
            Map<Digest, Integer> positions, Map<List<Digest>, Integer> chains) {
        var chainList = new ArrayList<List<Integer>>();
        for (List<Digest> chain : chains.keySet()) {
            chainList.add(chain.stream().map(positions::get).toList());
        }
        var records = new ArrayList<CacheDocument.Known>();
        var known = new HashMap<>(chains);
        told.forEach((key, it) ->
                records.add(
                        new CacheDocument.Known(
                                key,
                                it.content(),
                                it.chain()
                                        .flatMap(chain -> Optional.ofNullable(known.get(chain))))));
        return new CacheDocument(List.copyOf(positions.keySet()), chainList, records);
    }

    @Override
    public void close() {
        open.forEach(Tree::close);
        open.clear();
    }
}
