package dev.corten.registry.server.settings;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/// What file and environment say, by path: `http.tls.key`. Remembers what was asked for, so that
/// what nobody knows can be told.
final class SettingsTree {
    private static final String PREFIX = "REGISTRY_";
    private static final int MAX_ALIASES = 50;
    private static final long MAX_FILE = 4 << 20;

    private static final Pattern DURATION_PART =
            Pattern.compile("(\\d+(?:\\.\\d*)?|\\.\\d+)(ns|us|µs|ms|s|m|h)");
    private static final Pattern BYTES = Pattern.compile("(\\d+)\\s*([kmgt]?)(?:i?b)?");

    private final Map<String, Object> root;
    private final TreeSet<String> known = new TreeSet<>();

    private SettingsTree(Map<String, Object> root) {
        this.root = root;
    }

    /// @param file none: only the environment counts
    static SettingsTree read(Optional<Path> file, Map<String, String> environment)
            throws BadSettings {
        Map<String, Object> root = new LinkedHashMap<>();
        if (file.isPresent()) {
            try {
                if (Files.size(file.get()) > MAX_FILE) {
                    throw new BadSettings(file.get() + " is too large");
                }
                Object document = yaml(file.get().toString(), Files.readString(file.get()));
                if (!(document instanceof Map<?, ?> map)) {
                    throw new BadSettings(file.get() + " holds no settings");
                }
                root = plain(map);
            } catch (IOException e) {
                throw new BadSettings("cannot read " + file.get() + ": " + e.getMessage(), e);
            }
        }
        // Shorter names first: REGISTRY_AUTH before REGISTRY_AUTH_HTPASSWD_REALM.
        for (var variable : new TreeMap<>(environment).entrySet()) {
            if (variable.getKey().startsWith(PREFIX)) {
                String path = variable.getKey().substring(PREFIX.length());
                put(root, path.toLowerCase(Locale.ROOT), variable);
            }
        }
        return new SettingsTree(root);
    }

    private static void put(
            Map<String, Object> root, String path, Map.Entry<String, String> variable)
            throws BadSettings {
        Map<String, Object> at = root;
        String[] words = path.split("_", -1);
        for (int i = 0; i < words.length - 1; i++) {
            Object below = at.get(words[i]);
            if (below instanceof Map<?, ?> map) {
                at = cast(map);
                continue;
            }
            // `storage: filesystem` says which, and what follows says how.
            var fresh = new LinkedHashMap<String, Object>();
            if (below instanceof String name && !name.isEmpty()) {
                fresh.put(name, new LinkedHashMap<String, Object>());
            }
            at.put(words[i], fresh);
            at = fresh;
        }
        Object value = yaml(variable.getKey(), variable.getValue());
        Object present = at.get(words[words.length - 1]);
        if (present instanceof Map<?, ?> map && value instanceof String name) {
            Map<String, Object> choice = cast(map);
            if (words.length == 1) {
                // Another kind of storage or access control than the file's.
                choice.keySet().removeIf(key -> isKind(path, key) && !key.equals(name));
                choice.putIfAbsent(name, new LinkedHashMap<String, Object>());
                return;
            }
        }
        if (value != null) {
            at.put(words[words.length - 1], value instanceof Map<?, ?> map ? plain(map) : value);
        }
    }

    private static boolean isKind(String path, String key) {
        return switch (path) {
            case "auth" -> true;
            case "storage" ->
                    !List.of("delete", "cache", "maintenance", "redirect", "tag").contains(key);
            default -> false;
        };
    }

    private static @Nullable Object yaml(String source, String text) throws BadSettings {
        try {
            return new Load(
                            LoadSettings.builder()
                                    .setLabel(source)
                                    .setMaxAliasesForCollections(MAX_ALIASES)
                                    .build())
                    .loadFromString(text);
        } catch (YamlEngineException e) {
            throw new BadSettings(source + " is no YAML: " + e.getMessage(), e);
        }
    }

    /// With texts as names and nothing null. Case counts, as it does for Docker Registry.
    private static Map<String, Object> plain(Map<?, ?> map) {
        var plain = new LinkedHashMap<String, Object>();
        map.forEach((key, value) ->
                plain.put(
                        String.valueOf(key),
                        value instanceof Map<?, ?> below
                                ? plain(below)
                                : value == null ? "" : value));
        return plain;
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> cast(Map<?, ?> map) {
        return (Map<String, Object>) map;
    }

    private @Nullable Object find(String path) {
        known.add(path);
        Object at = root;
        for (String word : path.split("\\.", -1)) {
            at = at instanceof Map<?, ?> map ? map.get(word) : null;
        }
        return at;
    }

    /// Whether anything is said there.
    boolean has(String path) {
        return find(path) != null;
    }

    /// The names below a path. It counts as known, what is below does not.
    List<String> names(String path) {
        return switch (find(path)) {
            case Map<?, ?> map -> map.keySet().stream().map(String::valueOf).toList();
            case String name when !name.isEmpty() -> List.of(name);
            case null, default -> List.of();
        };
    }

    String text(String path, String otherwise) throws BadSettings {
        return switch (find(path)) {
            case null -> otherwise;
            case Map<?, ?> _, List<?> _ -> throw new BadSettings(path + ": must be a text");
            case Object value -> String.valueOf(value);
        };
    }

    boolean flag(String path, boolean otherwise) throws BadSettings {
        return switch (find(path)) {
            case null -> otherwise;
            case Boolean value -> value;
            case String text when text.isEmpty() -> otherwise;
            case Object value ->
                    switch (String.valueOf(value).toLowerCase(Locale.ROOT)) {
                        case "true", "yes", "on", "1" -> true;
                        case "false", "no", "off", "0" -> false;
                        default ->
                                throw new BadSettings(path + ": must be true or false: " + value);
                    };
        };
    }

    int number(String path, int otherwise) throws BadSettings {
        String text = text(path, "").strip();
        if (text.isEmpty()) {
            return otherwise;
        }
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new BadSettings(path + ": must be a number: " + text, e);
        }
    }

    /// In Go's form (`1h30m`), or nanoseconds.
    Duration duration(String path, Duration otherwise) throws BadSettings {
        String text = text(path, "").strip();
        if (text.isEmpty()) {
            return otherwise;
        }
        try {
            return duration(text);
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw new BadSettings(path + ": must be a duration such as 24h: " + text, e);
        }
    }

    static Duration duration(String text) {
        if (text.chars().allMatch(Character::isDigit)) {
            return Duration.ofNanos(Long.parseLong(text));
        }
        Matcher part = DURATION_PART.matcher(text);
        double nanos = 0;
        int at = 0;
        while (at < text.length()) {
            if (!part.find(at) || part.start() != at) {
                throw new IllegalArgumentException("no duration: " + text);
            }
            nanos +=
                    Double.parseDouble(part.group(1))
                            * switch (part.group(2)) {
                                case "ns" -> 1d;
                                case "us", "µs" -> 1e3;
                                case "ms" -> 1e6;
                                case "s" -> 1e9;
                                case "m" -> 60e9;
                                default -> 3600e9;
                            };
            at = part.end();
        }
        return Duration.ofNanos((long) nanos);
    }

    /// Bytes, as `500`, `10m` or `2GiB`; units are powers of 1024.
    long bytes(String path, long otherwise) throws BadSettings {
        String text = text(path, "").strip().toLowerCase(Locale.ROOT);
        if (text.isEmpty()) {
            return otherwise;
        }
        Matcher bytes = BYTES.matcher(text);
        if (!bytes.matches()) {
            throw new BadSettings(path + ": must be a number of bytes such as 10GiB: " + text);
        }
        int shift =
                switch (bytes.group(2)) {
                    case "k" -> 10;
                    case "m" -> 20;
                    case "g" -> 30;
                    case "t" -> 40;
                    default -> 0;
                };
        try {
            return Math.multiplyExact(Long.parseLong(bytes.group(1)), 1L << shift);
        } catch (ArithmeticException | NumberFormatException e) {
            throw new BadSettings(path + ": is too large: " + text, e);
        }
    }

    /// One text or a list of them.
    List<String> texts(String path) throws BadSettings {
        return switch (find(path)) {
            case null -> List.of();
            case List<?> list -> list.stream().map(String::valueOf).toList();
            case Map<?, ?> _ -> throw new BadSettings(path + ": must be a list");
            case Object value -> List.of(String.valueOf(value));
        };
    }

    /// The elements of a list of settings, each as a tree of its own.
    List<SettingsTree> elements(String path) throws BadSettings {
        Object value = find(path);
        var elements = new ArrayList<SettingsTree>();
        switch (value) {
            case null -> {}
            case String text when text.isEmpty() -> {}
            case List<?> list -> {
                for (Object element : list) {
                    if (!(element instanceof Map<?, ?> map)) {
                        throw new BadSettings(path + ": must be a list of settings");
                    }
                    elements.add(new SettingsTree(plain(map)));
                }
            }
            default -> throw new BadSettings(path + ": must be a list");
        }
        return elements;
    }

    /// Names a path, with all below it, as known, though it has no effect here.
    void ignore(String... paths) {
        for (String path : paths) {
            find(path);
        }
    }

    /// The paths that say something and that nobody has asked for.
    List<String> unknown() {
        var unknown = new ArrayList<String>();
        unknown(root, "", unknown);
        return unknown;
    }

    private void unknown(Map<?, ?> map, String above, List<String> found) {
        map.forEach((key, value) -> {
            String path = above.isEmpty() ? String.valueOf(key) : above + "." + key;
            boolean opens = known.subSet(path + ".", path + "/").size() > 0;
            if (opens && value instanceof Map<?, ?> below) {
                unknown(below, path, found);
            } else if (!opens && !known.contains(path)) {
                found.add(path);
            }
        });
    }
}
