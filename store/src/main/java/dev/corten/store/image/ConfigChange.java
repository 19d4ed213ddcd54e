package dev.corten.store.image;

import dev.corten.kernel.process.Signals;
import dev.corten.model.InvalidParameter;
import dev.corten.model.container.HealthConfig;
import dev.corten.model.image.ImageConfig;
import dev.corten.store.document.Json;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// The Dockerfile instructions that `import --change` and `commit --change` take: those that
/// change nothing but the configuration.
public final class ConfigChange {
    private static final List<String> DEFAULT_SHELL = List.of("/bin/sh", "-c");
    private static final long SMALLEST_INTERVAL = 1_000_000;
    private static final Pattern DURATION_PART =
            Pattern.compile("(\\d+(?:\\.\\d*)?|\\.\\d+)(ns|us|µs|ms|s|m|h)");

    private ConfigChange() {}

    /// The configuration after these instructions, in order.
    ///
    /// @throws InvalidParameter if one is unknown or malformed
    public static ImageConfig apply(ImageConfig config, List<String> instructions) {
        var editor = config.edit();
        for (String line : instructions) {
            String trimmed = line.strip();
            if (trimmed.isEmpty() || trimmed.startsWith("#")) {
                continue;
            }
            int space = 0;
            while (space < trimmed.length() && !Character.isWhitespace(trimmed.charAt(space))) {
                space++;
            }
            String name = trimmed.substring(0, space).toUpperCase(Locale.ROOT);
            apply(editor, name, trimmed.substring(space).strip());
        }
        return editor.done();
    }

    private static void apply(ImageConfig.Editor config, String name, String rest) {
        var words = new DockerfileWords(orEmpty(config.env));
        switch (name) {
            case "CMD" -> config.cmd = command(config, rest);
            case "ENTRYPOINT" -> {
                if (!rest.isEmpty()) {
                    config.entrypoint = command(config, rest);
                }
            }
            case "ENV" ->
                    config.env =
                            pairs(name, rest, words).entrySet().stream()
                                    .reduce(
                                            orEmpty(config.env),
                                            (env, e) -> with(env, e.getKey(), e.getValue()),
                                            (a, b) -> b);
            case "EXPOSE" -> {
                SortedSet<String> ports = copy(config.exposedPorts);
                for (String word : words.split(some(name, rest))) {
                    for (String port : word.strip().split("\\s+")) {
                        ports.addAll(ports(port));
                    }
                }
                config.exposedPorts = Collections.unmodifiableSortedSet(ports);
            }
            case "LABEL" -> {
                Map<String, String> labels = new LinkedHashMap<>();
                var before = config.labels;
                if (before != null) {
                    labels.putAll(before);
                }
                labels.putAll(pairs(name, rest, words));
                config.labels = Collections.unmodifiableMap(labels);
            }
            case "USER" -> config.user = words.whole(one(name, rest));
            case "VOLUME" -> {
                SortedSet<String> volumes = copy(config.volumes);
                List<String> json = jsonWords(some(name, rest));
                for (String volume : json != null ? json : words.split(rest)) {
                    if (volume.isBlank()) {
                        throw new InvalidParameter("VOLUME specified can not be an empty string");
                    }
                    volumes.add(volume);
                }
                config.volumes = Collections.unmodifiableSortedSet(volumes);
            }
            case "WORKDIR" -> {
                String directory = words.whole(one(name, rest));
                config.workingDir =
                        directory.startsWith("/")
                                ? clean(directory)
                                : clean("/" + config.workingDir + "/" + directory);
            }
            case "STOPSIGNAL" -> {
                String signal = words.whole(one(name, rest));
                if (Signals.parse(signal).isEmpty()) {
                    throw new InvalidParameter("invalid signal: " + signal);
                }
                config.stopSignal = signal;
            }
            case "ONBUILD" ->
                    config.onBuild = append(orEmpty(config.onBuild), onBuild(some(name, rest)));
            case "HEALTHCHECK" -> config.healthcheck = health(some(name, rest));
            default -> throw new InvalidParameter(name + " is not a valid change command");
        }
    }

    private static String some(String instruction, String rest) {
        if (rest.isEmpty()) {
            throw new InvalidParameter(instruction + " requires at least one argument");
        }
        return rest;
    }

    private static String one(String instruction, String rest) {
        if (rest.isEmpty()) {
            throw new InvalidParameter(instruction + " requires exactly one argument");
        }
        return rest;
    }

    private static List<String> command(ImageConfig.Editor config, String rest) {
        List<String> exec = jsonWords(rest);
        if (exec != null) {
            return exec;
        }
        List<String> own = config.shell;
        List<String> shell = own != null && !own.isEmpty() ? own : DEFAULT_SHELL;
        return rest.isEmpty() ? shell : append(shell, rest);
    }

    private static String onBuild(String rest) {
        String trigger = rest.split("\\s+", 2)[0].toUpperCase(Locale.ROOT);
        if (trigger.equals("ONBUILD")) {
            throw new InvalidParameter("Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed");
        }
        if (trigger.equals("MAINTAINER") || trigger.equals("FROM")) {
            throw new InvalidParameter(trigger + " isn't allowed as an ONBUILD trigger");
        }
        return rest;
    }

    /// `HEALTHCHECK [--interval=…]… CMD …` or `HEALTHCHECK NONE`.
    private static HealthConfig health(String rest) {
        long interval = 0;
        long timeout = 0;
        long startPeriod = 0;
        long startInterval = 0;
        int retries = 0;
        String left = rest;
        while (left.startsWith("--")) {
            String[] parts = left.split("\\s+", 2);
            int equals = parts[0].indexOf('=');
            if (equals < 0) {
                throw new InvalidParameter("missing a value on flag: " + parts[0]);
            }
            String option = parts[0].substring(2, equals);
            String value = parts[0].substring(equals + 1);
            switch (option) {
                case "interval" -> interval = duration(option, value);
                case "timeout" -> timeout = duration(option, value);
                case "start-period" -> startPeriod = duration(option, value);
                case "start-interval" -> startInterval = duration(option, value);
                case "retries" -> retries = retries(value);
                default -> throw new InvalidParameter("unknown flag: --" + option);
            }
            left = parts.length < 2 ? "" : parts[1].strip();
        }
        String[] kind = left.split("\\s+", 2);
        List<String> test;
        if (kind[0].equalsIgnoreCase("NONE")) {
            if (kind.length > 1) {
                throw new InvalidParameter("HEALTHCHECK NONE takes no arguments");
            }
            test = List.of("NONE");
        } else if (kind[0].equalsIgnoreCase("CMD") && kind.length == 2) {
            List<String> exec = jsonWords(kind[1]);
            var words = new ArrayList<String>();
            words.add(exec != null ? "CMD" : "CMD-SHELL");
            words.addAll(exec != null ? exec : List.of(kind[1].strip()));
            test = List.copyOf(words);
        } else if (kind[0].equalsIgnoreCase("CMD")) {
            throw new InvalidParameter("Missing command after HEALTHCHECK CMD");
        } else {
            throw new InvalidParameter("Unknown type \"" + kind[0] + "\" in HEALTHCHECK (try CMD)");
        }
        return new HealthConfig(test, interval, timeout, startPeriod, startInterval, retries);
    }

    private static int retries(String value) {
        if (!value.matches("-?\\d{1,9}")) {
            throw new InvalidParameter(
                    "strconv.ParseInt: parsing \"" + value + "\": invalid syntax");
        }
        int retries = Integer.parseInt(value);
        if (retries < 0) {
            throw new InvalidParameter("--retries cannot be negative (" + value + ")");
        }
        return retries;
    }

    /// Go's durations: `1m30s`, `1.5h`, `300ms`; in nanoseconds.
    private static long duration(String option, String value) {
        var matcher = DURATION_PART.matcher(value);
        double nanos = 0;
        int end = value.startsWith("-") ? 1 : 0;
        matcher.region(end, value.length());
        while (matcher.lookingAt()) {
            end = matcher.end();
            double unit =
                    switch (matcher.group(2)) {
                        case "ns" -> 1;
                        case "us", "µs" -> 1e3;
                        case "ms" -> 1e6;
                        case "s" -> 1e9;
                        case "m" -> 60e9;
                        default -> 3600e9;
                    };
            nanos += Double.parseDouble(matcher.group(1)) * unit;
            matcher.region(end, value.length());
        }
        boolean zero = value.equals("0");
        if (!zero && (end != value.length() || end == 0 || value.equals("-"))) {
            throw new InvalidParameter("time: invalid duration \"" + value + "\"");
        }
        boolean tooShort = nanos > 0 && (value.startsWith("-") || nanos < SMALLEST_INTERVAL);
        if (tooShort) {
            throw new InvalidParameter("Interval \"" + option + "\" cannot be less than 1ms");
        }
        return (long) nanos;
    }

    /// `80`, `80/udp`, `8000-8010`: one element for each port. A port of the host before it says
    /// nothing here.
    private static List<String> ports(String word) {
        int slash = word.indexOf('/');
        String protocol = slash < 0 ? "tcp" : word.substring(slash + 1).toLowerCase(Locale.ROOT);
        String port = slash < 0 ? word : word.substring(0, slash);
        String container = port.substring(port.lastIndexOf(':') + 1);
        String[] range = container.split("-", -1);
        boolean numbers = range.length <= 2;
        for (String number : range) {
            numbers &= number.matches("\\d{1,5}");
        }
        int first = numbers ? Integer.parseInt(range[0]) : 0;
        int last = numbers ? Integer.parseInt(range[range.length - 1]) : 0;
        if (!numbers || last > 65535 || last < first) {
            throw new InvalidParameter("Invalid containerPort: " + container);
        }
        if (!protocol.matches("tcp|udp|sctp")) {
            throw new InvalidParameter("Invalid proto: " + protocol);
        }
        var ports = new ArrayList<String>();
        for (int each = first; each <= last; each++) {
            ports.add(each + "/" + protocol);
        }
        return ports;
    }

    /// `A=b C="d e"`, or the old form `A b c` of one variable.
    private static Map<String, String> pairs(String name, String rest, DockerfileWords words) {
        var pairs = new LinkedHashMap<String, String>();
        List<String> all = words.split(some(name, rest));
        if (!all.getFirst().contains("=")) {
            String[] old = rest.split("\\s+", 2);
            if (old.length < 2) {
                throw new InvalidParameter(name + " must have two arguments");
            }
            pairs.put(words.whole(old[0]), words.whole(old[1].strip()));
            return pairs;
        }
        for (String word : all) {
            int equals = word.indexOf('=');
            if (equals < 0) {
                throw new InvalidParameter(
                        "Syntax error - can't find = in \""
                                + word
                                + "\". Must be of the form: name=value");
            }
            if (equals == 0) {
                throw new InvalidParameter(name + " names can not be blank");
            }
            pairs.put(word.substring(0, equals), word.substring(equals + 1));
        }
        return pairs;
    }

    private static List<String> with(List<String> env, String key, String value) {
        var result = new ArrayList<String>();
        boolean replaced = false;
        for (String old : env) {
            boolean same = old.startsWith(key + "=") || old.equals(key);
            result.add(same ? key + "=" + value : old);
            replaced |= same;
        }
        if (!replaced) {
            result.add(key + "=" + value);
        }
        return List.copyOf(result);
    }

    private static @Nullable List<String> jsonWords(String text) {
        if (!text.startsWith("[")) {
            return null;
        }
        try {
            JsonNode node = Json.MAPPER.readTree(text);
            var words = new ArrayList<String>();
            for (JsonNode element : node) {
                if (!element.isString()) {
                    throw new InvalidParameter(
                            "when using JSON array syntax, arrays must be comprised of strings"
                                    + " only");
                }
                words.add(element.stringValue());
            }
            return List.copyOf(words);
        } catch (JacksonException notJson) {
            return null; // then it is the shell form, as in Docker
        }
    }

    private static String clean(String path) {
        var parts = new ArrayList<String>();
        for (String part : path.split("/")) {
            if (part.equals("..") && !parts.isEmpty()) {
                parts.removeLast();
            } else if (!part.isEmpty() && !part.equals(".") && !part.equals("..")) {
                parts.add(part);
            }
        }
        return "/" + String.join("/", parts);
    }

    private static SortedSet<String> copy(@Nullable SortedSet<String> set) {
        return set == null ? new TreeSet<>() : new TreeSet<>(set);
    }

    private static List<String> orEmpty(@Nullable List<String> list) {
        return list == null ? List.of() : list;
    }

    private static List<String> append(List<String> list, String last) {
        var longer = new ArrayList<>(list);
        longer.add(last);
        return List.copyOf(longer);
    }
}
