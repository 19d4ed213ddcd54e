package dev.corten.engine.event;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// The engine's events: the last [#RING] of them and the subscriptions to those to come.
public final class Events {
    private static final int RING = 4096;
    private static final int SUBSCRIBER_QUEUE = 1024;

    private static final Logger LOG = System.getLogger(Events.class.getName());

    private final Clock clock;
    private final LongAdder published = new LongAdder();
    private final ReentrantLock lock = new ReentrantLock();

    /// guarded by lock
    private final ArrayDeque<Event> ring = new ArrayDeque<>();

    private final Set<Subscription> subscriptions = ConcurrentHashMap.newKeySet();

    public Events(Clock clock) {
        this.clock = clock;
    }

    public void publish(
            String type, String action, String actorId, Map<String, String> attributes) {
        publish(Event.of(type, action, actorId, attributes, clock.instant()));
    }

    /// Publishes an event whose time is in the past: something that happened while the daemon was
    /// away.
    public void publish(Event event) {
        published.increment();
        // Without its arguments, which may hold what is nobody's business.
        LOG.log(
                Level.DEBUG,
                () ->
                        "event "
                                + event.type()
                                + " "
                                + event.action().replaceFirst(":.*", "")
                                + " "
                                + event.actorId());
        lock.lock();
        try {
            if (ring.size() == RING) {
                ring.removeFirst();
            }
            ring.addLast(event);
            for (Subscription subscription : subscriptions) {
                subscription.offer(event);
            }
        } finally {
            lock.unlock();
        }
    }

    /// Past events from [since] on (all of the ring if empty means none), then those to come, in
    /// order and without a gap.
    ///
    /// @param since only with it are past events given
    /// @param wanted which events
    public Subscription subscribe(Optional<Instant> since, Predicate<Event> wanted) {
        lock.lock();
        try {
            List<Event> past = new ArrayList<>();
            if (since.isPresent()) {
                for (Event event : ring) {
                    if (!event.time().isBefore(since.get()) && wanted.test(event)) {
                        past.add(event);
                    }
                }
            }
            var subscription = new Subscription(past, wanted);
            subscriptions.add(subscription);
            return subscription;
        } finally {
            lock.unlock();
        }
    }

    /// How many there were.
    public long published() {
        return published.sum();
    }

    /// How many listen now.
    public int listeners() {
        return subscriptions.size();
    }

    /// One listener. Used by one thread; [#close()] may come from any.
    public final class Subscription implements AutoCloseable {
        private final ArrayDeque<Event> past;
        private final Predicate<Event> wanted;
        private final BlockingQueue<Event> queue = new ArrayBlockingQueue<>(SUBSCRIBER_QUEUE);
        private volatile boolean overrun;

        private Subscription(List<Event> past, Predicate<Event> wanted) {
            this.past = new ArrayDeque<>(past);
            this.wanted = wanted;
        }

        private void offer(Event event) {
            if (wanted.test(event) && !queue.offer(event)) {
                overrun = true;
                subscriptions.remove(this);
            }
        }

        /// The next event; empty when none came until the deadline, or when this listener was too
        /// slow and has been dropped.
        ///
        /// @param deadline null waits for ever
        public Optional<Event> next(@Nullable Instant deadline) throws InterruptedException {
            Event event = past.pollFirst();
            if (event != null) {
                return Optional.of(event);
            }
            if (overrun) {
                return Optional.ofNullable(queue.poll());
            }
            if (deadline == null) {
                return Optional.of(queue.take());
            }
            long wait = java.time.Duration.between(clock.instant(), deadline).toMillis();
            return Optional.ofNullable(queue.poll(Math.max(0, wait), TimeUnit.MILLISECONDS));
        }

        @Override
        public void close() {
            subscriptions.remove(this);
        }
    }
}
