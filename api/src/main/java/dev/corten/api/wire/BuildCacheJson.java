package dev.corten.api.wire;

import dev.corten.build.cache.CacheUsage;
import dev.corten.build.cache.DiskCache;

/// The build cache, as clients see it.
public final class BuildCacheJson {
    private BuildCacheJson() {}

    /// What one thing takes.
    public static void writeUsage(Json out, CacheUsage usage, ApiVersion version) {
        out.text("ID", usage.id());
        if (!usage.parents().isEmpty()) {
            if (version.atLeast(42)) {
                out.texts("Parents", usage.parents());
            } else {
                out.text("Parent", String.join(" ", usage.parents()));
            }
        }
        out.text("Type", usage.type())
                .text("Description", usage.description())
                .flag("InUse", usage.inUse())
                .flag("Shared", usage.shared())
                .number("Size", usage.size())
                .time("CreatedAt", usage.created())
                .time("LastUsedAt", usage.lastUsed())
                .number("UsageCount", usage.uses());
    }

    /// What a prune has removed.
    public static Json.Document pruned(DiskCache.Pruned pruned) {
        return Json.object(o ->
                o.texts("CachesDeleted", pruned.ids().isEmpty() ? null : pruned.ids())
                        .number("SpaceReclaimed", pruned.bytes()));
    }
}
