package dev.corten.archive;

import dev.corten.archive.TarEntry.Extent;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// Where in a file its stored bytes lie, from any of GNU's ways to say so. At most
/// [TarReader#MAX_EXTENTS] extents.
///
/// @param stored bytes in the archive that are the file's
/// @param extents empty for a file without holes
record SparseMap(long size, long stored, List<Extent> extents) {
    static SparseMap whole(long size) {
        return new SparseMap(size, size, List.of());
    }

    /// The old GNU format: a map in the header and in the blocks that follow it.
    static SparseMap ofGnu(TarInput in, int at, long stored) throws IOException {
        byte[] buffer = in.buffer();
        long size = TarBlock.number(buffer, at + TarBlock.SPARSE_REAL_SIZE, 12);
        var pairs = new ArrayList<Long>();
        entries(buffer, at + TarBlock.SPARSE, TarBlock.SPARSE_IN_HEADER, pairs);
        boolean more = buffer[at + TarBlock.SPARSE_EXTENDED] != 0;
        in.consume();
        while (more) {
            int block = in.block();
            if (block < 0) {
                throw TarInput.cutShort();
            }
            entries(buffer, block, TarBlock.SPARSE_IN_EXTENSION, pairs);
            more = buffer[block + TarBlock.SPARSE_EXTENSION_EXTENDED] != 0;
            in.consume();
        }
        return checked(size, stored, pairs);
    }

    private static void entries(byte[] buffer, int at, int count, List<Long> pairs)
            throws TarFormatException {
        for (int i = 0; i < count && buffer[at + i * 24] != 0; i++) {
            pairs.add(TarBlock.number(buffer, at + i * 24, 12));
            pairs.add(TarBlock.number(buffer, at + i * 24 + 12, 12));
            checkExtents(pairs);
        }
    }

    static SparseMap ofPax(TarInput in, PaxRecords pax, long stored) throws IOException {
        if (pax.number("GNU.sparse.major", 0) == 1) {
            return inData(in, pax.number("GNU.sparse.realsize", stored), stored);
        }
        if (pax.sparsePairs().isEmpty() && !pax.has("GNU.sparse.numblocks")) {
            return whole(stored);
        }
        checkExtents(pax.sparsePairs());
        return checked(pax.number("GNU.sparse.size", stored), stored, pax.sparsePairs());
    }

    /// Format 1.0: the data begins with decimal lines (their count first), padded to a block.
    private static SparseMap inData(TarInput in, long size, long stored) throws IOException {
        byte[] buffer = in.buffer();
        var pairs = new ArrayList<Long>();
        long used = 0;
        long wanted = -1;
        long number = -1;
        while (wanted != 0) {
            int at = in.block();
            used += TarBlock.SIZE;
            if (at < 0 || used > stored) {
                throw new TarFormatException("malformed GNU sparse map");
            }
            for (int i = at; i < at + TarBlock.SIZE && wanted != 0; i++) {
                int digit = buffer[i] - '0';
                if (buffer[i] != '\n') {
                    if (digit < 0 || digit > 9 || number > Long.MAX_VALUE / 100) {
                        throw new TarFormatException("malformed GNU sparse map");
                    }
                    number = Math.max(number, 0) * 10 + digit;
                } else if (number < 0) {
                    throw new TarFormatException("malformed GNU sparse map");
                } else if (wanted < 0) {
                    if (number > TarReader.MAX_EXTENTS) {
                        throw tooManyExtents();
                    }
                    wanted = 2 * number;
                    number = -1;
                } else {
                    pairs.add(number);
                    wanted--;
                    number = -1;
                }
            }
            in.consume();
        }
        return checked(size, stored - used, pairs);
    }

    private static void checkExtents(List<Long> pairs) throws TarFormatException {
        if (pairs.size() > 2 * TarReader.MAX_EXTENTS) {
            throw tooManyExtents();
        }
    }

    private static TarFormatException tooManyExtents() {
        return new TarFormatException(
                "sparse file has more than " + TarReader.MAX_EXTENTS + " extents");
    }

    private static SparseMap checked(long size, long stored, List<Long> pairs)
            throws TarFormatException {
        var extents = new ArrayList<Extent>();
        long end = 0;
        long sum = 0;
        if (pairs.size() % 2 != 0 || size < 0) {
            throw new TarFormatException("malformed GNU sparse map");
        }
        for (int i = 0; i < pairs.size(); i += 2) {
            long offset = pairs.get(i);
            long length = pairs.get(i + 1);
            if (offset < end || length < 0 || length > size - offset) {
                throw new TarFormatException("malformed GNU sparse map");
            }
            end = offset + length;
            sum += length;
            if (length > 0) {
                extents.add(new Extent(offset, length));
            }
        }
        if (sum != stored) {
            throw new TarFormatException("GNU sparse map does not match the data");
        }
        // A file that is one hole: an extent of nothing at its end keeps it apart from a plain one.
        if (extents.isEmpty() && size > 0) {
            extents.add(new Extent(size, 0));
        }
        return new SparseMap(size, stored, extents);
    }
}
