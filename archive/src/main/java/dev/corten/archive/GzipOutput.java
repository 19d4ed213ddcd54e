package dev.corten.archive;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import org.jspecify.annotations.Nullable;

/// Writes gzip (RFC 1952) with several threads: blocks of the input are compressed beside each
/// other, each with the end of the one before as its dictionary, as pigz does it.
///
/// The same input gives the same bytes, however many threads there are and however it is written.
/// Closing ends the gzip data, and leaves [#sink] and the threads alone.
public final class GzipOutput extends OutputStream {
    private static final int BLOCK = 128 << 10;
    private static final int WINDOW = 32 << 10;

    /// Nothing of when and where it was made.
    private static final byte[] HEADER = {
        0x1F, (byte) 0x8B, Deflater.DEFLATED, 0, 0, 0, 0, 0, 0, (byte) 255
    };

    private final OutputStream sink;
    private final ExecutorService threads;
    private final int level;
    private final int ahead;
    private final Deque<Future<byte[]>> pending = new ArrayDeque<>();
    private final CRC32 crc = new CRC32();
    private byte[] block = new byte[BLOCK];
    private int filled;
    private long total;
    private byte @Nullable [] before;
    private boolean closed;

    /// @param level of [Deflater]
    /// @param ahead how many blocks may be under way: what bounds the memory
    public GzipOutput(OutputStream sink, int level, ExecutorService threads, int ahead)
            throws IOException {
        this.sink = sink;
        this.level = level;
        this.threads = threads;
        this.ahead = ahead;
        sink.write(HEADER);
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        int at = offset;
        int left = length;
        while (left > 0) {
            int step = Math.min(left, BLOCK - filled);
            System.arraycopy(bytes, at, block, filled, step);
            filled += step;
            at += step;
            left -= step;
            if (filled == BLOCK) {
                compress(false);
            }
        }
    }

    private void compress(boolean last) throws IOException {
        byte[] input = filled == BLOCK ? block : Arrays.copyOf(block, filled);
        byte[] dictionary = before;
        crc.update(input);
        total += input.length;
        pending.add(threads.submit(() -> deflate(input, dictionary, last)));
        before = input;
        block = new byte[BLOCK];
        filled = 0;
        while (pending.size() > (last ? 0 : ahead)) {
            sink.write(result(pending.remove()));
        }
    }

    private byte[] deflate(byte[] input, byte @Nullable [] dictionary, boolean last) {
        var deflater = new Deflater(level, true);
        try {
            if (dictionary != null) {
                int start = Math.max(0, dictionary.length - WINDOW);
                deflater.setDictionary(dictionary, start, dictionary.length - start);
            }
            deflater.setInput(input);
            if (last) {
                deflater.finish();
            }
            // What cannot be compressed grows by a few bytes.
            byte[] output = new byte[input.length + input.length / 1000 + 64];
            int length = 0;
            while (true) {
                int flush = last ? Deflater.NO_FLUSH : Deflater.SYNC_FLUSH;
                length += deflater.deflate(output, length, output.length - length, flush);
                if (length < output.length) {
                    return Arrays.copyOf(output, length);
                }
                output = Arrays.copyOf(output, 2 * output.length);
            }
        } finally {
            deflater.end();
        }
    }

    private static byte[] result(Future<byte[]> future) throws IOException {
        try {
            return future.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("compression was interrupted");
        } catch (ExecutionException e) {
            throw new IOException("compression failed", e.getCause());
        }
    }

    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        compress(true);
        byte[] trailer = new byte[8];
        for (int i = 0; i < 4; i++) {
            trailer[i] = (byte) (crc.getValue() >>> 8 * i);
            trailer[4 + i] = (byte) (total >>> 8 * i);
        }
        sink.write(trailer);
        sink.flush();
    }
}
