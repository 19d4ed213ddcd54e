package dev.corten.cli.text;

/// Texts cut and quoted for columns.
public final class Texts {
    private Texts() {}

    /// At most [width] columns; what is longer ends in an ellipsis.
    public static String ellipsis(String text, int width) {
        int columns = 0;
        int cut = 0;
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            columns += isWide(c) ? 2 : 1;
            if (columns > width) {
                return text.substring(0, cut) + "…";
            }
            i += Character.charCount(c);
            if (columns <= width - 1) {
                cut = i;
            }
        }
        return text;
    }

    /// Takes two columns of a terminal (East Asian Wide and Fullwidth).
    private static boolean isWide(int c) {
        return (c >= 0x1100 && c <= 0x115F)
                || (c >= 0x2E80 && c <= 0xA4CF)
                || (c >= 0xAC00 && c <= 0xD7A3)
                || (c >= 0xF900 && c <= 0xFAFF)
                || (c >= 0xFE30 && c <= 0xFE6F)
                || (c >= 0xFF00 && c <= 0xFF60)
                || (c >= 0xFFE0 && c <= 0xFFE6)
                || (c >= 0x1F300 && c <= 0x1FAFF)
                || (c >= 0x20000 && c <= 0x3FFFD);
    }

    /// The first twelve digits of an ID, without the name of its algorithm.
    public static String shortId(String id) {
        int colon = id.indexOf(':');
        String hex = id.substring(colon + 1);
        return hex.length() > 12 ? hex.substring(0, 12) : hex;
    }
}
