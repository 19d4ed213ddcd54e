package dev.corten.build.dockerfile;

import java.util.ArrayList;
import java.util.List;

/// Splits a line into keyword, flags and arguments.
///
/// @param lastLine for errors
record FlagReader(SourceText source, int lastLine, char escape) {
    record Line(String keyword, List<Flag> flags, String arguments, int argumentsAt) {}

    /// @param from where the keyword is, or spaces before it
    Line split(int from) {
        String text = source.text();
        int start = skipSpace(from);
        int end = start;
        while (end < text.length() && !isSpace(text.charAt(end))) {
            end++;
        }
        var flags = new ArrayList<Flag>();
        int arguments = flags(skipSpace(end), flags);
        return new Line(
                text.substring(start, end), flags, text.substring(arguments).strip(), arguments);
    }

    /// @return where the arguments begin
    private int flags(int from, List<Flag> flags) {
        String text = source.text();
        int at = from;
        while (text.startsWith("--", at)) {
            var word = new StringBuilder();
            int end = word(at, word);
            if (word.length() == 2) {
                return skipSpace(end);
            }
            String written = word.substring(2);
            int equals = written.indexOf('=');
            flags.add(
                    new Flag(
                            equals < 0 ? written : written.substring(0, equals),
                            equals < 0 ? null : written.substring(equals + 1),
                            source.at(at)));
            at = skipSpace(end);
        }
        return at;
    }

    /// Quotes hold a word together and go; what is escaped is taken as it is.
    private int word(int from, StringBuilder word) {
        String text = source.text();
        char quote = 0;
        int i = from;
        for (; i < text.length(); i++) {
            char c = text.charAt(i);
            if (quote == 0 && isSpace(c)) {
                break;
            }
            if (c == escape && i + 1 < text.length()) {
                word.append(text.charAt(++i));
            } else if (quote == 0 && (c == '"' || c == '\'')) {
                quote = c;
            } else if (quote != 0 && c == quote) {
                quote = 0;
            } else if (c != escape) {
                word.append(c);
            }
        }
        return i;
    }

    private int skipSpace(int from) {
        String text = source.text();
        int at = from;
        while (at < text.length() && isSpace(text.charAt(at))) {
            at++;
        }
        return at;
    }

    private static boolean isSpace(char c) {
        return Character.isWhitespace(c);
    }
}
