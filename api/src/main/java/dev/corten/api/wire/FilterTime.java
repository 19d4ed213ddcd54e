package dev.corten.api.wire;

import dev.corten.model.InvalidParameter;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The times of filters: Go durations that end now (`1h30m`), seconds since 1970
/// (`1700000000.25`), and dates with what there is of a time (`2026-11-21T13:04`).
public final class FilterTime {
    private static final Pattern SECONDS = Pattern.compile("(\\d{1,12})(?:\\.(\\d{1,9}))?");
    private static final Pattern PART =
            Pattern.compile("(\\d{1,12}(?:\\.\\d{1,9})?)(ns|us|µs|ms|s|m|h)");
    private static final Pattern ZONED = Pattern.compile(".*T.*(Z|[+-]\\d\\d:\\d\\d)");

    private FilterTime() {}

    public static Instant parse(String text, Instant now) {
        Matcher seconds = SECONDS.matcher(text);
        if (seconds.matches()) {
            String fraction = seconds.group(2) == null ? "" : seconds.group(2);
            return Instant.ofEpochSecond(
                    Long.parseLong(seconds.group(1)),
                    Long.parseLong((fraction + "000000000").substring(0, 9)));
        }
        if (!text.isEmpty() && PART.matcher(text).replaceAll("").isEmpty()) {
            double nanos = 0;
            for (Matcher part = PART.matcher(text); part.find(); ) {
                nanos += Double.parseDouble(part.group(1)) * nanos(part.group(2));
            }
            return now.minus(Duration.ofNanos((long) nanos));
        }
        try {
            return date(text);
        } catch (DateTimeException e) {
            throw new InvalidParameter(
                    "failed to parse value as time or duration: \"" + text + "\"", e);
        }
    }

    private static double nanos(String unit) {
        return switch (unit) {
            case "ns" -> 1;
            case "us", "µs" -> 1e3;
            case "ms" -> 1e6;
            case "s" -> 1e9;
            case "m" -> 60e9;
            case "h" -> 3600e9;
            default -> throw new IllegalStateException("the pattern has no unit " + unit);
        };
    }

    private static Instant date(String text) {
        if (ZONED.matcher(text).matches()) {
            return OffsetDateTime.parse(text).toInstant();
        }
        String full = text.matches(".*T\\d\\d") ? text + ":00" : text;
        LocalDateTime local =
                full.contains("T")
                        ? LocalDateTime.parse(full)
                        : LocalDate.parse(full).atStartOfDay();
        return local.atZone(ZoneId.systemDefault()).toInstant();
    }
}
