package dev.corten.network.relay;

import dev.corten.kernel.Fd;
import dev.corten.kernel.socket.InetSockets;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// A listening socket whose connections are continued to a container.
final class TcpRelay extends Relay {
    private final Set<TcpConnection> connections = new HashSet<>();

    private TcpRelay(RelayLoop loop, Fd listener, Relays.Target target) {
        super(loop, listener, target);
    }

    static TcpRelay open(RelayLoop loop, Fd socket, Relays.Target target) throws IOException {
        var relay = new TcpRelay(loop, socket.duplicate(), target);
        relay.open();
        return relay;
    }

    @Override
    void prepare() throws IOException {
        InetSockets.listen(socket.fd());
    }

    @Override
    boolean takeOne() throws IOException {
        Optional<Fd> client = InetSockets.accept(socket.fd());
        if (client.isEmpty()) {
            return false;
        }
        connections.add(TcpConnection.open(loop, client.get(), target, this));
        return true;
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
        loop.forget(socket);
        List.copyOf(connections).forEach(TcpConnection::end);
    }
}
