package dev.corten.api.wire;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/// The bar that goes with the numbers of a progress message.
final class Progress {
    private static final int WIDTH = 50;
    private static final String[] UNITS = {"B", "kB", "MB", "GB", "TB", "PB"};

    private Progress() {}

    /// `[=====>    ]  47.62kB/1.983MB`
    static String bar(long current, long total) {
        if (total <= 0 || current > total) {
            return String.format("%8s", size(current));
        }
        int done = (int) (current * 100.0 / total) / 2;
        return "["
                + "=".repeat(done)
                + ">"
                + " ".repeat(WIDTH - done)
                + "] "
                + String.format("%8s", size(current))
                + "/"
                + size(total);
    }

    /// Four digits and a decimal unit.
    static String size(long bytes) {
        int unit = 0;
        double value = bytes;
        while (value >= 1000 && unit < UNITS.length - 1) {
            value /= 1000;
            unit++;
        }
        BigDecimal rounded =
                new BigDecimal(value).round(new MathContext(4, RoundingMode.HALF_EVEN));
        String digits = rounded.signum() == 0 ? "0" : rounded.stripTrailingZeros().toPlainString();
        return digits + UNITS[unit];
    }
}
