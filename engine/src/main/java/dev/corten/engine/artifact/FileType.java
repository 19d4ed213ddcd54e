package dev.corten.engine.artifact;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

/// What a file is, by its first bytes, as far as the WHATWG's "MIME Sniffing Standard" goes and
/// Podman with it.
final class FileType {
    /// How much of a file is looked at.
    static final int HEAD = 512;

    static final String BINARY = "application/octet-stream";
    private static final String TEXT = "text/plain; charset=utf-8";

    /// First bytes, a character for each.
    private record Magic(int offset, String bytes, String type) {
        boolean matches(String head) {
            return head.startsWith(bytes, offset);
        }
    }

    private static final List<Magic> MAGICS =
            List.of(
                    new Magic(0, "%PDF-", "application/pdf"),
                    new Magic(0, "%!PS-Adobe-", "application/postscript"),
                    new Magic(0, "\u00FE\u00FF", "text/plain; charset=utf-16be"),
                    new Magic(0, "\u00FF\u00FE", "text/plain; charset=utf-16le"),
                    new Magic(0, "\u00EF\u00BB\u00BF", TEXT),
                    new Magic(0, "\0\0\1\0", "image/x-icon"),
                    new Magic(0, "BM", "image/bmp"),
                    new Magic(0, "GIF87a", "image/gif"),
                    new Magic(0, "GIF89a", "image/gif"),
                    new Magic(8, "WEBPVP", "image/webp"),
                    new Magic(0, "\u0089PNG\r\n\u001A\n", "image/png"),
                    new Magic(0, "\u00FF\u00D8\u00FF", "image/jpeg"),
                    new Magic(0, "ID3", "audio/mpeg"),
                    new Magic(0, "OggS\0", "application/ogg"),
                    new Magic(8, "AVI ", "video/avi"),
                    new Magic(8, "WAVE", "audio/wave"),
                    new Magic(0, "\u001AE\u00DF\u00A3", "video/webm"),
                    new Magic(0, "\0\1\0\0", "font/ttf"),
                    new Magic(0, "OTTO", "font/otf"),
                    new Magic(0, "wOFF", "font/woff"),
                    new Magic(0, "wOF2", "font/woff2"),
                    new Magic(0, "\u001F\u008B\b", "application/x-gzip"),
                    new Magic(0, "PK\3\4", "application/zip"),
                    new Magic(0, "Rar!\u001A\7", "application/x-rar-compressed"),
                    new Magic(0, "\0asm", "application/wasm"));

    private static final List<String> HTML =
            List.of(
                    "<!doctype html",
                    "<html",
                    "<head",
                    "<script",
                    "<iframe",
                    "<h1",
                    "<div",
                    "<font",
                    "<table",
                    "<a",
                    "<style",
                    "<title",
                    "<b",
                    "<body",
                    "<br",
                    "<p");

    private FileType() {}

    /// @param head the first bytes, all of a short file
    static String of(byte[] head) {
        String bytes = new String(head, StandardCharsets.ISO_8859_1);
        String text = bytes.stripLeading().toLowerCase(Locale.ROOT);
        for (String tag : HTML) {
            if (text.startsWith(tag)
                    && text.length() > tag.length()
                    && " >".indexOf(text.charAt(tag.length())) >= 0) {
                return "text/html; charset=utf-8";
            }
        }
        if (text.startsWith("<!--")) {
            return "text/html; charset=utf-8";
        }
        if (text.startsWith("<?xml")) {
            return "text/xml; charset=utf-8";
        }
        for (Magic magic : MAGICS) {
            if (magic.matches(bytes)) {
                return magic.type;
            }
        }
        return bytes.chars().anyMatch(FileType::isBinary) ? BINARY : TEXT;
    }

    private static boolean isBinary(int c) {
        return c <= 0x08 || c == 0x0B || (c >= 0x0E && c <= 0x1A) || (c >= 0x1C && c <= 0x1F);
    }
}
