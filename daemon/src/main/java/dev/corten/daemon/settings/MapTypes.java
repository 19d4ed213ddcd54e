package dev.corten.daemon.settings;

import dev.corten.model.container.Ulimit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Options that are maps.
final class MapTypes {
    static final ValueType<Map<String, String>> TEXTS =
            new MapType<>("map") {
                @Override
                void add(Map<String, String> to, String text) {
                    int equals = text.indexOf('=');
                    to.put(
                            equals < 0 ? text : text.substring(0, equals),
                            equals < 0 ? "" : text.substring(equals + 1));
                }

                @Override
                String member(JsonValue value, String name, String path) throws BadValue {
                    return ScalarTypes.text(value, path);
                }
            };

    static final ValueType<Map<String, Boolean>> SWITCHES =
            new MapType<>("map") {
                @Override
                void add(Map<String, Boolean> to, String text) throws BadValue {
                    int equals = text.indexOf('=');
                    String name = equals < 0 ? text : text.substring(0, equals);
                    to.put(name, equals < 0 || ScalarTypes.truth(text.substring(equals + 1)));
                }

                @Override
                Boolean member(JsonValue value, String name, String path) throws BadValue {
                    return ScalarTypes.SWITCH.fromFile(value, path);
                }
            };

    /// Maps of options by the name of a driver.
    static final ValueType<Map<String, Map<String, String>>> NESTED =
            new MapType<>("mapmap") {
                @Override
                void add(Map<String, Map<String, String>> to, String text) throws BadValue {
                    String[] parts = text.split("=", 3);
                    if (parts.length != 3) {
                        throw new BadValue(
                                "invalid value \""
                                        + text
                                        + "\" for map option, should be root-key=key=value");
                    }
                    var inner = new TreeMap<>(to.getOrDefault(parts[0], Map.of()));
                    inner.put(parts[1], parts[2]);
                    to.put(parts[0], inner);
                }

                @Override
                Map<String, String> member(JsonValue value, String name, String path)
                        throws BadValue {
                    return TEXTS.fromFile(value, path);
                }

                @Override
                String shownValue(Map<String, String> value) {
                    return TEXTS.shown(value);
                }
            };

    static final ValueType<Map<String, Ulimit>> ULIMITS =
            new MapType<>("ulimit") {
                @Override
                void add(Map<String, Ulimit> to, String text) throws BadValue {
                    Ulimit limit = ulimit(text);
                    to.put(limit.name(), limit);
                }

                @Override
                Ulimit member(JsonValue value, String name, String path) throws BadValue {
                    if (!(value
                            instanceof JsonValue.Members(Map<String, JsonValue> members, int _))) {
                        throw mismatch(value, path, "units.Ulimit");
                    }
                    long hard = number(members, "Hard", path);
                    long soft = number(members, "Soft", path);
                    return new Ulimit(name, hard, soft);
                }

                @Override
                String shownValue(Ulimit value) {
                    return value.name() + "=" + value.soft() + ":" + value.hard();
                }

                @Override
                String shown(Map<String, Ulimit> value) {
                    return value.values().stream()
                            .map(this::shownValue)
                            .collect(Collectors.joining(" ", "[", "]"));
                }
            };

    static final ValueType<Map<String, RuntimeEntry>> RUNTIMES =
            new MapType<>("runtime") {
                @Override
                void add(Map<String, RuntimeEntry> to, String text) throws BadValue {
                    int equals = text.indexOf('=');
                    if (equals < 0) {
                        throw new BadValue("invalid runtime argument: " + text);
                    }
                    String name = text.substring(0, equals).strip().toLowerCase(Locale.ROOT);
                    String path = text.substring(equals + 1).strip();
                    if (name.isEmpty() || path.isEmpty()) {
                        throw new BadValue("invalid runtime argument: " + text);
                    }
                    if (name.equals("runc")) {
                        throw new BadValue("runtime name 'runc' is reserved");
                    }
                    if (to.containsKey(name)) {
                        throw new BadValue("runtime '" + name + "' was already defined");
                    }
                    to.put(name, new RuntimeEntry(path, "", List.of()));
                }

                @Override
                RuntimeEntry member(JsonValue value, String name, String path) throws BadValue {
                    if (!(value
                            instanceof JsonValue.Members(Map<String, JsonValue> members, int _))) {
                        throw mismatch(value, path, "system.Runtime");
                    }
                    JsonValue args = members.get("runtimeArgs");
                    return new RuntimeEntry(
                            text(members, "path", path),
                            text(members, "runtimeType", path),
                            args == null
                                    ? List.of()
                                    : Options.WORDS.fromFile(args, path + ".runtimeArgs"));
                }

                @Override
                String shown(Map<String, RuntimeEntry> value) {
                    return "[" + String.join(" ", value.keySet()) + "]";
                }
            };

    private MapTypes() {}

    private static long number(Map<String, JsonValue> members, String name, String path)
            throws BadValue {
        JsonValue value = members.get(name);
        return value == null ? 0 : ScalarTypes.NUMBER.fromFile(value, path + "." + name);
    }

    private static String text(Map<String, JsonValue> members, String name, String path)
            throws BadValue {
        JsonValue value = members.get(name);
        return value == null ? "" : ScalarTypes.text(value, path + "." + name);
    }

    /// `nofile=1024:2048`.
    private static Ulimit ulimit(String text) throws BadValue {
        int equals = text.indexOf('=');
        if (equals < 0) {
            throw new BadValue("invalid ulimit argument: " + text);
        }
        String name = text.substring(0, equals);
        if (!Ulimit.NAMES.contains(name)) {
            throw new BadValue("invalid ulimit type: " + name);
        }
        String[] limits = text.substring(equals + 1).split(":", -1);
        if (limits.length > 2) {
            throw new BadValue(
                    "too many limit value arguments - "
                            + text.substring(equals + 1)
                            + ", can only have up to two, `soft[:hard]`");
        }
        long soft = ScalarTypes.integer(limits[0]);
        long hard = limits.length == 1 ? soft : ScalarTypes.integer(limits[1]);
        if (hard != -1 && (soft == -1 || soft > hard)) {
            throw new BadValue(
                    "ulimit soft limit must be less than or equal to hard limit: "
                            + soft
                            + " > "
                            + hard);
        }
        return new Ulimit(name, hard, soft);
    }

    /// A map: one entry for each flag, an object in the file.
    abstract static class MapType<V> extends ValueType<Map<String, V>> {
        MapType(String word) {
            super(word, Map.of());
        }

        abstract void add(Map<String, V> to, String text) throws BadValue;

        abstract V member(JsonValue value, String name, String path) throws BadValue;

        String shownValue(V value) {
            return String.valueOf(value);
        }

        @Override
        Map<String, V> fromFlag(@Nullable Map<String, V> before, String text) throws BadValue {
            var all = new TreeMap<String, V>(before == null ? Map.of() : before);
            add(all, text);
            return all;
        }

        @Override
        Map<String, V> fromFile(JsonValue value, String path) throws BadValue {
            if (!(value instanceof JsonValue.Members(Map<String, JsonValue> members, int _))) {
                throw mismatch(value, path, "map[string]string");
            }
            var all = new TreeMap<String, V>();
            for (Map.Entry<String, JsonValue> entry : members.entrySet()) {
                String name = entry.getKey();
                all.put(name, member(entry.getValue(), name, path + "." + name));
            }
            return all;
        }

        @Override
        String shown(Map<String, V> value) {
            var shown = new ArrayList<String>();
            new TreeMap<>(value).forEach((name, v) -> shown.add(name + ":" + shownValue(v)));
            return "map[" + String.join(" ", shown) + "]";
        }
    }
}
