package dev.corten.cli.build.progress;

/// Numbers as builds show them. Without the formatters of the JDK, which are slow to start.
final class Figures {
    private static final String[] UNITS = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};

    private Figures() {}

    /// `213B`, `1.99MB`
    static String bytes(long bytes) {
        if (bytes < 1000) {
            return bytes + UNITS[0];
        }
        int unit = 1;
        double value = bytes / 1000.0;
        while (value >= 1000 && unit < UNITS.length - 1) {
            value /= 1000;
            unit++;
        }
        return fixed(value, 2) + UNITS[unit];
    }

    /// `3.6`
    static String seconds(long nanos, int decimals) {
        return fixed(nanos / 1e9, decimals);
    }

    private static String fixed(double value, int decimals) {
        long scale = decimals == 1 ? 10 : decimals == 2 ? 100 : 1000;
        long scaled = Math.round(Math.max(0, value) * scale);
        String fraction = Long.toString(scaled % scale);
        return scaled / scale + "." + "0".repeat(decimals - fraction.length()) + fraction;
    }

    /// Both, if both are known: `12B / 2.00kB`; empty if nothing is.
    static String progress(long current, long total) {
        if (total != 0) {
            return bytes(current) + " / " + bytes(total);
        }
        return current == 0 ? "" : bytes(current);
    }
}
