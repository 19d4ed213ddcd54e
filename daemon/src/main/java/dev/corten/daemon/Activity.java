package dev.corten.daemon;

import dev.corten.http.Handler;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/// Knows since when nobody has asked for anything.
final class Activity {
    private final Clock clock;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    /// guarded by lock
    private int requests;

    /// guarded by lock
    private Instant last;

    Activity(Clock clock) {
        this.clock = clock;
        this.last = clock.instant();
    }

    /// The handler, with its requests counted.
    Handler counting(Handler handler) {
        return exchange -> {
            count(1);
            try {
                handler.handle(exchange);
            } finally {
                count(-1);
            }
        };
    }

    private void count(int difference) {
        lock.lock();
        try {
            requests += difference;
            last = clock.instant();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// Returns once there has been no request for so long and nothing else keeps the daemon.
    void awaitQuiet(Duration limit, BooleanSupplier idle) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (true) {
                Duration quiet = Duration.between(last, clock.instant());
                if (requests > 0 || !idle.getAsBoolean()) {
                    last = clock.instant();
                    quiet = Duration.ZERO;
                }
                if (quiet.compareTo(limit) >= 0) {
                    return;
                }
                // Signalled by requests; the end of a container is seen at the next look.
                long wait = limit.minus(quiet).toMillis() + 1;
                changed.awaitNanos(TimeUnit.MILLISECONDS.toNanos(wait));
            }
        } finally {
            lock.unlock();
        }
    }
}
