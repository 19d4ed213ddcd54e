package dev.corten.api.wire;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Writes JSON as Go's encoder does.
///
/// ```java
/// Json.object(o -> o.text("Id", id).texts("Warnings", warnings)).line();
/// ```
///
/// Members come in the order of the calls, members of maps sorted. Lone surrogates
/// ([dev.corten.model.RawText]) are written as escapes: Go's decoders read them as U+FFFD, ours get
/// the original bytes back.
public final class Json {
    private static final char[] HEX = "0123456789abcdef".toCharArray();

    /// How Go would write it.
    private enum Style {
        /// Members in the order of the calls; `<`, `>` and `&` stay as they are.
        PLAIN,
        /// `<`, `>` and `&` escaped.
        ESCAPED,
        /// Members sorted, at all depths.
        SORTED
    }

    private final StringBuilder out;
    private final Style style;

    /// Where members begin, by their keys; only kept to sort them.
    private final @Nullable TreeMap<String, Integer> starts;

    private boolean first = true;

    private Json(StringBuilder out, Style style) {
        this.out = out;
        this.style = style;
        this.starts = style == Style.SORTED ? new TreeMap<>() : null;
    }

    /// An object as most answers have it: `<`, `>` and `&` stay as they are.
    public static Document object(Consumer<Json> members) {
        return document(Style.PLAIN, json -> json.braces(members));
    }

    /// An object whose members are sorted, as Go writes maps.
    public static Document sortedObject(Consumer<Json> members) {
        return document(Style.SORTED, json -> json.braces(members));
    }

    /// An object as Go's plain encoder writes it, which escapes `<`, `>` and `&`: streams.
    public static Document escapedObject(Consumer<Json> members) {
        return document(Style.ESCAPED, json -> json.braces(members));
    }

    /// An array of objects.
    public static <T> Document array(Iterable<T> elements, BiConsumer<Json, T> members) {
        return document(Style.PLAIN, json -> json.brackets(elements, members));
    }

    private static Document document(Style style, Consumer<Json> content) {
        var out = new StringBuilder(256);
        content.accept(new Json(out, style));
        return new Document(out);
    }

    /// A finished text.
    public static final class Document {
        private final StringBuilder text;

        private Document(StringBuilder text) {
            this.text = text;
        }

        /// With the newline that Go's encoder adds.
        public byte[] line() {
            return (text + "\n").getBytes(StandardCharsets.UTF_8);
        }

        /// With the line end of progress messages.
        public byte[] message() {
            return (text + "\r\n").getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public String toString() {
            return text.toString();
        }
    }

    // ---- members of an object ----------------------------------------------------------------

    public Json text(String key, String value) {
        key(key);
        string(value);
        return this;
    }

    /// Left out when empty.
    public Json textIfAny(String key, String value) {
        return value.isEmpty() ? this : text(key, value);
    }

    public Json number(String key, long value) {
        key(key);
        out.append(value);
        return this;
    }

    public Json numberIfAny(String key, long value) {
        return value == 0 ? this : number(key, value);
    }

    /// `null` if it is.
    public Json numberOrNull(String key, @Nullable Number value) {
        key(key);
        out.append(value);
        return this;
    }

    public Json flag(String key, boolean value) {
        key(key);
        out.append(value);
        return this;
    }

    public Json flagIfTrue(String key, boolean value) {
        return value ? flag(key, true) : this;
    }

    public Json flagOrNull(String key, @Nullable Boolean value) {
        key(key);
        out.append(value);
        return this;
    }

    public Json none(String key) {
        key(key);
        out.append("null");
        return this;
    }

    public Json time(String key, Instant value) {
        return text(key, GoTime.format(value));
    }

    /// `null`, `[]` or the texts.
    public Json texts(String key, @Nullable List<String> values) {
        key(key);
        texts(values);
        return this;
    }

    public Json textsIfAny(String key, @Nullable List<String> values) {
        return values == null || values.isEmpty() ? this : texts(key, values);
    }

    /// `null`, `{}` or the map, sorted by key.
    public Json map(String key, @Nullable Map<String, String> values) {
        key(key);
        if (values == null) {
            out.append("null");
            return this;
        }
        braces(json -> new TreeMap<>(values).forEach(json::text));
        return this;
    }

    public Json mapIfAny(String key, @Nullable Map<String, String> values) {
        return values == null || values.isEmpty() ? this : map(key, values);
    }

    /// The keys, each with an empty object: how Go writes a set.
    public Json set(String key, @Nullable Iterable<String> values) {
        key(key);
        if (values == null) {
            out.append("null");
            return this;
        }
        braces(json -> values.forEach(value -> json.object(value, _ -> {})));
        return this;
    }

    public Json object(String key, Consumer<Json> members) {
        key(key);
        braces(members);
        return this;
    }

    public Json objectOrNull(String key, boolean present, Consumer<Json> members) {
        return present ? object(key, members) : none(key);
    }

    /// `null`, `[]` or the objects.
    public <T> Json objects(
            String key, @Nullable Iterable<T> elements, BiConsumer<Json, T> members) {
        key(key);
        if (elements == null) {
            out.append("null");
            return this;
        }
        brackets(elements, members);
        return this;
    }

    /// An array of arrays of texts.
    public Json rows(String key, @Nullable List<List<String>> rows) {
        key(key);
        if (rows == null) {
            out.append("null");
            return this;
        }
        out.append('[');
        for (int i = 0; i < rows.size(); i++) {
            out.append(i == 0 ? "" : ",");
            texts(rows.get(i));
        }
        out.append(']');
        return this;
    }

    /// An array of numbers.
    public Json numbers(String key, List<Integer> values) {
        key(key);
        out.append('[');
        for (int i = 0; i < values.size(); i++) {
            out.append(i == 0 ? "" : ",").append(values.get(i));
        }
        out.append(']');
        return this;
    }

    /// Anything that [JsonInput#plain] gives.
    public Json plain(String key, @Nullable Object value) {
        key(key);
        plain(value);
        return this;
    }

    // ---- text ----------------------------------------------------------------------------------

    private void key(String key) {
        if (!first) {
            out.append(',');
        }
        first = false;
        if (starts != null) {
            starts.put(key, out.length());
        }
        string(key);
        out.append(':');
    }

    private void braces(Consumer<Json> members) {
        out.append('{');
        var object = new Json(out, style);
        int start = out.length();
        members.accept(object);
        if (object.starts != null) {
            object.sort(object.starts, start);
        }
        out.append('}');
    }

    /// Puts the members that were written from `start` on in the order of their keys.
    private void sort(TreeMap<String, Integer> byKey, int start) {
        String text = out.substring(start);
        var ends = new TreeSet<Integer>(byKey.values());
        var sorted = new StringJoiner(",");
        byKey.forEach((_, from) -> {
            Integer next = ends.higher(from);
            int to = next == null ? text.length() : next - 1 - start;
            sorted.add(text.substring(from - start, to));
        });
        out.setLength(start);
        out.append(sorted);
    }

    private <T> void brackets(Iterable<T> elements, BiConsumer<Json, T> members) {
        out.append('[');
        String comma = "";
        for (T element : elements) {
            out.append(comma);
            comma = ",";
            braces(json -> members.accept(json, element));
        }
        out.append(']');
    }

    private void texts(@Nullable List<String> values) {
        if (values == null) {
            out.append("null");
            return;
        }
        out.append('[');
        for (int i = 0; i < values.size(); i++) {
            out.append(i == 0 ? "" : ",");
            string(values.get(i));
        }
        out.append(']');
    }

    private void plain(@Nullable Object value) {
        switch (value) {
            case Map<?, ?> map ->
                    braces(json ->
                            map.forEach((key, member) -> json.plain(String.valueOf(key), member)));
            case List<?> list -> {
                out.append('[');
                for (int i = 0; i < list.size(); i++) {
                    out.append(i == 0 ? "" : ",");
                    plain(list.get(i));
                }
                out.append(']');
            }
            case String text -> string(text);
            case null -> out.append("null");
            default -> out.append(value);
        }
    }

    private void string(String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case '\b' -> out.append("\\b");
                case '\f' -> out.append("\\f");
                case '<', '>', '&' -> {
                    if (style == Style.ESCAPED) {
                        escape(c);
                    } else {
                        out.append(c);
                    }
                }
                case '\u2028', '\u2029' -> escape(c);
                default -> {
                    if (c < ' ') {
                        escape(c);
                    } else if (!Character.isSurrogate(c)) {
                        out.append(c);
                    } else if (Character.isHighSurrogate(c)
                            && i + 1 < text.length()
                            && Character.isLowSurrogate(text.charAt(i + 1))) {
                        out.append(c).append(text.charAt(++i));
                    } else {
                        escape(c);
                    }
                }
            }
        }
        out.append('"');
    }

    private void escape(char c) {
        out.append("\\u")
                .append(HEX[c >> 12])
                .append(HEX[c >> 8 & 15])
                .append(HEX[c >> 4 & 15])
                .append(HEX[c & 15]);
    }
}
