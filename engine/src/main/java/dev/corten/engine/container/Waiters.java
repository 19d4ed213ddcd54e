package dev.corten.engine.container;

import dev.corten.engine.container.view.WaitResult;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;

/// Who waits for a container, and for what.
final class Waiters {
    private record Waiter(WaitCondition condition, CompletableFuture<WaitResult> result) {}

    /// The container's: between a look at its state and [#add] nothing may happen.
    private final ReentrantLock lock;

    /// Guarded by lock.
    private final List<Waiter> waiting = new ArrayList<>();

    Waiters(ReentrantLock lock) {
        this.lock = lock;
    }

    /// @return what whoever waits no longer cancels
    CompletableFuture<WaitResult> add(WaitCondition condition) {
        var waiter = new Waiter(condition, new CompletableFuture<>());
        lock.lock();
        try {
            waiting.add(waiter);
        } finally {
            lock.unlock();
        }
        waiter.result.whenComplete((_, failure) -> {
            if (failure != null) {
                forget(waiter);
            }
        });
        return waiter.result;
    }

    private void forget(Waiter waiter) {
        lock.lock();
        try {
            waiting.remove(waiter);
        } finally {
            lock.unlock();
        }
    }

    int count() {
        lock.lock();
        try {
            return waiting.size();
        } finally {
            lock.unlock();
        }
    }

    /// Takes out those who wait for an exit, or all of them.
    List<CompletableFuture<WaitResult>> take(boolean all) {
        lock.lock();
        try {
            var due = new ArrayList<CompletableFuture<WaitResult>>();
            waiting.removeIf(waiter -> {
                boolean now = all || waiter.condition != WaitCondition.REMOVED;
                if (now) {
                    due.add(waiter.result);
                }
                return now;
            });
            return due;
        } finally {
            lock.unlock();
        }
    }
}
