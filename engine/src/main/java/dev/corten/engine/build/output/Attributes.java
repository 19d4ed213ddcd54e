package dev.corten.engine.build.output;

import dev.corten.model.InvalidParameter;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedMap;

/// The attributes of an output, read as Go reads them. Those that nobody knows mean nothing, as with
/// Docker.
record Attributes(SortedMap<String, String> values) {
    Optional<String> text(String name) {
        return Optional.ofNullable(values.get(name));
    }

    /// @throws InvalidParameter in BuildKit's words
    boolean flag(String name, boolean otherwise) {
        String value = values.get(name);
        if (value == null) {
            return otherwise;
        }
        return switch (value) {
            case "", "1", "t", "T", "TRUE", "true", "True" -> true;
            case "0", "f", "F", "FALSE", "false", "False" -> false;
            default ->
                    throw new InvalidParameter(
                            "non-bool value specified for "
                                    + name
                                    + ": strconv.ParseBool: parsing \""
                                    + value
                                    + "\": invalid syntax");
        };
    }

    OptionalInt number(String name) {
        String value = values.get(name);
        if (value == null) {
            return OptionalInt.empty();
        }
        try {
            return OptionalInt.of(Integer.parseInt(value));
        } catch (NumberFormatException e) {
            throw new InvalidParameter("non-int value " + value + " specified for " + name, e);
        }
    }
}
