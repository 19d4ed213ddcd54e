package dev.corten.build.cache;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToLongFunction;

/// One rule applied to a list of what is kept. What others lie on goes after them.
final class Pruning {
    /// Removes one of them.
    @FunctionalInterface
    interface Removal {
        /// @return false if it cannot go
        boolean remove(CacheUsage usage) throws IOException;
    }

    private final PruneRule rule;
    private final Instant now;
    private final Removal removal;

    /// What is left, by ID.
    private final Map<String, CacheUsage> left = new HashMap<>();

    /// How many lie directly on it.
    private final Map<String, Integer> children = new HashMap<>();

    /// What cannot go.
    private final Set<String> stuck = new HashSet<>();

    private final List<CacheUsage> removed = new ArrayList<>();
    private long total;

    Pruning(PruneRule rule, List<CacheUsage> usage, Instant now, Removal removal) {
        this.rule = rule;
        this.now = now;
        this.removal = removal;
        for (CacheUsage one : usage) {
            left.put(one.id(), one);
            one.parents().forEach(parent -> children.merge(parent, 1, Integer::sum));
            total += one.shared() ? 0 : one.size();
        }
    }

    /// @param free bytes of the file system
    /// @return the removed
    List<CacheUsage> run(long free) throws IOException {
        long keep = rule.keeps(total, free);
        while (keep == 0 || total >= keep) {
            List<CacheUsage> candidates = candidates();
            if (candidates.isEmpty()) {
                break;
            }
            if (keep == 0) {
                for (CacheUsage candidate : candidates) {
                    remove(candidate);
                }
            } else {
                remove(leastUseful(candidates));
            }
        }
        return removed;
    }

    private List<CacheUsage> candidates() {
        Instant before = now.minus(rule.unusedFor());
        return left.values().stream()
                .filter(it -> !it.inUse() && !stuck.contains(it.id()))
                .filter(it -> !children.containsKey(it.id()))
                .filter(it -> rule.all() || !it.isStubborn())
                .filter(it -> rule.unusedFor().isZero() || !it.lastUsed().isAfter(before))
                .filter(rule.filter()::matches)
                .sorted(Comparator.comparing(CacheUsage::lastUsed).thenComparing(CacheUsage::id))
                .toList();
    }

    /// By its rank among the others in time and in number of uses, which count the same.
    private static CacheUsage leastUseful(List<CacheUsage> candidates) {
        Map<String, Double> byTime = ranks(candidates, it -> it.lastUsed().toEpochMilli());
        Map<String, Double> byUses = ranks(candidates, CacheUsage::uses);
        return candidates.stream()
                .min(
                        Comparator.comparingDouble(it ->
                                byTime.getOrDefault(it.id(), 0.0)
                                        + byUses.getOrDefault(it.id(), 0.0)))
                .orElseThrow();
    }

    private static Map<String, Double> ranks(
            List<CacheUsage> all, ToLongFunction<CacheUsage> value) {
        List<Long> values = all.stream().map(value::applyAsLong).distinct().sorted().toList();
        var positions = new HashMap<Long, Integer>();
        values.forEach(it -> positions.put(it, positions.size() + 1));
        var ranks = new HashMap<String, Double>();
        for (CacheUsage one : all) {
            int position = positions.getOrDefault(value.applyAsLong(one), 0);
            ranks.put(one.id(), position / (double) values.size());
        }
        return ranks;
    }

    private void remove(CacheUsage usage) throws IOException {
        if (!removal.remove(usage)) {
            stuck.add(usage.id());
            return;
        }
        removed.add(usage);
        left.remove(usage.id());
        total -= usage.shared() ? 0 : usage.size();
        for (String parent : usage.parents()) {
            children.computeIfPresent(parent, (id, count) -> count == 1 ? null : count - 1);
        }
    }
}
