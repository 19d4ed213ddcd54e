package dev.corten.network.relay;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.Poll;
import dev.corten.kernel.socket.InetSockets;
import dev.corten.kernel.socket.Sockets;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// One connection and its continuation to the container. Each direction ends by itself; what one
/// side does not take yet keeps the other from being read.
final class TcpConnection {
    private static final int FAILED = Poll.ERR | Poll.HUP;

    private final RelayLoop loop;
    private final TcpRelay relay;
    private final Watched client;
    private final Watched server;
    private final Direction up;
    private final Direction down;
    private boolean connected;
    private boolean ended;

    private TcpConnection(RelayLoop loop, TcpRelay relay, Fd client, Fd server) {
        this.loop = loop;
        this.relay = relay;
        this.client = loop.watch(client, new Side(true));
        this.server = loop.watch(server, new Side(false));
        up = new Direction(client, server);
        down = new Direction(server, client);
    }

    /// Takes the client over, also when it fails.
    static TcpConnection open(RelayLoop loop, Fd client, Relays.Target target, TcpRelay relay)
            throws IOException {
        Fd server;
        try {
            server =
                    InetSockets.connect(
                            InetSockets.Transport.TCP,
                            target.address().getAddress(),
                            target.port());
        } catch (IOException e) {
            client.close();
            throw e;
        }
        var connection = new TcpConnection(loop, relay, client, server);
        try {
            connection.server.want(Poll.OUT);
            return connection;
        } catch (IOException e) {
            connection.end();
            throw e;
        }
    }

    /// Which of the two sockets something has happened to.
    private final class Side implements RelayLoop.Handler {
        private final boolean isClient;

        Side(boolean isClient) {
            this.isClient = isClient;
        }

        @Override
        public void ready(int events) throws IOException {
            if (isClient) {
                clientReady(events);
            } else {
                serverReady(events);
            }
            settle();
        }

        @Override
        public void end() {
            TcpConnection.this.end();
        }
    }

    private void clientReady(int events) throws IOException {
        if ((events & Poll.OUT) != 0) {
            down.flush();
        }
        if ((events & (Poll.IN | FAILED)) != 0) {
            up.read();
        }
    }

    private void serverReady(int events) throws IOException {
        if (!connected) {
            int error = InetSockets.connectError(server.fd());
            if (error != 0) {
                throw new Errno(error, "connect", "to the container");
            }
            connected = true;
            return;
        }
        if ((events & Poll.OUT) != 0) {
            up.flush();
        }
        if ((events & (Poll.IN | FAILED)) != 0) {
            down.read();
        }
    }

    private void settle() throws IOException {
        if (up.done && down.done) {
            end();
        }
        if (!ended) {
            client.want((up.readable() ? Poll.IN : 0) | (down.blocked() ? Poll.OUT : 0));
            server.want((down.readable() ? Poll.IN : 0) | (up.blocked() ? Poll.OUT : 0));
        }
    }

    void end() {
        if (!ended) {
            ended = true;
            relay.ended(this);
            loop.forget(client);
            loop.forget(server);
            up.close();
            down.close();
        }
    }

    /// What flows from one socket to the other.
    private final class Direction {
        private final Fd from;
        private final Fd to;

        /// Holds what is pending.
        private @Nullable MemorySegment store;

        /// Read and not taken yet.
        private @Nullable MemorySegment pending;

        private boolean atEnd;
        private boolean done;

        Direction(Fd from, Fd to) {
            this.from = from;
            this.to = to;
        }

        boolean blocked() {
            return pending != null;
        }

        boolean readable() {
            return pending == null && !atEnd;
        }

        void read() throws IOException {
            if (!readable()) {
                return;
            }
            long length;
            try {
                length = Sockets.receive(from, loop.buffer(), Sockets.MSG_DONTWAIT);
            } catch (Errno e) {
                if (e.is(Errno.EAGAIN)) {
                    return;
                }
                throw e;
            }
            if (length == 0) {
                atEnd = true;
                finish();
                return;
            }
            long taken = write(loop.buffer().asSlice(0, length));
            if (taken < length) {
                MemorySegment kept = loop.takeStore();
                MemorySegment.copy(
                        loop.buffer(), JAVA_BYTE, taken, kept, JAVA_BYTE, 0, length - taken);
                store = kept;
                pending = kept.asSlice(0, length - taken);
            }
        }

        void flush() throws IOException {
            MemorySegment rest = pending;
            if (rest != null) {
                long taken = write(rest);
                if (taken < rest.byteSize()) {
                    pending = rest.asSlice(taken);
                } else {
                    close();
                    finish();
                }
            }
        }

        private long write(MemorySegment data) throws IOException {
            try {
                return Sockets.send(to, data, Sockets.MSG_DONTWAIT);
            } catch (Errno e) {
                if (e.is(Errno.EAGAIN)) {
                    return 0;
                }
                throw e;
            }
        }

        private void finish() throws IOException {
            if (atEnd && pending == null && !done) {
                done = true;
                Sockets.shutdown(to, Sockets.SHUT_WR);
            }
        }

        void close() {
            MemorySegment kept = store;
            store = null;
            pending = null;
            if (kept != null) {
                loop.giveStore(kept);
            }
        }
    }
}
