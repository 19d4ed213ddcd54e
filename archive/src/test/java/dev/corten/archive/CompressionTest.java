package dev.corten.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

class CompressionTest {
    private static final byte[] PLAIN = text(700_001);

    /// Half of it repeats.
    private static byte[] text(int length) {
        byte[] bytes = new byte[length];
        new Random(1).nextBytes(bytes);
        for (int i = 0; i + 100 < length; i += 100) {
            Arrays.fill(bytes, i, i + 50, (byte) 'x');
        }
        return bytes;
    }

    @ParameterizedTest
    @EnumSource(Compression.class)
    void readsAllAndFindsDamage(Compression compression) throws IOException {
        byte[] packed = packed(compression, PLAIN);
        assertThat(Compression.detect(packed, packed.length)).isEqualTo(compression);
        assertThat(read(packed)).isEqualTo(PLAIN);
        if (compression == Compression.NONE) {
            return;
        }
        assertThatThrownBy(() -> read(Arrays.copyOf(packed, packed.length / 2)))
                .isInstanceOf(IOException.class);
        byte[] damaged = packed.clone();
        damaged[packed.length / 2] ^= 0x55;
        assertThatThrownBy(() -> read(damaged)).isInstanceOf(java.util.zip.ZipException.class);
        if (compression != Compression.XZ) {
            byte[] twice = Arrays.copyOf(packed, 2 * packed.length);
            System.arraycopy(packed, 0, twice, packed.length, packed.length);
            assertThat(read(twice)).hasSize(2 * PLAIN.length);
        }
    }

    @ParameterizedTest
    @EnumSource(Compression.class)
    void whatGoesWrongBelowIsNoDamage(Compression compression) throws IOException {
        var gone = new IOException("the network is gone");
        byte[] packed = packed(compression, PLAIN);
        var source =
                new FilterInputStream(new ByteArrayInputStream(packed, 0, packed.length / 2)) {
                    @Override
                    public int read(byte[] target, int offset, int length) throws IOException {
                        int got = in.read(target, offset, length);
                        if (got < 0) {
                            throw gone;
                        }
                        return got;
                    }

                    @Override
                    public int read() throws IOException {
                        int got = in.read();
                        if (got < 0) {
                            throw gone;
                        }
                        return got;
                    }
                };
        assertThatThrownBy(() -> Compression.open(source).readAllBytes()).isSameAs(gone);
    }

    private static byte[] read(byte[] packed) throws IOException {
        try (InputStream in = Compression.open(new ByteArrayInputStream(packed))) {
            return in.readAllBytes();
        }
    }

    private static byte[] packed(Compression compression, byte[] plain) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (OutputStream out =
                switch (compression) {
                    case NONE -> bytes;
                    case GZIP -> new java.util.zip.GZIPOutputStream(bytes);
                    case ZSTD -> new ZstdOutput(bytes, 3);
                    case BZIP2 -> new BZip2CompressorOutputStream(bytes);
                    case XZ -> new XZOutputStream(bytes, new LZMA2Options(1));
                }) {
            out.write(plain);
        }
        return bytes.toByteArray();
    }

    @Test
    void parallelGzipIsTheSameHoweverItIsWritten() throws IOException {
        byte[] one = gzip(1, 1, PLAIN, PLAIN.length);
        assertThat(gzip(4, 9, PLAIN, 1000)).isEqualTo(one);
        assertThat(new GZIPInputStream(new ByteArrayInputStream(one)).readAllBytes())
                .isEqualTo(PLAIN);
        assertThat(read(one)).isEqualTo(PLAIN);
        var memory = new GzipOutput.Memory();
        for (int length : new int[] {0, 1, 126 << 10, (126 << 10) + 1, 252 << 10}) {
            byte[] part = Arrays.copyOf(PLAIN, length);
            assertThat(read(gzip(2, 2, part, 5000, memory))).isEqualTo(part);
        }
    }

    private static byte[] gzip(int threads, int ahead, byte[] plain, int step) throws IOException {
        return gzip(threads, ahead, plain, step, new GzipOutput.Memory());
    }

    private static byte[] gzip(
            int threads, int ahead, byte[] plain, int step, GzipOutput.Memory memory)
            throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var pool = Executors.newFixedThreadPool(threads);
                var out = new GzipOutput(bytes, pool, ahead, memory)) {
            for (int at = 0; at < plain.length; at += step) {
                out.write(plain, at, Math.min(step, plain.length - at));
            }
        }
        return bytes.toByteArray();
    }

    @Test
    void crcIsThatOfTarSplit() {
        var crc = new Crc64();
        byte[] bytes = "This is a test of the emergency broadcast system.".getBytes();
        crc.update(bytes, 0, bytes.length);
        // Go's hash/crc64 with its ISO table, from its own tests.
        assertThat(crc.value()).isEqualTo(0xe7fcf1006b503b61L);
        crc.reset();
        crc.update(bytes, 0, 5);
        crc.update(bytes, 5, bytes.length - 5);
        assertThat(crc.value()).isEqualTo(0xe7fcf1006b503b61L);
    }
}
