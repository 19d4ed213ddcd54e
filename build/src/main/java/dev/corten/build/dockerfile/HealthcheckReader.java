package dev.corten.build.dockerfile;

import dev.corten.model.container.HealthConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// `HEALTHCHECK [--interval=…] CMD …` or `HEALTHCHECK NONE`.
final class HealthcheckReader {
    private static final long SHORTEST_NANOS = 1_000_000;

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
        if (value.isEmpty()) {
            return 0;
        }
        long nanos;
        try {
            nanos = GoDuration.parse(value);
        } catch (IllegalArgumentException e) {
            throw statement.wrong(flags.all(name).getLast(), String.valueOf(e.getMessage()));
        }
        if (nanos != 0 && nanos < SHORTEST_NANOS) {
            throw statement.wrong(
                    flags.all(name).getLast(), "Interval \"" + name + "\" cannot be less than 1ms");
        }
        return nanos;
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
                    "strconv.ParseInt: parsing \""
                            + value
                            + "\": "
                            + (value.matches("[+-]?[0-9]+")
                                    ? "value out of range"
                                    : "invalid syntax"));
        }
    }
}
