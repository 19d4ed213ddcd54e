package dev.corten.build.dockerfile;

import java.math.BigDecimal;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Lengths of time as Go programs read them, `1h2m0.5s`, with what those say of wrong ones.
final class GoDuration {
    private static final Map<String, Long> UNITS =
            Map.of(
                    "ns", 1L,
                    "us", 1_000L,
                    "\u00b5s", 1_000L,
                    "\u03bcs", 1_000L,
                    "ms", 1_000_000L,
                    "s", 1_000_000_000L,
                    "m", 60_000_000_000L,
                    "h", 3_600_000_000_000L);
    private static final Pattern PART =
            Pattern.compile("([0-9]+(?:\\.[0-9]*)?|\\.[0-9]+)([^0-9.]*)");

    /// Longer ones are refused before they are numbers.
    private static final int MAX_LENGTH = 100;

    private GoDuration() {}

    /// @return nanoseconds
    /// @throws IllegalArgumentException with the message
    static long parse(String text) {
        String signless = text.startsWith("-") || text.startsWith("+") ? text.substring(1) : text;
        if (signless.equals("0")) {
            return 0;
        }
        if (signless.isEmpty() || text.length() > MAX_LENGTH) {
            throw wrong("invalid duration", text);
        }
        BigDecimal sum = BigDecimal.ZERO;
        Matcher part = PART.matcher(signless);
        int end = 0;
        while (end < signless.length()) {
            if (!part.find() || part.start() != end) {
                throw wrong("invalid duration", text);
            }
            end = part.end();
            String unit = part.group(2);
            if (unit.isEmpty()) {
                throw wrong("missing unit in duration", text);
            }
            Long nanos = UNITS.get(unit);
            if (nanos == null) {
                throw wrong("unknown unit \"" + unit + "\" in duration", text);
            }
            String number = part.group(1);
            sum = sum.add(new BigDecimal(number).multiply(BigDecimal.valueOf(nanos)));
        }
        if (sum.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0) {
            throw wrong("invalid duration", text);
        }
        return text.startsWith("-") ? -sum.longValue() : sum.longValue();
    }

    private static IllegalArgumentException wrong(String what, String text) {
        return new IllegalArgumentException("time: " + what + " \"" + text + "\"");
    }
}
