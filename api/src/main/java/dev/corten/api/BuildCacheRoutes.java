package dev.corten.api;

import static dev.corten.api.Response.json;

import dev.corten.api.wire.BuildCacheJson;
import dev.corten.api.wire.FilterTime;
import dev.corten.api.wire.Filters;
import dev.corten.build.cache.CacheFilter;
import dev.corten.build.cache.DiskCache;
import dev.corten.build.cache.PruneRule;
import dev.corten.engine.build.BuilderCache;
import dev.corten.model.InvalidParameter;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// `/build/prune`: what is kept for later builds goes.
final class BuildCacheRoutes {
    private static final String COMPLAINT = "failed to prune build cache: ";

    private final BuilderCache cache;
    private final Clock clock;

    BuildCacheRoutes(Services services) {
        this.cache = services.builderCache();
        this.clock = services.clock();
    }

    List<Route> routes() {
        return List.of(Route.post("/build/prune", Kind.BUILD, Effect.DELETE, this::prune));
    }

    private Response prune(Request request) throws IOException {
        long reserved = bytes(request, "reserved-space");
        if (reserved == 0) {
            // The name it had before there were others.
            reserved = bytes(request, "keep-storage");
        }
        long maximum = bytes(request, "max-used-space");
        long free = bytes(request, "min-free-space");
        Filters filters = request.filters();
        Duration unused = unusedFor(filters);
        if (filters.has("label")) {
            // Nothing that is kept has labels.
            return json(BuildCacheJson.pruned(new DiskCache.Pruned(List.of(), 0)));
        }
        return json(
                BuildCacheJson.pruned(
                        cache.prune(
                                new PruneRule(
                                        request.flag("all"),
                                        filter(filters),
                                        unused,
                                        reserved,
                                        maximum,
                                        free))));
    }

    private static CacheFilter filter(Filters filters) {
        Map<String, Set<String>> conditions = new HashMap<>();
        for (String key : filters.keys()) {
            if (!key.equals("until") && !key.equals("unused-for")) {
                conditions.put(key, filters.get(key));
            }
        }
        try {
            return CacheFilter.of(conditions);
        } catch (InvalidParameter e) {
            throw new InvalidParameter(COMPLAINT + e.message(), e);
        }
    }

    /// How long something has to be of no use to go.
    private Duration unusedFor(Filters filters) {
        for (String key : List.of("until", "unused-for")) {
            Set<String> values = filters.get(key);
            if (values.size() > 1) {
                throw new InvalidParameter(COMPLAINT + "filters expect only one value");
            }
            if (values.isEmpty()) {
                continue;
            }
            String text = values.iterator().next();
            try {
                Duration age =
                        Duration.between(FilterTime.parse(text, clock.instant()), clock.instant());
                return age.isNegative() ? Duration.ZERO : age;
            } catch (InvalidParameter e) {
                throw new InvalidParameter(
                        COMPLAINT
                                + "\""
                                + key
                                + "\" filter expects a duration (e.g., '24h') or a timestamp:"
                                + " failed to parse value as time or duration: \""
                                + text
                                + "\"",
                        e);
            }
        }
        return Duration.ZERO;
    }

    private static long bytes(Request request, String name) {
        String text = request.text(name);
        if (text.isEmpty()) {
            return 0;
        }
        try {
            return Math.max(0, Long.parseLong(text));
        } catch (NumberFormatException e) {
            throw new InvalidParameter(
                    name
                            + " is in bytes and expects an integer, got "
                            + text
                            + ": strconv.Atoi: parsing \""
                            + text
                            + "\": invalid syntax",
                    e);
        }
    }
}
