package dev.corten.build.dockerfile;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Replaces variables and takes quotes away, the way a shell does for one word; the forms are those
/// of <https://docs.docker.com/reference/dockerfile/#environment-replacement>.
///
/// ```
/// $name ${name} ${name:-word} ${name-word} ${name:+word} ${name+word} ${name:?word} ${name?word}
/// ${name#pattern} ${name##pattern} ${name%pattern} ${name%%pattern}
/// ${name/pattern/replacement} ${name//pattern/replacement}
/// ```
public final class ShellWords {
    /// Values of variables.
    @FunctionalInterface
    public interface Variables {
        @Nullable String get(String name);
    }

    /// Text that no shell could read.
    public static final class Malformed extends Exception {
        private static final long serialVersionUID = 1L;

        Malformed(String complaint) {
            super(complaint);
        }

        public String complaint() {
            return String.valueOf(getMessage());
        }
    }

    /// @param text as one word, with its spaces
    /// @param words as a shell would split it
    /// @param used variables that have a value
    /// @param unset variables that have none
    public record Expanded(String text, List<String> words, Set<String> used, Set<String> unset) {}

    /// How deep variables may be in each other.
    private static final int MAX_DEPTH = 100;

    private final char escape;
    private final Variables variables;
    private final boolean keepQuotes;
    private final boolean keepUnset;
    private final boolean quotesAreText;

    /// @param escape the character that takes the meaning of the next one away
    public ShellWords(char escape, Variables variables) {
        this(escape, variables, false, false, false);
    }

    private ShellWords(
            char escape,
            Variables variables,
            boolean keepQuotes,
            boolean keepUnset,
            boolean quotesAreText) {
        this.escape = escape;
        this.variables = variables;
        this.keepQuotes = keepQuotes;
        this.keepUnset = keepUnset;
        this.quotesAreText = quotesAreText;
    }

    /// Quotes and escapes have their meaning, and stay where they are.
    public ShellWords keepingQuotes() {
        return new ShellWords(escape, variables, true, keepUnset, quotesAreText);
    }

    /// Variables without a value stay as they are written.
    public ShellWords keepingUnset() {
        return new ShellWords(escape, variables, keepQuotes, true, quotesAreText);
    }

    /// Quotes are characters like others, as in a here-document.
    public ShellWords withoutQuotes() {
        return new ShellWords(escape, variables, keepQuotes, keepUnset, true);
    }

    /// Expands a text.
    public Expanded word(String text) throws Malformed {
        var scan = new Scan(text);
        Words all;
        try {
            all = scan.until(Scan.END, keepQuotes);
        } catch (Malformed e) {
            throw new Malformed("failed to process " + quoted(text) + ": " + e.complaint());
        }
        return new Expanded(
                all.text.toString(), all.finish(), Set.copyOf(scan.used), Set.copyOf(scan.unset));
    }

    private static String quoted(String text) {
        return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }

    /// The text as it grows, and its words.
    private static final class Words {
        private final StringBuilder text = new StringBuilder();
        private final StringBuilder word = new StringBuilder();
        private final List<String> words = new ArrayList<>();
        private boolean inWord;

        /// Where it is a space, a word ends here.
        void add(int c) {
            text.appendCodePoint(c);
            split(c);
        }

        private void split(int c) {
            if (!Character.isWhitespace(c)) {
                word.appendCodePoint(c);
                inWord = true;
            } else if (inWord && !word.isEmpty()) {
                words.add(word.toString());
                word.setLength(0);
                inWord = false;
            }
        }

        /// What a variable was replaced by may be several words.
        void addSplit(String value) {
            text.append(value);
            value.codePoints().forEach(this::split);
        }

        void addWhole(String value) {
            text.append(value);
            word.append(value);
            inWord = true;
        }

        List<String> finish() {
            if (!word.isEmpty()) {
                words.add(word.toString());
                word.setLength(0);
            }
            return List.copyOf(words);
        }
    }

    private final class Scan {
        private static final int END = -1;

        private final String source;
        private final Set<String> used = new LinkedHashSet<>();
        private final Set<String> unset = new LinkedHashSet<>();
        private int at;
        private int depth;

        private Scan(String source) {
            this.source = source;
        }

        private int peek() {
            return at < source.length() ? source.codePointAt(at) : END;
        }

        private int next() {
            int c = peek();
            if (c != END) {
                at += Character.charCount(c);
            }
            return c;
        }

        private boolean skip(int c) {
            boolean there = peek() == c;
            if (there) {
                next();
            }
            return there;
        }

        /// @param stop the character that ends it, which is taken too, or `END`
        private Words until(int stop, boolean keepEscapes) throws Malformed {
            if (depth > MAX_DEPTH) {
                throw new Malformed("syntax error: variables are nested too deeply");
            }
            depth++;
            Words words = upTo(stop, keepEscapes);
            depth--;
            return words;
        }

        private Words upTo(int stop, boolean keepEscapes) throws Malformed {
            var words = new Words();
            while (peek() != END) {
                int c = peek();
                if (stop != END && c == stop) {
                    next();
                    return words;
                }
                if (c == '$') {
                    words.addSplit(variable());
                } else if (!quotesAreText && c == '\'') {
                    words.addWhole(singleQuoted());
                } else if (!quotesAreText && c == '"') {
                    words.addWhole(doubleQuoted(keepEscapes));
                } else if (next() != escape) {
                    words.add(c);
                } else {
                    String kept = keepEscapes ? String.valueOf(escape) : "";
                    int escaped = next();
                    if (escaped != END) {
                        words.addWhole(kept + Character.toString(escaped));
                    } else if (keepEscapes) {
                        words.addWhole(kept);
                    }
                }
            }
            if (stop != END) {
                throw new Malformed(
                        "unexpected end of statement while looking for matching "
                                + Character.toString(stop));
            }
            return words;
        }

        private String singleQuoted() throws Malformed {
            int close = source.indexOf('\'', at + 1);
            if (close < 0) {
                throw new Malformed(
                        "unexpected end of statement while looking for matching single-quote");
            }
            String inside = source.substring(at + 1, close);
            at = close + 1;
            return keepQuotes ? "'" + inside + "'" : inside;
        }

        /// Within double quotes only a double quote, `$` and the escape itself can be escaped.
        private String doubleQuoted(boolean keepEscapes) throws Malformed {
            var result = new StringBuilder();
            next();
            if (keepQuotes) {
                result.append('"');
            }
            while (true) {
                int c = peek();
                switch (c) {
                    case END ->
                            throw new Malformed(
                                    "unexpected end of statement while looking for matching"
                                            + " double-quote");
                    case '"' -> {
                        next();
                        return keepQuotes ? result.append('"').toString() : result.toString();
                    }
                    case '$' -> result.append(variable());
                    default -> {
                        next();
                        if (c != escape) {
                            result.appendCodePoint(c);
                            continue;
                        }
                        if (keepEscapes) {
                            result.append(escape);
                        }
                        int after = peek();
                        if (after == '"' || after == '$' || after == escape) {
                            result.appendCodePoint(next());
                        } else if (after != END && !keepEscapes) {
                            result.append(escape);
                        }
                    }
                }
            }
        }

        private String variable() throws Malformed {
            next();
            if (!skip('{')) {
                String name = name();
                if (name.isEmpty()) {
                    return "$";
                }
                String value = value(name);
                return value != null ? value : keepUnset ? "$" + name : "";
            }
            int first = peek();
            if (first == END) {
                throw new Malformed("syntax error: missing '}'");
            }
            if (first == '{' || first == '}' || first == ':') {
                throw new Malformed("syntax error: bad substitution");
            }
            String name = name();
            int operator = next();
            return switch (operator) {
                case '}' -> {
                    String value = value(name);
                    yield value != null ? value : keepUnset ? "${" + name + "}" : "";
                }
                case '/' -> replaced(name);
                case ':' -> modified(name, next(), true);
                default -> modified(name, operator, false);
            };
        }

        /// @param emptyIsUnset there was a `:`
        private String modified(String name, int operator, boolean emptyIsUnset) throws Malformed {
            String written =
                    (emptyIsUnset ? ":" : "")
                            + (operator == END ? "" : Character.toString(operator));
            if (operator == END) {
                throw new Malformed("syntax error: missing '}'");
            }
            if ("+-?#%".indexOf(operator) < 0) {
                throw new Malformed("unsupported modifier (" + written + ") in substitution");
            }
            boolean pattern = operator == '#' || operator == '%';
            String word = inBraces(pattern);
            String value = value(name);
            if (value == null && keepUnset) {
                return "${" + name + written + word + "}";
            }
            boolean missing = value == null || (emptyIsUnset && value.isEmpty());
            String known = value == null ? "" : value;
            return switch (operator) {
                case '-' -> missing ? word : known;
                case '+' -> missing ? "" : word;
                case '?' -> {
                    if (missing) {
                        String complaint =
                                value == null
                                        ? "is not allowed to be unset"
                                        : "is not allowed to be empty";
                        throw new Malformed(name + ": " + (word.isEmpty() ? complaint : word));
                    }
                    yield known;
                }
                case '#' -> {
                    boolean longest = word.startsWith("#");
                    var wildcard = WildcardPattern.parse(longest ? word.substring(1) : word);
                    int end = wildcard.prefix(known, 0, longest);
                    yield end < 0 ? known : known.substring(end);
                }
                default -> {
                    boolean longest = word.startsWith("%");
                    var wildcard = WildcardPattern.parse(longest ? word.substring(1) : word);
                    int start = wildcard.suffix(known, longest);
                    yield start < 0 ? known : known.substring(0, start);
                }
            };
        }

        private String inBraces(boolean keepEscapes) throws Malformed {
            try {
                return until('}', keepEscapes).text.toString();
            } catch (Malformed e) {
                if (peek() == END) {
                    throw new Malformed("syntax error: missing '}'");
                }
                throw e;
            }
        }

        private String replaced(String name) throws Malformed {
            boolean all = skip('/');
            String pattern;
            try {
                pattern = until('/', true).text.toString();
            } catch (Malformed e) {
                if (peek() == END) {
                    throw new Malformed("syntax error: missing '/' in ${}");
                }
                throw e;
            }
            String replacement = inBraces(true);
            String value = value(name);
            if (value == null) {
                String slashes = all ? "//" : "/";
                return keepUnset ? "${" + name + slashes + pattern + "/" + replacement + "}" : "";
            }
            return WildcardPattern.parse(pattern).replace(value, replacement, all);
        }

        /// Letters, digits and `_`; or only digits; or one of the shell's own names.
        private String name() {
            int start = at;
            int first = peek();
            if (first != END && Character.isDigit(first)) {
                while (peek() != END && Character.isDigit(peek())) {
                    next();
                }
            } else if (first != END && "@*#?-$!".indexOf(first) >= 0) {
                next();
            } else {
                while (peek() != END && (Character.isLetterOrDigit(peek()) || peek() == '_')) {
                    next();
                }
            }
            return source.substring(start, at);
        }

        private @Nullable String value(String name) {
            String value = variables.get(name);
            (value == null ? unset : used).add(name);
            return value;
        }
    }
}
