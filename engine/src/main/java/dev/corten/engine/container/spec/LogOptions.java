package dev.corten.engine.container.spec;

import dev.corten.model.InvalidParameter;
import dev.corten.model.container.LogConfig;
import java.util.Locale;
import java.util.Optional;

/// How a log is rotated.
///
/// @param maxBytes 0 means never
/// @param maxFiles with the current one
public record LogOptions(long maxBytes, int maxFiles) {
    /// Ours for `json-file`, as logs that fill the disk are the oldest complaint of all; `max-size=-1` gives
    /// Docker's unlimited file. Docker's for `local`.
    static final LogOptions DEFAULT = new LogOptions(20L << 20, 5);

    /// Empty when nothing is logged.
    ///
    /// @throws InvalidParameter for a malformed value
    public static Optional<LogOptions> of(LogConfig config) {
        if (config.type().equals("none")) {
            return Optional.empty();
        }
        boolean local = config.type().equals("local");
        String size = config.config().get("max-size");
        String files = config.config().get("max-file");
        long maxBytes = size == null ? DEFAULT.maxBytes : size(size);
        int standard = size == null || local ? DEFAULT.maxFiles : 1;
        int maxFiles = files == null ? standard : files(files);
        return Optional.of(new LogOptions(maxBytes, maxFiles));
    }

    private static int files(String text) {
        try {
            int files = Integer.parseInt(text);
            if (files >= 1) {
                return files;
            }
        } catch (NumberFormatException e) {
            throw new InvalidParameter("max-file must be a number: " + text, e);
        }
        throw new InvalidParameter("max-file cannot be less than 1");
    }

    /// `-1`, or a number with `k`, `m`, `g`, an optional `b` behind: powers of 1024.
    private static long size(String text) {
        if (text.equals("-1")) {
            return 0;
        }
        String t = text.toLowerCase(Locale.ROOT);
        if (t.endsWith("b")) {
            t = t.substring(0, t.length() - 1);
        }
        int shift = t.endsWith("k") ? 10 : t.endsWith("m") ? 20 : t.endsWith("g") ? 30 : 0;
        if (shift > 0) {
            t = t.substring(0, t.length() - 1);
        }
        try {
            long bytes = Math.multiplyExact(Long.parseLong(t.strip()), 1L << shift);
            if (bytes > 0) {
                return bytes;
            }
        } catch (NumberFormatException | ArithmeticException e) {
            throw new InvalidParameter("invalid size: '" + text + "'", e);
        }
        throw new InvalidParameter("max-size must be a positive number or -1: " + text);
    }
}
