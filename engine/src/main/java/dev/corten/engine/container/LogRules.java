package dev.corten.engine.container;

import dev.corten.model.InvalidParameter;
import dev.corten.model.container.LogConfig;
import java.util.Set;

/// Where a container's output goes: the log driver and its options.
final class LogRules {
    private static final Set<String> LOG_OPTIONS =
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

    private LogRules() {}

    static LogConfig logConfig(LogConfig requested) {
        String type = requested.type().isEmpty() ? "json-file" : requested.type();
        switch (type) {
            case "json-file" -> {
                for (String option : requested.config().keySet()) {
                    if (!LOG_OPTIONS.contains(option)) {
                        throw new InvalidParameter(
                                "unknown log opt '" + option + "' for json-file log driver");
                    }
                }
                for (String option : requested.config().keySet()) {
                    if (!option.equals("max-size")
                            && !option.equals("max-file")
                            && !(option.equals("mode")
                                    && requested.config().get(option).equals("blocking"))) {
                        throw CreateRules.notYet("log option " + option);
                    }
                }
            }
            case "none" -> {}
            case "local", "syslog", "journald", "gelf", "fluentd", "awslogs", "splunk", "gcplogs" ->
                    throw CreateRules.notYet("log driver " + type);
            default ->
                    throw new InvalidParameter(
                            "error looking up logging plugin "
                                    + type
                                    + ": plugin \""
                                    + type
                                    + "\" not found");
        }
        return new LogConfig(type, requested.config());
    }
}
