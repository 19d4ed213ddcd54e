package dev.corten.engine.container;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.corten.engine.container.rules.LogRules;
import dev.corten.engine.container.rules.LogTag;
import dev.corten.model.container.LogConfig;
import java.net.URLEncoder;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// What the options `labels`, `env`, `tag` of a log add to each line for those who ask for details.
/// It is the same for all lines of a container, so it is worked out when a log is read.
final class LogAttributes {
    private LogAttributes() {}

    /// As they stand before a line: `color=red,tag=x`.
    static String of(Container container) {
        LogConfig log = container.host.logConfig();
        var attributes = new TreeMap<String, String>();
        Map<String, String> labels =
                Objects.requireNonNullElse(container.config.labels(), Map.of());
        chosen(log, "labels", labels, attributes);
        chosen(log, "env", variables(container), attributes);
        String tag = log.config().getOrDefault("tag", "");
        if (!tag.isEmpty()) {
            attributes.put("tag", LogTag.filled(tag, name -> place(name, container)));
        }
        return attributes.entrySet().stream()
                .map(e -> escaped(e.getKey()) + "=" + escaped(e.getValue()))
                .collect(Collectors.joining(","));
    }

    private static Map<String, String> variables(Container container) {
        var variables = new TreeMap<String, String>();
        for (String variable :
                Objects.requireNonNullElse(container.config.env(), List.<String>of())) {
            int equals = variable.indexOf('=');
            if (equals > 0) {
                variables.put(variable.substring(0, equals), variable.substring(equals + 1));
            }
        }
        return variables;
    }

    private static void chosen(
            LogConfig log, String option, Map<String, String> all, Map<String, String> into) {
        for (String name : log.config().getOrDefault(option, "").split(",")) {
            if (all.containsKey(name)) {
                into.put(name, all.get(name));
            }
        }
        String regex = log.config().getOrDefault(option + "-regex", "");
        if (!regex.isEmpty()) {
            Pattern pattern = LogRules.pattern(option + "-regex", regex);
            all.forEach((name, value) -> {
                if (pattern.matcher(name).find()) {
                    into.put(name, value);
                }
            });
        }
    }

    private static String place(String name, Container container) {
        return switch (name) {
            case "ID" -> container.id.shortHex();
            case "FullID" -> container.id.hex();
            case "Name" -> container.name();
            case "ImageID" -> container.image.hex().substring(0, 12);
            case "ImageFullID" -> container.image.toString();
            case "ImageName" -> container.config.image();
            case "DaemonName" -> "docker";
            default -> throw new IllegalStateException("not checked: " + name);
        };
    }

    private static String escaped(String text) {
        return URLEncoder.encode(text, UTF_8);
    }
}
