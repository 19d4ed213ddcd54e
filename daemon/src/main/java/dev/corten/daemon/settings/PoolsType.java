package dev.corten.daemon.settings;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// `--default-address-pool base=10.0.0.0/8,size=24`.
final class PoolsType extends ValueType<List<AddressPool>> {
    PoolsType() {
        super("pool-options", List.of());
    }

    @Override
    List<AddressPool> fromFlag(@Nullable List<AddressPool> before, String text) throws BadValue {
        String base = "";
        long size = 0;
        for (String field : text.split(",", -1)) {
            int equals = field.indexOf('=');
            if (equals < 0) {
                throw new BadValue("invalid field '" + field + "' must be a key=value pair");
            }
            String value = field.substring(equals + 1);
            switch (field.substring(0, equals)) {
                case "base" -> base = prefix(value, "invalid base pool \"" + value + "\": ");
                case "size" -> {
                    try {
                        size = ScalarTypes.integer(value);
                    } catch (BadValue e) {
                        throw new BadValue(
                                "invalid size value: "
                                        + value
                                        + " (must be integer): "
                                        + e.message());
                    }
                }
                default ->
                        throw new BadValue(
                                "unexpected key '"
                                        + field.substring(0, equals)
                                        + "' in '"
                                        + field
                                        + "'");
            }
        }
        var all = new ArrayList<AddressPool>(before == null ? List.of() : before);
        all.add(new AddressPool(base, (int) size));
        return List.copyOf(all);
    }

    @Override
    List<AddressPool> fromFile(JsonValue value, String path) throws BadValue {
        if (!(value instanceof JsonValue.Array(List<JsonValue> elements, int _))) {
            throw mismatch(value, path, "opts.PoolsOpt");
        }
        var all = new ArrayList<AddressPool>();
        for (JsonValue element : elements) {
            if (!(element instanceof JsonValue.Members(Map<String, JsonValue> members, int _))) {
                throw mismatch(element, path, "ipamutils.NetworkToSplit");
            }
            JsonValue base = members.get("base");
            JsonValue size = members.get("size");
            all.add(
                    new AddressPool(
                            base == null
                                    ? ""
                                    : prefix(
                                            ScalarTypes.text(base, path + ".base"),
                                            "invalid JSON: "),
                            size == null
                                    ? 0
                                    : ScalarTypes.NUMBER
                                            .fromFile(size, path + ".size")
                                            .intValue()));
        }
        return List.copyOf(all);
    }

    private static String prefix(String text, String problem) throws BadValue {
        int slash = text.lastIndexOf('/');
        if (slash < 0) {
            throw new BadValue(problem + "netip.ParsePrefix(\"" + text + "\"): no '/'");
        }
        if (!ScalarTypes.isAddress(text.substring(0, slash))) {
            throw new BadValue(
                    problem
                            + "netip.ParsePrefix(\""
                            + text
                            + "\"): ParseAddr(\""
                            + text.substring(0, slash)
                            + "\"): unable to parse IP");
        }
        return text;
    }

    @Override
    String shown(List<AddressPool> value) {
        var shown = new ArrayList<String>();
        value.forEach(pool -> shown.add("{" + pool.base() + " " + pool.size() + "}"));
        return "[" + String.join(" ", shown) + "]";
    }

    @Override
    String inHelp(List<AddressPool> value) {
        return "";
    }
}
