package dev.corten.build.graph;

import java.time.Duration;
import java.util.Locale;

/// How Go prints values, where Docker has made that a part of what people see.
final class GoText {
    private GoText() {}

    /// `1m30s`, `500ms`, `0s`; as `time.Duration` prints itself.
    static String duration(Duration duration) {
        long nanos = duration.toNanos();
        if (nanos == 0) {
            return "0s";
        }
        String sign = nanos < 0 ? "-" : "";
        long size = Math.abs(nanos);
        if (size < 1_000_000_000L) {
            if (size < 1_000) {
                return sign + size + "ns";
            }
            return size < 1_000_000
                    ? sign + decimal(size, 1_000) + "µs"
                    : sign + decimal(size, 1_000_000) + "ms";
        }
        long minutes = size / 60_000_000_000L;
        String seconds = decimal(size % 60_000_000_000L, 1_000_000_000L) + "s";
        if (minutes == 0) {
            return sign + seconds;
        }
        return minutes < 60
                ? sign + minutes + "m" + seconds
                : sign + minutes / 60 + "h" + minutes % 60 + "m" + seconds;
    }

    private static String decimal(long value, long unit) {
        long fraction = value % unit;
        if (fraction == 0) {
            return Long.toString(value / unit);
        }
        int digits = Long.toString(unit).length() - 1;
        String text = String.format(Locale.ROOT, "%0" + digits + "d", fraction);
        return value / unit + "." + text.replaceAll("0+$", "");
    }

    /// A character within quotes.
    static String escaped(int c, char quote) {
        return switch (c) {
            case 0x07 -> "\\a";
            case '\b' -> "\\b";
            case '\f' -> "\\f";
            case '\n' -> "\\n";
            case '\r' -> "\\r";
            case '\t' -> "\\t";
            case 0x0b -> "\\v";
            case '\\' -> "\\\\";
            default -> {
                if (c == quote) {
                    yield "\\" + quote;
                }
                yield c < 0x20 || c == 0x7f
                        ? String.format(Locale.ROOT, "\\x%02x", c)
                        : Character.toString(c);
            }
        };
    }
}
