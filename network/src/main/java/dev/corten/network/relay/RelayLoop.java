package dev.corten.network.relay;

import static java.lang.System.Logger.Level.DEBUG;
import static java.lang.System.Logger.Level.WARNING;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.Epoll;
import dev.corten.kernel.file.Eventfd;
import dev.corten.kernel.file.Poll;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/// The thread that serves all relays. Everything but [#start], [#call] and [#close] is called on
/// it.
final class RelayLoop implements AutoCloseable {
    /// Whoever waits for a descriptor.
    interface Handler {
        /// @param events those that were wanted and have come, and errors
        void ready(int events) throws IOException;

        /// Ends after `ready` has failed.
        void end();
    }

    /// A relay: takes in what comes to its socket.
    interface Acceptor extends Handler {
        /// Begins, or goes on after [RelayLoop#pause].
        void resume() throws IOException;

        /// Lets go what has long been silent; says when that is due again, in [System#nanoTime].
        Optional<Long> expire(long now);
    }

    private static final System.Logger log = System.getLogger(RelayLoop.class.getName());

    private static final long WAKE_KEY = 0;
    private static final int BUFFER_BYTES = 64 * 1024;

    /// So many are kept for the next one.
    private static final int STORES_MAX = 32;

    /// How long nobody is let in after the process had no descriptors left.
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final Epoll epoll;
    private final Eventfd wake;
    private final ConcurrentLinkedQueue<Runnable> commands = new ConcurrentLinkedQueue<>();
    private final Map<Long, Handler> handlers = new HashMap<>();
    private final List<Acceptor> acceptors = new ArrayList<>();
    private final List<Acceptor> paused = new ArrayList<>();
    private final MemorySegment buffer = Arena.ofAuto().allocate(BUFFER_BYTES, 4096);
    private final ArrayDeque<MemorySegment> stores = new ArrayDeque<>();
    private final Thread thread;
    private long nextKey = WAKE_KEY + 1;
    private long pausedUntil;
    private boolean closed;
    private volatile boolean broken;

    private RelayLoop(Epoll epoll, Eventfd wake) {
        this.epoll = epoll;
        this.wake = wake;
        thread = Thread.ofPlatform().name("network-relay").daemon().unstarted(this::run);
    }

    /// Starts the thread in the network namespace of the caller.
    static RelayLoop start() throws IOException {
        Epoll epoll = Epoll.open();
        try {
            var wake = Eventfd.create();
            epoll.add(wake.fd(), Poll.IN, WAKE_KEY);
            var loop = new RelayLoop(epoll, wake);
            loop.thread.start();
            return loop;
        } catch (IOException e) {
            epoll.close();
            throw e;
        }
    }

    /// Does this on the thread and waits for it: it never blocks.
    <T> T call(Callable<T> work) throws IOException {
        var result = new CompletableFuture<T>();
        commands.add(() -> {
            try {
                result.complete(work.call());
            } catch (Exception e) {
                result.completeExceptionally(e);
            }
        });
        if (broken) {
            work();
        } else {
            wake.signal();
        }
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return result.get();
                } catch (InterruptedException e) {
                    interrupted = true;
                } catch (ExecutionException e) {
                    switch (e.getCause()) {
                        case Errno errno -> throw errno;
                        case null, default -> throw new IOException("relay: " + e.getCause(), e);
                    }
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /// Ends all relays and the thread.
    @Override
    public void close() {
        try {
            call(() -> {
                List.copyOf(acceptors).forEach(Handler::end);
                closed = true;
                return closed;
            });
            thread.join();
        } catch (IOException e) {
            log.log(WARNING, "cannot end the relays", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try (epoll;
                wake) {
            while (!closed) {
                for (Epoll.Event event : epoll.await(patience())) {
                    if (event.key() == WAKE_KEY) {
                        wake.take();
                    } else {
                        tell(event);
                    }
                }
                work();
                if (!paused.isEmpty() && System.nanoTime() - pausedUntil >= 0) {
                    resumePaused();
                }
            }
        } catch (IOException e) {
            log.log(WARNING, "ports are no longer relayed", e);
        } finally {
            // Whoever asks from now on is told that the descriptors are closed.
            broken = true;
            work();
        }
    }

    private void work() {
        for (var each = commands.poll(); each != null; each = commands.poll()) {
            each.run();
        }
    }

    private void tell(Epoll.Event event) {
        Handler handler = handlers.get(event.key());
        if (handler == null) {
            return; // ended by an event before this one
        }
        try {
            handler.ready(event.events());
        } catch (IOException e) {
            boolean whole = handler instanceof Acceptor;
            log.log(whole ? WARNING : DEBUG, "a relayed connection breaks off", e);
            handler.end();
        } catch (RuntimeException e) {
            log.log(WARNING, "a relayed connection is given up", e);
            handler.end();
        }
    }

    /// How long to wait at most, after doing what is due.
    private @Nullable Duration patience() {
        long now = System.nanoTime();
        Optional<Long> next = Optional.empty();
        for (Acceptor acceptor : acceptors) {
            Optional<Long> due = acceptor.expire(now);
            if (due.isPresent() && (next.isEmpty() || due.get() - next.get() < 0)) {
                next = due;
            }
        }
        if (!paused.isEmpty() && (next.isEmpty() || pausedUntil - next.get() < 0)) {
            next = Optional.of(pausedUntil);
        }
        return next.map(due -> Duration.ofNanos(Math.max(0, due - now))).orElse(null);
    }

    /// What everybody reads into and writes out of at once.
    MemorySegment buffer() {
        return buffer;
    }

    /// Memory for what cannot be passed on yet, as large as the buffer.
    MemorySegment takeStore() {
        MemorySegment ready = stores.poll();
        return ready != null ? ready : Arena.ofAuto().allocate(BUFFER_BYTES);
    }

    void giveStore(MemorySegment store) {
        if (stores.size() < STORES_MAX) {
            stores.add(store);
        }
    }

    /// Has the handler told of this descriptor, which belongs to the result.
    Watched watch(Fd fd, Handler handler) {
        long key = nextKey++;
        handlers.put(key, handler);
        return new Watched(epoll, fd, key);
    }

    void forget(Watched watched) {
        handlers.remove(watched.key());
        try {
            watched.close();
        } catch (Errno e) {
            log.log(WARNING, "a relayed descriptor was not watched", e);
        }
        // There is room for another.
        resumePaused();
    }

    void added(Acceptor acceptor) {
        acceptors.add(acceptor);
    }

    void ended(Acceptor acceptor) {
        acceptors.remove(acceptor);
        paused.remove(acceptor);
    }

    /// Lets this one rest until there are descriptors again.
    void pause(Acceptor acceptor) {
        if (!paused.contains(acceptor)) {
            paused.add(acceptor);
        }
        pausedUntil = System.nanoTime() + PAUSE.toNanos();
    }

    private void resumePaused() {
        var waiting = List.copyOf(paused);
        paused.clear();
        for (Acceptor acceptor : waiting) {
            try {
                acceptor.resume();
            } catch (IOException e) {
                log.log(WARNING, "a port is no longer relayed", e);
                acceptor.end();
            }
        }
    }
}
