package dev.corten.systests;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.Predicate;

/// What a stream has brought so far. One thread reads, others wait for what they need.
final class Output {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private boolean ended;

    /// Collects the stream to its end, on a thread of its own.
    static Output of(String name, InputStream in) {
        var output = new Output();
        Thread.ofPlatform().daemon().name(name).start(() -> output.drain(in));
        return output;
    }

    private void drain(InputStream in) {
        byte[] buffer = new byte[1 << 16];
        try {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                append(buffer, n);
            }
        } catch (IOException e) {
            // A connection that was cut has brought what it has brought.
            append(new byte[0], 0);
        } finally {
            synchronized (this) {
                ended = true;
                notifyAll();
            }
        }
    }

    private synchronized void append(byte[] buffer, int n) {
        bytes.write(buffer, 0, n);
        notifyAll();
    }

    synchronized byte[] bytes() {
        return bytes.toByteArray();
    }

    String text() {
        return new String(bytes(), UTF_8);
    }

    /// Waits until the text so far is as wanted.
    String awaitText(String what, Predicate<String> wanted) {
        return new String(await(what, b -> wanted.test(new String(b, UTF_8))), UTF_8);
    }

    String await(String text) {
        return awaitText("\"" + text + "\"", seen -> seen.contains(text));
    }

    synchronized byte[] await(String what, Predicate<byte[]> wanted) {
        long end = System.nanoTime() + Limits.patience().toNanos();
        while (true) {
            byte[] seen = bytes.toByteArray();
            if (wanted.test(seen)) {
                return seen;
            }
            long left = (end - System.nanoTime()) / 1_000_000;
            if (ended || left <= 0) {
                throw new AssertionError(
                        what
                                + (ended ? " did not come before the end: " : " did not come: ")
                                + new String(seen, UTF_8));
            }
            pause(left);
        }
    }

    /// All there ever was.
    synchronized byte[] awaitEnd() {
        long end = System.nanoTime() + Limits.patience().toNanos();
        while (!ended) {
            long left = (end - System.nanoTime()) / 1_000_000;
            if (left <= 0) {
                throw new AssertionError("no end of the stream after: " + text());
            }
            pause(left);
        }
        return bytes.toByteArray();
    }

    synchronized boolean hasEnded() {
        return ended;
    }

    private void pause(long millis) {
        try {
            wait(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }
}
