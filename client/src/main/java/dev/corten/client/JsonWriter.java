package dev.corten.client;

import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Map;

/// Writes JSON: `new JsonWriter().object().name("Image").value("busybox").end()`.
///
/// Lone surrogates, which carry bytes that are not UTF-8 (see [dev.corten.model.RawText]), are
/// written as escapes, so that they arrive.
public final class JsonWriter {
    private final StringBuilder text = new StringBuilder(256);
    private final StringBuilder open = new StringBuilder();
    private final boolean escapeHtml;

    public JsonWriter() {
        this(false);
    }

    /// @param escapeHtml whether `<`, `>` and `&` are escaped, as Go's `json.Marshal` does
    public JsonWriter(boolean escapeHtml) {
        this.escapeHtml = escapeHtml;
    }

    public JsonWriter object() {
        comma();
        text.append('{');
        open.append('}');
        return this;
    }

    public JsonWriter array() {
        comma();
        text.append('[');
        open.append(']');
        return this;
    }

    /// Closes the innermost object or array.
    public JsonWriter end() {
        int last = open.length() - 1;
        text.append(open.charAt(last));
        open.setLength(last);
        return this;
    }

    public JsonWriter name(String name) {
        comma();
        string(name);
        text.append(':');
        return this;
    }

    public JsonWriter value(String value) {
        comma();
        string(value);
        return this;
    }

    public JsonWriter value(long value) {
        comma();
        text.append(value);
        return this;
    }

    public JsonWriter value(boolean value) {
        comma();
        text.append(value);
        return this;
    }

    public JsonWriter nothing() {
        comma();
        text.append("null");
        return this;
    }

    /// An array of strings.
    public JsonWriter values(Collection<String> values) {
        array();
        for (String value : values) {
            value(value);
        }
        return end();
    }

    /// An object of strings.
    public JsonWriter values(Map<String, String> values) {
        object();
        for (var entry : values.entrySet()) {
            name(entry.getKey()).value(entry.getValue());
        }
        return end();
    }

    public JsonWriter value(Json value) {
        switch (value.kind()) {
            case OBJECT -> {
                object();
                for (var member : value.members().entrySet()) {
                    name(member.getKey()).value(member.getValue());
                }
                end();
            }
            case ARRAY -> {
                array();
                for (Json item : value.items()) {
                    value(item);
                }
                end();
            }
            case STRING -> value(value.literal());
            case NUMBER, BOOLEAN -> {
                comma();
                text.append(value.literal());
            }
            case NULL, ABSENT -> nothing();
        }
        return this;
    }

    private void comma() {
        int length = text.length();
        if (length == 0) {
            return;
        }
        char last = text.charAt(length - 1);
        if (last != '{' && last != '[' && last != ':') {
            text.append(',');
        }
    }

    private void string(String value) {
        text.append('"');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (c) {
                case '"' -> text.append("\\\"");
                case '\\' -> text.append("\\\\");
                case '\n' -> text.append("\\n");
                case '\r' -> text.append("\\r");
                case '\t' -> text.append("\\t");
                case '\b' -> text.append("\\b");
                case '\f' -> text.append("\\f");
                default -> plain(value, i, c);
            }
        }
        text.append('"');
    }

    private void plain(String value, int i, char c) {
        boolean lone =
                (Character.isHighSurrogate(c)
                                && !(i + 1 < value.length()
                                        && Character.isLowSurrogate(value.charAt(i + 1))))
                        || (Character.isLowSurrogate(c)
                                && !(i > 0 && Character.isHighSurrogate(value.charAt(i - 1))));
        boolean html = escapeHtml && (c == '<' || c == '>' || c == '&');
        if (c >= 0x20 && !lone && !html && c != '\u2028' && c != '\u2029') {
            text.append(c);
            return;
        }
        text.append("\\u");
        for (int shift = 12; shift >= 0; shift -= 4) {
            text.append("0123456789abcdef".charAt(c >> shift & 15));
        }
    }

    public byte[] toBytes() {
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
