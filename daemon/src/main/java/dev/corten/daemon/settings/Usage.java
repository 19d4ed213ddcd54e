package dev.corten.daemon.settings;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// The text of `--help`, made of the table, in the shape of dockerd's.
public final class Usage {
    private static final int COLUMNS = 80;

    private Usage() {}

    public static String text() {
        var options = new ArrayList<Option<?>>();
        for (Option<?> option : Options.all()) {
            if (!option.hidden() && option.flag() != null) {
                options.add(option);
            }
        }
        options.sort(Comparator.comparing(Option::name));
        int width = 0;
        for (Option<?> option : options) {
            width = Math.max(width, left(option).length());
        }
        var text = new StringBuilder();
        text.append("\nUsage:  cortend [OPTIONS]\n\n")
                .append("A container engine that speaks the Docker Engine API.\n\nOptions:\n");
        for (Option<?> option : options) {
            String left = left(option);
            text.append(left).repeat(' ', width - left.length() + 3);
            String margin = "\n" + " ".repeat(width + 3);
            text.append(String.join(margin, lines(right(option), COLUMNS - width - 3)));
            text.append('\n');
        }
        return text.toString();
    }

    private static String left(Option<?> option) {
        String word = option.type().word();
        return (option.letter() == Option.NONE ? "      " : "  -" + option.letter() + ", ")
                + "--"
                + option.flag()
                + (word.isEmpty() ? "" : " " + word);
    }

    private static <T> String right(Option<T> option) {
        String usage = option.usage();
        if (!option.initial().equals(option.type().none())) {
            usage += " (default " + option.type().inHelp(option.initial()) + ")";
        }
        return option.inert() == null ? usage : usage + " (no effect: " + option.inert() + ")";
    }

    private static List<String> lines(String text, int width) {
        var lines = new ArrayList<String>();
        var line = new StringBuilder();
        for (String word : text.split(" ")) {
            if (!line.isEmpty() && line.length() + 1 + word.length() > width) {
                lines.add(line.toString());
                line.setLength(0);
            }
            line.append(line.isEmpty() ? "" : " ").append(word);
        }
        lines.add(line.toString());
        return lines;
    }
}
