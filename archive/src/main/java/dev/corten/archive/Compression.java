package dev.corten.archive;

import dev.corten.model.NotImplemented;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.util.Arrays;

/// How a stream is compressed, told by its first bytes.
public enum Compression {
    NONE(),
    GZIP(0x1F, 0x8B, 0x08),
    ZSTD(0x28, 0xB5, 0x2F, 0xFD),
    BZIP2('B', 'Z', 'h'),
    XZ(0xFD, '7', 'z', 'X', 'Z', 0);

    /// Bytes that [#detect(byte[], int)] wants to see.
    public static final int MAGIC_LENGTH = 6;

    private final byte[] magic;

    Compression(int... magic) {
        this.magic = new byte[magic.length];
        for (int i = 0; i < magic.length; i++) {
            this.magic[i] = (byte) magic[i];
        }
    }

    /// @param head the stream's first bytes
    /// @param length how many of them there are
    public static Compression detect(byte[] head, int length) {
        for (var compression : values()) {
            int wanted = compression.magic.length;
            if (wanted > 0
                    && length >= wanted
                    && Arrays.equals(head, 0, wanted, compression.magic, 0, wanted)) {
                return compression;
            }
        }
        return NONE;
    }

    /// The plain bytes of a stream that may be compressed. [in] is read, not closed, and may be
    /// read beyond the compressed part.
    ///
    /// @throws NotImplemented for a compression that Corten knows but does not read
    public static InputStream open(InputStream in) throws IOException {
        byte[] head = in.readNBytes(MAGIC_LENGTH);
        var whole = new PushbackInputStream(in, MAGIC_LENGTH);
        whole.unread(head);
        return detect(head, head.length).decompress(whole);
    }

    private InputStream decompress(InputStream in) {
        return switch (this) {
            case NONE -> in;
            case GZIP -> new GzipInput(in);
            case ZSTD, BZIP2, XZ ->
                    throw new NotImplemented(
                            "archive is compressed with "
                                    + name().toLowerCase(java.util.Locale.ROOT)
                                    + ", which is not supported yet: use gzip or none");
        };
    }
}
