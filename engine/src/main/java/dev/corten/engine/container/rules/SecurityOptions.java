package dev.corten.engine.container.rules;

import dev.corten.model.InvalidParameter;
import dev.corten.runtime.SpecRequest;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// The words of `--security-opt`.
///
/// @param writableCgroups whether the container's control groups can be written; empty if only a
///     privileged container shall
/// @param apparmorProfile `""` for none; it means nothing where there is no AppArmor
public record SecurityOptions(
        boolean noNewPrivileges,
        SpecRequest.SeccompChoice seccomp,
        Optional<Boolean> writableCgroups,
        String apparmorProfile) {

    // What Go takes for truth.
    private static final Set<String> TRUE = Set.of("1", "t", "T", "TRUE", "true", "True");
    private static final Set<String> FALSE = Set.of("0", "f", "F", "FALSE", "false", "False");

    /// @throws InvalidParameter in Docker's words
    public static SecurityOptions parse(List<String> options) {
        boolean noNewPrivileges = false;
        Optional<Boolean> writableCgroups = Optional.empty();
        String apparmorProfile = "";
        SpecRequest.SeccompChoice seccomp = new SpecRequest.SeccompChoice.Standard();
        for (String option : options) {
            switch (option) {
                case "no-new-privileges" -> noNewPrivileges = true;
                case "writable-cgroups" -> writableCgroups = Optional.of(true);
                case "disable" -> {} // labels, which are off
                default -> {
                    String value = value(option);
                    switch (option.substring(0, option.length() - value.length() - 1)) {
                        case "no-new-privileges" -> noNewPrivileges = isTrue(value, option);
                        case "writable-cgroups" ->
                                writableCgroups = Optional.of(isTrue(value, option));
                        case "seccomp" -> seccomp = seccomp(value);
                        case "apparmor" -> apparmorProfile = value;
                        case "label" -> {} // as with Docker, where SELinux has not been asked for
                        default -> throw wrong(2, option);
                    }
                }
            }
        }
        return new SecurityOptions(noNewPrivileges, seccomp, writableCgroups, apparmorProfile);
    }

    private static String value(String option) {
        int equals = option.indexOf('=');
        int separator = equals >= 0 ? equals : option.indexOf(':');
        if (separator < 0) {
            throw wrong(1, option);
        }
        return option.substring(separator + 1);
    }

    private static boolean isTrue(String value, String option) {
        if (!TRUE.contains(value) && !FALSE.contains(value)) {
            throw wrong(2, option);
        }
        return TRUE.contains(value);
    }

    private static SpecRequest.SeccompChoice seccomp(String value) {
        return switch (value) {
            case "unconfined" -> new SpecRequest.SeccompChoice.Unconfined();
            case "builtin", "" -> new SpecRequest.SeccompChoice.Standard();
            default -> new SpecRequest.SeccompChoice.Custom(value);
        };
    }

    private static InvalidParameter wrong(int place, String option) {
        return new InvalidParameter("invalid --security-opt " + place + ": \"" + option + "\"");
    }
}
