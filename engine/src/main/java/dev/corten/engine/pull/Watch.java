package dev.corten.engine.pull;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// The messages of shared work on their way to one client. A slow client misses steps of progress,
/// never anything else; what is kept is bounded by what there is to be said of an image.
final class Watch {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    /// Guarded by lock.
    private final ArrayDeque<PullMessage> messages = new ArrayDeque<>();

    /// Guarded by lock.
    private boolean ended;

    /// @param said before
    /// @param ended whether nothing more will be said
    Watch(Collection<PullMessage> said, boolean ended) {
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
        } finally {
            lock.unlock();
        }
    }

    /// Waits for messages.
    ///
    /// @return none at the end
    List<PullMessage> next() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (messages.isEmpty() && !ended) {
                changed.await();
            }
            var taken = new ArrayList<>(messages);
            messages.clear();
            return taken;
        } finally {
            lock.unlock();
        }
    }
}
