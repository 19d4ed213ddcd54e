package dev.corten.store.image;

import java.util.ArrayList;
import java.util.List;

/// Words of a Dockerfile's instruction: quotes hold together and go, a backslash takes the next
/// character as it is, `$NAME` and `${NAME}` are what the environment says; in single quotes all
/// characters are like others. `${NAME:-otherwise}` and `${NAME:+instead}` are as in a shell.
///
/// @param env as `NAME=value`
record DockerfileWords(List<String> env) {
    /// Separated by blanks.
    List<String> split(String text) {
        return new Reading(text).words(true);
    }

    /// The whole text as one word, blanks and all.
    String whole(String text) {
        return String.join("", new Reading(text).words(false));
    }

    private String value(String name) {
        return env.stream()
                .filter(variable -> variable.startsWith(name + "="))
                .map(variable -> variable.substring(name.length() + 1))
                .findFirst()
                .orElse("");
    }

    /// One pass over a text.
    private final class Reading {
        private final String text;
        private int at;

        Reading(String text) {
            this.text = text;
        }

        List<String> words(boolean split) {
            var words = new ArrayList<String>();
            var word = new StringBuilder();
            boolean inWord = false;
            char quote = 0;
            while (at < text.length()) {
                char c = text.charAt(at++);
                if (split && quote == 0 && Character.isWhitespace(c)) {
                    if (inWord) {
                        words.add(word.toString());
                        word.setLength(0);
                        inWord = false;
                    }
                    continue;
                }
                inWord = true;
                if (c == '\\' && quote != '\'' && at < text.length()) {
                    word.append(text.charAt(at++));
                } else if (c == '$' && quote != '\'') {
                    word.append(variable());
                } else if (quote == 0 && (c == '"' || c == '\'')) {
                    quote = c;
                } else if (c == quote) {
                    quote = 0;
                } else {
                    word.append(c);
                }
            }
            if (inWord) {
                words.add(word.toString());
            }
            return words;
        }

        /// What stands behind a `$`.
        private String variable() {
            if (at < text.length() && text.charAt(at) == '{') {
                int end = text.indexOf('}', at);
                if (end > 0) {
                    String inner = text.substring(at + 1, end);
                    at = end + 1;
                    return braced(inner);
                }
            }
            int start = at;
            while (at < text.length() && isOfName(text.charAt(at), at == start)) {
                at++;
            }
            return at == start ? "$" : value(text.substring(start, at));
        }

        private String braced(String inner) {
            int colon = inner.indexOf(':');
            if (colon < 0 || colon + 1 >= inner.length()) {
                return value(inner);
            }
            String value = value(inner.substring(0, colon));
            String word = inner.substring(colon + 2);
            return switch (inner.charAt(colon + 1)) {
                case '-' -> value.isEmpty() ? word : value;
                case '+' -> value.isEmpty() ? "" : word;
                default -> value;
            };
        }

        private static boolean isOfName(char c, boolean first) {
            return c == '_' || Character.isLetter(c) || !first && Character.isDigit(c);
        }
    }
}
