package dev.corten.engine.artifact;

import java.util.function.LongConsumer;

/// Passes on ten numbers a second at most.
final class Rarely implements LongConsumer {
    private static final long PAUSE_NANOS = 100_000_000;

    private final LongConsumer listener;
    private long told = System.nanoTime() - PAUSE_NANOS;

    Rarely(LongConsumer listener) {
        this.listener = listener;
    }

    @Override
    public void accept(long current) {
        long now = System.nanoTime();
        if (now - told >= PAUSE_NANOS) {
            told = now;
            listener.accept(current);
        }
    }
}
