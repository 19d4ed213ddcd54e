package dev.corten.registry.server.protocol;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A part of a blob, as `Range` asks for it.
///
/// @param start of the first byte
/// @param length at least 1
record ByteRange(long start, long length) {
    private static final Pattern RANGE = Pattern.compile("bytes=(\\d{0,18})-(\\d{0,18})");

    /// That the blob has no such bytes.
    static final class Unsatisfiable extends Exception {
        private static final long serialVersionUID = 1;

        Unsatisfiable() {
            super("no such bytes", null, false, false);
        }
    }

    /// Reads the header of a request. Empty for the whole: also when several parts are asked for, or
    /// in a way that is not understood, which HTTP permits.
    static Optional<ByteRange> parse(String header, long size) throws Unsatisfiable {
        Matcher range = RANGE.matcher(header.strip());
        if (!range.matches() || range.group(1).isEmpty() && range.group(2).isEmpty()) {
            return Optional.empty();
        }
        long start;
        long end;
        if (range.group(1).isEmpty()) {
            long count = Long.parseLong(range.group(2));
            start = Math.max(0, size - count);
            end = count == 0 ? -1 : size - 1;
        } else {
            start = Long.parseLong(range.group(1));
            end = range.group(2).isEmpty() ? size - 1 : Long.parseLong(range.group(2));
            if (end < start && !range.group(2).isEmpty()) {
                return Optional.empty();
            }
        }
        end = Math.min(end, size - 1);
        if (start >= size || end < start) {
            throw new Unsatisfiable();
        }
        return Optional.of(new ByteRange(start, end - start + 1));
    }

    /// As `Content-Range` says it.
    String shown(long size) {
        return "bytes " + start + "-" + (start + length - 1) + "/" + size;
    }
}
