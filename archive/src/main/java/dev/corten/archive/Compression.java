package dev.corten.archive;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;
import org.tukaani.xz.XZInputStream;

/// How a stream is compressed, told by its first bytes.
public enum Compression {
    NONE(""),
    GZIP("\u001F\u008B\b"),
    ZSTD("(\u00B5/\u00FD"),
    BZIP2("BZh"),
    XZ("\u00FD7zXZ\0");

    /// Bytes that [#detect(byte[], int)] wants to see.
    public static final int MAGIC_LENGTH = 6;

    /// What `xz -9` needs to decompress, twice.
    private static final int XZ_MEMORY_KIB = 128 << 10;

    /// A character for each byte.
    private final String magic;

    Compression(String magic) {
        this.magic = magic;
    }

    /// @param head the stream's first bytes
    /// @param length how many of them there are
    public static Compression detect(byte[] head, int length) {
        for (var compression : values()) {
            byte[] magic = compression.magic.getBytes(StandardCharsets.ISO_8859_1);
            if (magic.length > 0
                    && length >= magic.length
                    && Arrays.equals(head, 0, magic.length, magic, 0, magic.length)) {
                return compression;
            }
        }
        return NONE;
    }

    /// The plain bytes of a stream that may be compressed. [in] is read, not closed, and may be
    /// read beyond the compressed part.
    ///
    /// @throws java.util.zip.ZipException while it is read, if it is damaged
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
            case ZSTD -> {
                ZstdLibrary.find();
                yield new CodecInput(this, in, ZstdInputStreamNoFinalizer::new);
            }
            case BZIP2 ->
                    new CodecInput(this, in, from -> new BZip2CompressorInputStream(from, true));
            case XZ -> new CodecInput(this, in, from -> new XZInputStream(from, XZ_MEMORY_KIB));
        };
    }
}
