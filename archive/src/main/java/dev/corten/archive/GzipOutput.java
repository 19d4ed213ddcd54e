package dev.corten.archive;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/// Writes gzip (RFC 1952) with several threads: blocks of the input are compressed beside each
/// other, each with the end of the one before as its dictionary, as pigz does it.
///
/// The same input gives the same bytes, however many threads there are and however it is written.
/// Closing ends the gzip data, and leaves [#sink] and the threads alone.
public final class GzipOutput extends OutputStream {
    private static final int BLOCK = 2 * FastDeflate.PART;
    private static final byte METHOD = 8;

    /// Nothing of when and where it was made.
    private static final byte[] HEADER = {0x1F, (byte) 0x8B, METHOD, 0, 0, 0, 0, 0, 0, (byte) 255};

    /// A last block with nothing in it.
    private static final byte[] END = {3, 0};

    private final OutputStream sink;
    private final ExecutorService threads;
    private final int ahead;
    private final Deque<Block> pending = new ArrayDeque<>();
    private final Deque<Block> free;
    private final CRC32 crc = new CRC32();
    private Block block;
    private long total;
    private boolean closed;

    /// What blocks are in, 600 KiB each, for one output after the other: large arrays that are soon
    /// garbage make a heap grow.
    public static final class Memory {
        private final Deque<Block> free = new ArrayDeque<>();
    }

    /// @param ahead how many blocks may be under way: what bounds the memory
    public GzipOutput(OutputStream sink, ExecutorService threads, int ahead) throws IOException {
        this(sink, threads, ahead, new Memory());
    }

    /// @param ahead how many blocks may be under way
    /// @param memory used by nobody else meanwhile
    public GzipOutput(OutputStream sink, ExecutorService threads, int ahead, Memory memory)
            throws IOException {
        this.sink = sink;
        this.threads = threads;
        this.ahead = ahead;
        this.free = memory.free;
        this.block = take(null);
        sink.write(HEADER);
    }

    private Block take(@Nullable Block before) {
        Block next = free.isEmpty() ? new Block() : free.remove();
        next.begin(before);
        return next;
    }

    /// A block of the input behind its dictionary, and what became of it.
    private static final class Block {
        private final byte[] input = new byte[FastDeflate.WINDOW + BLOCK];
        private final byte[] output = new byte[FastDeflate.bound(BLOCK)];
        private final FastDeflate deflate = new FastDeflate();
        private int from;
        private int to;
        private @Nullable Future<Integer> length;

        void begin(@Nullable Block before) {
            from = 0;
            if (before != null) {
                from = FastDeflate.WINDOW;
                System.arraycopy(before.input, before.to - from, input, 0, from);
            }
            to = from;
        }

        boolean isFull() {
            return to - from == BLOCK;
        }

        int compress() {
            return deflate.compress(input, from, to, output);
        }
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
            if (block.isFull()) {
                next();
            }
            int step = Math.min(left, BLOCK - (block.to - block.from));
            System.arraycopy(bytes, at, block.input, block.to, step);
            block.to += step;
            at += step;
            left -= step;
        }
    }

    private void next() throws IOException {
        submit();
        Block done = block;
        while (pending.size() > ahead) {
            drain();
        }
        block = take(done);
    }

    private void submit() {
        Block full = block;
        crc.update(full.input, full.from, full.to - full.from);
        total += full.to - full.from;
        full.length = threads.submit(full::compress);
        pending.add(full);
    }

    private void drain() throws IOException {
        Block done = pending.remove();
        sink.write(done.output, 0, result(done));
        free.add(done);
    }

    private static int result(Block block) throws IOException {
        Future<Integer> length = block.length;
        if (length == null) {
            throw new IllegalStateException("not submitted");
        }
        try {
            return length.get();
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
        submit();
        while (!pending.isEmpty()) {
            drain();
        }
        sink.write(END);
        byte[] trailer = new byte[8];
        for (int i = 0; i < 4; i++) {
            trailer[i] = (byte) (crc.getValue() >>> 8 * i);
            trailer[4 + i] = (byte) (total >>> 8 * i);
        }
        sink.write(trailer);
        sink.flush();
    }
}
