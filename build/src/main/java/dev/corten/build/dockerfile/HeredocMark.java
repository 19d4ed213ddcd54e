package dev.corten.build.dockerfile;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Where a line says that a here-document follows: `<<EOF`, `3<<-"EOF"`.
record HeredocMark(String name, boolean expand, boolean stripTabs, int descriptor) {
    private static final Pattern MARK = Pattern.compile("(\\d{0,9})<<(-?)([^<]+)", Pattern.DOTALL);

    /// Those of a line, in order.
    static List<HeredocMark> all(String line) {
        var marks = new ArrayList<HeredocMark>();
        for (String word : raw(line)) {
            of(word).ifPresent(marks::add);
        }
        return marks;
    }

    /// @param word with its quotes
    static Optional<HeredocMark> of(String word) {
        Matcher matcher = MARK.matcher(word);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        String quoted = matcher.group(3);
        if (raw(quoted).size() != 1) {
            return Optional.empty();
        }
        try {
            String name = new ShellWords('\\', _ -> null).keepingUnset().word(quoted).text();
            return Optional.of(
                    new HeredocMark(
                            name,
                            name.equals(quoted),
                            !matcher.group(2).isEmpty(),
                            matcher.group(1).isEmpty() ? -1 : Integer.parseInt(matcher.group(1))));
        } catch (ShellWords.Malformed e) {
            return Optional.empty();
        }
    }

    /// Words with their quotes. A line that a shell could not read has none: whoever runs it will
    /// say so.
    private static List<String> raw(String text) {
        try {
            return new ShellWords('\\', _ -> null)
                    .keepingUnset()
                    .keepingQuotes()
                    .word(text)
                    .words();
        } catch (ShellWords.Malformed e) {
            return List.of();
        }
    }
}
