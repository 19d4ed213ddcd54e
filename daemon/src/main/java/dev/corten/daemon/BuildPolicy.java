package dev.corten.daemon;

import dev.corten.build.cache.CacheFilter;
import dev.corten.build.cache.PruneRule;
import dev.corten.daemon.settings.BuilderSettings;
import dev.corten.daemon.settings.BuilderSettings.Space;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.file.FileData;
import dev.corten.model.InvalidParameter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;

/// How the cache of builds is kept small, out of the settings.
final class BuildPolicy {
    private BuildPolicy() {}

    /// Asked whenever something is collected: a disk may grow.
    ///
    /// @param root the data root
    /// @throws InvalidParameter for a filter that is none
    static Supplier<List<PruneRule>> of(BuilderSettings settings, Path root) {
        of(settings, Long.MAX_VALUE);
        return () -> of(settings, size(root));
    }

    private static long size(Path root) {
        try (Fd directory = FileCalls.openDirectory(root.toString())) {
            return FileData.statfs(directory).totalBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// @param disk bytes of the file system with the data root
    /// @return the rules in their order; none if nothing is to be collected
    /// @throws InvalidParameter for a filter that is none
    static List<PruneRule> of(BuilderSettings settings, long disk) {
        if (!settings.collects()) {
            return List.of();
        }
        Space usual = settings.usual();
        if (settings.policy().isEmpty()) {
            return PruneRule.usual(disk, usual.reserved(), usual.most(), usual.free());
        }
        var rules = new ArrayList<PruneRule>();
        for (BuilderSettings.Rule rule : settings.policy().get()) {
            Map<String, List<String>> filters = filters(rule.filters());
            Duration unused = unused(filters);
            Space space = rule.space().equals(new Space(0, 0, 0)) ? usual : rule.space();
            rules.add(
                    new PruneRule(
                            rule.all(),
                            CacheFilter.of(filters),
                            unused,
                            space.reserved(),
                            space.most(),
                            space.free()));
        }
        return rules;
    }

    private static Map<String, List<String>> filters(List<String> written) {
        var filters = new LinkedHashMap<String, List<String>>();
        for (String filter : written) {
            int equals = filter.indexOf('=');
            String name = equals < 0 ? filter : filter.substring(0, equals);
            var values =
                    filters.computeIfAbsent(
                            name.strip().toLowerCase(Locale.ROOT), key -> new ArrayList<>());
            if (equals >= 0) {
                String value = filter.substring(equals + 1);
                // BuildKit writes `type==regular`.
                values.add((value.startsWith("=") ? value.substring(1) : value).strip());
            }
        }
        return filters;
    }

    /// Takes the age out of the filters.
    private static Duration unused(Map<String, List<String>> filters) {
        var ages = new ArrayList<String>();
        for (String name : List.of("until", "unused-for")) {
            List<String> values = filters.remove(name);
            if (values != null) {
                ages.addAll(values);
            }
        }
        if (ages.size() > 1) {
            throw new InvalidParameter("filters expect only one value");
        }
        return ages.isEmpty() ? Duration.ZERO : CacheFilter.duration(ages.getFirst());
    }
}
