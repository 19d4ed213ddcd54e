package dev.corten.cli.build;

import dev.corten.archive.ignore.IgnoreRules;
import dev.corten.model.RawText;
import dev.corten.model.Suggestions;
import java.io.File;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What may have been meant by a file that the context has not: only the client knows what lies
/// beside it, as no more was sent than was asked for.
final class MissingFile {
    private static final Pattern NOT_FOUND = Pattern.compile("\"/?([^\"]+)\": not found$");

    private MissingFile() {}

    /// @param message of the failure
    /// @param dockerfile with the lines `first` to `last`, from 1, that failed
    /// @return a line for people, or `""`
    static String advice(
            String message, Definition definition, byte[] dockerfile, int first, int last) {
        Matcher missing = NOT_FOUND.matcher(message);
        if (!missing.find()
                || !(definition.context() instanceof Source.Directory(String directory))
                || names(dockerfile, first, last).contains("--from")) {
            return "";
        }
        String path = missing.group(1);
        if (new File(directory, path).exists()) {
            return isIgnored(definition.rules(), path)
                    ? "\"" + path + "\" is there, but .dockerignore leaves it out."
                    : "";
        }
        int slash = path.lastIndexOf('/');
        String above = slash < 0 ? "" : path.substring(0, slash + 1);
        String[] beside = new File(directory, above).list();
        var seen = new ArrayList<String>();
        for (String name : beside == null ? new String[0] : beside) {
            if (!isIgnored(definition.rules(), above + name)) {
                seen.add(name);
            }
        }
        String near = Suggestions.nearest(path.substring(slash + 1), List.copyOf(seen));
        return near.isEmpty() ? "" : "Did you mean \"" + above + near + "\"?";
    }

    private static boolean isIgnored(IgnoreRules rules, String path) {
        return rules.ignores(path);
    }

    private static String names(byte[] dockerfile, int first, int last) {
        String[] lines = RawText.decode(dockerfile).split("\n", -1);
        var text = new StringBuilder();
        for (int i = Math.max(1, first); i <= Math.min(last, lines.length); i++) {
            text.append(lines[i - 1]).append(' ');
        }
        return text.toString();
    }
}
