package dev.corten.network.relay;

import dev.corten.kernel.Fd;
import dev.corten.kernel.socket.InetSockets.Transport;
import java.io.IOException;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/// All relays of one engine. For use by one thread at a time.
public final class Relays implements AutoCloseable {
    private @Nullable RelayLoop loop;

    /// Where a relay leads.
    public record Target(InetAddress address, int port) {}

    /// Something that is relayed, until [Relays#end].
    public static final class Relay {
        final RelayLoop.Acceptor acceptor;

        Relay(RelayLoop.Acceptor acceptor) {
            this.acceptor = acceptor;
        }
    }

    /// Serves what comes to a reserved socket, which stays the caller's. Every call is made from
    /// the same network namespace: the target is reached from there.
    public Relay begin(Transport transport, Fd socket, Target target) throws IOException {
        RelayLoop running = loop;
        if (running == null) {
            running = RelayLoop.start();
            loop = running;
        }
        RelayLoop here = running;
        return running.call(() -> {
            RelayLoop.Acceptor acceptor =
                    switch (transport) {
                        case TCP -> TcpRelay.open(here, socket, target);
                        case UDP -> UdpRelay.open(here, socket, target);
                    };
            return new Relay(acceptor);
        });
    }

    /// Ends a relay with all its connections. When this returns, it has no descriptor left.
    public void end(Relay relay) throws IOException {
        RelayLoop running = loop;
        if (running != null) {
            running.call(() -> {
                relay.acceptor.end();
                return relay;
            });
        }
    }

    /// Ends all.
    @Override
    public void close() {
        RelayLoop running = loop;
        if (running != null) {
            loop = null;
            running.close();
        }
    }
}
