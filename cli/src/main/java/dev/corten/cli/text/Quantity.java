package dev.corten.cli.text;

import java.math.BigDecimal;
import java.math.RoundingMode;

/// Sizes, durations and times as Docker reads and prints them.
public final class Quantity {
    public static final long INVALID = Long.MIN_VALUE;

    private static final String[] UNITS = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};

    private Quantity() {}

    /// `64m`, `1.5GiB`, `1024`: powers of 1024. Negative if malformed.
    public static long parseBytes(String text) {
        int end = 0;
        boolean point = false;
        while (end < text.length()) {
            char c = text.charAt(end);
            if (c == '.' && !point && end > 0) {
                point = true;
            } else if (c < '0' || c > '9') {
                break;
            }
            end++;
        }
        if (end == 0 || text.charAt(end - 1) == '.') {
            return -1;
        }
        String unit = text.substring(end).strip().toLowerCase(java.util.Locale.ROOT);
        int shift = 0;
        if (!unit.isEmpty() && !unit.equals("b")) {
            shift = 10 * (1 + "kmgtp".indexOf(unit.charAt(0)));
            String rest = unit.substring(1);
            boolean known = rest.isEmpty() || rest.equals("b") || rest.equals("ib");
            if (shift == 0 || !known) {
                return -1;
            }
        }
        BigDecimal bytes =
                new BigDecimal(text.substring(0, end)).multiply(BigDecimal.valueOf(1L << shift));
        if (bytes.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0) {
            return -1;
        }
        return bytes.longValue();
    }

    /// Why `--cpus` refuses this; empty if it does not.
    public static String decimalRefusal(String text) {
        try {
            BigDecimal nanos = new BigDecimal(text).movePointRight(9);
            return nanos.stripTrailingZeros().scale() > 0 ? "value is too precise" : "";
        } catch (NumberFormatException e) {
            return "failed to parse " + text + " as a rational number";
        }
    }

    public static long nanoCpus(String text) {
        return text.isEmpty() ? 0 : new BigDecimal(text).movePointRight(9).longValue();
    }

    /// `1h2m3.5s` in nanoseconds, as Go reads it; [#INVALID] if malformed.
    public static long parseDuration(String text) {
        boolean negative = text.startsWith("-");
        int i = negative || text.startsWith("+") ? 1 : 0;
        if (text.substring(i).equals("0")) {
            return 0;
        }
        if (i == text.length()) {
            return INVALID;
        }
        BigDecimal total = BigDecimal.ZERO;
        while (i < text.length()) {
            int start = i;
            while (i < text.length() && isDigitOrPoint(text.charAt(i))) {
                i++;
            }
            int unitStart = i;
            while (i < text.length() && !isDigitOrPoint(text.charAt(i))) {
                i++;
            }
            long factor = unitNanos(text.substring(unitStart, i));
            if (start == unitStart || factor == 0) {
                return INVALID;
            }
            try {
                total =
                        total.add(
                                new BigDecimal(text.substring(start, unitStart))
                                        .multiply(BigDecimal.valueOf(factor)));
            } catch (NumberFormatException e) {
                return INVALID;
            }
        }
        if (total.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0) {
            return INVALID;
        }
        return negative ? -total.longValue() : total.longValue();
    }

    private static boolean isDigitOrPoint(char c) {
        return (c >= '0' && c <= '9') || c == '.';
    }

    private static long unitNanos(String unit) {
        return switch (unit) {
            case "ns" -> 1L;
            case "us", "µs", "μs" -> 1_000L;
            case "ms" -> 1_000_000L;
            case "s" -> 1_000_000_000L;
            case "m" -> 60_000_000_000L;
            case "h" -> 3_600_000_000_000L;
            default -> 0L;
        };
    }

    /// `4.26MB`: powers of 1000 and [digits] significant digits, as Go's `%.4g`.
    public static String size(long bytes, int digits) {
        double value = bytes;
        int unit = 0;
        while (value >= 1000 && unit < UNITS.length - 1) {
            value /= 1000;
            unit++;
        }
        return significant(value, digits) + UNITS[unit];
    }

    /// `7.775GiB`: powers of 1024 and four significant digits.
    public static String binarySize(long bytes) {
        double value = bytes;
        int unit = 0;
        while (value >= 1024 && unit < UNITS.length - 1) {
            value /= 1024;
            unit++;
        }
        String name = unit == 0 ? "B" : "KMGTPE".charAt(unit - 1) + "iB";
        return significant(value, 4) + name;
    }

    private static String significant(double value, int digits) {
        if (value == 0) {
            return "0";
        }
        BigDecimal rounded =
                new BigDecimal(value)
                        .round(new java.math.MathContext(digits, RoundingMode.HALF_EVEN));
        return rounded.stripTrailingZeros().toPlainString();
    }
}
