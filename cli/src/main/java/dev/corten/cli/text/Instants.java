package dev.corten.cli.text;

/// Times of the daemon's as nanoseconds since 1970. The formatters of java.time would cost more than
/// all the rest of a short build's display.
public final class Instants {
    /// There is none.
    public static final long NONE = Long.MIN_VALUE;

    private static final int DAYS_TO_1970 = 719_468;
    private static final int DAYS_IN_400_YEARS = 146_097;

    private Instants() {}

    /// @param text as in RFC 3339, `2026-11-22T07:04:05.621772864Z`; anything else is none
    public static long parse(String text) {
        if (text.length() < 20 || text.charAt(10) != 'T') {
            return NONE;
        }
        try {
            long days = days(number(text, 0, 4), number(text, 5, 7), number(text, 8, 10));
            long seconds =
                    ((days * 24 + number(text, 11, 13)) * 60 + number(text, 14, 16)) * 60
                            + number(text, 17, 19);
            int at = 19;
            long nanos = 0;
            if (text.charAt(at) == '.') {
                int end = at + 1;
                while (end < text.length() && Character.isDigit(text.charAt(end))) {
                    end++;
                }
                int digits = Math.min(end - at - 1, 9);
                nanos = number(text, at + 1, at + 1 + digits);
                for (int i = digits; i < 9; i++) {
                    nanos *= 10;
                }
                at = end;
            }
            return (seconds - offset(text.substring(at))) * 1_000_000_000L + nanos;
        } catch (NumberFormatException e) {
            return NONE;
        }
    }

    private static int number(String text, int from, int to) {
        return Integer.parseInt(text, from, to, 10);
    }

    /// Of `+02:00`, in seconds.
    private static long offset(String zone) {
        if (zone.length() != 6) {
            return 0;
        }
        long seconds = number(zone, 1, 3) * 3600L + number(zone, 4, 6) * 60L;
        return zone.charAt(0) == '-' ? -seconds : seconds;
    }

    /// Since 1970, by the Gregorian calendar, with years that begin in March.
    private static long days(int year, int month, int day) {
        int y = month <= 2 ? year - 1 : year;
        int era = Math.floorDiv(y, 400);
        int yearOfEra = y - era * 400;
        int dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
        int dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear;
        return (long) era * DAYS_IN_400_YEARS + dayOfEra - DAYS_TO_1970;
    }
}
