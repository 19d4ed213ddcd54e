package dev.corten.cli.flags;

import dev.corten.cli.console.Environment;
import dev.corten.cli.failure.LocalFiles;
import dev.corten.cli.failure.Refusal;
import dev.corten.model.RawText;
import java.io.FileInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Lists of `NAME=value`, from options and from files.
public final class KeyValues {
    private KeyValues() {}

    /// Environment variables: those of the files, then those given; a name alone takes the caller's
    /// value, and stays alone (which removes it from the container) if the caller has none.
    public static List<String> environment(Flags flags, Environment environment)
            throws IOException {
        var all = new ArrayList<String>();
        for (String file : flags.list("env-file")) {
            for (String line : lines(file)) {
                String value = checked(file, line);
                if (value.indexOf('=') >= 0) {
                    all.add(value);
                } else if (environment.variables().containsKey(value)) {
                    all.add(value + "=" + environment.get(value));
                }
            }
        }
        for (String variable : flags.list("env")) {
            boolean alone = variable.indexOf('=') < 0;
            if (alone && environment.variables().containsKey(variable)) {
                all.add(variable + "=" + environment.get(variable));
            } else {
                all.add(variable);
            }
        }
        return all;
    }

    public static Map<String, String> labels(Flags flags) throws IOException {
        var labels = new TreeMap<String, String>();
        for (String file : flags.list("label-file")) {
            for (String line : lines(file)) {
                put(labels, checked(file, line));
            }
        }
        for (String label : flags.list("label")) {
            put(labels, label);
        }
        return labels;
    }

    public static Map<String, String> map(List<String> pairs) {
        var map = new TreeMap<String, String>();
        for (String pair : pairs) {
            put(map, pair);
        }
        return map;
    }

    private static void put(Map<String, String> map, String pair) {
        int equals = pair.indexOf('=');
        map.put(
                equals < 0 ? pair : pair.substring(0, equals),
                equals < 0 ? "" : pair.substring(equals + 1));
    }

    private static String checked(String file, String line) {
        int equals = line.indexOf('=');
        String name = equals < 0 ? line : line.substring(0, equals);
        if (name.isEmpty()) {
            throw new Refusal(
                    "invalid env file (" + file + "): no variable name on line '" + line + "'");
        }
        if (name.indexOf(' ') >= 0 || name.indexOf('\t') >= 0) {
            throw new Refusal(
                    "invalid env file ("
                            + file
                            + "): variable '"
                            + name
                            + "' contains whitespaces");
        }
        return line;
    }

    /// The lines that are neither empty nor comments, without white space before them.
    private static List<String> lines(String file) throws IOException {
        String text;
        try (var in = new FileInputStream(file)) {
            text = RawText.decode(in.readAllBytes());
        } catch (FileNotFoundException e) {
            throw new Refusal("open " + file + ": " + LocalFiles.reason(e));
        }
        if (text.startsWith("\uFEFF")) {
            text = text.substring(1);
        }
        var lines = new ArrayList<String>();
        int start = 0;
        while (start < text.length()) {
            int end = text.indexOf('\n', start);
            end = end < 0 ? text.length() : end;
            String line = text.substring(start, end).stripLeading();
            line = line.endsWith("\r") ? line.substring(0, line.length() - 1) : line;
            if (!line.isEmpty() && line.charAt(0) != '#') {
                lines.add(line);
            }
            start = end + 1;
        }
        return lines;
    }
}
