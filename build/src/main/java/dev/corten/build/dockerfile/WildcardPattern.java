package dev.corten.build.dockerfile;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/// A pattern of `${name#pattern}` and its kin: `*` is any text, `?` any character, a backslash
/// takes their meaning away (POSIX 2.14 without brackets). Matching takes time in proportion to the
/// lengths of both, whatever the pattern.
final class WildcardPattern {
    private static final int ANY_TEXT = -1;
    private static final int ANY_CHARACTER = -2;

    private final int[] tokens;

    private WildcardPattern(int[] tokens) {
        this.tokens = tokens;
    }

    static WildcardPattern parse(String pattern) throws ShellWords.Malformed {
        List<Integer> tokens = new ArrayList<>();
        int[] characters = pattern.codePoints().toArray();
        for (int i = 0; i < characters.length; i++) {
            switch (characters[i]) {
                case '*' -> tokens.add(ANY_TEXT);
                case '?' -> tokens.add(ANY_CHARACTER);
                case '\\' -> {
                    int escaped = i + 1 < characters.length ? characters[++i] : -1;
                    if ("*?\\}/".indexOf(escaped) < 0) {
                        String shown = escaped < 0 ? "" : Character.toString(escaped);
                        throw new ShellWords.Malformed(
                                "invalid pattern ("
                                        + pattern
                                        + ") in substitution: invalid escape '\\"
                                        + shown
                                        + "'");
                    }
                    tokens.add(escaped);
                }
                default -> tokens.add(characters[i]);
            }
        }
        return new WildcardPattern(tokens.stream().mapToInt(Integer::intValue).toArray());
    }

    /// Matches at a place.
    ///
    /// @return the offset behind the shortest or longest match, or -1
    int prefix(String text, int from, boolean longest) {
        var states = new BitSet(tokens.length + 1);
        states.set(0);
        skipAnyText(states);
        int end = -1;
        int at = from;
        while (true) {
            if (states.get(tokens.length)) {
                end = at;
                if (!longest) {
                    return end;
                }
            }
            if (at >= text.length() || states.isEmpty()) {
                return end;
            }
            int c = text.codePointAt(at);
            states = step(states, c);
            at += Character.charCount(c);
        }
    }

    /// Matches up to the end.
    ///
    /// @return the offset at which the shortest or longest match begins, or -1
    int suffix(String text, boolean longest) {
        var turned = new int[tokens.length];
        for (int i = 0; i < tokens.length; i++) {
            turned[i] = tokens[tokens.length - 1 - i];
        }
        String backwards = new StringBuilder(text).reverse().toString();
        int end = new WildcardPattern(turned).prefix(backwards, 0, longest);
        return end < 0 ? -1 : text.length() - end;
    }

    /// Puts another text in the place of the longest match, or of each.
    String replace(String text, String replacement, boolean all) {
        var result = new StringBuilder();
        int at = 0;
        boolean done = false;
        while (at <= text.length()) {
            int end = done ? -1 : prefix(text, at, true);
            if (end > at || (end == at && tokens.length == 0)) {
                result.append(replacement);
                done = !all;
            }
            if (end > at) {
                at = end;
                if (at == text.length()) {
                    break;
                }
                continue;
            }
            if (at == text.length()) {
                break;
            }
            int c = text.codePointAt(at);
            result.appendCodePoint(c);
            at += Character.charCount(c);
        }
        return result.toString();
    }

    private BitSet step(BitSet states, int c) {
        var after = new BitSet(tokens.length + 1);
        for (int s = states.nextSetBit(0);
                s >= 0 && s < tokens.length;
                s = states.nextSetBit(s + 1)) {
            if (tokens[s] == ANY_TEXT) {
                after.set(s);
            } else if (tokens[s] == c || tokens[s] == ANY_CHARACTER) {
                after.set(s + 1);
            }
        }
        skipAnyText(after);
        return after;
    }

    /// `*` may also be no text at all.
    private void skipAnyText(BitSet states) {
        for (int s = states.nextSetBit(0);
                s >= 0 && s < tokens.length;
                s = states.nextSetBit(s + 1)) {
            if (tokens[s] == ANY_TEXT) {
                states.set(s + 1);
            }
        }
    }
}
