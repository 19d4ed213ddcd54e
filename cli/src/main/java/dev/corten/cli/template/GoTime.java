package dev.corten.cli.template;

/// Times and durations as Go prints them.
public final class GoTime {
    private static final long SECOND = 1_000_000_000L;
    private static final String ZERO = "0001-01-01 00:00:00 +0000 UTC";

    private GoTime() {}

    /// `2026-11-21 16:51:57.723521448 +0000 UTC` of the time `2026-11-21T16:51:57.723521448Z`.
    public static String show(String time) {
        int t = time.indexOf('T');
        if (t < 0) {
            return time.isEmpty() ? ZERO : time;
        }
        String date = time.substring(0, t);
        String clock = time.substring(t + 1);
        if (clock.endsWith("Z")) {
            return date + " " + clock.substring(0, clock.length() - 1) + " +0000 UTC";
        }
        int zone = Math.max(clock.lastIndexOf('+'), clock.lastIndexOf('-'));
        if (zone < 0) {
            return time;
        }
        String offset = clock.substring(zone).replace(":", "");
        return date + " " + clock.substring(0, zone) + " " + offset + " " + offset;
    }

    /// `1h2m3.5s`.
    static String duration(long nanos) {
        if (nanos == 0) {
            return "0s";
        }
        var text = new StringBuilder(nanos < 0 ? "-" : "");
        long size = Math.abs(nanos);
        if (size < 1000) {
            return text.append(size).append("ns").toString();
        }
        if (size < SECOND) {
            boolean micros = size < 1_000_000;
            text.append(decimal(size, micros ? 1000 : 1_000_000));
            return text.append(micros ? "µs" : "ms").toString();
        }
        long seconds = size / SECOND;
        if (seconds >= 3600) {
            text.append(seconds / 3600).append('h');
        }
        if (seconds >= 60) {
            text.append(seconds / 60 % 60).append('m');
        }
        return text.append(decimal(size % (60 * SECOND), SECOND)).append('s').toString();
    }

    private static String decimal(long size, long unit) {
        long fraction = size % unit;
        if (fraction == 0) {
            return Long.toString(size / unit);
        }
        String digits = Long.toString(unit + fraction).substring(1);
        int end = digits.length();
        while (digits.charAt(end - 1) == '0') {
            end--;
        }
        return size / unit + "." + digits.substring(0, end);
    }
}
