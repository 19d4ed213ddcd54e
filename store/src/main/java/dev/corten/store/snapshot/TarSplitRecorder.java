package dev.corten.store.snapshot;

import dev.corten.archive.Crc64;
import dev.corten.archive.TarEntry;
import dev.corten.archive.TarTap;
import dev.corten.model.PathBytes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Base64;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/// Writes a [TarSplit] while a tar is unpacked.
final class TarSplitRecorder implements TarTap, AutoCloseable {
    /// Of what stands between two files; more is several segments.
    private static final int MAX_SEGMENT = 64 << 10;

    private final OutputStream out;
    private final ByteArrayOutputStream segment = new ByteArrayOutputStream();
    private final Crc64 crc = new Crc64();
    private @Nullable TarEntry entry;
    private long seen;
    private long position;
    private long tarSize;
    private boolean possible = true;

    TarSplitRecorder(Path file) throws IOException {
        this.out =
                new GZIPOutputStream(
                        Files.newOutputStream(
                                file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                        16 << 10) {
                    {
                        def.setLevel(Deflater.BEST_SPEED);
                    }
                };
    }

    @Override
    public void entry(TarEntry next) throws IOException {
        endFile();
        entry = next;
        seen = 0;
        crc.reset();
    }

    @Override
    public void data(byte[] bytes, int offset, int length) throws IOException {
        if (seen == 0) {
            endSegment();
        }
        seen += length;
        crc.update(bytes, offset, length);
        tarSize += length;
    }

    @Override
    public void other(byte[] bytes, int offset, int length) throws IOException {
        endFile();
        tarSize += length;
        int at = offset;
        int left = length;
        while (left > 0) {
            int step = Math.min(left, MAX_SEGMENT - segment.size());
            segment.write(bytes, at, step);
            at += step;
            left -= step;
            if (segment.size() == MAX_SEGMENT) {
                endSegment();
            }
        }
    }

    private void endFile() throws IOException {
        if (seen > 0 && entry != null) {
            // A part of a file is nowhere, and a sparse one is not in the tar as it is on disk.
            possible &= seen == entry.size() && entry.extents().isEmpty();
            line(
                    "{\"type\":1,"
                            + name(entry.name())
                            + ",\"size\":"
                            + seen
                            + ",\"payload\":\""
                            + base64(checksum())
                            + "\",\"position\":"
                            + position++
                            + "}\n");
        }
        seen = 0;
    }

    private byte[] checksum() {
        byte[] bytes = new byte[8];
        for (int i = 0; i < 8; i++) {
            bytes[i] = (byte) (crc.value() >>> 56 - 8 * i);
        }
        return bytes;
    }

    private void endSegment() throws IOException {
        if (segment.size() > 0) {
            line(
                    "{\"type\":2,\"payload\":\""
                            + base64(segment.toByteArray())
                            + "\",\"position\":"
                            + position++
                            + "}\n");
            segment.reset();
        }
    }

    private void line(String text) throws IOException {
        if (possible) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }
    }

    private static String name(PathBytes name) {
        String text = name.toString();
        boolean plain =
                text.chars().allMatch(c -> c >= ' ' && c != '"' && c != '\\' && c != 0x7F)
                        && Arrays.equals(text.getBytes(StandardCharsets.UTF_8), name.bytes());
        return plain
                ? "\"name\":\"" + text + "\""
                : "\"name_raw\":\"" + base64(name.bytes()) + "\"";
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    /// After the tar's end.
    ///
    /// @return whether what was written makes the tar again, if all its files are there
    boolean finish() throws IOException {
        endFile();
        endSegment();
        out.close();
        return possible;
    }

    /// Bytes of the tar.
    long tarSize() {
        return tarSize;
    }

    @Override
    public void close() throws IOException {
        out.close();
    }
}
