package dev.corten.cli.text;

import dev.corten.cli.failure.Refusal;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/// Points in time as options give them and as lists show them.
public final class Timestamps {
    private Timestamps() {}

    /// `42m`, `2013-01-02T13:23:37Z` and shorter, or seconds, as the API wants them: seconds with
    /// or without nanoseconds.
    ///
    /// @param option for the message; empty to name none
    public static String parse(String text, String option) {
        long ago = Quantity.parseDuration(text);
        if (ago != Quantity.INVALID && !text.equals("0")) {
            return Long.toString(System.currentTimeMillis() / 1000 - ago / 1_000_000_000L);
        }
        if (isSeconds(text)) {
            return text;
        }
        try {
            Instant instant = instant(text);
            String nanos = Integer.toString(1_000_000_000 + instant.getNano()).substring(1);
            return instant.getEpochSecond() + "." + nanos;
        } catch (DateTimeException e) {
            throw new Refusal(
                    (option.isEmpty() ? "" : "invalid value for \"" + option + "\": ")
                            + "failed to parse value as time or duration: \""
                            + text
                            + "\"");
        }
    }

    private static boolean isSeconds(String text) {
        boolean digits = !text.isEmpty();
        int points = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            points += c == '.' ? 1 : 0;
            digits &= (c >= '0' && c <= '9') || (c == '.' && i > 0);
        }
        return digits && points < 2;
    }

    private static Instant instant(String text) {
        int time = text.indexOf('T');
        String date = time < 0 ? text : text.substring(0, time);
        String clock = time < 0 ? "" : text.substring(time + 1);
        String zone = "";
        for (int i = 0; i < clock.length() && zone.isEmpty(); i++) {
            if ("Z+-".indexOf(clock.charAt(i)) >= 0) {
                zone = clock.substring(i);
                clock = clock.substring(0, i);
            }
        }
        if (time < 0 && (date.endsWith("Z") || date.length() > 10)) {
            zone = date.substring(10);
            date = date.substring(0, 10);
        }
        String full =
                switch (clock.length()) {
                    case 0 -> date + "T00:00:00";
                    case 2 -> date + "T" + clock + ":00:00";
                    case 5 -> date + "T" + clock + ":00";
                    default -> date + "T" + clock;
                };
        return zone.isEmpty()
                ? LocalDateTime.parse(full).atZone(ZoneId.systemDefault()).toInstant()
                : OffsetDateTime.parse(full + zone).toInstant();
    }

    /// `2023-11-14 22:13:20 +0000 UTC`, as Go prints a time.
    public static String show(long epochSeconds) {
        ZonedDateTime time = Instant.ofEpochSecond(epochSeconds).atZone(ZoneId.systemDefault());
        String zone = time.format(DateTimeFormatter.ofPattern("zzz", Locale.ROOT));
        return time.format(DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss Z ", Locale.ROOT))
                + (zone.equals("Z") ? "UTC" : zone);
    }

    /// `2026-11-21T13:27:27.225344507Z` of nanoseconds since 1970, in the local zone.
    public static String showNanos(long epochNanos) {
        long seconds = Math.floorDiv(epochNanos, 1_000_000_000L);
        int nanos = (int) Math.floorMod(epochNanos, 1_000_000_000L);
        ZonedDateTime time = Instant.ofEpochSecond(seconds, nanos).atZone(ZoneId.systemDefault());
        return time.format(
                DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSSSSSXXX", Locale.ROOT));
    }

    /// `2023-11-14T22:13:20Z`, in the local zone.
    public static String rfc3339(long epochSeconds) {
        return Instant.ofEpochSecond(epochSeconds)
                .atZone(ZoneId.systemDefault())
                .format(DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ssXXX", Locale.ROOT));
    }

    /// The time now, for lines of a log: `2026-11-21T13:27:27Z`.
    public static String logTime() {
        return ZonedDateTime.now(ZoneId.systemDefault())
                .format(DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ssXXX", Locale.ROOT));
    }

    /// Seconds since 1970 of an RFC 3339 time; 0 if it is none.
    static long epochSeconds(String text) {
        try {
            return OffsetDateTime.parse(text).toEpochSecond();
        } catch (DateTimeException e) {
            return 0;
        }
    }
}
