package dev.corten.daemon.settings;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What is kept as it stands in the file.
final class RawType extends ValueType<JsonValue> {
    RawType() {
        super("", new JsonValue.Members(Map.of(), 0));
    }

    @Override
    JsonValue fromFlag(@Nullable JsonValue before, String text) throws BadValue {
        throw new BadValue("has no flag");
    }

    @Override
    JsonValue fromFile(JsonValue value, String path) throws BadValue {
        if (value instanceof JsonValue.Members) {
            return value;
        }
        throw mismatch(value, path, "config.BuilderConfig");
    }

    @Override
    String shown(JsonValue value) {
        return value.shown();
    }
}
