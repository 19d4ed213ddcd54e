package dev.corten.engine.pull;

import java.util.ArrayDeque;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntSupplier;

/// Lets so many run at once, in the order in which they came.
final class Slots {
    private final IntSupplier limit;

    private final ReentrantLock lock = new ReentrantLock();

    /// Guarded by lock.
    private final ArrayDeque<Runnable> waiting = new ArrayDeque<>();

    /// Guarded by lock.
    private int running;

    /// @param limit asked each time, as it may change; 0 for none
    Slots(IntSupplier limit) {
        this.limit = limit;
    }

    /// Has something begun, now or later; whoever it is says [#end] then.
    ///
    /// @param begin does not block
    /// @return whether it has begun
    boolean begin(Runnable begin) {
        lock.lock();
        try {
            if (isFull()) {
                waiting.add(begin);
                return false;
            }
            running++;
        } finally {
            lock.unlock();
        }
        begin.run();
        return true;
    }

    /// @return whether it was waiting, and will not begin
    boolean forget(Runnable begin) {
        lock.lock();
        try {
            return waiting.remove(begin);
        } finally {
            lock.unlock();
        }
    }

    void end() {
        Runnable next;
        lock.lock();
        try {
            running--;
            next = isFull() ? null : waiting.poll();
            if (next != null) {
                running++;
            }
        } finally {
            lock.unlock();
        }
        if (next != null) {
            next.run();
        }
    }

    private boolean isFull() {
        int most = limit.getAsInt();
        return most > 0 && running >= most;
    }
}
