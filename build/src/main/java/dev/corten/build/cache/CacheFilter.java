package dev.corten.build.cache;

import dev.corten.model.InvalidParameter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/// What of all that is kept is meant: alternatives, each of several conditions that must all hold.
public final class CacheFilter {
    /// Without a condition.
    public static final CacheFilter ALL = new CacheFilter(List.of(List.of()));

    /// What a request may name beside `until` and `unused-for`, which speak of times.
    public static final Set<String> FIELDS =
            Set.of(
                    "id",
                    "parent",
                    "parents",
                    "type",
                    "description",
                    "inuse",
                    "shared",
                    "private",
                    "mutable",
                    "immutable");

    private static final int MAX_PATTERN = 256;

    private final List<List<Predicate<CacheUsage>>> alternatives;

    private CacheFilter(List<List<Predicate<CacheUsage>>> alternatives) {
        this.alternatives = List.copyOf(alternatives);
    }

    /// Any of these types.
    static CacheFilter types(String... types) {
        var alternatives = new ArrayList<List<Predicate<CacheUsage>>>();
        for (String type : types) {
            alternatives.add(List.of(usage -> usage.type().equals(type)));
        }
        return new CacheFilter(alternatives);
    }

    /// Of a request's `filters`, without `until` and `unused-for`.
    ///
    /// @throws InvalidParameter for a field that is none, or several values of one
    public static CacheFilter of(Map<String, ? extends Collection<String>> filters) {
        var conditions = new ArrayList<Predicate<CacheUsage>>();
        for (String field : new TreeSet<>(filters.keySet())) {
            if (!FIELDS.contains(field)) {
                throw new InvalidParameter("invalid filter '" + field + "'");
            }
            Collection<String> values = filters.get(field);
            if (values == null || values.isEmpty()) {
                conditions.add(condition(field, ""));
            } else if (values.size() > 1) {
                throw new InvalidParameter("filters expect only one value");
            } else {
                conditions.add(condition(field, values.iterator().next()));
            }
        }
        return new CacheFilter(List.of(List.copyOf(conditions)));
    }

    private static Predicate<CacheUsage> condition(String field, String value) {
        return switch (field) {
            case "id" -> {
                Pattern pattern = pattern(value);
                yield usage -> pattern.matcher(usage.id()).find();
            }
            case "parent", "parents" ->
                    value.isEmpty()
                            ? usage -> !usage.parents().isEmpty()
                            : usage ->
                                    usage.parents().contains(value)
                                            || String.join(";", usage.parents()).equals(value);
            case "type" -> usage -> value.isEmpty() || usage.type().equals(value);
            case "description" ->
                    usage ->
                            value.isEmpty()
                                    ? !usage.description().isEmpty()
                                    : usage.description().equals(value);
            case "inuse" -> truth(value, CacheUsage::inUse);
            case "shared" -> truth(value, CacheUsage::shared);
            case "private" -> truth(value, usage -> !usage.shared());
            case "mutable" -> truth(value, usage -> usage.type().equals(CacheUsage.CACHE_MOUNT));
            default -> truth(value, usage -> !usage.type().equals(CacheUsage.CACHE_MOUNT));
        };
    }

    /// The condition is that it is so; a value is not asked for, and one that says otherwise fits nothing.
    private static Predicate<CacheUsage> truth(String value, Predicate<CacheUsage> condition) {
        boolean yes = value.isEmpty() || value.equals("true") || value.equals("1");
        return usage -> yes && condition.test(usage);
    }

    private static Pattern pattern(String text) {
        if (text.length() > MAX_PATTERN) {
            throw new InvalidParameter("filter 'id' is longer than " + MAX_PATTERN);
        }
        try {
            return Pattern.compile(text);
        } catch (PatternSyntaxException e) {
            throw new InvalidParameter(
                    "filter 'id' is not a regular expression: " + e.getDescription(), e);
        }
    }

    boolean matches(CacheUsage usage) {
        return alternatives.stream().anyMatch(all -> all.stream().allMatch(one -> one.test(usage)));
    }

    /// For what is written in `daemon.json`: `unused-for=48h` and others, of which times become the age.
    ///
    /// @return seconds, minutes, hours and days together, as Go writes durations
    /// @throws InvalidParameter if it is none
    public static Duration duration(String text) {
        var matcher = Pattern.compile("(\\d{1,12})(ms|s|m|h|d)").matcher(text);
        Duration sum = Duration.ZERO;
        int at = 0;
        while (matcher.find() && matcher.start() == at) {
            long number = Long.parseLong(matcher.group(1));
            sum =
                    sum.plus(
                            switch (matcher.group(2)) {
                                case "ms" -> Duration.ofMillis(number);
                                case "s" -> Duration.ofSeconds(number);
                                case "m" -> Duration.ofMinutes(number);
                                case "h" -> Duration.ofHours(number);
                                default -> Duration.ofDays(number);
                            });
            at = matcher.end();
        }
        if (at == 0 || at != text.length()) {
            throw new InvalidParameter("not a duration: \"" + text + "\"");
        }
        return sum;
    }
}
