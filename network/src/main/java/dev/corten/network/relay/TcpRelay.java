package dev.corten.network.relay;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.Poll;
import dev.corten.kernel.socket.InetSockets;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// A listening socket whose connections are continued to a container.
final class TcpRelay implements RelayLoop.Acceptor {
    /// Others have their turn in between.
    private static final int AT_ONCE = 64;

    private final RelayLoop loop;
    private final Watched listener;
    private final Relays.Target target;
    private final Set<TcpConnection> connections = new HashSet<>();

    private TcpRelay(RelayLoop loop, Fd listener, Relays.Target target) {
        this.loop = loop;
        this.listener = loop.watch(listener, this);
        this.target = target;
    }

    static TcpRelay open(RelayLoop loop, Fd socket, Relays.Target target) throws IOException {
        Fd listener = socket.duplicate();
        var relay = new TcpRelay(loop, listener, target);
        try {
            InetSockets.listen(listener);
            relay.resume();
        } catch (IOException e) {
            relay.end();
            throw e;
        }
        loop.added(relay);
        return relay;
    }

    @Override
    public void resume() throws IOException {
        listener.want(Poll.IN);
    }

    @Override
    public void ready(int events) throws IOException {
        for (int i = 0; i < AT_ONCE; i++) {
            try {
                Optional<Fd> client = InetSockets.accept(listener.fd());
                if (client.isEmpty()) {
                    return;
                }
                connections.add(TcpConnection.open(loop, client.get(), target, this));
            } catch (Errno e) {
                if (!isShortage(e)) {
                    throw e;
                }
                listener.want(0);
                loop.pause(this);
                return;
            }
        }
    }

    static boolean isShortage(Errno e) {
        return e.is(Errno.EMFILE)
                || e.is(Errno.ENFILE)
                || e.is(Errno.ENOBUFS)
                || e.is(Errno.ENOMEM);
    }

    void ended(TcpConnection connection) {
        connections.remove(connection);
    }

    @Override
    public Optional<Long> expire(long now) {
        return Optional.empty();
    }

    @Override
    public void end() {
        loop.ended(this);
        loop.forget(listener);
        List.copyOf(connections).forEach(TcpConnection::end);
    }
}
