package dev.corten.engine.volume;

import dev.corten.model.InvalidParameter;
import dev.corten.model.NotFound;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What a volume may be called, and what the `local` driver can be told. Messages are Docker's.
final class VolumeRules {
    private static final String RESTRICTED = "[a-zA-Z0-9][a-zA-Z0-9_.-]";
    private static final Pattern NAME = Pattern.compile(RESTRICTED + "+");

    /// NAME_MAX of every file system that we run on.
    private static final int LONGEST_NAME = 255;

    private static final Set<String> OPTIONS = Set.of("type", "o", "device", "size");
    private static final Pattern SIZE =
            Pattern.compile("[0-9]+(\\.[0-9]+)? ?([kKmMgGtTpP]?[iI]?[bB]?)");

    private VolumeRules() {}

    /// @throws NotFound for a driver that is not there
    /// @throws InvalidParameter for a name or options that are wrong
    static void check(VolumeRequest request) {
        driver(request.name(), request.driver());
        if (!request.name().isEmpty()) {
            name(request.name());
        }
        options(request.name(), request.options());
    }

    static void driver(String name, String driver) {
        if (!driver.isEmpty() && !driver.equals(Volume.LOCAL)) {
            throw new NotFound(
                    prefix(name)
                            + "error looking up volume plugin "
                            + driver
                            + ": plugin \""
                            + driver
                            + "\" not found");
        }
    }

    static void name(String name) {
        if (name.length() == 1) {
            throw new InvalidParameter(
                    prefix(name)
                            + "volume name is too short, names should be at least two alphanumeric"
                            + " characters");
        }
        if (!NAME.matcher(name).matches()) {
            throw new InvalidParameter(
                    prefix(name)
                            + "\""
                            + name
                            + "\" includes invalid characters for a local volume name, only \""
                            + RESTRICTED
                            + "\" are allowed. If you intended to pass a host directory, use"
                            + " absolute path");
        }
        if (name.length() > LONGEST_NAME) {
            throw new InvalidParameter(
                    prefix(name) + "volume name is longer than " + LONGEST_NAME + " characters");
        }
    }

    static void options(String name, @Nullable Map<String, String> options) {
        if (options == null || options.isEmpty()) {
            return;
        }
        for (String option : options.keySet()) {
            if (!OPTIONS.contains(option)) {
                throw new InvalidParameter(prefix(name) + "invalid option: \"" + option + "\"");
            }
        }
        String size = options.get("size");
        if (size != null) {
            throw new InvalidParameter(
                    prefix(name)
                            + (SIZE.matcher(size).matches()
                                    ? "quota size requested but no quota support"
                                    : "invalid size: '" + size + "'"));
        }
        if (!options.containsKey("device")) {
            throw missing(name, "device");
        }
        if (!options.containsKey("type")) {
            throw missing(name, "type");
        }
    }

    private static InvalidParameter missing(String name, String option) {
        return new InvalidParameter(prefix(name) + "missing required option: \"" + option + "\"");
    }

    private static String prefix(String name) {
        return "create " + name + ": ";
    }
}
