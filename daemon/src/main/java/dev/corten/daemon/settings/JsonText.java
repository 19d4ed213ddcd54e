package dev.corten.daemon.settings;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Reads JSON with the messages of Go's decoder, and keeps the lines.
final class JsonText {
    private static final int MAX_DEPTH = 64;

    private final String text;
    private int at;
    private int line = 1;
    private int depth;

    private JsonText(String text) {
        this.text = text;
    }

    /// A text that is no JSON.
    static final class Malformed extends Exception {
        private static final long serialVersionUID = 1L;

        private final int line;

        Malformed(String message, int line) {
            super(message);
            this.line = line;
        }

        int line() {
            return line;
        }
    }

    static JsonValue parse(String text) throws Malformed {
        var parser = new JsonText(text);
        JsonValue value = parser.value();
        parser.blanks();
        if (parser.at < text.length()) {
            throw parser.unexpected("after top-level value");
        }
        return value;
    }

    private JsonValue value() throws Malformed {
        blanks();
        int start = line;
        char c = peek();
        if (++depth > MAX_DEPTH) {
            throw new Malformed("exceeded max depth", line);
        }
        JsonValue value =
                switch (c) {
                    case '{' -> members(start);
                    case '[' -> array(start);
                    case '"' -> new JsonValue.Text(string(), start);
                    case 't' -> word("true", new JsonValue.Truth(true, start));
                    case 'f' -> word("false", new JsonValue.Truth(false, start));
                    case 'n' -> word("null", new JsonValue.Null(start));
                    default -> {
                        if (c == '-' || isDigit(c)) {
                            yield new JsonValue.Numeral(number(), start);
                        }
                        throw unexpected("looking for beginning of value");
                    }
                };
        depth--;
        return value;
    }

    private JsonValue members(int start) throws Malformed {
        Map<String, JsonValue> members = new LinkedHashMap<>();
        at++;
        blanks();
        if (peek() == '}') {
            at++;
            return new JsonValue.Members(members, start);
        }
        while (true) {
            blanks();
            if (peek() != '"') {
                throw unexpected("looking for beginning of object key string");
            }
            String name = string();
            blanks();
            if (peek() != ':') {
                throw unexpected("after object key");
            }
            at++;
            JsonValue value = value();
            // The place of the last one, as its value.
            members.remove(name);
            members.put(name, value);
            blanks();
            switch (peek()) {
                case ',' -> at++;
                case '}' -> {
                    at++;
                    return new JsonValue.Members(members, start);
                }
                default -> throw unexpected("after object key:value pair");
            }
        }
    }

    private JsonValue array(int start) throws Malformed {
        List<JsonValue> elements = new ArrayList<>();
        at++;
        blanks();
        if (peek() == ']') {
            at++;
            return new JsonValue.Array(elements, start);
        }
        while (true) {
            elements.add(value());
            blanks();
            switch (peek()) {
                case ',' -> at++;
                case ']' -> {
                    at++;
                    return new JsonValue.Array(elements, start);
                }
                default -> throw unexpected("after array element");
            }
        }
    }

    private JsonValue word(String word, JsonValue value) throws Malformed {
        for (int i = 0; i < word.length(); i++) {
            if (peek() != word.charAt(i)) {
                throw unexpected("in literal " + word + " (expecting '" + word.charAt(i) + "')");
            }
            at++;
        }
        return value;
    }

    private String number() throws Malformed {
        int start = at;
        if (peek() == '-') {
            at++;
            if (!isDigit(peek())) {
                throw unexpected("in numeric literal");
            }
        }
        if (peek() == '0') {
            at++;
        } else {
            digits();
        }
        if (at < text.length() && text.charAt(at) == '.') {
            at++;
            if (!isDigit(peek())) {
                throw unexpected("after decimal point in numeric literal");
            }
            digits();
        }
        if (at < text.length() && (text.charAt(at) | 0x20) == 'e') {
            at++;
            if (peek() == '+' || peek() == '-') {
                at++;
            }
            if (!isDigit(peek())) {
                throw unexpected("in exponent of numeric literal");
            }
            digits();
        }
        return text.substring(start, at);
    }

    private void digits() {
        while (at < text.length() && isDigit(text.charAt(at))) {
            at++;
        }
    }

    private String string() throws Malformed {
        var string = new StringBuilder();
        at++;
        while (true) {
            char c = peek();
            if (c < ' ') {
                throw unexpected("in string literal");
            }
            at++;
            if (c == '"') {
                return string.toString();
            }
            string.append(c == '\\' ? escape() : c);
        }
    }

    private char escape() throws Malformed {
        char c = peek();
        if (c == 'u') {
            at++;
            int code = 0;
            for (int i = 0; i < 4; i++) {
                int digit = Character.digit(peek(), 16);
                if (digit < 0) {
                    throw unexpected("in \\u hexadecimal character escape");
                }
                code = code << 4 | digit;
                at++;
            }
            return (char) code;
        }
        char plain =
                switch (c) {
                    case '"', '\\', '/' -> c;
                    case 'b' -> '\b';
                    case 'f' -> '\f';
                    case 'n' -> '\n';
                    case 'r' -> '\r';
                    case 't' -> '\t';
                    default -> throw unexpected("in string escape code");
                };
        at++;
        return plain;
    }

    private void blanks() {
        while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
            if (text.charAt(at) == '\n') {
                line++;
            }
            at++;
        }
    }

    private char peek() throws Malformed {
        if (at >= text.length()) {
            throw new Malformed("unexpected end of JSON input", line);
        }
        return text.charAt(at);
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private Malformed unexpected(String where) {
        char c = text.charAt(at);
        String shown =
                switch (c) {
                    case '\'' -> "'\\''";
                    case '"' -> "'\"'";
                    case '\n' -> "'\\n'";
                    case '\t' -> "'\\t'";
                    case '\r' -> "'\\r'";
                    default -> "'" + c + "'";
                };
        return new Malformed("invalid character " + shown + " " + where, line);
    }
}
