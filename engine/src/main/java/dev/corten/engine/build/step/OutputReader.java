package dev.corten.engine.build.step;

import dev.corten.build.solve.StepOutput;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileData;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;

/// Takes a step's output from its monitor, on a thread of its own, as a read waits in the kernel. A
/// taker that is slow makes the step wait: all that is kept here is one read.
final class OutputReader {
    private static final int BUFFER = 64 * 1024;
    private static final int HEADER = 8;
    private static final int STDERR = 2;

    private final Fd socket;
    private final StepOutput output;
    private final CompletableFuture<Void> end = new CompletableFuture<>();
    private final Thread thread;

    private final byte[] header = new byte[HEADER];
    private int headerBytes;
    private int left;

    /// @param socket stays the caller's, for longer than the thread lives
    OutputReader(String name, Fd socket, StepOutput output) {
        this.socket = socket;
        this.output = output;
        this.thread = Thread.ofPlatform().daemon().name(name).unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /// Completes when the monitor has closed its end, or exceptionally if the taker failed.
    CompletableFuture<Void> end() {
        return end;
    }

    /// Has a taker know that nobody waits for it any more.
    void interrupt() {
        thread.interrupt();
    }

    private void run() {
        byte[] buffer = new byte[BUFFER];
        RuntimeException failed = null;
        try {
            for (int n = read(buffer); n >= 0; n = read(buffer)) {
                try {
                    if (failed == null) {
                        take(buffer, n);
                    }
                } catch (RuntimeException e) {
                    // The step goes on, and this is said at its end.
                    failed = e;
                }
            }
            if (failed == null) {
                end.complete(null);
            } else {
                end.completeExceptionally(failed);
            }
        } catch (IOException | RuntimeException e) {
            end.completeExceptionally(e);
        }
    }

    private int read(byte[] buffer) throws IOException {
        return FileData.read(socket, buffer, 0, buffer.length);
    }

    /// Frames: the stream, three zeros, the length, and as many bytes. They may come in pieces.
    private void take(byte[] buffer, int end) {
        int at = 0;
        while (at < end) {
            if (left == 0) {
                int part = Math.min(HEADER - headerBytes, end - at);
                System.arraycopy(buffer, at, header, headerBytes, part);
                headerBytes += part;
                at += part;
                if (headerBytes < HEADER) {
                    return;
                }
                headerBytes = 0;
                left = ByteBuffer.wrap(header).order(ByteOrder.BIG_ENDIAN).getInt(4);
            } else {
                int part = Math.min(left, end - at);
                output.write(
                        header[0] == STDERR ? STDERR : 1,
                        Arrays.copyOfRange(buffer, at, at + part));
                left -= part;
                at += part;
            }
        }
    }
}
