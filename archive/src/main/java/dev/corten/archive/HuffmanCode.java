package dev.corten.archive;

import java.util.Arrays;

/// A Huffman code as deflate (RFC 1951, 3.2.2) has them: made for symbols that occur so often, no
/// code longer than a limit.
final class HuffmanCode {
    private static final int SYMBOL_BITS = 9;

    /// Of a code without a limit: more than any count here can lead to.
    private static final int DEEPEST = 32;

    private final int limit;

    /// For each symbol: the code's bits, the first one lowest, and in the lower four how many.
    private final int[] packed;

    /// Symbols that occur, the rarest first, each with how often.
    private final long[] sorted;

    private final int[] tree;
    private final int[] ofLength = new int[DEEPEST + 1];
    private final int[] next = new int[DEEPEST + 1];

    /// @param limit at most 15
    HuffmanCode(int symbols, int limit) {
        this.limit = limit;
        packed = new int[symbols];
        sorted = new long[symbols];
        tree = new int[symbols];
    }

    int[] packed() {
        return packed;
    }

    int code(int symbol) {
        return packed[symbol] >>> 4;
    }

    int length(int symbol) {
        return packed[symbol] & 15;
    }

    /// Symbols up to the last one that has a code.
    int used(int least) {
        int count = packed.length;
        while (count > least && packed[count - 1] == 0) {
            count--;
        }
        return count;
    }

    /// Bits that all occurrences take.
    long cost(int[] counts) {
        long cost = 0;
        for (int symbol = 0; symbol < packed.length; symbol++) {
            cost += (long) counts[symbol] * length(symbol);
        }
        return cost;
    }

    /// At least two symbols get a code: some decompressors want it complete.
    ///
    /// @param counts adds up to less than 2^31
    void make(int[] counts) {
        int count = 0;
        for (int symbol = 0; symbol < packed.length; symbol++) {
            if (counts[symbol] > 0) {
                sorted[count++] = (long) counts[symbol] << SYMBOL_BITS | symbol;
            }
        }
        for (int symbol = 0; count < 2; symbol++) {
            if (counts[symbol] == 0) {
                sorted[count++] = symbol;
            }
        }
        Arrays.sort(sorted, 0, count);
        depths(count);
        limit(count);
        assign(count);
    }

    /// Moffat and Katajainen, "In-place calculation of minimum-redundancy codes": afterwards the
    /// tree has the length of each symbol's code.
    private void depths(int count) {
        for (int i = 0; i < count; i++) {
            tree[i] = (int) (sorted[i] >>> SYMBOL_BITS);
        }
        tree[0] += tree[1];
        int root = 0;
        int leaf = 2;
        for (int node = 1; node < count - 1; node++) {
            if (leaf >= count || tree[root] < tree[leaf]) {
                tree[node] = tree[root];
                tree[root++] = node;
            } else {
                tree[node] = tree[leaf++];
            }
            if (leaf >= count || root < node && tree[root] < tree[leaf]) {
                tree[node] += tree[root];
                tree[root++] = node;
            } else {
                tree[node] += tree[leaf++];
            }
        }
        tree[count - 2] = 0;
        for (int node = count - 3; node >= 0; node--) {
            tree[node] = tree[tree[node]] + 1;
        }
        int free = 1;
        int used = 0;
        int depth = 0;
        int inner = count - 2;
        int at = count - 1;
        while (free > 0) {
            while (inner >= 0 && tree[inner] == depth) {
                used++;
                inner--;
            }
            while (free > used) {
                tree[at--] = depth;
                free--;
            }
            free = 2 * used;
            depth++;
            used = 0;
        }
    }

    /// Shortens what is too long, and lengthens others until the code is complete again.
    private void limit(int count) {
        Arrays.fill(ofLength, 0);
        for (int i = 0; i < count; i++) {
            ofLength[Math.min(tree[i], limit)]++;
        }
        long taken = 0;
        for (int length = 1; length <= limit; length++) {
            taken += (long) ofLength[length] << limit - length;
        }
        while (taken > 1L << limit) {
            ofLength[limit]--;
            int length = limit - 1;
            while (ofLength[length] == 0) {
                length--;
            }
            ofLength[length]--;
            ofLength[length + 1] += 2;
            taken--;
        }
    }

    private void assign(int count) {
        Arrays.fill(packed, 0);
        int code = 0;
        for (int length = 1; length <= limit; length++) {
            code = code + ofLength[length - 1] << 1;
            next[length] = code;
        }
        // The most frequent get the shortest.
        int at = count;
        for (int length = 1; length <= limit; length++) {
            for (int i = 0; i < ofLength[length]; i++) {
                packed[(int) sorted[--at] & (1 << SYMBOL_BITS) - 1] = length;
            }
        }
        for (int symbol = 0; symbol < packed.length; symbol++) {
            int length = packed[symbol];
            if (length > 0) {
                int reversed = Integer.reverse(next[length]++) >>> 32 - length;
                packed[symbol] = reversed << 4 | length;
            }
        }
    }
}
