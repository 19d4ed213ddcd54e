package dev.corten.kernel.seccomp;

import dev.corten.model.InvalidParameter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The JSON that profiles need, so that this module needs no library: values up to a stated
/// depth, numbers as their text (they are unsigned 64 bits wide).
sealed interface Json {
    record Obj(Map<String, Json> members) implements Json {}

    record Arr(List<Json> elements) implements Json {}

    record Str(String text) implements Json {}

    record Num(String text) implements Json {}

    record Bool(boolean value) implements Json {}

    record Null() implements Json {}

    /// @throws InvalidParameter if it is not one JSON value
    static Json parse(String text) {
        var parser = new Parser(text);
        Json value = parser.value(0);
        parser.space();
        if (parser.at != text.length()) {
            throw parser.error("unexpected text after the value");
        }
        return value;
    }

    /// One pass over the text.
    final class Parser {
        private static final int MAX_DEPTH = 32;
        private final String text;
        private int at;

        private Parser(String text) {
            this.text = text;
        }

        private InvalidParameter error(String what) {
            return new InvalidParameter(
                    "Decoding seccomp profile failed: " + what + " at character " + at);
        }

        private void space() {
            while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
                at++;
            }
        }

        private char peek() {
            space();
            if (at >= text.length()) {
                throw error("unexpected end");
            }
            return text.charAt(at);
        }

        private void expect(char c) {
            if (peek() != c) {
                throw error("'" + c + "' expected");
            }
            at++;
        }

        private Json value(int depth) {
            if (depth > MAX_DEPTH) {
                throw error("too deep");
            }
            char c = peek();
            return switch (c) {
                case '{' -> object(depth);
                case '[' -> array(depth);
                case '"' -> new Str(string());
                case 't' -> word("true", new Bool(true));
                case 'f' -> word("false", new Bool(false));
                case 'n' -> word("null", new Null());
                default -> number();
            };
        }

        private Json word(String word, Json value) {
            if (!text.startsWith(word, at)) {
                throw error("unexpected character");
            }
            at += word.length();
            return value;
        }

        private Json object(int depth) {
            var members = new LinkedHashMap<String, Json>();
            expect('{');
            if (peek() == '}') {
                at++;
                return new Obj(members);
            }
            while (true) {
                if (peek() != '"') {
                    throw error("member name expected");
                }
                String name = string();
                expect(':');
                members.put(name, value(depth + 1));
                if (peek() == '}') {
                    at++;
                    return new Obj(members);
                }
                expect(',');
            }
        }

        private Json array(int depth) {
            var elements = new ArrayList<Json>();
            expect('[');
            if (peek() == ']') {
                at++;
                return new Arr(elements);
            }
            while (true) {
                elements.add(value(depth + 1));
                if (peek() == ']') {
                    at++;
                    return new Arr(elements);
                }
                expect(',');
            }
        }

        private Json number() {
            int start = at;
            while (at < text.length() && "+-.eE0123456789".indexOf(text.charAt(at)) >= 0) {
                at++;
            }
            if (start == at) {
                throw error("unexpected character");
            }
            return new Num(text.substring(start, at));
        }

        private String string() {
            var out = new StringBuilder();
            at++;
            while (true) {
                if (at >= text.length()) {
                    throw error("unexpected end");
                }
                char c = text.charAt(at++);
                if (c == '"') {
                    return out.toString();
                }
                if (c < ' ') {
                    throw error("control character in a string");
                }
                out.append(c == '\\' ? escape() : c);
            }
        }

        private char escape() {
            if (at >= text.length()) {
                throw error("unexpected end");
            }
            char c = text.charAt(at++);
            return switch (c) {
                case '"', '\\', '/' -> c;
                case 'b' -> '\b';
                case 'f' -> '\f';
                case 'n' -> '\n';
                case 'r' -> '\r';
                case 't' -> '\t';
                case 'u' -> unicode();
                default -> throw error("unknown escape");
            };
        }

        private char unicode() {
            if (at + 4 > text.length()) {
                throw error("unexpected end");
            }
            try {
                char c = (char) Integer.parseUnsignedInt(text, at, at + 4, 16);
                at += 4;
                return c;
            } catch (NumberFormatException e) {
                throw new InvalidParameter(error("bad escape").message(), e);
            }
        }
    }
}
