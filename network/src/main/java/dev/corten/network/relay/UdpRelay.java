package dev.corten.network.relay;

import static java.lang.System.Logger.Level.DEBUG;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.Poll;
import dev.corten.kernel.socket.Datagrams;
import dev.corten.kernel.socket.InetSockets;
import dev.corten.kernel.socket.Sockets;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A UDP socket whose peers each have a socket of their own towards the container, so that its
/// answers find back.
///
/// As with every relay of datagrams, what cannot be passed on at once is dropped.
final class UdpRelay extends Relay {
    private static final System.Logger log = System.getLogger(UdpRelay.class.getName());

    /// As docker-proxy.
    private static final long SILENCE_NANOS = Duration.ofSeconds(90).toNanos();

    /// More peers at once push out those that have been silent for longest.
    private static final int PEERS_MAX = 1024;

    /// The one that has been silent for longest comes first.
    private final Map<Datagrams.Conversation, Peer> peers = new LinkedHashMap<>(16, 0.75f, true);

    private UdpRelay(RelayLoop loop, Fd socket, Relays.Target target) {
        super(loop, socket, target);
    }

    static UdpRelay open(RelayLoop loop, Fd socket, Relays.Target target) throws IOException {
        var relay = new UdpRelay(loop, socket.duplicate(), target);
        relay.open();
        return relay;
    }

    @Override
    void prepare() throws IOException {
        Datagrams.prepare(socket.fd());
    }

    @Override
    boolean takeOne() throws IOException {
        Optional<Datagrams.Received> received = Datagrams.receive(socket.fd(), loop.buffer());
        if (received.isEmpty()) {
            return false;
        }
        Peer peer = peer(received.get().conversation());
        peer.send(loop.buffer().asSlice(0, received.get().length()));
        return true;
    }

    private Peer peer(Datagrams.Conversation conversation) throws IOException {
        Peer known = peers.get(conversation);
        if (known != null) {
            return known;
        }
        if (peers.size() >= PEERS_MAX) {
            peers.values().iterator().next().end();
        }
        Fd towards =
                InetSockets.connect(
                        InetSockets.Transport.UDP, target.address().getAddress(), target.port());
        var peer = new Peer(conversation, towards);
        peers.put(conversation, peer);
        peer.towards.want(Poll.IN);
        return peer;
    }

    @Override
    public Optional<Long> expire(long now) {
        while (!peers.isEmpty()) {
            Peer oldest = peers.values().iterator().next();
            long due = oldest.lastUsed + SILENCE_NANOS;
            if (due - now > 0) {
                return Optional.of(due);
            }
            oldest.end();
        }
        return Optional.empty();
    }

    @Override
    public void end() {
        loop.ended(this);
        loop.forget(socket);
        List.copyOf(peers.values()).forEach(Peer::end);
    }

    /// Somebody who has sent something.
    private final class Peer implements RelayLoop.Handler {
        private final Datagrams.Conversation conversation;
        private final Watched towards;
        private long lastUsed = System.nanoTime();

        Peer(Datagrams.Conversation conversation, Fd towards) {
            this.conversation = conversation;
            this.towards = loop.watch(towards, this);
        }

        void send(MemorySegment data) {
            lastUsed = System.nanoTime();
            try {
                try {
                    Sockets.send(towards.fd(), data, Sockets.MSG_DONTWAIT);
                } catch (Errno e) {
                    // The fate of the one before, perhaps: somebody may listen by now.
                    Sockets.send(towards.fd(), data, Sockets.MSG_DONTWAIT);
                }
            } catch (Errno e) {
                // Nobody listens in the container, or it has no room.
                log.log(DEBUG, "a datagram is dropped", e);
            }
        }

        @Override
        public void ready(int events) {
            lastUsed = System.nanoTime();
            peers.get(conversation); // it counts as used
            try {
                long length = Sockets.receive(towards.fd(), loop.buffer(), Sockets.MSG_DONTWAIT);
                Datagrams.answer(socket.fd(), conversation, loop.buffer().asSlice(0, length));
            } catch (Errno e) {
                log.log(DEBUG, "an answer is dropped", e);
            }
        }

        @Override
        public void end() {
            peers.remove(conversation);
            loop.forget(towards);
        }
    }
}
