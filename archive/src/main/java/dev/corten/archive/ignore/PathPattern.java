package dev.corten.archive.ignore;

import dev.corten.model.InvalidParameter;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/// A pattern for paths, as Go's `filepath.Match` has it: `*` and `?` stay within one name,
/// `[a-z]` and `[^a-z]` are classes, a backslash takes the meaning of the next character away.
/// Where it is asked for, `**` is any number of whole names.
///
/// Matching takes time in proportion to the lengths of both, whatever the pattern.
public final class PathPattern {
    private sealed interface Token {
        record One(int character) implements Token {}

        record OneOf(boolean negated, List<Range> ranges) implements Token {
            boolean has(int c) {
                return ranges.stream().anyMatch(r -> r.first <= c && c <= r.last) != negated;
            }
        }

        record Range(int first, int last) {}

        /// `?`
        record AnyOne() implements Token {}

        /// `*`
        record AnyInName() implements Token {}

        /// `**` at the end
        record AnyAtAll() implements Token {}

        /// `**/`: nothing, or what the next token takes.
        record MaybeNames() implements Token {}

        /// The rest of `**/`: anything that ends in a slash.
        record Names() implements Token {}
    }

    private final List<Token> tokens;

    private PathPattern(List<Token> tokens) {
        this.tokens = List.copyOf(tokens);
    }

    /// @throws InvalidParameter `syntax error in pattern`
    public static PathPattern parse(String pattern) {
        return new Parser(pattern, false).parse();
    }

    /// With `**`.
    ///
    /// @throws InvalidParameter `syntax error in pattern`
    public static PathPattern parseDeep(String pattern) {
        return new Parser(pattern, true).parse();
    }

    /// Whether there is anything but text in it.
    public static boolean hasWildcards(String pattern) {
        for (int i = 0; i < pattern.length(); i++) {
            switch (pattern.charAt(i)) {
                case '*', '?', '[' -> {
                    return true;
                }
                case '\\' -> i++;
                default -> {}
            }
        }
        return false;
    }

    /// @param path without a slash at its ends
    public boolean matches(String path) {
        var states = new BitSet(tokens.size() + 1);
        enter(states, 0);
        for (int i = 0; i < path.length() && !states.isEmpty(); ) {
            int c = path.codePointAt(i);
            i += Character.charCount(c);
            states = step(states, c);
        }
        return states.get(tokens.size());
    }

    private BitSet step(BitSet states, int c) {
        var after = new BitSet(tokens.size() + 1);
        int end = tokens.size();
        for (int s = states.nextSetBit(0); s >= 0 && s < end; s = states.nextSetBit(s + 1)) {
            boolean stays = false;
            boolean goesOn = false;
            switch (tokens.get(s)) {
                case Token.One(int character) -> goesOn = c == character;
                case Token.OneOf set -> goesOn = c != '/' && set.has(c);
                case Token.AnyOne _ -> goesOn = c != '/';
                case Token.AnyInName _ -> stays = c != '/';
                case Token.AnyAtAll _ -> stays = true;
                case Token.MaybeNames _ -> {}
                case Token.Names _ -> {
                    stays = true;
                    goesOn = c == '/';
                }
            }
            if (stays) {
                enter(after, s);
            }
            if (goesOn) {
                enter(after, s + 1);
            }
        }
        return after;
    }

    /// Sets a state and those that follow from it without a character.
    private void enter(BitSet states, int state) {
        states.set(state);
        if (state == tokens.size()) {
            return;
        }
        switch (tokens.get(state)) {
            case Token.AnyInName _, Token.AnyAtAll _ -> enter(states, state + 1);
            case Token.MaybeNames _ -> {
                enter(states, state + 1);
                enter(states, state + 2);
            }
            default -> {}
        }
    }

    private static final class Parser {
        private final int[] characters;
        private final boolean deep;
        private final List<Token> tokens = new ArrayList<>();
        private int at;

        Parser(String pattern, boolean deep) {
            this.characters = pattern.codePoints().toArray();
            this.deep = deep;
        }

        PathPattern parse() {
            while (at < characters.length) {
                int c = characters[at++];
                switch (c) {
                    case '*' -> star();
                    case '?' -> tokens.add(new Token.AnyOne());
                    case '[' -> tokens.add(set());
                    case '\\' -> tokens.add(new Token.One(next()));
                    default -> tokens.add(new Token.One(c));
                }
            }
            return new PathPattern(tokens);
        }

        private void star() {
            if (!deep || at == characters.length || characters[at] != '*') {
                tokens.add(new Token.AnyInName());
                return;
            }
            at++;
            if (at < characters.length && characters[at] == '/') {
                at++;
            }
            if (at == characters.length) {
                tokens.add(new Token.AnyAtAll());
            } else {
                tokens.add(new Token.MaybeNames());
                tokens.add(new Token.Names());
            }
        }

        private Token set() {
            boolean negated = at < characters.length && characters[at] == '^';
            if (negated) {
                at++;
            }
            var ranges = new ArrayList<Token.Range>();
            while (at >= characters.length || characters[at] != ']' || ranges.isEmpty()) {
                int first = inSet();
                int last = first;
                if (at < characters.length && characters[at] == '-') {
                    at++;
                    last = inSet();
                }
                ranges.add(new Token.Range(first, last));
            }
            at++;
            return new Token.OneOf(negated, List.copyOf(ranges));
        }

        private int inSet() {
            int c = next();
            if (c == '-' || c == ']') {
                throw malformed();
            }
            return c == '\\' ? next() : c;
        }

        private int next() {
            if (at == characters.length) {
                throw malformed();
            }
            return characters[at++];
        }

        private static InvalidParameter malformed() {
            return new InvalidParameter("syntax error in pattern");
        }
    }
}
