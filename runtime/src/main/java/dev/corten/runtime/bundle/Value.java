package dev.corten.runtime.bundle;

import dev.corten.model.InvalidParameter;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// A JSON value that may be absent; one of another kind than asked for is an error that names its
/// place. Null is as absent, as in Go.
///
/// @param place for messages: `config.json: process.args`
public record Value(String place, @Nullable Object tree) {
    public Value get(String name) {
        if (tree == null) {
            return new Value(place + "." + name, null);
        }
        return new Value(place + "." + name, map().get(name));
    }

    public boolean isPresent() {
        return tree != null;
    }

    private InvalidParameter wrong(String kind) {
        return new InvalidParameter(place + " is not " + kind);
    }

    private Map<?, ?> map() {
        return switch (tree) {
            case null -> Map.of();
            case Map<?, ?> members -> members;
            default -> throw wrong("an object");
        };
    }

    public List<Value> items() {
        return switch (tree) {
            case null -> List.of();
            case List<?> items -> items.stream().map(item -> new Value(place, item)).toList();
            default -> throw wrong("an array");
        };
    }

    public <T> List<T> list(Function<Value, T> each) {
        return items().stream().map(each).toList();
    }

    public List<String> texts() {
        return list(Value::text);
    }

    /// The members of an object of strings, in their order.
    public Map<String, String> textMap() {
        var texts = new java.util.LinkedHashMap<String, String>();
        map().forEach((name, value) ->
                texts.put(String.valueOf(name), new Value(place + "." + name, value).text()));
        return texts;
    }

    /// `""` if it is absent.
    public String text() {
        return switch (tree) {
            case null -> "";
            case String text -> text;
            default -> throw wrong("a string");
        };
    }

    public Optional<String> find() {
        return isPresent() ? Optional.of(text()) : Optional.empty();
    }

    /// False if it is absent.
    public boolean isTrue() {
        return switch (tree) {
            case null -> false;
            case Boolean flag -> flag;
            default -> throw wrong("true or false");
        };
    }

    /// 0 if it is absent. An unsigned number of 64 bits keeps its bits.
    public long number() {
        return switch (tree) {
            case null -> 0;
            case BigDecimal number -> number.toBigInteger().longValue();
            default -> throw wrong("a number");
        };
    }

    public int integer() {
        long number = number();
        if (number != (int) number) {
            throw wrong("a number of 32 bits");
        }
        return (int) number;
    }

    public OptionalInt findInteger() {
        return isPresent() ? OptionalInt.of(integer()) : OptionalInt.empty();
    }
}
