package dev.corten.runtime;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.Eventfd;
import dev.corten.kernel.file.Poll;
import dev.corten.kernel.socket.Received;
import dev.corten.kernel.socket.Sockets;
import dev.corten.kernel.socket.UnixSockets;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;

/// Reads what all monitors say, on one platform thread.
///
/// The thread never blocks but in poll(2), and calls a listener with each message. Listeners only
/// complete futures. A connection is closed by this thread alone, so that no number is polled
/// that has been reused. Without it nothing is heard of any container: should it fail, the daemon
/// is told, to end and be started anew.
final class Connections implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Connections.class.getName());

    /// How long a monitor may leave a message unread.
    private static final Duration SEND_LIMIT = Duration.ofSeconds(5);

    /// Hears of one connection, on the reader's thread.
    interface Listener {
        void message(Message message);

        /// The other end is gone; nothing follows.
        void ended();
    }

    private static final class Entry {
        private final Fd socket;
        private final Listener listener;
        private volatile boolean dropped;

        Entry(Fd socket, Listener listener) {
            this.socket = socket;
            this.listener = listener;
        }

        synchronized void close() {
            socket.close();
        }
    }

    /// Handle of a connection that is being read.
    final class Connection {
        private final Entry entry;

        private Connection(Entry entry) {
            this.entry = entry;
        }

        /// Sends one packet.
        ///
        /// @throws Errno EPIPE if the other end, or this one, is gone
        void send(byte[] packet, List<Fd> fds) throws Errno {
            // Holding the lock keeps the reader from closing the socket under the call.
            synchronized (entry) {
                while (true) {
                    if (!entry.socket.isOpen()) {
                        throw new Errno(Errno.EPIPE, "sendmsg", "to a monitor");
                    }
                    try {
                        int flags = Sockets.MSG_NOSIGNAL | Sockets.MSG_DONTWAIT;
                        UnixSockets.send(entry.socket, packet, 0, packet.length, fds, flags);
                        return;
                    } catch (Errno e) {
                        if (!e.is(Errno.EAGAIN)
                                || !Poll.await(entry.socket, Poll.OUT, SEND_LIMIT)) {
                            throw e;
                        }
                    }
                }
            }
        }

        /// Stops reading and closes the socket soon; the listener hears nothing more.
        void drop() {
            entry.dropped = true;
            wake();
        }
    }

    private final Queue<Entry> added = new ConcurrentLinkedQueue<>();
    private final Eventfd wakeup;
    private final Consumer<Throwable> failed;
    private final Thread thread;
    private volatile boolean closed;

    /// Guarded by wakeup: there is nothing to wake any more.
    private boolean released;

    private Connections(Eventfd wakeup, Consumer<Throwable> failed) {
        this.wakeup = wakeup;
        this.failed = failed;
        this.thread = new Thread(this::run, "monitors");
    }

    /// @param failed hears of the end of the reader's thread, unless it was [#close]
    static Connections open(Consumer<Throwable> failed) throws Errno {
        var connections = new Connections(Eventfd.create(), failed);
        connections.thread.setDaemon(true);
        connections.thread.start();
        return connections;
    }

    /// Takes ownership of the socket.
    Connection add(Fd socket, Listener listener) {
        var entry = new Entry(socket, listener);
        added.add(entry);
        wake();
        return new Connection(entry);
    }

    private void wake() {
        synchronized (wakeup) {
            if (!released) {
                try {
                    wakeup.signal();
                } catch (Errno e) {
                    throw new IllegalStateException("eventfd", e);
                }
            }
        }
    }

    private void run() {
        var entries = new ArrayList<Entry>();
        try {
            read(entries);
        } catch (Throwable e) { // Errors too: without this thread the daemon is deaf.
            LOG.log(System.Logger.Level.ERROR, "the reader of monitors ended", e);
            failed.accept(e);
        } finally {
            added.forEach(entries::add);
            entries.forEach(entry -> {
                entry.socket.close();
                entry.listener.ended();
            });
        }
    }

    private void read(List<Entry> entries) throws IOException {
        byte[] buffer = new byte[Message.MAX_BYTES];
        while (!closed) {
            for (Entry entry = added.poll(); entry != null; entry = added.poll()) {
                entries.add(entry);
            }
            entries.removeIf(Connections::closeDropped);
            Fd[] fds = new Fd[entries.size() + 1];
            int[] events = new int[fds.length];
            fds[0] = wakeup.fd();
            events[0] = Poll.IN;
            for (int i = 1; i < fds.length; i++) {
                fds[i] = entries.get(i - 1).socket;
                events[i] = Poll.IN;
            }
            int[] ready = Poll.poll(fds, events, null);
            if (ready[0] != 0) {
                wakeup.take();
            }
            for (int i = 1; i < fds.length; i++) {
                if (ready[i] != 0) {
                    read(entries.get(i - 1), buffer);
                }
            }
        }
    }

    private static boolean closeDropped(Entry entry) {
        if (entry.dropped) {
            entry.close();
        }
        return entry.dropped;
    }

    private static void read(Entry entry, byte[] buffer) {
        while (!entry.dropped) {
            Received received;
            try {
                received =
                        UnixSockets.receive(
                                entry.socket,
                                buffer,
                                UnixSockets.DESCRIPTORS_MAX,
                                Sockets.MSG_DONTWAIT);
            } catch (Errno e) {
                if (e.is(Errno.EAGAIN)) {
                    return;
                }
                LOG.log(System.Logger.Level.DEBUG, "a monitor's connection failed", e);
                end(entry);
                return;
            }
            if (received.length() == 0) {
                received.close();
                end(entry);
                return;
            }
            deliver(entry, buffer, received);
        }
    }

    private static void deliver(Entry entry, byte[] buffer, Received received) {
        List<Fd> fds = received.fds();
        try {
            entry.listener.message(Message.parse(buffer, received.length(), fds));
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, "a monitor's message was not understood", e);
            fds.forEach(Fd::close);
        }
    }

    private static void end(Entry entry) {
        entry.dropped = true;
        entry.listener.ended();
    }

    @Override
    public void close() {
        closed = true;
        wake();
        boolean interrupted = false;
        while (thread.isAlive() && !Thread.currentThread().equals(thread)) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        synchronized (wakeup) {
            released = true;
            wakeup.close();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
