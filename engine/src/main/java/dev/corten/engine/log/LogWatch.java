package dev.corten.engine.log;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// Tells a follower that its log may have grown, or will not grow any more.
public final class LogWatch implements AutoCloseable {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Runnable onClose;

    /// guarded by lock
    private long version;

    /// guarded by lock
    private boolean ended;

    LogWatch(Runnable onClose) {
        this.onClose = onClose;
    }

    /// Goes up with each change.
    long version() {
        lock.lock();
        try {
            return version;
        } finally {
            lock.unlock();
        }
    }

    boolean ended() {
        lock.lock();
        try {
            return ended;
        } finally {
            lock.unlock();
        }
    }

    void changed() {
        lock.lock();
        try {
            version++;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// What is in the log now is all: its container has ended.
    public void end() {
        lock.lock();
        try {
            ended = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// Waits until the version is not [seen] any more, or the end.
    void await(long seen) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (version == seen && !ended) {
                changed.await();
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        onClose.run();
    }
}
