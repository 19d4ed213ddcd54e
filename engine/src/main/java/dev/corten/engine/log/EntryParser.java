package dev.corten.engine.log;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// Reads one line of a json-file log: an object whose members `log`, `stream` and `time` are
/// strings; others are skipped.
///
/// Written by hand as `logs` of a busy container reads hundreds of megabytes: this costs one pass
/// over the bytes.
final class EntryParser {
    private final ByteArrayOutputStream unescaped = new ByteArrayOutputStream(256);
    private byte[] line = new byte[0];
    private int at;
    private int end;

    /// @return null if the line is no log entry (a crash of the machine can leave half a line)
    @Nullable LogEntry parse(byte[] buffer, int from, int to) {
        line = buffer;
        at = from;
        end = to;
        try {
            return object();
        } catch (MalformedException e) {
            return null;
        }
    }

    private LogEntry object() throws MalformedException {
        byte[] data = new byte[0];
        String time = "";
        int stream = 1;
        boolean found = false;
        expect('{');
        do {
            String key = new String(string(), StandardCharsets.UTF_8);
            expect(':');
            switch (key) {
                case "log" -> {
                    data = string();
                    found = true;
                }
                case "stream" -> stream = string().length == 6 && line[at - 4] == 'e' ? 2 : 1;
                case "time" -> time = new String(string(), StandardCharsets.US_ASCII);
                default -> skipValue();
            }
        } while (more());
        if (!found && time.isEmpty()) {
            throw new MalformedException();
        }
        return new LogEntry(stream, time, data);
    }

    private boolean more() throws MalformedException {
        byte b = next();
        if (b == ',') {
            return true;
        }
        if (b == '}') {
            return false;
        }
        throw new MalformedException();
    }

    private byte next() throws MalformedException {
        if (at >= end) {
            throw new MalformedException();
        }
        return line[at++];
    }

    private void expect(char c) throws MalformedException {
        if (next() != c) {
            throw new MalformedException();
        }
    }

    private byte[] string() throws MalformedException {
        expect('"');
        unescaped.reset();
        int plain = at;
        while (true) {
            byte b = next();
            if (b == '"') {
                unescaped.write(line, plain, at - 1 - plain);
                return unescaped.toByteArray();
            }
            if (b == '\\') {
                unescaped.write(line, plain, at - 1 - plain);
                escape();
                plain = at;
            }
        }
    }

    private void escape() throws MalformedException {
        byte b = next();
        switch (b) {
            case 'n' -> unescaped.write('\n');
            case 'r' -> unescaped.write('\r');
            case 't' -> unescaped.write('\t');
            case 'b' -> unescaped.write('\b');
            case 'f' -> unescaped.write('\f');
            case 'u' -> {
                int c = hex4();
                if (Character.isHighSurrogate((char) c)
                        && at + 1 < end
                        && line[at] == '\\'
                        && line[at + 1] == 'u') {
                    at += 2;
                    c = Character.toCodePoint((char) c, (char) hex4());
                }
                unescaped.writeBytes(Character.toString(c).getBytes(StandardCharsets.UTF_8));
            }
            default -> unescaped.write(b);
        }
    }

    private int hex4() throws MalformedException {
        int value = 0;
        for (int i = 0; i < 4; i++) {
            int digit = Character.digit(next(), 16);
            if (digit < 0) {
                throw new MalformedException();
            }
            value = value * 16 + digit;
        }
        return value;
    }

    private void skipValue() throws MalformedException {
        int depth = 0;
        while (true) {
            byte b = next();
            switch (b) {
                case '"' -> {
                    at--;
                    string();
                }
                case '{', '[' -> depth++;
                case '}', ']' -> {
                    if (depth == 0) {
                        at--;
                        return;
                    }
                    depth--;
                }
                case ',' -> {
                    if (depth == 0) {
                        at--;
                        return;
                    }
                }
                default -> {
                    // a number or a literal: nothing to keep
                }
            }
        }
    }

    private static final class MalformedException extends Exception {
        private static final long serialVersionUID = 1L;

        MalformedException() {
            super(null, null, false, false);
        }
    }
}
