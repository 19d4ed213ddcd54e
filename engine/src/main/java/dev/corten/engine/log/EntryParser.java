package dev.corten.engine.log;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Reads one line of a json-file log: an object whose members `log`, `stream` and `time` are
/// strings; others are skipped.
///
/// Written by hand as `logs` of a busy container reads hundreds of megabytes: this costs one pass
/// over the bytes.
final class EntryParser {
    private static final byte[] LOG = "log".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] STREAM = "stream".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] TIME = "time".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] STDERR = "stderr".getBytes(StandardCharsets.US_ASCII);

    private byte[] line = new byte[0];
    private int at;
    private int end;

    /// The last string read, without its escapes: never longer than the line.
    private byte[] text = new byte[256];

    private int length;

    /// @return null if the line is no log entry (a crash of the machine can leave half a line)
    @Nullable LogEntry parse(byte[] buffer, int from, int to) {
        line = buffer;
        at = from;
        end = to;
        if (text.length < to - from) {
            text = new byte[2 * (to - from)];
        }
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
            string();
            boolean isLog = is(LOG);
            boolean isStream = is(STREAM);
            boolean isTime = is(TIME);
            expect(':');
            if (isLog) {
                string();
                data = Arrays.copyOf(text, length);
                found = true;
            } else if (isStream) {
                string();
                stream = is(STDERR) ? 2 : 1;
            } else if (isTime) {
                string();
                time = new String(text, 0, length, StandardCharsets.ISO_8859_1);
            } else {
                skipValue();
            }
        } while (more());
        if (!found && time.isEmpty()) {
            throw new MalformedException();
        }
        return new LogEntry(stream, time, data);
    }

    private boolean is(byte[] word) {
        return Arrays.equals(text, 0, length, word, 0, word.length);
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

    /// Reads a string into [#text].
    private void string() throws MalformedException {
        expect('"');
        length = 0;
        while (true) {
            int plain = at;
            int stop = plain;
            while (stop < end && line[stop] != '"' && line[stop] != '\\') {
                stop++;
            }
            System.arraycopy(line, plain, text, length, stop - plain);
            length += stop - plain;
            at = stop;
            if (next() == '"') {
                return;
            }
            escape();
        }
    }

    private void escape() throws MalformedException {
        byte b = next();
        switch (b) {
            case 'n' -> text[length++] = '\n';
            case 'r' -> text[length++] = '\r';
            case 't' -> text[length++] = '\t';
            case 'b' -> text[length++] = '\b';
            case 'f' -> text[length++] = '\f';
            case 'u' -> {
                int c = hex4();
                if (Character.isHighSurrogate((char) c)
                        && at + 1 < end
                        && line[at] == '\\'
                        && line[at + 1] == 'u') {
                    at += 2;
                    c = Character.toCodePoint((char) c, (char) hex4());
                }
                byte[] utf8 = Character.toString(c).getBytes(StandardCharsets.UTF_8);
                System.arraycopy(utf8, 0, text, length, utf8.length);
                length += utf8.length;
            }
            default -> text[length++] = b;
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
