package dev.corten.build.check;

import dev.corten.model.InvalidParameter;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/// What `# check=skip=…;error=…;experimental=…` chooses.
///
/// @param skip names of rules; `all` stands for all
/// @param error whether a warning ends the build
/// @param experimental names of rules that are off otherwise; `all` stands for all
public record CheckOptions(Set<String> skip, boolean error, Set<String> experimental) {
    public static final CheckOptions DEFAULT = new CheckOptions(Set.of(), false, Set.of());

    public CheckOptions {
        skip = Set.copyOf(skip);
        experimental = Set.copyOf(experimental);
    }

    /// @param value of the directive, or of the build argument `BUILDKIT_DOCKERFILE_CHECK`
    /// @throws InvalidParameter in Docker's words
    public static CheckOptions parse(String value) {
        Set<String> skip = Set.of();
        Set<String> experimental = Set.of();
        boolean error = false;
        for (String option : value.isBlank() ? List.<String>of() : List.of(value.split(";"))) {
            String[] parts = option.strip().split("=", 2);
            if (parts.length < 2) {
                throw new InvalidParameter(
                        "failed to parse check options: invalid check option \"" + option + "\"");
            }
            String key = parts[0].strip();
            switch (key) {
                case "skip" -> skip = names(parts[1]);
                case "experimental" -> experimental = names(parts[1]);
                case "error" -> error = isTrue(parts[1].strip());
                default ->
                        throw new InvalidParameter(
                                "failed to parse check options: invalid check option \""
                                        + key
                                        + "\"");
            }
        }
        return new CheckOptions(skip, error, experimental);
    }

    private static boolean isTrue(String value) {
        return switch (value) {
            case "1", "t", "T", "true", "TRUE", "True" -> true;
            case "0", "f", "F", "false", "FALSE", "False" -> false;
            default ->
                    throw new InvalidParameter(
                            "failed to parse check options: failed to parse check option"
                                    + " \"error="
                                    + value
                                    + "\"");
        };
    }

    private static Set<String> names(String list) {
        var names = new TreeSet<String>();
        for (String name : list.split(",")) {
            names.add(name.strip().toLowerCase(Locale.ROOT));
        }
        return names;
    }

    /// Whether a rule is on.
    public boolean has(Rule rule) {
        String name = rule.label().toLowerCase(Locale.ROOT);
        if (rule.isExperimental()) {
            return experimental.contains("all") || experimental.contains(name);
        }
        return !skip.contains("all") && !skip.contains(name);
    }
}
