package dev.corten.cli.build;

import dev.corten.cli.console.Output;
import dev.corten.model.RawText;

/// Shows where in a Dockerfile something is, with the lines around it.
final class SourceLines {
    private static final String RULE = "--------------------";

    private SourceLines() {}

    /// @param first of the lines that are meant, from 1; 0 prints nothing
    static void print(Output out, String name, byte[] dockerfile, int first, int last) {
        String[] lines = RawText.decode(dockerfile).split("\n", -1);
        if (first < 1 || first > lines.length) {
            return;
        }
        int end = Math.min(Math.max(first, last), lines.length);
        int from = first;
        int to = end;
        // As BuildKit counts: less around several lines, and what is missing at one end of the file
        // is added at the other.
        int around = first == end ? 4 : 2;
        for (int added = 0; added < around; added++) {
            if (from > 1) {
                from--;
                added++;
            }
            if (to < lines.length) {
                to++;
                added++;
            }
        }
        out.line(name + ":" + first).line(RULE);
        for (int i = from; i <= to; i++) {
            String number = Integer.toString(i);
            out.print(" " + " ".repeat(Math.max(0, 3 - number.length())) + number + " | ");
            out.line((i >= first && i <= end ? ">>> " : "    ") + lines[i - 1]);
        }
        out.line(RULE);
    }
}
