package dev.corten.archive;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/// Compresses a piece of data into deflate blocks (RFC 1951) at several times the speed of zlib's
/// fastest level: one look for each place, a second one where little was found, and data in which there is
/// nothing is passed over in growing steps and stored as it is. The same input gives the same bytes, always.
///
/// It holds its own memory and serves one piece after the other, one thread at a time.
final class FastDeflate {
    /// How far back a match may be.
    static final int WINDOW = 32 << 10;

    private static final VarHandle INT =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    /// Data changes its kind on the way: so much of it shares one Huffman code. It fits into one stored
    /// block.
    static final int PART = 63 << 10;

    private static final int MIN_MATCH = 4;
    private static final int MAX_MATCH = 258;
    private static final int HASH_BITS = 15;
    private static final int HASH_FACTOR = 0x9E3779B1;
    private static final int NOWHERE = -2 * WINDOW;

    /// A step more for each so many bytes (as a shift) without a match, and at most so many.
    private static final int PATIENCE = 5;

    private static final int MAX_STEP = 16;

    /// What is shorter gives way to a longer match at the next place.
    private static final int SHORT = 16;

    private static final int MAX_STORED = 65_535;
    private static final int STORED = 0;
    private static final int DYNAMIC = 2;
    private static final int END = 256;
    private static final int LITERALS = 286;
    private static final int DISTANCES = 30;
    private static final int LENGTHS = 19;

    /// Four literals fit into what is written at once.
    private static final int MAX_CODE = 14;

    private static final int MAX_LENGTH_CODE = 7;
    private static final int[] LENGTH_ORDER = {
        16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15
    };

    /// For each length of a match: its symbol, the number of extra bits, and these.
    private static final int[] LENGTH_SYMBOL = new int[MAX_MATCH + 1];

    private static final int[] LENGTH_EXTRA = new int[MAX_MATCH + 1];
    private static final int[] LENGTH_BASE = new int[LITERALS - END - 1];

    /// Symbols of distances to 256, and of those beyond by their upper bits.
    private static final byte[] NEAR = new byte[256];

    private static final byte[] FAR = new byte[256];
    private static final int[] DISTANCE_EXTRA = new int[DISTANCES];
    private static final int[] DISTANCE_BASE = new int[DISTANCES];

    static {
        int base = 3;
        for (int symbol = 0; symbol < 28; symbol++) {
            int extra = symbol < 4 ? 0 : symbol / 4 - 1;
            LENGTH_BASE[symbol] = base;
            for (int i = 0; i < 1 << extra && base + i <= MAX_MATCH; i++) {
                LENGTH_SYMBOL[base + i] = symbol;
                LENGTH_EXTRA[base + i] = extra;
            }
            base += 1 << extra;
        }
        LENGTH_BASE[28] = MAX_MATCH;
        LENGTH_SYMBOL[MAX_MATCH] = 28;
        LENGTH_EXTRA[MAX_MATCH] = 0;
        base = 1;
        for (int symbol = 0; symbol < DISTANCES; symbol++) {
            int extra = symbol < 2 ? 0 : symbol / 2 - 1;
            DISTANCE_BASE[symbol] = base;
            DISTANCE_EXTRA[symbol] = extra;
            for (int i = 0; i < 1 << extra; i++) {
                int distance = base + i;
                if (distance <= 256) {
                    NEAR[distance - 1] = (byte) symbol;
                } else {
                    FAR[distance - 1 >> 7] = (byte) symbol;
                }
            }
            base += 1 << extra;
        }
    }

    private final int[] table = new int[1 << HASH_BITS];

    /// The matches of a part: literals before it, its length, its distance.
    private final long[] matches = new long[PART / MIN_MATCH + 1];

    private int matchCount;
    private final int[] literalCounts = new int[LITERALS];
    private final int[] moreCounts = new int[END];
    private final int[] distanceCounts = new int[DISTANCES];
    private final HuffmanCode literals = new HuffmanCode(LITERALS, MAX_CODE);
    private final HuffmanCode distances = new HuffmanCode(DISTANCES, MAX_CODE);
    private final HuffmanCode lengths = new HuffmanCode(LENGTHS, MAX_LENGTH_CODE);
    private final int[] lengthCounts = new int[LENGTHS];

    /// The description of both codes: a symbol of the third and its extra bits.
    private final int[] described = new int[LITERALS + DISTANCES];

    private int describedCount;

    private byte[] out = {};
    private int position;
    private long bits;
    private int bitCount;

    /// Bytes that a result can have at most.
    static int bound(int length) {
        return length + 8 * (length / PART + 2) + 64;
    }

    /// Compresses `in[from, to)`; what stands before it, the decompressor has seen. The result ends
    /// at a whole byte, and is not the end of the deflate data.
    ///
    /// @param target has room for [#bound] bytes
    /// @return bytes written
    int compress(byte[] in, int from, int to, byte[] target) {
        out = target;
        position = 0;
        bits = 0;
        bitCount = 0;
        Arrays.fill(table, NOWHERE);
        int start = Math.max(0, from - WINDOW);
        for (int at = start; at < from - MIN_MATCH; at += 2) {
            table[hash((int) INT.get(in, at))] = at;
        }
        int at = from;
        while (at < to) {
            int end = find(in, at, to);
            write(in, at, end);
            at = end;
        }
        if (bitCount > 0) {
            stored(in, 0, 0);
        }
        return position;
    }

    private static int hash(int four) {
        return four * HASH_FACTOR >>> 32 - HASH_BITS;
    }

    /// Finds the matches of the next part.
    ///
    /// @return where it ends
    private int find(byte[] in, int from, int to) {
        matchCount = 0;
        int end = Math.min(to, from + PART);
        int limit = end - Long.BYTES;
        int anchor = from;
        int at = from;
        while (at < limit) {
            int four = (int) INT.get(in, at);
            int slot = hash(four);
            int other = table[slot];
            table[slot] = at;
            if (at - other > WINDOW || (int) INT.get(in, other) != four) {
                at += 1 + Math.min(at - anchor >> PATIENCE, MAX_STEP - 1);
                continue;
            }
            int length = MIN_MATCH + same(in, at + MIN_MATCH, other + MIN_MATCH, end);
            while (length < SHORT && at + 1 < limit) {
                int next = at + 1;
                int four2 = (int) INT.get(in, next);
                int slot2 = hash(four2);
                int other2 = table[slot2];
                table[slot2] = next;
                if (next - other2 > WINDOW || (int) INT.get(in, other2) != four2) {
                    break;
                }
                int longer = MIN_MATCH + same(in, next + MIN_MATCH, other2 + MIN_MATCH, end);
                if (longer <= length) {
                    break;
                }
                at = next;
                other = other2;
                length = longer;
            }
            int begin = at;
            while (begin > anchor && other > 0 && in[begin - 1] == in[other - 1]) {
                begin--;
                other--;
                length++;
            }
            int distance = begin - other;
            int stop = begin + length;
            add(begin - anchor, length, distance);
            for (int known = at + 1; known < Math.min(stop, limit); known++) {
                table[hash((int) INT.get(in, known))] = known;
            }
            at = stop;
            anchor = stop;
        }
        return end;
    }

    /// How many bytes are the same from here on.
    private static int same(byte[] in, int here, int there, int end) {
        int at = here;
        int other = there;
        while (at + Long.BYTES <= end) {
            long difference = (long) LONG.get(in, at) ^ (long) LONG.get(in, other);
            if (difference != 0) {
                return at - here + (Long.numberOfTrailingZeros(difference) >> 3);
            }
            at += Long.BYTES;
            other += Long.BYTES;
        }
        while (at < end && in[at] == in[other]) {
            at++;
            other++;
        }
        return at - here;
    }

    private void add(int before, int length, int distance) {
        int run = before;
        int left = length;
        while (left > 0) {
            // What remains is never too short for a match of its own.
            int now =
                    left <= MAX_MATCH
                            ? left
                            : left >= MAX_MATCH + MIN_MATCH ? MAX_MATCH : left - MIN_MATCH;
            matches[matchCount++] = (long) run << 32 | (long) now << 16 | distance;
            run = 0;
            left -= now;
        }
    }

    private static int distanceSymbol(int distance) {
        return distance <= 256 ? NEAR[distance - 1] : FAR[distance - 1 >> 7];
    }

    // --- writing

    private void write(byte[] in, int from, int to) {
        long payload = count(in, from, to);
        int size = to - from;
        // Huffman's code of what is left over says at best how many bits it takes.
        literals.make(literalCounts);
        distances.make(distanceCounts);
        long size8 = 8L * size;
        payload += literals.cost(literalCounts) + distances.cost(distanceCounts);
        // A saving below one part in 128 is not worth the decompressor's time.
        if (payload >= size8 - (size8 >> 7)) {
            stored(in, from, to);
            return;
        }
        long header = describe();
        if (payload + header >= size8) {
            stored(in, from, to);
            return;
        }
        put(DYNAMIC << 1, 3);
        writeDescription();
        writeContent(in, from, to);
    }

    /// Counts all symbols.
    ///
    /// @return the extra bits
    private long count(byte[] in, int from, int to) {
        Arrays.fill(literalCounts, 0);
        Arrays.fill(moreCounts, 0);
        Arrays.fill(distanceCounts, 0);
        long extra = 0;
        int at = from;
        for (int i = 0; i < matchCount; i++) {
            long match = matches[i];
            int run = (int) (match >>> 32);
            int length = (int) (match >>> 16) & 0xFFFF;
            int symbol = distanceSymbol((int) match & 0xFFFF);
            countLiterals(in, at, at + run);
            literalCounts[END + 1 + LENGTH_SYMBOL[length]]++;
            distanceCounts[symbol]++;
            extra += LENGTH_EXTRA[length] + DISTANCE_EXTRA[symbol];
            at += run + length;
        }
        countLiterals(in, at, to);
        for (int i = 0; i < END; i++) {
            literalCounts[i] += moreCounts[i];
        }
        literalCounts[END] = 1;
        return extra;
    }

    /// In two tables, as equal neighbours would wait for each other.
    private void countLiterals(byte[] in, int from, int to) {
        int[] first = literalCounts;
        int[] second = moreCounts;
        int at = from;
        for (; at + 1 < to; at += 2) {
            first[in[at] & 0xFF]++;
            second[in[at + 1] & 0xFF]++;
        }
        if (at < to) {
            first[in[at] & 0xFF]++;
        }
    }

    /// Plain bytes; also none, which leads to a whole byte.
    private void stored(byte[] in, int from, int to) {
        int at = from;
        do {
            int size = Math.min(to - at, MAX_STORED);
            put(STORED << 1, 3);
            if (bitCount > 0) {
                put(0, 8 - bitCount);
            }
            put(size, 16);
            put(~size & 0xFFFF, 16);
            System.arraycopy(in, at, out, position, size);
            position += size;
            at += size;
        } while (at < to);
    }

    /// At most 32 bits. The target has room for what is written too much.
    private void put(int value, int count) {
        bits |= (long) value << bitCount;
        bitCount += count;
        flush();
    }

    private void flush() {
        LONG.set(out, position, bits);
        position += bitCount >>> 3;
        bits >>>= bitCount & 56;
        bitCount &= 7;
    }

    private void writeContent(byte[] in, int from, int to) {
        int at = from;
        for (int i = 0; i < matchCount; i++) {
            long match = matches[i];
            int run = (int) (match >>> 32);
            int length = (int) (match >>> 16) & 0xFFFF;
            int distance = (int) match & 0xFFFF;
            if (run > 0) {
                writeLiterals(in, at, at + run);
            }
            writeMatch(length, distance);
            at += run + length;
        }
        writeLiterals(in, at, to);
        put(literals.code(END), literals.length(END));
    }

    private void writeLiterals(byte[] in, int from, int to) {
        int[] packed = literals.packed();
        byte[] target = out;
        long pending = bits;
        int count = bitCount;
        int to4 = position;
        int at = from;
        for (; at + 3 < to; at += 4) {
            int first = packed[in[at] & 0xFF];
            pending |= (long) (first >>> 4) << count;
            count += first & 15;
            int second = packed[in[at + 1] & 0xFF];
            pending |= (long) (second >>> 4) << count;
            count += second & 15;
            int third = packed[in[at + 2] & 0xFF];
            pending |= (long) (third >>> 4) << count;
            count += third & 15;
            int fourth = packed[in[at + 3] & 0xFF];
            pending |= (long) (fourth >>> 4) << count;
            count += fourth & 15;
            LONG.set(target, to4, pending);
            to4 += count >>> 3;
            pending >>>= count & 56;
            count &= 7;
        }
        for (; at < to; at++) {
            int one = packed[in[at] & 0xFF];
            pending |= (long) (one >>> 4) << count;
            count += one & 15;
        }
        bits = pending;
        bitCount = count;
        position = to4;
        flush();
    }

    private void writeMatch(int length, int distance) {
        int symbol = LENGTH_SYMBOL[length];
        int code = literals.packed()[END + 1 + symbol];
        long pending = bits | (long) (code >>> 4) << bitCount;
        int count = bitCount + (code & 15);
        pending |= (long) (length - LENGTH_BASE[symbol]) << count;
        count += LENGTH_EXTRA[length];
        symbol = distanceSymbol(distance);
        code = distances.packed()[symbol];
        pending |= (long) (code >>> 4) << count;
        count += code & 15;
        pending |= (long) (distance - DISTANCE_BASE[symbol]) << count;
        count += DISTANCE_EXTRA[symbol];
        bits = pending;
        bitCount = count;
        flush();
    }

    // --- the description of the codes

    /// @return its size in bits
    private long describe() {
        Arrays.fill(lengthCounts, 0);
        describedCount = 0;
        int literalSize = literals.used(END + 1);
        int distanceSize = distances.used(1);
        int total = literalSize + distanceSize;
        long extra = 0;
        int at = 0;
        while (at < total) {
            int length = lengthAt(at, literalSize);
            int run = 1;
            while (at + run < total && lengthAt(at + run, literalSize) == length) {
                run++;
            }
            at += run;
            if (length > 0) {
                describe(length, 0);
                run--;
            }
            while (run >= 3) {
                int now;
                if (length > 0) {
                    now = Math.min(run, 6);
                    describe(16, now - 3);
                    extra += 2;
                } else if (run <= 10) {
                    now = run;
                    describe(17, now - 3);
                    extra += 3;
                } else {
                    now = Math.min(run, 138);
                    describe(18, now - 11);
                    extra += 7;
                }
                run -= now;
            }
            for (; run > 0; run--) {
                describe(length, 0);
            }
        }
        lengths.make(lengthCounts);
        return 3 + 14 + 3L * lengthSymbols() + extra + lengths.cost(lengthCounts);
    }

    private int lengthAt(int index, int literalSize) {
        return index < literalSize ? literals.length(index) : distances.length(index - literalSize);
    }

    private void describe(int symbol, int extra) {
        described[describedCount++] = symbol << 8 | extra;
        lengthCounts[symbol]++;
    }

    private int lengthSymbols() {
        int count = LENGTHS;
        while (count > 4 && lengths.length(LENGTH_ORDER[count - 1]) == 0) {
            count--;
        }
        return count;
    }

    private void writeDescription() {
        put(literals.used(END + 1) - 257, 5);
        put(distances.used(1) - 1, 5);
        int symbols = lengthSymbols();
        put(symbols - 4, 4);
        for (int i = 0; i < symbols; i++) {
            put(lengths.length(LENGTH_ORDER[i]), 3);
        }
        for (int i = 0; i < describedCount; i++) {
            int symbol = described[i] >>> 8;
            put(lengths.code(symbol), lengths.length(symbol));
            if (symbol >= 16) {
                put(described[i] & 0xFF, symbol == 16 ? 2 : symbol == 17 ? 3 : 7);
            }
        }
    }
}
