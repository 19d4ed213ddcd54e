package dev.corten.build.dockerfile;

import dev.corten.model.container.HealthConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// `HEALTHCHECK [--interval=…] CMD …` or `HEALTHCHECK NONE`.
final class HealthcheckReader {
    private static final long SHORTEST_NANOS = 1_000_000;
    private static final Pattern DURATION =
            Pattern.compile("(\\d{1,9}(?:\\.\\d{0,9})?|\\.\\d{1,9})(ns|us|µs|μs|ms|s|m|h)");

    private final Statement statement;

    HealthcheckReader(Statement statement) {
        this.statement = statement;
    }

    HealthConfig read() throws DockerfileException {
        String arguments = statement.arguments();
        if (arguments.isEmpty()) {
            throw statement.wrong("HEALTHCHECK requires at least one argument");
        }
        String[] parts = arguments.split("\\s+", 2);
        String kind = parts[0].toUpperCase(Locale.ROOT);
        String rest = parts.length < 2 ? "" : parts[1];
        if (kind.equals("NONE")) {
            if (!rest.isEmpty()) {
                throw statement.wrong("HEALTHCHECK NONE takes no arguments");
            }
            FlagSet.none(statement);
            return new HealthConfig(List.of("NONE"), 0, 0, 0, 0, 0);
        }
        FlagSet flags =
                FlagSet.read(
                        statement,
                        Set.of(),
                        Set.of("interval", "timeout", "start-period", "start-interval", "retries"),
                        Set.of());
        if (!kind.equals("CMD")) {
            throw statement.wrong("Unknown type \"" + kind + "\" in HEALTHCHECK (try CMD)");
        }
        CommandLine command = InstructionReader.command(statement, rest);
        if (command.words().isEmpty()) {
            throw statement.wrong("Missing command after HEALTHCHECK CMD");
        }
        var test = new ArrayList<String>();
        test.add(command.shell() ? "CMD-SHELL" : "CMD");
        test.addAll(command.words());
        return new HealthConfig(
                List.copyOf(test),
                interval(flags, "interval"),
                interval(flags, "timeout"),
                interval(flags, "start-period"),
                interval(flags, "start-interval"),
                retries(flags));
    }

    private long interval(FlagSet flags, String name) throws DockerfileException {
        String value = flags.text(name);
        if (value.isEmpty() || value.equals("0")) {
            return 0;
        }
        Matcher matcher = DURATION.matcher(value);
        double nanos = 0;
        int end = 0;
        while (matcher.find() && matcher.start() == end) {
            end = matcher.end();
            double unit =
                    switch (matcher.group(2)) {
                        case "ns" -> 1;
                        case "us", "µs", "μs" -> 1e3;
                        case "ms" -> 1e6;
                        case "s" -> 1e9;
                        case "m" -> 60e9;
                        default -> 3600e9;
                    };
            nanos += Double.parseDouble(matcher.group(1)) * unit;
        }
        if (end != value.length()) {
            throw statement.wrong(
                    flags.all(name).getLast(), "time: invalid duration \"" + value + "\"");
        }
        if (nanos > 0 && nanos < SHORTEST_NANOS) {
            throw statement.wrong(
                    flags.all(name).getLast(), "Interval \"" + name + "\" cannot be less than 1ms");
        }
        return (long) nanos;
    }

    private int retries(FlagSet flags) throws DockerfileException {
        String value = flags.text("retries");
        if (value.isEmpty()) {
            return 0;
        }
        try {
            int retries = Integer.parseInt(value);
            if (retries < 0) {
                throw statement.wrong("--retries cannot be negative (" + retries + ")");
            }
            return retries;
        } catch (NumberFormatException e) {
            throw statement.wrong(
                    flags.all("retries").getLast(),
                    "strconv.ParseInt: parsing \"" + value + "\": invalid syntax");
        }
    }
}
