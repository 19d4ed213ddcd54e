package dev.corten.kernel.nft;

import java.util.List;

/// The type of a set's key or of a map's values: one or several fields.
///
/// Every field of a concatenation takes a multiple of four bytes, as the registers do.
///
/// @param number libnftables' number, six bits for each field
/// @param length in bytes
public record NftType(int number, int length) {
    public static final NftType IPV4_ADDRESS = new NftType(7, 4);
    public static final NftType IPV6_ADDRESS = new NftType(8, 16);
    public static final NftType PROTOCOL = new NftType(12, 1);
    public static final NftType SERVICE = new NftType(13, 2);
    public static final NftType INTERFACE_NAME = new NftType(41, 16);

    /// The values of a verdict map.
    public static final NftType VERDICT = new NftType(0xFFFF_FF00, 0);

    private static final int BITS_PER_FIELD = 6;

    /// The type of a concatenated key, such as `ipv4_addr . ifname`.
    public static NftType concatenation(NftType... fields) {
        int number = 0;
        int length = 0;
        for (NftType field : List.of(fields)) {
            number = number << BITS_PER_FIELD | field.number;
            length += field.paddedLength();
        }
        return new NftType(number, length);
    }

    int paddedLength() {
        return (length + 3) & ~3;
    }
}
