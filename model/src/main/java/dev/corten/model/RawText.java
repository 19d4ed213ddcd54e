package dev.corten.model;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/// Text that came from the kernel or goes to it: arguments and environment.
///
/// The kernel knows bytes, the API knows Unicode. Bytes that are not UTF-8 travel as the lone
/// surrogates U+DC80 to U+DCFF, one for each byte (the scheme of PEP 383), so that decoding and
/// encoding are exact inverses for every byte sequence.
public final class RawText {
    private RawText() {}

    /// The text of these bytes; bytes that are no UTF-8 become lone surrogates.
    public static String decode(byte[] bytes) {
        var text = new StringBuilder(bytes.length);
        int i = 0;
        while (i < bytes.length) {
            int length = sequenceLength(bytes, i);
            if (length == 1) {
                text.append((char) bytes[i]);
                i++;
            } else if (length == 0) {
                text.append((char) (0xDC00 + (bytes[i] & 0xFF)));
                i++;
            } else {
                text.append(new String(bytes, i, length, StandardCharsets.UTF_8));
                i += length;
            }
        }
        return text.toString();
    }

    /// The bytes of this text; the inverse of [#decode]. A lone surrogate outside U+DC80 to U+DCFF
    /// becomes the bytes of U+FFFD.
    public static byte[] encode(String text) {
        var bytes = new ByteArrayOutputStream(text.length() + 16);
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            i += Character.charCount(c);
            if (c >= 0xDC80 && c <= 0xDCFF) {
                bytes.write(c - 0xDC00);
            } else if (c >= 0xD800 && c <= 0xDFFF) {
                bytes.writeBytes("\uFFFD".getBytes(StandardCharsets.UTF_8));
            } else {
                bytes.writeBytes(Character.toString(c).getBytes(StandardCharsets.UTF_8));
            }
        }
        return bytes.toByteArray();
    }

    /// The length of the well-formed UTF-8 sequence at [from], or 0 (Unicode 15, table 3-7).
    private static int sequenceLength(byte[] b, int from) {
        int lead = b[from] & 0xFF;
        if (lead < 0x80) {
            return 1;
        }
        int length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
        if (lead < 0xC2 || lead > 0xF4 || from + length > b.length) {
            return 0;
        }
        for (int i = 1; i < length; i++) {
            if ((b[from + i] & 0xC0) != 0x80) {
                return 0;
            }
        }
        int second = b[from + 1] & 0xFF;
        boolean overlong = (lead == 0xE0 && second < 0xA0) || (lead == 0xF0 && second < 0x90);
        boolean surrogate = lead == 0xED && second > 0x9F;
        boolean tooLarge = lead == 0xF4 && second > 0x8F;
        return overlong || surrogate || tooLarge ? 0 : length;
    }
}
