package dev.corten.engine.container.rules;

import dev.corten.model.InvalidParameter;
import dev.corten.model.container.LogConfig;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/// Where a container's output goes: the log driver and its options.
public final class LogRules {
    private static final Set<String> JSON_FILE_OPTIONS =
            Set.of(
                    "max-size",
                    "max-file",
                    "compress",
                    "labels",
                    "labels-regex",
                    "env",
                    "env-regex",
                    "tag",
                    "mode",
                    "max-buffer-size");
    private static final Set<String> LOCAL_OPTIONS =
            Set.of("max-size", "max-file", "compress", "mode", "max-buffer-size");

    private static final Set<String> MODES = Set.of("blocking", "non-blocking");

    private LogRules() {}

    /// @throws InvalidParameter for what Docker does not know
    static void check(LogConfig log) {
        switch (log.type()) {
            case "json-file" -> options(log, JSON_FILE_OPTIONS);
            case "local" -> options(log, LOCAL_OPTIONS);
            case "none" -> {}
            case "syslog", "journald", "gelf", "fluentd", "awslogs", "splunk", "gcplogs" ->
                    throw CreateRules.notYet("log driver " + log.type());
            default ->
                    throw new InvalidParameter(
                            "error looking up logging plugin "
                                    + log.type()
                                    + ": plugin \""
                                    + log.type()
                                    + "\" not found");
        }
    }

    private static void options(LogConfig log, Set<String> known) {
        for (String option : log.config().keySet()) {
            if (!known.contains(option)) {
                throw new InvalidParameter(
                        "unknown log opt '"
                                + option
                                + (log.type().equals("local")
                                        ? "' for log driver local"
                                        : "' for json-file log driver"));
            }
        }
        log.config()
                .forEach((option, value) -> {
                    if (option.equals("mode") && !MODES.contains(value)) {
                        throw new InvalidParameter("logger: logging mode not supported: " + value);
                    }
                    possible(log.type(), option, value);
                    readable(option, value);
                });
    }

    /// @throws InvalidParameter for an option that can never be read
    private static void readable(String option, String value) {
        if (option.endsWith("-regex")) {
            pattern(option, value);
        } else if (option.equals("tag") && !LogTag.isKnown(value)) {
            throw CreateRules.notYet("log option tag with " + value);
        }
    }

    public static Pattern pattern(String option, String regex) {
        try {
            return Pattern.compile(regex);
        } catch (PatternSyntaxException e) {
            throw new InvalidParameter("invalid " + option + " for logging: " + regex, e);
        }
    }

    private static void possible(String driver, String option, String value) {
        boolean possible =
                switch (option) {
                    case "max-size", "max-file" -> true;
                    case "labels", "labels-regex", "env", "env-regex", "tag" -> true;
                    case "mode" -> value.equals("blocking");
                    // How the files of this driver look is nobody's business.
                    case "compress" -> driver.equals("local") || value.equals("false");
                    default -> false;
                };
        if (!possible) {
            throw CreateRules.notYet("log option " + option);
        }
    }
}
