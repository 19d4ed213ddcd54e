package dev.corten.daemon.settings;

import org.jspecify.annotations.Nullable;

/// What the values of an option are: how they are read from a flag and from the file, and how
/// messages show them.
///
/// @param <T> an immutable value
abstract class ValueType<T> {
    private final String word;
    private final T none;

    /// @param word stands for the value in the help text
    /// @param none the value of an option that nobody has set; in the file it is the same as absence
    ValueType(String word, T none) {
        this.word = word;
        this.none = none;
    }

    final String word() {
        return word;
    }

    final T none() {
        return none;
    }

    /// Whether the flag needs no value.
    boolean isSwitch() {
        return false;
    }

    /// The value after one more flag.
    ///
    /// @param before what earlier flags gave; null for the first one
    abstract T fromFlag(@Nullable T before, String text) throws BadValue;

    /// @param path the name of the member, for messages
    abstract T fromFile(JsonValue value, String path) throws BadValue;

    /// As messages about conflicts show it.
    abstract String shown(T value);

    /// As the help text shows a default.
    String inHelp(T value) {
        return shown(value);
    }

    /// Go's words for a value of another kind.
    static BadValue mismatch(JsonValue value, String path, String wanted) {
        String what =
                value instanceof JsonValue.Numeral(String literal, int _)
                                && (wanted.startsWith("int") || wanted.startsWith("uint"))
                        ? "number " + literal
                        : value.kind();
        return new BadValue(
                "invalid JSON: json: cannot unmarshal "
                        + what
                        + " into Go struct field Config."
                        + path
                        + " of type "
                        + wanted);
    }
}
