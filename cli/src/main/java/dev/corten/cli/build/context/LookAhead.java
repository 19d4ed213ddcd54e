package dev.corten.cli.build.context;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.DirectoryEntry;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// A second thread for a walk: looks at the files of a directory from its end, while the walk begins
/// at its front, until they meet. Most of the time of a walk is what the kernel needs for each file.
final class LookAhead implements AutoCloseable {
    /// For less, waking a thread does not pay.
    private static final int MIN = 24;

    /// What is to be known of a file.
    @FunctionalInterface
    interface Looking {
        Look at(Fd directory, DirectoryEntry entry) throws Errno;
    }

    private final Looking looking;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private @Nullable Thread thread;

    /// Guarded by lock: what the thread does, or is to do.
    private @Nullable Ahead job;

    /// Guarded by lock.
    private boolean closed;

    LookAhead(Looking looking) {
        this.looking = looking;
    }

    /// A directory on the way. It stays open until this is closed.
    final class Ahead implements AutoCloseable {
        private final Fd directory;
        private final List<DirectoryEntry> entries;
        private final AtomicReferenceArray<@Nullable Look> looks;

        /// How far the walk is.
        private volatile int reached = -1;

        private Ahead(Fd directory, List<DirectoryEntry> entries) {
            this.directory = directory;
            this.entries = entries;
            this.looks = new AtomicReferenceArray<>(entries.size());
        }

        /// What is known of an entry, or can be seen of it now.
        Look look(int index) throws Errno {
            reached = index;
            @Nullable Look known = looks.getAndSet(index, null);
            return known != null ? known : looking.at(directory, entries.get(index));
        }

        private void run() {
            for (int i = entries.size() - 1; i > reached; i--) {
                try {
                    looks.set(i, looking.at(directory, entries.get(i)));
                } catch (Errno e) {
                    // The walk meets it again at its turn.
                    return;
                }
            }
        }

        @Override
        public void close() {
            reached = entries.size();
            lock.lock();
            try {
                while (job == this) {
                    changed.awaitUninterruptibly();
                }
            } finally {
                lock.unlock();
            }
        }
    }

    /// Begins with a directory, unless another one is being looked at.
    Ahead begin(Fd directory, List<DirectoryEntry> entries) {
        var ahead = new Ahead(directory, entries);
        if (entries.size() < MIN) {
            return ahead;
        }
        lock.lock();
        try {
            if (job == null) {
                job = ahead;
                if (thread == null) {
                    thread = Thread.ofPlatform().daemon().name("look-ahead").start(this::work);
                }
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
        return ahead;
    }

    private void work() {
        while (true) {
            Ahead next;
            lock.lock();
            try {
                while (job == null && !closed) {
                    changed.awaitUninterruptibly();
                }
                if (job == null) {
                    return;
                }
                next = job;
            } finally {
                lock.unlock();
            }
            try {
                next.run();
            } finally {
                lock.lock();
                try {
                    job = null;
                    changed.signalAll();
                } finally {
                    lock.unlock();
                }
            }
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
