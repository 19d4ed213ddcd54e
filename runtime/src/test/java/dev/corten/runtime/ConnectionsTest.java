package dev.corten.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corten.kernel.socket.SocketPair;
import dev.corten.kernel.socket.Sockets;
import dev.corten.kernel.socket.UnixSockets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ConnectionsTest {
    /// Fails at the first message in a way that nobody foresees.
    private static final class Bad implements Connections.Listener {
        private final CompletableFuture<Boolean> ended = new CompletableFuture<>();

        @Override
        public void message(Message message) {
            throw new StackOverflowError("at a message");
        }

        @Override
        public void ended() {
            ended.complete(true);
        }
    }

    @Test
    void aReaderThatFailsSaysSo() throws Exception {
        var failed = new CompletableFuture<Throwable>();
        var listener = new Bad();
        try (var connections = Connections.open(failed::complete);
                SocketPair pair = UnixSockets.pair(Sockets.SOCK_SEQPACKET)) {
            connections.add(pair.first().transfer(), listener);
            UnixSockets.send(pair.second(), Message.packet(Message.HELLO, 1, 0).array(), List.of());
            assertThat(failed.get(10, TimeUnit.SECONDS)).hasMessage("at a message");
            assertThat(listener.ended.get(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void anEndInOrderIsNoFailure() throws Exception {
        var failed = new CompletableFuture<Throwable>();
        Connections.open(failed::complete).close();
        assertThat(failed).isNotDone();
    }
}
