package dev.corten.api.wire;

import dev.corten.model.InvalidParameter;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// The `filters` parameter: values by key. Values of one key are alternatives, keys all have to
/// match.
public final class Filters {
    private final Map<String, Set<String>> values = new TreeMap<>();

    /// Reads `{"k":["v"]}` or the old `{"k":{"v":true}}`; `""` is no filter.
    ///
    /// @throws InvalidParameter `invalid filter`
    public static Filters parse(String text) {
        var filters = new Filters();
        if (text.isEmpty()) {
            return filters;
        }
        Object parsed;
        try {
            parsed = JsonInput.parsePlain(text);
        } catch (InvalidParameter e) {
            throw new InvalidParameter("invalid filter", e);
        }
        if (parsed == null) {
            return filters;
        }
        if (!(parsed instanceof Map<?, ?> map)) {
            throw new InvalidParameter("invalid filter");
        }
        map.forEach((key, value) -> {
            // In Go null is an empty map: no values, so that nothing is filtered.
            filters.add(String.valueOf(key), value == null ? List.of() : value);
        });
        return filters;
    }

    private void add(String key, Object value) {
        Collection<?> found =
                switch (value) {
                    case List<?> list -> list;
                    case Map<?, ?> map ->
                            map.entrySet().stream()
                                    .filter(e -> Boolean.TRUE.equals(e.getValue()))
                                    .map(Map.Entry::getKey)
                                    .toList();
                    default -> throw new InvalidParameter("invalid filter");
                };
        var set = new LinkedHashSet<String>();
        for (Object element : found) {
            if (!(element instanceof String string)) {
                throw new InvalidParameter("invalid filter");
            }
            set.add(string);
        }
        values.put(key, set);
    }

    /// Refuses keys that the object's kind does not have.
    public Filters allowing(String... keys) {
        for (String key : values.keySet()) {
            if (!List.of(keys).contains(key)) {
                throw new InvalidParameter("invalid filter '" + key + "'");
            }
        }
        return this;
    }

    public Set<String> get(String key) {
        return values.getOrDefault(key, Set.of());
    }

    /// What is filtered by.
    public Set<String> keys() {
        return java.util.Collections.unmodifiableSet(values.keySet());
    }

    public boolean has(String key) {
        return !get(key).isEmpty();
    }

    /// Whether the key is absent or one of its values is this.
    public boolean matches(String key, String value) {
        return !has(key) || get(key).contains(value);
    }

    /// Whether all `k` and `k=v` filters of this key are met by the labels.
    public boolean matchesLabels(String key, Map<String, String> labels) {
        for (String wanted : get(key)) {
            int equals = wanted.indexOf('=');
            String name = equals < 0 ? wanted : wanted.substring(0, equals);
            String value = labels.get(name);
            if (value == null || (equals >= 0 && !value.equals(wanted.substring(equals + 1)))) {
                return false;
            }
        }
        return true;
    }

    /// The value of a yes-or-no filter, or what to assume without it.
    public boolean flag(String key, boolean otherwise) {
        if (!has(key)) {
            return otherwise;
        }
        Set<String> wanted = get(key);
        boolean yes = wanted.contains("1") || wanted.contains("true");
        boolean no = wanted.contains("0") || wanted.contains("false");
        if (yes == no) {
            throw new InvalidParameter(
                    "invalid filter '" + key + "=[" + String.join(" ", wanted) + "]'");
        }
        return yes;
    }
}
