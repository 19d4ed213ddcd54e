package dev.corten.daemon.settings;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Flags, as pflag reads them.
public final class CommandLine {
    private static final Map<String, Option<?>> BY_FLAG = new TreeMap<>();
    private static final Map<Character, Option<?>> BY_LETTER = new HashMap<>();

    static {
        for (Option<?> option : Options.all()) {
            if (option.flag() != null) {
                BY_FLAG.put(option.flag(), option);
                if (option.letter() != Option.NONE) {
                    BY_LETTER.put(option.letter(), option);
                }
            }
        }
    }

    private final List<String> words;
    private final Map<Option<?>, Object> values = new HashMap<>();
    private int next;

    private CommandLine(List<String> words) {
        this.words = List.copyOf(words);
    }

    /// @throws BadSettings in dockerd's words
    public static CommandLine parse(List<String> words) throws BadSettings {
        var line = new CommandLine(words);
        while (line.next < words.size()) {
            line.word(words.get(line.next++));
        }
        return line;
    }

    /// The option whose flag this is.
    static @Nullable Option<?> find(String flag) {
        return BY_FLAG.get(flag);
    }

    /// Whether a switch was said.
    public boolean says(Option<Boolean> option) {
        return Boolean.TRUE.equals(values.get(option));
    }

    /// What was said, in the order of the flags' names.
    Map<Option<?>, Object> values() {
        var sorted = new TreeMap<String, Option<?>>();
        values.keySet().forEach(option -> sorted.put(option.name(), option));
        var ordered = new java.util.LinkedHashMap<Option<?>, Object>();
        sorted.values().forEach(option -> ordered.put(option, values.get(option)));
        return ordered;
    }

    private void word(String word) throws BadSettings {
        if (word.startsWith("--") && word.length() > 2) {
            longFlag(word.substring(2));
        } else if (word.startsWith("-") && !word.startsWith("--") && word.length() > 1) {
            letters(word);
        } else if (!word.equals("--") || next < words.size()) {
            throw new BadSettings("\"cortend\" accepts no arguments.");
        }
    }

    private void longFlag(String word) throws BadSettings {
        int equals = word.indexOf('=');
        String name = equals < 0 ? word : word.substring(0, equals);
        Option<?> option = BY_FLAG.get(name);
        if (option == null) {
            throw new BadSettings("unknown flag: --" + name);
        }
        if (equals >= 0) {
            set(option, word.substring(equals + 1));
        } else if (option.type().isSwitch()) {
            set(option, "true");
        } else if (next < words.size()) {
            set(option, words.get(next++));
        } else {
            throw new BadSettings("flag needs an argument: --" + name);
        }
    }

    /// `-D`, `-lwarn`, `-l=warn`, `-DH unix://`.
    private void letters(String word) throws BadSettings {
        for (int i = 1; i < word.length(); i++) {
            Option<?> option = BY_LETTER.get(word.charAt(i));
            if (option == null) {
                throw new BadSettings(
                        "unknown shorthand flag: '"
                                + word.charAt(i)
                                + "' in "
                                + (i == 1 ? word : "-" + word.substring(i)));
            }
            String rest = word.substring(i + 1);
            if (rest.startsWith("=")) {
                set(option, rest.substring(1));
                return;
            }
            if (option.type().isSwitch()) {
                set(option, "true");
                continue;
            }
            if (!rest.isEmpty()) {
                set(option, rest);
            } else if (next < words.size()) {
                set(option, words.get(next++));
            } else {
                throw new BadSettings(
                        "flag needs an argument: '"
                                + word.charAt(i)
                                + "' in "
                                + (i == 1 ? word : "-" + word.substring(i)));
            }
            return;
        }
    }

    private <T> void set(Option<T> option, String text) throws BadSettings {
        try {
            @SuppressWarnings("unchecked") // put below, under the same option
            T before = (T) values.get(option);
            values.put(option, option.type().fromFlag(before, text));
        } catch (BadValue e) {
            throw new BadSettings(
                    "invalid argument \""
                            + text
                            + "\" for \""
                            + option.spelled()
                            + "\" flag: "
                            + e.message());
        }
    }
}
