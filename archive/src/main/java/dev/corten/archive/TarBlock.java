package dev.corten.archive;

import java.util.Arrays;

/// The fields of a 512-byte header block: POSIX ustar, GNU's and star's variants of it.
/// Offsets are those of `tar.h` (POSIX.1-2017, pax, "ustar Interchange Format") and of GNU tar's
/// manual, "Basic Tar Format".
final class TarBlock {
    static final int SIZE = 512;

    static final int NAME = 0;
    static final int NAME_LENGTH = 100;
    static final int MODE = 100;
    static final int UID = 108;
    static final int GID = 116;
    static final int SIZE_FIELD = 124;
    static final int MTIME = 136;
    static final int CHECKSUM = 148;
    static final int TYPE = 156;
    static final int LINK = 157;
    static final int MAGIC = 257;
    static final int DEVICE_MAJOR = 329;
    static final int DEVICE_MINOR = 337;
    static final int PREFIX = 345;
    static final int PREFIX_LENGTH = 155;

    /// star keeps atime and ctime behind a shorter prefix.
    static final int STAR_PREFIX_LENGTH = 131;

    static final int STAR_MAGIC = 508;
    static final int SPARSE = 386;
    static final int SPARSE_IN_HEADER = 4;
    static final int SPARSE_EXTENDED = 482;
    static final int SPARSE_REAL_SIZE = 483;
    static final int SPARSE_IN_EXTENSION = 21;
    static final int SPARSE_EXTENSION_EXTENDED = 504;

    private TarBlock() {}

    static boolean isZero(byte[] block, int at) {
        return Arrays.mismatch(block, at, at + SIZE, ZEROS, 0, SIZE) < 0;
    }

    static final byte[] ZEROS = new byte[SIZE];

    /// Some historic writers summed signed bytes; both sums are taken.
    static boolean checksumHolds(byte[] block, int at) throws TarFormatException {
        long unsigned = 0;
        long signed = 0;
        for (int i = 0; i < SIZE; i++) {
            boolean own = i >= CHECKSUM && i < CHECKSUM + 8;
            byte b = own ? (byte) ' ' : block[at + i];
            unsigned += b & 0xFF;
            signed += b;
        }
        long stated = octal(block, at + CHECKSUM, 8);
        return stated == unsigned || stated == signed;
    }

    /// Bytes up to the first NUL.
    static byte[] text(byte[] block, int from, int length) {
        int end = from;
        while (end < from + length && block[end] != 0) {
            end++;
        }
        return Arrays.copyOfRange(block, from, end);
    }

    /// Octal digits, or GNU's base-256 if the first bit is set (a negative one if the second is
    /// too).
    static long number(byte[] block, int from, int length) throws TarFormatException {
        if ((block[from] & 0x80) == 0) {
            return octal(block, from, length);
        }
        boolean negative = (block[from] & 0x40) != 0;
        int fill = negative ? 0xFF : 0;
        long value = negative ? -1 : 0;
        for (int i = 0; i < length; i++) {
            int b = block[from + i] & 0xFF;
            if (i == 0) {
                b = negative ? b : b & 0x7F;
            }
            boolean beyond = length - i > 8;
            if (beyond && b != fill) {
                throw new TarFormatException("number in tar header does not fit 64 bits");
            }
            if (!beyond) {
                value = (value << 8) | b;
            }
        }
        if (negative != value < 0) {
            throw new TarFormatException("number in tar header does not fit 64 bits");
        }
        return value;
    }

    private static long octal(byte[] block, int from, int length) throws TarFormatException {
        int i = from;
        int end = from + length;
        while (i < end && (block[i] == ' ' || block[i] == 0)) {
            i++;
        }
        long value = 0;
        for (; i < end && block[i] != ' ' && block[i] != 0; i++) {
            int digit = block[i] - '0';
            if (digit < 0 || digit > 7) {
                throw new TarFormatException("malformed number in tar header");
            }
            value = (value << 3) | digit;
        }
        return value;
    }
}
