package dev.corten.client;

import java.io.ByteArrayOutputStream;

/// Lays JSON out over several lines without touching anything else, as `inspect` prints what the
/// daemon sent.
public final class JsonIndent {
    private JsonIndent() {}

    /// @param json well-formed JSON
    /// @param prefix before each line but the first
    /// @param step for each level
    public static byte[] indent(byte[] json, String prefix, String step) {
        var out = new ByteArrayOutputStream(json.length * 2);
        int depth = 0;
        boolean inString = false;
        boolean pending = false;
        for (int i = 0; i < json.length; i++) {
            byte c = json[i];
            if (inString) {
                out.write(c);
                if (c == '\\') {
                    out.write(json[++i]);
                } else if (c == '"') {
                    inString = false;
                }
                continue;
            }
            if (c == ' ' || c == '\n' || c == '\r' || c == '\t') {
                continue;
            }
            boolean closes = c == '}' || c == ']';
            if (pending && !closes) {
                newLine(out, prefix, step, depth);
            }
            if (closes) {
                depth--;
                if (!pending) {
                    newLine(out, prefix, step, depth);
                }
            }
            pending = false;
            out.write(c);
            switch (c) {
                case '"' -> inString = true;
                case '{', '[' -> {
                    depth++;
                    pending = true;
                }
                case ',' -> newLine(out, prefix, step, depth);
                case ':' -> out.write(' ');
                default -> {}
            }
        }
        return out.toByteArray();
    }

    private static void newLine(ByteArrayOutputStream out, String prefix, String step, int depth) {
        out.write('\n');
        write(out, prefix);
        for (int i = 0; i < depth; i++) {
            write(out, step);
        }
    }

    private static void write(ByteArrayOutputStream out, String text) {
        for (int i = 0; i < text.length(); i++) {
            out.write(text.charAt(i));
        }
    }
}
