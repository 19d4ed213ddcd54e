package dev.corten.systests;

import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

/// Waits for what nothing announces.
final class Eventually {
    private static final long INTERVAL_NANOS = 20_000_000;

    private Eventually() {}

    /// The first value that is as wanted; at the deadline, a failure with the last one seen.
    static <T> T get(String what, Callable<T> value, Predicate<? super T> wanted) {
        long end = System.nanoTime() + Limits.patience().toNanos();
        while (true) {
            T seen;
            try {
                seen = value.call();
            } catch (RuntimeException e) {
                throw e;
            } catch (Exception e) {
                throw new AssertionError(what, e);
            }
            if (wanted.test(seen)) {
                return seen;
            }
            if (System.nanoTime() > end) {
                throw new AssertionError(what + ": waited in vain, last seen: " + seen);
            }
            LockSupport.parkNanos(INTERVAL_NANOS);
        }
    }

    static void holds(String what, Callable<Boolean> condition) {
        get(what, condition, value -> value);
    }
}
