package dev.corten.runtime.command;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Flags and arguments of a command.
final class Flags {
    private final Map<String, List<String>> values = new HashMap<>();
    private final List<String> arguments = new ArrayList<>();

    /// The flags that a command knows.
    ///
    /// @param switches those without a value
    /// @param valued those with one
    /// @param shorts long names by letters
    /// @param strict whether the first argument ends the flags: the rest is a command of its own
    record Known(
            Set<String> switches, Set<String> valued, Map<String, String> shorts, boolean strict) {
        static Known none() {
            return new Known(Set.of(), Set.of(), Map.of(), false);
        }

        static Known switches(String... names) {
            return new Known(Set.of(names), Set.of(), Map.of(), false);
        }
    }

    static Flags parse(Known known, List<String> words) throws Failure {
        var flags = new Flags();
        for (int i = 0; i < words.size(); i++) {
            String word = words.get(i);
            boolean ended = known.strict() && !flags.arguments.isEmpty();
            if (word.equals("--") && !ended) {
                flags.arguments.addAll(words.subList(i + 1, words.size()));
                break;
            }
            if (ended || !word.startsWith("-") || word.equals("-")) {
                flags.arguments.add(word);
                continue;
            }
            String bare = word.startsWith("--") ? word.substring(2) : word.substring(1);
            int equals = bare.indexOf('=');
            String given = equals < 0 ? bare : bare.substring(0, equals);
            String name = known.shorts().getOrDefault(given, given);
            if (known.switches().contains(name)) {
                if (equals < 0 || !bare.substring(equals + 1).equals("false")) {
                    flags.add(name, "true");
                }
            } else if (!known.valued().contains(name)) {
                throw new Failure("flag provided but not defined: -" + given);
            } else if (equals >= 0) {
                flags.add(name, bare.substring(equals + 1));
            } else if (i + 1 < words.size()) {
                i++;
                flags.add(name, words.get(i));
            } else {
                throw new Failure("flag needs an argument: -" + given);
            }
        }
        return flags;
    }

    private void add(String name, String value) {
        values.computeIfAbsent(name, _ -> new ArrayList<>()).add(value);
    }

    boolean has(String name) {
        return values.containsKey(name);
    }

    /// The last one given.
    Optional<String> find(String name) {
        return Optional.ofNullable(values.get(name)).map(List::getLast);
    }

    List<String> all(String name) {
        return values.getOrDefault(name, List.of());
    }

    int number(String name) throws Failure {
        String text = find(name).orElse("0");
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new Failure("invalid value \"" + text + "\" for flag -" + name, e);
        }
    }

    List<String> arguments() {
        return arguments;
    }

    /// The ID, which is the first argument.
    String id(String command) throws Failure {
        if (arguments.isEmpty()) {
            throw new Failure("\"corten-runtime " + command + "\" requires a container ID");
        }
        return arguments.getFirst();
    }
}
