package dev.corten.daemon.settings;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A list: one element for each flag, an array in the file.
final class ListType extends ValueType<List<String>> {
    /// Says what is wrong with an element.
    interface Check {
        void check(String element) throws BadValue;
    }

    private final Check check;
    private final Style style;

    /// How the elements are written.
    enum Style {
        PLAIN,
        /// Addresses, several of them in one flag, with commas.
        ADDRESSES
    }

    ListType(String word, Style style, Check check) {
        super(word, List.of());
        this.style = style;
        this.check = check;
    }

    static ListType of(Check check) {
        return new ListType("list", Style.PLAIN, check);
    }

    @Override
    List<String> fromFlag(@Nullable List<String> before, String text) throws BadValue {
        var all = new ArrayList<String>(before == null ? List.of() : before);
        List<String> more = style == Style.ADDRESSES ? List.of(text.split(",", -1)) : List.of(text);
        for (String element : more) {
            check.check(element.strip());
            all.add(element.strip());
        }
        return List.copyOf(all);
    }

    @Override
    List<String> fromFile(JsonValue value, String path) throws BadValue {
        if (!(value instanceof JsonValue.Array(List<JsonValue> elements, int _))) {
            throw mismatch(value, path, "[]string");
        }
        var all = new ArrayList<String>();
        for (JsonValue element : elements) {
            String text = ScalarTypes.text(element, path);
            if (style == Style.ADDRESSES && !ScalarTypes.isAddress(text)) {
                throw new BadValue("invalid JSON: invalid IP address: " + text);
            }
            all.add(text);
        }
        return List.copyOf(all);
    }

    /// Elements of the file are looked at when everything has been read.
    void checkAll(List<String> elements) throws BadValue {
        for (String element : elements) {
            check.check(element);
        }
    }

    @Override
    String shown(List<String> value) {
        return "[" + String.join(" ", value) + "]";
    }
}
