package dev.corten.cli.flags;

import dev.corten.cli.option.Scalars;
import dev.corten.cli.text.Quantity;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// What was given on the command line: options by name, and arguments.
public final class Flags {
    private final Map<String, List<String>> values = new HashMap<>();
    private final List<String> arguments = new ArrayList<>();
    private boolean help;
    private String notices = "";

    void set(String name, String value, boolean add) {
        List<String> list = values.get(name);
        if (list == null || !add) {
            list = new ArrayList<>();
            values.put(name, list);
        }
        list.add(value);
    }

    void addArgument(String argument) {
        arguments.add(argument);
    }

    void addArguments(List<String> more) {
        arguments.addAll(more);
    }

    /// Something to say before the command does anything.
    void addNotice(String line) {
        notices += line + "\n";
    }

    /// Lines with their ends; empty if there are none.
    public String notices() {
        return notices;
    }

    void askForHelp() {
        help = true;
    }

    public boolean wantsHelp() {
        return help;
    }

    public List<String> arguments() {
        return arguments;
    }

    /// Whether no option was given.
    public boolean isEmpty() {
        return values.isEmpty();
    }

    public boolean isGiven(String name) {
        return values.containsKey(name);
    }

    public boolean isSet(String name) {
        return isSet(name, false);
    }

    public boolean isSet(String name, boolean fallback) {
        List<String> list = values.get(name);
        return list == null ? fallback : Scalars.isTrue(list.getLast());
    }

    public String text(String name) {
        return text(name, "");
    }

    public String text(String name, String fallback) {
        List<String> list = values.get(name);
        return list == null ? fallback : list.getLast();
    }

    public long integer(String name, long fallback) {
        List<String> list = values.get(name);
        return list == null ? fallback : Long.parseLong(list.getLast());
    }

    /// A size in bytes; 0 if it was not given.
    public long bytes(String name) {
        List<String> list = values.get(name);
        if (list == null) {
            return 0;
        }
        return list.getLast().equals("-1") ? -1 : Quantity.parseBytes(list.getLast());
    }

    /// A duration in nanoseconds; 0 if it was not given.
    public long duration(String name) {
        List<String> list = values.get(name);
        return list == null ? 0 : Quantity.parseDuration(list.getLast());
    }

    /// All values in the order given.
    public List<String> list(String name) {
        return values.getOrDefault(name, List.of());
    }
}
