package dev.corten.build.dockerfile;

import java.util.ArrayList;
import java.util.List;

/// Splits arguments into words that keep their quotes, escapes and variables.
final class Words {
    private Words() {}

    /// Words as a shell would tell them apart, quoted spaces in them.
    static List<String> quoted(String text, char escape) {
        var words = new ArrayList<String>();
        var word = new StringBuilder();
        char quote = 0;
        boolean any = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (quote == 0 && Character.isWhitespace(c)) {
                if (any || !word.isEmpty()) {
                    words.add(word.toString());
                }
                word.setLength(0);
                any = false;
                continue;
            }
            if (quote == 0 && (c == '"' || c == '\'')) {
                quote = c;
                any = true;
            } else if (quote != 0 && c == quote) {
                quote = 0;
            } else if (c == escape && quote != '\'') {
                if (i + 1 == text.length()) {
                    break;
                }
                word.append(c);
                c = text.charAt(++i);
            }
            word.append(c);
        }
        if (any || !word.isEmpty()) {
            words.add(word.toString());
        }
        return List.copyOf(words);
    }

    /// Words between spaces, whatever quotes there are.
    static List<String> plain(String text) {
        String stripped = text.strip();
        return stripped.isEmpty() ? List.of() : List.of(stripped.split("[\\t\\x0B\\f\\r ]+"));
    }
}
