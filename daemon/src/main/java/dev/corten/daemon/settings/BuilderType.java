package dev.corten.daemon.settings;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The settings of the builder, in the file only. Names are read as Go reads them: capitals or not.
final class BuilderType extends ValueType<BuilderSettings> {
    private static final String RULE = "config.BuilderGCRule";

    BuilderType() {
        super("", BuilderSettings.USUAL);
    }

    @Override
    BuilderSettings fromFlag(@Nullable BuilderSettings before, String text) throws BadValue {
        throw new BadValue("has no flag");
    }

    @Override
    BuilderSettings fromFile(JsonValue value, String path) throws BadValue {
        JsonValue gc = member(value, path, "gc", "config.BuilderConfig");
        JsonValue rights = member(value, path, "entitlements", "config.BuilderConfig");
        String gcPath = path + ".gc";
        String rightsPath = path + ".entitlements";
        return new BuilderSettings(
                truth(gc, gcPath, "enabled", true),
                new BuilderSettings.Space(
                        size(gc, gcPath, "defaultReservedSpace", "defaultKeepStorage"),
                        size(gc, gcPath, "defaultMaxUsedSpace"),
                        size(gc, gcPath, "defaultMinFreeSpace")),
                policy(member(gc, gcPath, "policy", "config.BuilderGCConfig"), gcPath + ".policy"),
                truth(rights, rightsPath, "network-host", true),
                truth(rights, rightsPath, "security-insecure", false));
    }

    private static Optional<List<BuilderSettings.Rule>> policy(JsonValue value, String path)
            throws BadValue {
        if (value instanceof JsonValue.Null) {
            return Optional.empty();
        }
        if (!(value instanceof JsonValue.Array(List<JsonValue> elements, int _))) {
            throw mismatch(value, path, "[]" + RULE);
        }
        var rules = new ArrayList<BuilderSettings.Rule>();
        for (JsonValue element : elements) {
            rules.add(
                    new BuilderSettings.Rule(
                            truth(element, path, "all", false),
                            filters(member(element, path, "filter", RULE), path + ".filter"),
                            new BuilderSettings.Space(
                                    size(element, path, "reservedSpace", "keepStorage"),
                                    size(element, path, "maxUsedSpace"),
                                    size(element, path, "minFreeSpace"))));
        }
        return Optional.of(rules);
    }

    private static List<String> filters(JsonValue value, String path) throws BadValue {
        if (value instanceof JsonValue.Null) {
            return List.of();
        }
        if (!(value instanceof JsonValue.Array(List<JsonValue> elements, int _))) {
            throw mismatch(value, path, "[]string");
        }
        var filters = new ArrayList<String>();
        for (JsonValue element : elements) {
            filters.add(ScalarTypes.text(element, path));
        }
        return filters;
    }

    private static boolean truth(JsonValue object, String path, String name, boolean usual)
            throws BadValue {
        return switch (member(object, path, name, "config.BuilderGCConfig")) {
            case JsonValue.Null _ -> usual;
            case JsonValue.Truth(boolean value, int _) -> value;
            case JsonValue other -> throw mismatch(other, path + "." + name, "bool");
        };
    }

    /// The first that is said.
    private static long size(JsonValue object, String path, String... names) throws BadValue {
        for (String name : names) {
            JsonValue value = member(object, path, name, "config.BuilderGCConfig");
            if (!(value instanceof JsonValue.Null)
                    && !ScalarTypes.text(value, path + "." + name).isEmpty()) {
                return ScalarTypes.BYTES.fromFile(value, path + "." + name);
            }
        }
        return 0;
    }

    private static JsonValue member(JsonValue object, String path, String name, String type)
            throws BadValue {
        JsonValue found = new JsonValue.Null(object.line());
        switch (object) {
            case JsonValue.Null _ -> {
                // as if it were not there
            }
            case JsonValue.Members(Map<String, JsonValue> members, int _) -> {
                for (Map.Entry<String, JsonValue> member : members.entrySet()) {
                    if (member.getKey()
                            .toLowerCase(Locale.ROOT)
                            .equals(name.toLowerCase(Locale.ROOT))) {
                        found = member.getValue();
                    }
                }
            }
            default -> throw mismatch(object, path, type);
        }
        return found;
    }

    @Override
    String shown(BuilderSettings value) {
        return value.toString();
    }
}
