package dev.corten.archive;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// CRC-64 with the polynomial of ISO 3309: what a `tar-split.json.gz` says of each file.
public final class Crc64 {
    private static final long POLYNOMIAL = 0xD800000000000000L;
    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long[][] TABLES = tables();

    private long crc;

    /// Eight tables, so that eight bytes are taken at a time.
    private static long[][] tables() {
        var tables = new long[8][256];
        for (int i = 0; i < 256; i++) {
            long value = i;
            for (int bit = 0; bit < 8; bit++) {
                value = (value & 1) == 1 ? value >>> 1 ^ POLYNOMIAL : value >>> 1;
            }
            tables[0][i] = value;
        }
        for (int i = 0; i < 256; i++) {
            long value = tables[0][i];
            for (int table = 1; table < 8; table++) {
                value = tables[0][(int) (value & 0xFF)] ^ value >>> 8;
                tables[table][i] = value;
            }
        }
        return tables;
    }

    public void update(byte[] bytes, int offset, int length) {
        long[][] t = TABLES;
        long value = ~crc;
        int at = offset;
        int end = offset + length;
        for (; end - at >= 8; at += 8) {
            value ^= (long) LONGS.get(bytes, at);
            value =
                    t[7][(int) value & 0xFF]
                            ^ t[6][(int) (value >>> 8) & 0xFF]
                            ^ t[5][(int) (value >>> 16) & 0xFF]
                            ^ t[4][(int) (value >>> 24) & 0xFF]
                            ^ t[3][(int) (value >>> 32) & 0xFF]
                            ^ t[2][(int) (value >>> 40) & 0xFF]
                            ^ t[1][(int) (value >>> 48) & 0xFF]
                            ^ t[0][(int) (value >>> 56)];
        }
        for (; at < end; at++) {
            value = t[0][(int) (value ^ bytes[at]) & 0xFF] ^ value >>> 8;
        }
        crc = ~value;
    }

    public long value() {
        return crc;
    }

    public void reset() {
        crc = 0;
    }
}
