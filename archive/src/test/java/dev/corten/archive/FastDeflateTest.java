package dev.corten.archive;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class FastDeflateTest {
    private static final int BLOCK = 2 * FastDeflate.PART;

    private final FastDeflate deflate = new FastDeflate();
    private final byte[] out = new byte[FastDeflate.bound(BLOCK)];

    @ParameterizedTest
    @MethodSource("seeds")
    void zlibReadsIt(int seed) throws DataFormatException {
        var random = new Random(seed);
        for (int i = 0; i < 20; i++) {
            int before = random.nextInt(3) == 0 ? 0 : random.nextInt(FastDeflate.WINDOW + 1);
            int size = random.nextInt(4) == 0 ? random.nextInt(40) : random.nextInt(BLOCK + 1);
            byte[] in = mixed(random, before + size);
            readsBack(in, before);
        }
    }

    static Stream<Integer> seeds() {
        return IntStream.range(0, 25).boxed();
    }

    /// Pieces of several kinds, as files of a layer follow each other.
    private static byte[] mixed(Random random, int size) {
        byte[] in = new byte[size];
        int at = 0;
        while (at < size) {
            int end = Math.min(size, at + 1 + random.nextInt(40_000));
            int kind = random.nextInt(6);
            int letters = 1 + random.nextInt(60);
            int distance = 1 + random.nextInt(Math.max(1, Math.min(at, FastDeflate.WINDOW + 100)));
            double spread = Math.pow(2, random.nextInt(9));
            for (; at < end; at++) {
                in[at] =
                        switch (kind) {
                            case 0 -> (byte) random.nextInt();
                            case 1 -> (byte) random.nextInt(letters);
                            case 2 -> at < distance ? 0 : in[at - distance];
                            case 3 -> at < 2 ? 0 : in[at - 1 - random.nextInt(2)];
                            case 4 ->
                                    (byte) Math.min(255, Math.abs(random.nextGaussian()) * spread);
                            default -> 0;
                        };
            }
        }
        return in;
    }

    private int readsBack(byte[] in, int before) throws DataFormatException {
        int size = in.length - before;
        int length = deflate.compress(in, before, in.length, out);
        assertThat(length).isLessThanOrEqualTo(FastDeflate.bound(size));
        byte[] packed = Arrays.copyOf(out, length + 2);
        packed[length] = 3;
        packed[length + 1] = 0;
        byte[] back = new byte[size + 1];
        try (var inflater = new Inflater(true)) {
            inflater.setDictionary(in, 0, before);
            inflater.setInput(packed);
            int read = 0;
            int step;
            do {
                step = inflater.inflate(back, read, back.length - read);
                read += step;
            } while (step > 0);
            assertThat(inflater.finished()).isTrue();
            assertThat(read).isEqualTo(size);
        }
        assertThat(Arrays.mismatch(back, 0, size, in, before, in.length)).isEqualTo(-1);
        return length;
    }

    /// Codes of all lengths: without the limit this would need one of 22 bits.
    @Test
    void codesAreNeverTooLong() throws DataFormatException {
        byte[] in = new byte[BLOCK];
        int at = 0;
        int count = 1;
        int before = 1;
        for (int symbol = 0; at < in.length; symbol++) {
            int end = Math.min(in.length, at + count);
            Arrays.fill(in, at, end, (byte) symbol);
            at = end;
            int next = count + before;
            before = count;
            count = next;
        }
        var random = new Random(7);
        for (int i = in.length - 1; i > 0; i--) {
            int other = random.nextInt(i + 1);
            byte saved = in[i];
            in[i] = in[other];
            in[other] = saved;
        }
        assertThat(readsBack(in, 0)).isLessThan(in.length / 2);
    }

    @Test
    void noiseIsStored() throws DataFormatException {
        byte[] noise = new byte[BLOCK];
        new Random(1).nextBytes(noise);
        assertThat(readsBack(noise, 0)).isEqualTo(BLOCK + 2 * 5);
    }

    /// What is said about it in the decisions: no larger than zlib's fastest level, or hardly.
    @Test
    void isAsSmallAsZlibsFastest() throws DataFormatException {
        byte[] text = text();
        var zlib = new Deflater(Deflater.BEST_SPEED, true);
        try (zlib) {
            zlib.setInput(text);
            zlib.finish();
            int fastest = zlib.deflate(new byte[text.length]);
            assertThat(readsBack(text, 0)).isLessThan(fastest * 101 / 100);
        }
    }

    /// A layer is sent as the same blob by all versions, unless we decide otherwise: whoever
    /// changes this makes everybody send all layers again.
    @Test
    void theBytesStayTheSame() {
        byte[] text = text();
        int length = deflate.compress(text, 0, text.length, out);
        var hash = sha256(Arrays.copyOf(out, length));
        assertThat(hash)
                .isEqualTo("59a2b6abe3d629ee073ed93e10214ef47dc54ac0a77bc9a724a9bbe0a8f83fab");
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of()
                    .formatHex(java.security.MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    /// Words of a small language, some more frequent than others.
    private static byte[] text() {
        var random = new Random(3);
        var text = new StringBuilder();
        String[] words = new String[3000];
        for (int i = 0; i < words.length; i++) {
            var word = new StringBuilder();
            for (int n = 2 + random.nextInt(8); n > 0; n--) {
                word.append((char) ('a' + random.nextInt(26)));
            }
            words[i] = word.toString();
        }
        while (text.length() < BLOCK) {
            double rank = random.nextDouble();
            text.append(words[(int) (rank * rank * rank * words.length)]).append(' ');
        }
        text.setLength(BLOCK);
        return text.toString().getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    }
}
