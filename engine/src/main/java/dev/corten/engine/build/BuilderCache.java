package dev.corten.engine.build;

import dev.corten.build.cache.CacheUsage;
import dev.corten.build.cache.DiskCache;
import dev.corten.build.cache.PruneRule;
import dev.corten.build.work.Tree;
import dev.corten.engine.event.Events;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/// What builds have left for later builds, as people see it and clear it away.
public final class BuilderCache {
    private final DiskCache<Tree> cache;
    private final Events events;

    public BuilderCache(DiskCache<Tree> cache, Events events) {
        this.cache = cache;
        this.events = events;
    }

    /// All of it, what was used last first.
    public List<CacheUsage> usage() throws IOException {
        return cache.usage();
    }

    /// Removes what a rule means, and says so.
    public DiskCache.Pruned prune(PruneRule rule) throws IOException {
        DiskCache.Pruned pruned = cache.prune(rule);
        events.publish("builder", "prune", "", Map.of("reclaimed", Long.toString(pruned.bytes())));
        return pruned;
    }
}
