package dev.corten.build.cache;

import dev.corten.model.Digest;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/// IDs of what is kept: they look like BuildKit's, and follow from what it is.
final class Names {
    private static final int LENGTH = 25;
    private static final int BYTES = 16;

    private Names() {}

    static String of(String kind, String what) {
        Digest digest = Digest.of((kind + "\n" + what).getBytes(StandardCharsets.UTF_8));
        byte[] bytes = HexFormat.of().parseHex(digest.hex().substring(0, 2 * BYTES));
        String text = new BigInteger(1, bytes).toString(Character.MAX_RADIX);
        return "0".repeat(Math.max(0, LENGTH - text.length())) + text;
    }
}
