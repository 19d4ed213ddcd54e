package dev.corten.build.step;

import dev.corten.build.work.Tree;
import dev.corten.model.ContainerId;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/// What commands that failed have left, until the end of the build, for whoever wants to look at it.
/// Of many the oldest go. Thread-safe.
public final class FailedSteps implements AutoCloseable {
    private static final int KEPT = 16;

    private final ReentrantLock lock = new ReentrantLock();

    /// Guarded by lock; the oldest first.
    private final Deque<Failed> failed = new ArrayDeque<>();

    /// A command's files.
    ///
    /// @param sandbox in which it ran
    /// @param before empty if it began with nothing
    /// @param after as it left them
    public record Failed(
            ContainerId sandbox, Optional<Tree> before, Tree after, RunOperation operation)
            implements AutoCloseable {
        private Failed share() {
            return new Failed(sandbox, before.map(Tree::share), after.share(), operation);
        }

        @Override
        public void close() {
            before.ifPresent(Tree::close);
            after.close();
        }
    }

    void add(Failed fresh) {
        Failed oldest = null;
        lock.lock();
        try {
            failed.addLast(fresh);
            if (failed.size() > KEPT) {
                oldest = failed.removeFirst();
            }
        } finally {
            lock.unlock();
        }
        if (oldest != null) {
            oldest.close();
        }
    }

    /// @return to be closed; empty if it is gone
    public Optional<Failed> take(ContainerId sandbox) {
        lock.lock();
        try {
            Optional<Failed> found =
                    failed.stream().filter(one -> one.sandbox().equals(sandbox)).findFirst();
            found.ifPresent(failed::remove);
            return found;
        } finally {
            lock.unlock();
        }
    }

    /// The same, which stays for others: builds that need the same command share it, and its failure.
    ///
    /// @return to be closed; empty if it is gone
    public Optional<Failed> find(ContainerId sandbox) {
        lock.lock();
        try {
            return failed.stream()
                    .filter(one -> one.sandbox().equals(sandbox))
                    .findFirst()
                    .map(Failed::share);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            failed.forEach(Failed::close);
            failed.clear();
        } finally {
            lock.unlock();
        }
    }
}
