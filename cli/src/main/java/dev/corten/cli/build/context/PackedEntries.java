package dev.corten.cli.build.context;

import dev.corten.kernel.file.Stat;
import dev.corten.model.PathBytes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The entries of a list as they are sent, one behind the other, and where each begins: a directory
/// may have a million files, and this takes some hundred bytes for each.
final class PackedEntries {
    private static final int CHUNK_BITS = 18;
    private static final int CHUNK = 1 << CHUNK_BITS;

    /// Of all but the texts.
    private static final int FIXED = 2 + 4 + 4 + 4 + 8 + 12 + 12 + 8 + 2 + 2;

    private static final byte[] NO_LINK = {};

    /// Chunks that are longer hold one entry with large attributes.
    private final List<byte[]> chunks = new ArrayList<>();

    private final List<Integer> fill = new ArrayList<>();
    private long[] starts = new long[256];
    private int count;

    int count() {
        return count;
    }

    int chunks() {
        return chunks.size();
    }

    byte[] chunk(int index) {
        return chunks.get(index);
    }

    int length(int chunk) {
        return fill.get(chunk);
    }

    /// @param link the text of a link, or the first name of a file that has several; null if it is
    ///     neither
    /// @param attributes the extended ones as they are sent, with their number before them
    void add(
            byte[] path,
            Stat stat,
            byte @org.jspecify.annotations.Nullable [] link,
            byte[] attributes) {
        byte[] text = link == null ? NO_LINK : link;
        int length = FIXED - 2 + path.length + text.length + attributes.length;
        int last = chunks.size() - 1;
        if (last < 0 || fill.get(last) + length > chunks.get(last).length) {
            chunks.add(new byte[Math.max(CHUNK, length)]);
            fill.add(0);
            last++;
        }
        if (count == starts.length) {
            starts = Arrays.copyOf(starts, count * 2);
        }
        int at = fill.get(last);
        starts[count++] = (long) last << 32 | at;
        byte[] chunk = chunks.get(last);
        at = put(chunk, at, path.length, 2);
        at = put(chunk, at, path);
        at = put(chunk, at, stat.mode(), 4);
        // Owners of a client mean nothing elsewhere: Docker's clients say root as well.
        at = put(chunk, at, 0, 8);
        at = put(chunk, at, stat.isDevice() ? stat.rdev() : stat.isRegular() ? stat.size() : 0, 8);
        at = put(chunk, at, stat.modifySeconds(), 8);
        at = put(chunk, at, stat.modifyNanos(), 4);
        at = put(chunk, at, stat.changeSeconds(), 8);
        at = put(chunk, at, stat.changeNanos(), 4);
        at = put(chunk, at, stat.inode(), 8);
        at = put(chunk, at, text.length, 2);
        at = put(chunk, at, text);
        at = put(chunk, at, attributes);
        fill.set(last, at);
    }

    private static int put(byte[] target, int at, long value, int bytes) {
        for (int i = 0; i < bytes; i++) {
            target[at + i] = (byte) (value >> (bytes - 1 - i) * 8);
        }
        return at + bytes;
    }

    private static int put(byte[] target, int at, byte[] bytes) {
        System.arraycopy(bytes, 0, target, at, bytes.length);
        return at + bytes.length;
    }

    /// The path of an entry.
    PathBytes path(int index) {
        byte[] chunk = chunks.get((int) (starts[index] >> 32));
        int at = (int) starts[index];
        int length = (int) number(chunk, at, 2);
        return PathBytes.of(Arrays.copyOfRange(chunk, at + 2, at + 2 + length));
    }

    /// Whether a file is still the one of an entry.
    boolean isStill(int index, Stat stat) {
        byte[] chunk = chunks.get((int) (starts[index] >> 32));
        int at = (int) starts[index];
        at += 2 + (int) number(chunk, at, 2);
        return (int) number(chunk, at, 4) == stat.mode()
                && number(chunk, at + 12, 8) == stat.size()
                && number(chunk, at + 20, 8) == stat.modifySeconds()
                && (int) number(chunk, at + 28, 4) == stat.modifyNanos()
                && number(chunk, at + 32, 8) == stat.changeSeconds()
                && (int) number(chunk, at + 40, 4) == stat.changeNanos()
                && number(chunk, at + 44, 8) == stat.inode();
    }

    static long number(byte[] from, int at, int bytes) {
        long value = 0;
        for (int i = 0; i < bytes; i++) {
            value = value << 8 | from[at + i] & 0xFF;
        }
        return value;
    }
}
