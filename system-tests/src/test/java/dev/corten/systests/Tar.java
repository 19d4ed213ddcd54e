package dev.corten.systests;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;

/// Writes tar archives entry by entry, also such as no tar program would make.
final class Tar {
    private static final int BLOCK = 512;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    Tar file(String name, byte[] content, int mode) {
        return entry(name.getBytes(UTF_8), '0', mode, "", content);
    }

    Tar file(String name, String content) {
        return file(name, content.getBytes(UTF_8), 0644);
    }

    /// A name of bytes, each a character of `name`.
    Tar rawFile(String name, String content) {
        return entry(name.getBytes(ISO_8859_1), '0', 0644, "", content.getBytes(UTF_8));
    }

    Tar directory(String name, int mode) {
        return entry((name + "/").getBytes(UTF_8), '5', mode, "", new byte[0]);
    }

    Tar symlink(String name, String target) {
        return entry(name.getBytes(UTF_8), '2', 0777, target, new byte[0]);
    }

    Tar hardLink(String name, String target) {
        return entry(name.getBytes(UTF_8), '1', 0644, target, new byte[0]);
    }

    private Tar entry(byte[] name, char type, int mode, String link, byte[] content) {
        if (name.length > 100) {
            throw new IllegalArgumentException("a name of " + name.length + " bytes");
        }
        byte[] header = new byte[BLOCK];
        put(header, 0, name);
        put(header, 100, "%07o".formatted(mode));
        put(header, 108, "%07o".formatted(0));
        put(header, 116, "%07o".formatted(0));
        put(header, 124, "%011o".formatted(content.length));
        put(header, 136, "%011o".formatted(1_700_000_000));
        put(header, 148, "        ");
        header[156] = (byte) type;
        put(header, 157, link.getBytes(UTF_8));
        put(header, 257, "ustar");
        put(header, 263, "00");
        int sum = 0;
        for (byte b : header) {
            sum += b & 0xff;
        }
        put(header, 148, "%06o\0 ".formatted(sum));
        out.writeBytes(header);
        out.writeBytes(content);
        out.writeBytes(new byte[(BLOCK - content.length % BLOCK) % BLOCK]);
        return this;
    }

    private static void put(byte[] header, int at, String text) {
        put(header, at, text.getBytes(ISO_8859_1));
    }

    private static void put(byte[] header, int at, byte[] bytes) {
        System.arraycopy(bytes, 0, header, at, bytes.length);
    }

    byte[] bytes() {
        var whole = new ByteArrayOutputStream();
        whole.writeBytes(out.toByteArray());
        whole.writeBytes(new byte[2 * BLOCK]);
        return whole.toByteArray();
    }
}
