package dev.corten.engine.container;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Whose turn it is: slow work on one container happens one after the other. Nobody holds a lock
/// meanwhile; readers and signals go on.
final class Turn {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition free = lock.newCondition();

    // Guarded by lock.
    private @Nullable String work;
    private boolean over;

    /// Waits for the others and takes the turn.
    ///
    /// @return false if there is nothing left to work on
    boolean take(String what) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (work != null) {
                free.await();
            }
            return taken(what);
        } finally {
            lock.unlock();
        }
    }

    /// As [#take], for work that must be done whatever else happens.
    boolean takeSurely(String what) {
        lock.lock();
        try {
            while (work != null) {
                free.awaitUninterruptibly();
            }
            return taken(what);
        } finally {
            lock.unlock();
        }
    }

    /// Waits for whoever has the turn, but not for ever.
    ///
    /// @return false if it was too long
    boolean awaitFree(Duration limit) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long left = limit.toNanos();
            while (work != null && left > 0) {
                left = free.awaitNanos(left);
            }
            return work == null;
        } finally {
            lock.unlock();
        }
    }

    private boolean taken(String what) {
        if (!over) {
            work = what;
        }
        return !over;
    }

    /// Whether this work is under way.
    boolean is(String what) {
        lock.lock();
        try {
            return what.equals(work);
        } finally {
            lock.unlock();
        }
    }

    void end() {
        lock.lock();
        try {
            work = null;
            free.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// Nobody else will have a turn.
    void close() {
        lock.lock();
        try {
            over = true;
            free.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
