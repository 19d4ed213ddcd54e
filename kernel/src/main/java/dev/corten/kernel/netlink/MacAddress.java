package dev.corten.kernel.netlink;

import java.util.HexFormat;
import java.util.random.RandomGenerator;

/// An Ethernet address, in the low 48 bits.
public record MacAddress(long bits) {
    private static final int BYTES = 6;

    public MacAddress {
        if (bits >>> 48 != 0) {
            throw new IllegalArgumentException("more than 48 bits: " + Long.toHexString(bits));
        }
    }

    /// A random unicast address of the locally administered kind.
    public static MacAddress random(RandomGenerator random) {
        return new MacAddress((random.nextLong() & 0xFEFF_FFFF_FFFFL) | 0x0200_0000_0000L);
    }

    /// Reads `02:42:ac:11:00:02`, `02-42-ac-11-00-02` or `0242.ac11.0002`.
    ///
    /// @throws IllegalArgumentException if the text is something else
    public static MacAddress parse(String text) {
        HexFormat hex = HexFormat.of();
        if (text.indexOf('.') >= 0) {
            if (!text.matches("[^.]{4}\\.[^.]{4}\\.[^.]{4}")) {
                throw new IllegalArgumentException("MAC address \"" + text + "\"");
            }
            return of(hex.parseHex(text.replace(".", "")));
        }
        return of(hex.withDelimiter(text.indexOf('-') >= 0 ? "-" : ":").parseHex(text));
    }

    public static MacAddress of(byte[] bytes) {
        if (bytes.length != BYTES) {
            throw new IllegalArgumentException("a MAC address has 6 bytes, not " + bytes.length);
        }
        long bits = 0;
        for (byte b : bytes) {
            bits = bits << 8 | (b & 0xFF);
        }
        return new MacAddress(bits);
    }

    public byte[] bytes() {
        byte[] bytes = new byte[BYTES];
        for (int i = 0; i < BYTES; i++) {
            bytes[i] = (byte) (bits >>> (8 * (BYTES - 1 - i)));
        }
        return bytes;
    }

    @Override
    public String toString() {
        return HexFormat.ofDelimiter(":").formatHex(bytes());
    }
}
