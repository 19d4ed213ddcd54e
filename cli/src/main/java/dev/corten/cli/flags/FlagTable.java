package dev.corten.cli.flags;

import dev.corten.cli.failure.UsageFailure;
import dev.corten.model.Suggestions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The options of a command: one table for parsing and for help. The rules are those of pflag.
public final class FlagTable {
    /// Stands where a flag has no short form.
    public static final char NONE = '\0';

    /// @param letter the short form or [#NONE]
    /// @param initial the default that help shows; empty for none
    /// @param hidden whether help leaves it out
    public record Flag(
            char letter,
            String name,
            FlagType type,
            String usage,
            String initial,
            boolean hidden,
            String target) {}

    private final LinkedHashMap<String, Flag> byName = new LinkedHashMap<>();
    private final Map<Character, Flag> byLetter = new LinkedHashMap<>();
    private final List<String> deprecated = new ArrayList<>();

    public FlagTable add(char letter, String name, FlagType type, String usage) {
        return add(letter, name, type, usage, "");
    }

    public FlagTable add(char letter, String name, FlagType type, String usage, String initial) {
        return put(new Flag(letter, name, type, usage, initial, false, name));
    }

    /// Another name of the flag [target], not shown in help.
    public FlagTable alias(String name, FlagType type, String target) {
        return put(new Flag(NONE, name, type, "", "", true, target));
    }

    /// Like [#alias], of a name that users should give up.
    public FlagTable deprecated(String name, FlagType type, String target) {
        deprecated.add(name);
        return alias(name, type, target);
    }

    private FlagTable put(Flag flag) {
        byName.put(flag.name, flag);
        if (flag.letter != NONE) {
            byLetter.put(flag.letter, flag);
        }
        return this;
    }

    public List<Flag> flags() {
        return List.copyOf(byName.values());
    }

    /// The flag whose value is the next word, if [word] is one or several of them; null if it is not.
    public @Nullable Flag waiting(String word) {
        Flag flag;
        if (word.startsWith("--")) {
            flag = byName.get(word.substring(2));
        } else {
            flag = byLetter.get(word.charAt(word.length() - 1));
            for (int i = 1; i < word.length() - 1; i++) {
                Flag before = byLetter.get(word.charAt(i));
                if (before == null || before.type != FlagType.BOOL) {
                    return null;
                }
            }
        }
        return flag == null || flag.type == FlagType.BOOL ? null : flag;
    }

    /// @param interspersed whether flags may follow the first argument
    /// @throws UsageFailure in the words of pflag
    public Flags parse(List<String> args, boolean interspersed) {
        var flags = new Flags();
        int i = 0;
        while (i < args.size()) {
            String arg = args.get(i++);
            if (arg.length() < 2 || arg.charAt(0) != '-') {
                if (!interspersed) {
                    flags.addArguments(args.subList(i - 1, args.size()));
                    return flags;
                }
                flags.addArgument(arg);
            } else if (arg.equals("--")) {
                flags.addArguments(args.subList(i, args.size()));
                return flags;
            } else if (arg.charAt(1) == '-') {
                i = parseLong(arg, args, i, flags);
            } else {
                i = parseShort(arg, args, i, flags);
            }
        }
        return flags;
    }

    private int parseLong(String arg, List<String> args, int next, Flags flags) {
        int equals = arg.indexOf('=');
        String name = arg.substring(2, equals < 0 ? arg.length() : equals);
        if (name.isEmpty() || name.startsWith("-")) {
            throw new UsageFailure("bad flag syntax: " + arg);
        }
        if (name.equals("help")) {
            flags.askForHelp();
            return next;
        }
        Flag flag = byName.get(name);
        if (flag == null) {
            throw new UsageFailure("unknown flag: --" + name + suggestion(name));
        }
        if (deprecated.contains(name)) {
            flags.addNotice(
                    "Flag --" + name + " has been deprecated, use --" + flag.target + " instead");
        }
        if (equals >= 0) {
            set(flags, flag, arg.substring(equals + 1));
            return next;
        }
        if (flag.type == FlagType.BOOL) {
            set(flags, flag, "true");
            return next;
        }
        if (next == args.size()) {
            throw new UsageFailure("flag needs an argument: --" + name);
        }
        set(flags, flag, args.get(next));
        return next + 1;
    }

    private int parseShort(String arg, List<String> args, int next, Flags flags) {
        for (int i = 1; i < arg.length(); i++) {
            char letter = arg.charAt(i);
            Flag flag = byLetter.get(letter);
            if (flag == null) {
                if (letter == 'h') {
                    flags.askForHelp();
                    return next;
                }
                throw new UsageFailure(
                        "unknown shorthand flag: '" + letter + "' in -" + arg.substring(i));
            }
            boolean more = i + 1 < arg.length();
            if (i + 2 < arg.length() && arg.charAt(i + 1) == '=') {
                set(flags, flag, arg.substring(i + 2));
                return next;
            }
            if (flag.type == FlagType.BOOL) {
                set(flags, flag, "true");
            } else if (more) {
                set(flags, flag, arg.substring(i + 1));
                return next;
            } else if (next < args.size()) {
                set(flags, flag, args.get(next));
                return next + 1;
            } else {
                throw new UsageFailure(
                        "flag needs an argument: '" + letter + "' in -" + arg.substring(i));
            }
        }
        return next;
    }

    private static void set(Flags flags, Flag flag, String value) {
        String refusal = flag.type.refusal(value);
        if (!refusal.isEmpty()) {
            String shown =
                    flag.letter == NONE ? "--" + flag.name : "-" + flag.letter + ", --" + flag.name;
            throw new UsageFailure(
                    "invalid argument \"" + value + "\" for \"" + shown + "\" flag: " + refusal);
        }
        flags.set(flag.target, value, flag.type.isRepeatable());
    }

    private String suggestion(String name) {
        String near = Suggestions.nearest(name, byName.keySet());
        return near.isEmpty() ? "" : "\n\nDid you mean --" + near + "?";
    }

    /// The default that the table states; empty if there is none.
    String initial(String name) {
        @Nullable Flag flag = byName.get(name);
        return flag == null ? "" : flag.initial;
    }
}
