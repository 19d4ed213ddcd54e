package dev.corten.engine.container;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.corten.model.InvalidParameter;
import dev.corten.model.container.LogConfig;
import java.net.URLEncoder;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Collectors;

/// What the options `labels`, `env`, `tag` of a log add to each line for those who ask for details.
/// It is the same for all lines of a container, so it is worked out when a log is read.
final class LogAttributes {
    private static final Pattern PLACE = Pattern.compile("\\{\\{\\s*\\.(\\w+)\\s*}}");
    private static final Pattern TAG = Pattern.compile("([^{}]|" + PLACE + ")*");
    private static final List<String> PLACES =
            List.of("ID", "FullID", "Name", "ImageID", "ImageFullID", "ImageName", "DaemonName");

    private LogAttributes() {}

    /// @throws InvalidParameter for an option that can never be read
    static void check(String option, String value) {
        if (option.endsWith("-regex")) {
            pattern(option, value);
        } else if (option.equals("tag") && !isTag(value)) {
            throw CreateRules.notYet("log option tag with " + value);
        }
    }

    private static boolean isTag(String value) {
        return TAG.matcher(value).matches()
                && PLACE.matcher(value).results().allMatch(m -> PLACES.contains(m.group(1)));
    }

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
            attributes.put("tag", tag(tag, container));
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
            Pattern pattern = pattern(option + "-regex", regex);
            all.forEach((name, value) -> {
                if (pattern.matcher(name).find()) {
                    into.put(name, value);
                }
            });
        }
    }

    private static Pattern pattern(String option, String regex) {
        try {
            return Pattern.compile(regex);
        } catch (PatternSyntaxException e) {
            throw new InvalidParameter("invalid " + option + " for logging: " + regex, e);
        }
    }

    private static String tag(String template, Container container) {
        return PLACE.matcher(template)
                .replaceAll(match -> Matcher.quoteReplacement(place(match.group(1), container)));
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
