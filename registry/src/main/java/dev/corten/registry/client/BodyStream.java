package dev.corten.registry.client;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow.Subscription;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The body of an answer as it arrives.
///
/// Unlike the JDK's own it gives up when nothing has come for a while, and has a small number of
/// buffers under way, so that neither side waits for the other with each of them.
final class BodyStream extends InputStream implements BodySubscriber<BodyStream> {
    private static final int AHEAD = 8;

    /// More than an error's text; a connection is not worth reading more for.
    private static final int LEFTOVER = 64 << 10;

    private sealed interface Event {
        record Bytes(List<ByteBuffer> buffers) implements Event {}

        record End(@Nullable Throwable failure) implements Event {}
    }

    private final Duration patience;

    /// Bounded by what has been asked for.
    private final BlockingQueue<Event> arrived = new LinkedBlockingQueue<>();

    private final CompletableFuture<Subscription> subscription = new CompletableFuture<>();
    private List<ByteBuffer> current = List.of();
    private int next;
    private Event.@Nullable End end;
    private boolean closed;

    BodyStream(Duration patience) {
        this.patience = patience;
    }

    @Override
    public CompletionStage<BodyStream> getBody() {
        return CompletableFuture.completedFuture(this);
    }

    @Override
    public void onSubscribe(Subscription to) {
        if (!subscription.complete(to)) {
            to.cancel();
            return;
        }
        to.request(AHEAD);
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
        arrived.add(new Event.Bytes(buffers));
    }

    @Override
    public void onError(Throwable failure) {
        arrived.add(new Event.End(failure));
    }

    @Override
    public void onComplete() {
        arrived.add(new Event.End(null));
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, target.length);
        if (closed) {
            throw new IOException("closed");
        }
        if (length == 0) {
            return 0;
        }
        while (true) {
            while (next < current.size()) {
                ByteBuffer buffer = current.get(next);
                if (buffer.hasRemaining()) {
                    int count = Math.min(length, buffer.remaining());
                    buffer.get(target, offset, count);
                    return count;
                }
                next++;
            }
            if (!advance()) {
                return -1;
            }
        }
    }

    private boolean advance() throws IOException {
        if (end == null) {
            switch (take()) {
                case Event.Bytes(List<ByteBuffer> buffers) -> {
                    current = buffers;
                    next = 0;
                    subscription.join().request(1);
                    return true;
                }
                case Event.End e -> end = e;
            }
        }
        Throwable failure = end.failure();
        if (failure != null) {
            throw new IOException(String.valueOf(failure.getMessage()), failure);
        }
        return false;
    }

    private Event take() throws IOException {
        Event event;
        try {
            event = arrived.poll(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            var interrupted = new InterruptedIOException("interrupted");
            interrupted.initCause(e);
            throw interrupted;
        }
        if (event == null) {
            throw new HttpTimeoutException(
                    "nothing has arrived for " + patience.toSeconds() + " seconds");
        }
        return event;
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        skipWhatIsThere();
        closed = true;
        current = List.of();
        if (end == null && !subscription.isCompletedExceptionally()) {
            subscription.thenAccept(Subscription::cancel);
        }
    }

    /// An answer that has wholly arrived leaves its connection for the next request.
    private void skipWhatIsThere() {
        int skipped = 0;
        while (end == null && skipped < LEFTOVER) {
            switch (arrived.poll()) {
                case null -> {
                    return;
                }
                case Event.Bytes(List<ByteBuffer> buffers) -> {
                    skipped += buffers.stream().mapToInt(ByteBuffer::remaining).sum();
                    subscription.join().request(1);
                }
                case Event.End e -> end = e;
            }
        }
    }
}
