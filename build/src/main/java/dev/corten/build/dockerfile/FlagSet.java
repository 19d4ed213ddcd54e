package dev.corten.build.dockerfile;

import dev.corten.model.Suggestions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The flags of one statement, checked against those that its instruction knows.
final class FlagSet {
    /// Letters that may be wrong in what people are told of as "did you mean".
    static final int NEAR = 2;

    private final Map<String, List<Flag>> flags = new HashMap<>();
    private final Statement statement;

    private FlagSet(Statement statement) {
        this.statement = statement;
    }

    /// @param switches flags that are true or false
    /// @param values flags that have one value
    /// @param lists flags that may be repeated
    static FlagSet read(
            Statement statement, Set<String> switches, Set<String> values, Set<String> lists)
            throws DockerfileException {
        var set = new FlagSet(statement);
        for (Flag flag : statement.flags()) {
            String name = flag.name();
            boolean isSwitch = switches.contains(name);
            if (!isSwitch && !values.contains(name) && !lists.contains(name)) {
                var known = new ArrayList<>(switches);
                known.addAll(values);
                known.addAll(lists);
                String near = Suggestions.nearest(name, known, NEAR);
                throw statement.wrong(
                        flag,
                        "unknown flag: --"
                                + name
                                + (near.isEmpty() ? "" : " (did you mean " + near + "?)"));
            }
            List<Flag> same = set.flags.computeIfAbsent(name, _ -> new ArrayList<>());
            if (!same.isEmpty() && !lists.contains(name)) {
                throw statement.wrong(flag, "duplicate flag specified: --" + name);
            }
            String value = flag.value();
            if (isSwitch ? value != null && value.isEmpty() : value == null) {
                throw statement.wrong(flag, "missing a value on flag: --" + name);
            }
            same.add(flag);
        }
        return set;
    }

    static void none(Statement statement) throws DockerfileException {
        read(statement, Set.of(), Set.of(), Set.of());
    }

    @Nullable String value(String name) {
        List<Flag> same = flags.get(name);
        return same == null ? null : same.getLast().value();
    }

    String text(String name) {
        String value = value(name);
        return value == null ? "" : value;
    }

    List<Flag> all(String name) {
        return flags.getOrDefault(name, List.of());
    }

    List<String> list(String name) {
        var list = new ArrayList<String>();
        for (Flag flag : all(name)) {
            String value = flag.value();
            if (value != null) {
                list.add(value);
            }
        }
        return List.copyOf(list);
    }

    /// @return null if it is not given
    @Nullable Boolean isOn(String name) throws DockerfileException {
        List<Flag> same = flags.get(name);
        if (same == null) {
            return null;
        }
        Flag flag = same.getLast();
        String value = flag.value();
        return switch (value == null ? "true" : value.toLowerCase(Locale.ROOT)) {
            case "true" -> true;
            case "false" -> false;
            default ->
                    throw statement.wrong(
                            flag,
                            "expecting boolean value for flag --"
                                    + flag.name()
                                    + ", not: "
                                    + value);
        };
    }
}
