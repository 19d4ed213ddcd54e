package dev.corten.cli.build;

import dev.corten.cli.failure.Failure;
import dev.corten.cli.option.Fields;
import dev.corten.client.JsonWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// The value of an option such as `type=local,dest=out`.
///
/// @param type empty if it does not say
record Attributes(String type, Map<String, String> values) {
    /// @throws Failure if a field is no `key=value`
    static Attributes parse(String text) {
        return parse(Fields.of(text));
    }

    static Attributes parse(List<String> fields) {
        var values = new LinkedHashMap<String, String>();
        String type = "";
        for (String field : fields) {
            int equals = field.indexOf('=');
            if (equals < 0) {
                throw new Failure("ERROR: invalid field '" + field + "' must be a key=value pair");
            }
            String key = field.substring(0, equals).strip().toLowerCase(Locale.ROOT);
            String value = field.substring(equals + 1);
            if (key.equals("type")) {
                type = value;
            } else {
                values.put(key, value);
            }
        }
        return new Attributes(type, values);
    }

    String get(String name) {
        return values.getOrDefault(name, "");
    }

    void write(JsonWriter json) {
        json.object().name("type").value(type);
        json.name("attributes").values(values).end();
    }
}
