package dev.corten.client;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import org.jspecify.annotations.Nullable;

/// Reads JSON values one after another, as a log of events or the progress of a pull sends them.
///
/// Never waits for more than the value needs: an object is returned when its last brace is there.
public final class JsonReader {
    private static final int DEPTH_MAX = 256;

    private final InputStream source;
    private final byte[] buffer = new byte[8192];
    private int position;
    private int limit;

    /// Does not close [source].
    public JsonReader(InputStream source) {
        this.source = source;
    }

    /// The next value, or null at the end.
    public @Nullable Json next() throws IOException {
        int c = skipSpace();
        return c < 0 ? null : value(c, 0);
    }

    private int read() throws IOException {
        if (position == limit) {
            limit = Math.max(source.read(buffer), 0);
            position = 0;
            if (limit == 0) {
                return -1;
            }
        }
        return buffer[position++] & 0xFF;
    }

    private int skipSpace() throws IOException {
        while (true) {
            int c = read();
            if (c != ' ' && c != '\n' && c != '\r' && c != '\t') {
                return c;
            }
        }
    }

    private Json value(int first, int depth) throws IOException {
        if (depth > DEPTH_MAX) {
            throw new IOException("malformed JSON: nested too deeply");
        }
        return switch (first) {
            case '{' -> object(depth);
            case '[' -> array(depth);
            case '"' -> Json.string(string());
            case 't' -> word("true", Json.TRUE);
            case 'f' -> word("false", Json.FALSE);
            case 'n' -> word("null", Json.NULL);
            default -> number(first);
        };
    }

    private Json object(int depth) throws IOException {
        var members = new LinkedHashMap<String, Json>();
        int c = skipSpace();
        if (c == '}') {
            return Json.object(members);
        }
        while (true) {
            if (c != '"') {
                throw unexpected(c);
            }
            String name = string();
            expect(skipSpace(), ':');
            members.put(name, value(skipSpace(), depth + 1));
            c = skipSpace();
            if (c == '}') {
                return Json.object(members);
            }
            expect(c, ',');
            c = skipSpace();
        }
    }

    private Json array(int depth) throws IOException {
        var items = new ArrayList<Json>();
        int c = skipSpace();
        if (c == ']') {
            return Json.array(items);
        }
        while (true) {
            items.add(value(c, depth + 1));
            c = skipSpace();
            if (c == ']') {
                return Json.array(items);
            }
            expect(c, ',');
            c = skipSpace();
        }
    }

    private Json word(String word, Json value) throws IOException {
        for (int i = 1; i < word.length(); i++) {
            expect(read(), word.charAt(i));
        }
        return value;
    }

    private Json number(int first) throws IOException {
        boolean starts = first == '-' || (first >= '0' && first <= '9');
        if (!starts) {
            throw unexpected(first);
        }
        var text = new StringBuilder().append((char) first);
        while (true) {
            int c = read();
            boolean part =
                    (c >= '0' && c <= '9')
                            || c == '.'
                            || c == 'e'
                            || c == 'E'
                            || c == '+'
                            || c == '-';
            if (!part) {
                if (c >= 0) {
                    position--;
                }
                break;
            }
            text.append((char) c);
        }
        String literal = text.toString();
        try {
            Double.parseDouble(literal);
        } catch (NumberFormatException e) {
            throw new IOException("malformed JSON: number " + literal, e);
        }
        return Json.number(literal);
    }

    /// The rest of a string after its opening quote. Bytes that are not UTF-8 become U+FFFD;
    /// surrogates written as escapes stay what they are, alone or not.
    private String string() throws IOException {
        var bytes = new byte[32];
        int length = 0;
        StringBuilder text = null;
        while (true) {
            int c = read();
            if (c == '"') {
                String tail = new String(bytes, 0, length, StandardCharsets.UTF_8);
                return text == null ? tail : text.append(tail).toString();
            }
            if (c == '\\') {
                if (text == null) {
                    text = new StringBuilder();
                }
                text.append(new String(bytes, 0, length, StandardCharsets.UTF_8));
                length = 0;
                text.append(escape());
                continue;
            }
            if (c < 0x20) {
                throw unexpected(c);
            }
            if (length == bytes.length) {
                bytes = Arrays.copyOf(bytes, length * 2);
            }
            bytes[length++] = (byte) c;
        }
    }

    private char escape() throws IOException {
        int c = read();
        return switch (c) {
            case '"', '\\', '/' -> (char) c;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> {
                int code = 0;
                for (int i = 0; i < 4; i++) {
                    int hex = read();
                    int digit = hex < 0 ? -1 : Character.digit(hex, 16);
                    if (digit < 0) {
                        throw unexpected(hex);
                    }
                    code = code << 4 | digit;
                }
                yield (char) code;
            }
            default -> throw unexpected(c);
        };
    }

    private static void expect(int c, char wanted) throws IOException {
        if (c != wanted) {
            throw unexpected(c);
        }
    }

    private static IOException unexpected(int c) {
        return c < 0
                ? new EOFException("malformed JSON: unexpected end")
                : new IOException("malformed JSON: unexpected character " + c);
    }
}
