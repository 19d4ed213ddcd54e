package dev.corten.cli.build.context;

/// Numbers by the numbers of inodes, in little memory: a directory may have a million files that are
/// linked from elsewhere.
final class InodeTable {
    private static final int FREE = -1;

    private long[] inodes = new long[64];
    private int[] values = free(64);
    private int count;

    private static int[] free(int size) {
        var values = new int[size];
        java.util.Arrays.fill(values, FREE);
        return values;
    }

    /// @param value not negative
    /// @return what was there; negative if nothing was
    int putIfAbsent(long inode, int value) {
        int at = find(inode);
        if (values[at] != FREE) {
            return values[at];
        }
        inodes[at] = inode;
        values[at] = value;
        count++;
        if (count > values.length / 2) {
            grow();
        }
        return FREE;
    }

    private int find(long inode) {
        int mask = values.length - 1;
        int at = Long.hashCode(inode * 0x9E3779B97F4A7C15L) & mask;
        while (values[at] != FREE && inodes[at] != inode) {
            at = at + 1 & mask;
        }
        return at;
    }

    private void grow() {
        long[] before = inodes;
        int[] were = values;
        inodes = new long[before.length * 2];
        values = free(were.length * 2);
        for (int i = 0; i < were.length; i++) {
            if (were[i] != FREE) {
                int at = find(before[i]);
                inodes[at] = before[i];
                values[at] = were[i];
            }
        }
    }
}
