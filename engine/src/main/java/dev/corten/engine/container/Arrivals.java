package dev.corten.engine.container;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.Poll;
import dev.corten.runtime.Attach;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// Clients that attached to a container before it runs: their sockets wait here for its monitor.
final class Arrivals {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition settled = lock.newCondition();

    // Guarded by lock.
    private boolean open = true;
    private int promised;
    private final List<Attach> waiting = new ArrayList<>();

    /// A client has been promised a stream and will ask for the start as soon as it knows.
    void promised() {
        lock.lock();
        try {
            promised++;
        } finally {
            lock.unlock();
        }
    }

    /// The client's socket is here, or will never be.
    void kept() {
        lock.lock();
        try {
            promised--;
            settled.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// Waits for the sockets of clients that were promised a stream, but not for ever: one may
    /// have died on the way.
    void awaitPromised(Duration limit) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long left = limit.toNanos();
            while (promised > 0 && left > 0) {
                left = settled.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    /// Keeps a client's socket until the container starts.
    ///
    /// @return false if there is no start to wait for: it runs, or is no more
    boolean add(Attach client) {
        List<Attach> left = List.of();
        lock.lock();
        try {
            if (!open) {
                return false;
            }
            left = waiting.stream().filter(Arrivals::hasLeft).toList();
            waiting.removeAll(left);
            waiting.add(client);
            return true;
        } finally {
            lock.unlock();
            left.forEach(one -> one.socket().close());
        }
    }

    /// Nobody watches the sockets of those who wait: the next one looks after them.
    private static boolean hasLeft(Attach client) {
        try {
            return !client.socket().isOpen()
                    || (Poll.poll(new Fd[] {client.socket()}, new int[] {0}, Duration.ZERO)[0]
                                    & (Poll.HUP | Poll.ERR))
                            != 0;
        } catch (Errno e) {
            return true;
        }
    }

    /// The clients that have waited so far; they are the caller's now.
    List<Attach> take() {
        lock.lock();
        try {
            List<Attach> clients = List.copyOf(waiting);
            waiting.clear();
            return clients;
        } finally {
            lock.unlock();
        }
    }

    /// From here on clients go to the monitor.
    void close() {
        lock.lock();
        try {
            open = false;
        } finally {
            lock.unlock();
        }
    }

    /// The container has ended: clients may wait for its next start.
    void reopen() {
        lock.lock();
        try {
            open = true;
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
}
