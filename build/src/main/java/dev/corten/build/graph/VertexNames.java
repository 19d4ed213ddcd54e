package dev.corten.build.graph;

import dev.corten.build.dockerfile.Instruction;
import dev.corten.build.dockerfile.ShellWords;
import dev.corten.build.dockerfile.Statement;
import dev.corten.build.front.Step;
import java.util.Locale;
import java.util.regex.Pattern;

/// What the steps of a stage are called: `[build 2/4] RUN make`.
final class VertexNames {
    /// The mark of a here-document in quotes, which are not shown.
    private static final Pattern QUOTED_MARK = Pattern.compile("(<<-?)([\"'])([^\"'\\s]+)\\2");

    private final String label;
    private final int total;
    private final char escape;
    private int next = 1;

    /// @param label `""` if there is one stage only
    VertexNames(String label, int total, char escape) {
        this.label = label;
        this.total = total;
        this.escape = escape;
    }

    String from(String image) {
        return numbered("FROM " + image);
    }

    /// @param remark `""` for none
    String of(Step step, String remark) {
        Statement statement = step.instruction().statement();
        String written = statement.text();
        String keyword = statement.keyword();
        int at = written.indexOf(keyword);
        String rest = at < 0 ? "" : written.substring(at + keyword.length());
        if (!(step.instruction() instanceof Instruction.Run)) {
            rest = QUOTED_MARK.matcher(rest).replaceAll("$1$3");
        }
        String text = keyword.toUpperCase(Locale.ROOT) + rest;
        String shown = (step.triggered() ? "ONBUILD " : "") + expanded(step, text);
        return numbered(remark.isEmpty() ? shown : shown + " (" + remark + ")");
    }

    private String numbered(String text) {
        String of = Integer.toString(total);
        String number = String.format(Locale.ROOT, "%" + of.length() + "d", next++);
        return "[" + (label.isEmpty() ? "" : label + " ") + number + "/" + of + "] " + text;
    }

    private String expanded(Step step, String text) {
        try {
            return new ShellWords(escape, step.environment()::get)
                    .withoutQuotes()
                    .keepingUnset()
                    .word(text)
                    .text();
        } catch (ShellWords.Malformed e) {
            // Only the shell can tell what it means.
            return text;
        }
    }
}
