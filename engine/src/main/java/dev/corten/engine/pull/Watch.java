package dev.corten.engine.pull;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// The messages of shared work on their way to one client. A slow client misses steps of progress,
/// never anything else; what is kept is bounded by what there is to be said of an image.
///
/// They are handed over a few times in a second: a layer has seven, and a small one is done in less time
/// than it takes to wake three threads and the client for each of them.
final class Watch {
    private static final Duration GATHERING = Duration.ofMillis(50);

    private final long gatheringNanos;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Condition ending = lock.newCondition();

    /// When messages were handed over last; of the one thread that waits for them.
    private long handed;

    /// Guarded by lock.
    private final ArrayDeque<PullMessage> messages = new ArrayDeque<>();

    /// Guarded by lock.
    private boolean ended;

    /// @param said before
    /// @param ended whether nothing more will be said
    Watch(Collection<PullMessage> said, boolean ended) {
        this(said, ended, GATHERING);
    }

    /// @param gathering from one handing over to the next
    Watch(Collection<PullMessage> said, boolean ended, Duration gathering) {
        this.gatheringNanos = gathering.toNanos();
        this.handed = System.nanoTime() - gatheringNanos;
        messages.addAll(said);
        this.ended = ended;
    }

    void say(PullMessage message) {
        lock.lock();
        try {
            if (message instanceof PullMessage.Progress p) {
                messages.removeIf(m ->
                        m instanceof PullMessage.Progress old
                                && old.id().equals(p.id())
                                && old.text().equals(p.text()));
            }
            messages.add(message);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    void end() {
        lock.lock();
        try {
            ended = true;
            changed.signalAll();
            ending.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// Waits for messages. For one thread.
    ///
    /// @return none at the end
    List<PullMessage> next() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (messages.isEmpty() && !ended) {
                changed.await();
            }
            long left = handed + gatheringNanos - System.nanoTime();
            while (left > 0 && !ended) {
                left = ending.awaitNanos(left);
            }
            handed = System.nanoTime();
            var taken = new ArrayList<>(messages);
            messages.clear();
            return taken;
        } finally {
            lock.unlock();
        }
    }
}
