package dev.corten.cli.build;

import dev.corten.cli.console.Output;
import dev.corten.client.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;

/// What the build checks found in a Dockerfile.
final class Findings {
    private static final String YELLOW = "\033[33m";
    private static final String RESET = "\033[0m";

    private final List<Json> all = new ArrayList<>();

    void add(Json checked) {
        all.addAll(checked.items());
    }

    /// Those of an answer to `check`, which is in the shape of BuildKit's.
    void addAnswered(Json answer) {
        for (Json warning : answer.get("warnings").items()) {
            List<Json> ranges = warning.get("location").get("ranges").items();
            Json range = ranges.isEmpty() ? Json.ABSENT : ranges.getFirst();
            var finding = new LinkedHashMap<String, Json>();
            finding.put("rule", warning.get("ruleName"));
            finding.put("url", warning.get("url"));
            finding.put("message", warning.get("detail"));
            finding.put("firstLine", range.get("start").get("line"));
            finding.put("lastLine", range.get("end").get("line"));
            all.add(Json.object(finding));
        }
    }

    boolean isEmpty() {
        return all.isEmpty();
    }

    private static String line(Json finding) {
        long line = finding.get("firstLine").integer(0);
        return finding.get("rule").text("")
                + ": "
                + finding.get("message").text("")
                + (line > 0 ? " (line " + line + ")" : "");
    }

    /// What is said at the end of a build.
    ///
    /// @param details whether everything is said of each
    void summarize(
            Output out,
            String program,
            boolean colours,
            boolean details,
            String name,
            byte[] file) {
        if (all.isEmpty()) {
            return;
        }
        String title = all.size() == 1 ? "1 warning found" : all.size() + " warnings found";
        title += details ? "" : " (use " + program + " --debug to expand)";
        out.line("").print(" " + (colours ? YELLOW : "") + title + ":\n");
        out.print(colours ? RESET : "");
        for (Json finding : all) {
            out.line(" - " + line(finding));
            if (details) {
                String url = finding.get("url").text("");
                out.print(url.isEmpty() ? "" : "More info: " + url + "\n");
                printLines(out, finding, name, file);
                out.line("");
            }
        }
        out.flush();
    }

    private static void printLines(Output out, Json finding, String name, byte[] file) {
        int first = (int) finding.get("firstLine").integer(0);
        int last = (int) finding.get("lastLine").integer(first);
        SourceLines.print(out, name, file, first, last);
    }

    /// What `--check` prints.
    ///
    /// @param error why it cannot be built at all
    void report(Output out, Output err, String name, byte[] file, Json error) {
        if (!all.isEmpty() || error.isAbsent()) {
            warnings(out, name, file);
            out.print(all.isEmpty() ? "" : "\n").flush();
        }
        if (!error.isAbsent()) {
            err.line("ERROR: " + error.get("message").text(""));
            List<Json> ranges = error.get("location").get("ranges").items();
            Json range = ranges.isEmpty() ? Json.ABSENT : ranges.getFirst();
            int first = (int) range.get("start").get("line").integer(0);
            int last = (int) range.get("end").get("line").integer(first);
            SourceLines.print(err, name, file, first, last);
            err.line("").flush();
        }
    }

    private void warnings(Output out, String name, byte[] file) {
        String count =
                switch (all.size()) {
                    case 0 -> "no warnings found.";
                    case 1 -> "1 warning has been found!";
                    default -> all.size() + " warnings have been found!";
                };
        out.line("Check complete, " + count);
        for (Json finding : all) {
            String url = finding.get("url").text("");
            out.line("");
            out.print("WARNING: " + finding.get("rule").text(""));
            out.line(url.isEmpty() ? "" : " - " + url);
            out.line(finding.get("message").text(""));
            printLines(out, finding, name, file);
        }
    }
}
