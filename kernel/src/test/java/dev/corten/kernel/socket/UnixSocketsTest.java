package dev.corten.kernel.socket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.file.FileData;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnixSocketsTest {
    @TempDir Path directory;

    @Test
    void descriptorsTravelUpToTheKernelsLimit() throws Exception {
        try (var pair = UnixSockets.pair(Sockets.SOCK_SEQPACKET);
                Fd memory = FileData.memfd("travels")) {
            FileData.writeFully(memory, "hello".getBytes(StandardCharsets.UTF_8));
            var fds = new ArrayList<Fd>();
            for (int i = 0; i < UnixSockets.DESCRIPTORS_MAX; i++) {
                fds.add(memory);
            }
            UnixSockets.send(pair.first(), new byte[] {1, 2, 3}, fds);
            try (Received received = UnixSockets.receive(pair.second(), new byte[10], 253, 0)) {
                assertThat(received.length()).isEqualTo(3);
                assertThat(received.truncated()).isFalse();
                assertThat(received.fds()).hasSize(253);
                Fd last = received.fds().getLast();
                assertThat(FileData.isCloseOnExec(last)).isTrue();
                byte[] content = new byte[5];
                FileData.pread(last, content, 0, 5, 0);
                assertThat(content).asString().isEqualTo("hello");
            }
            UnixSockets.send(pair.first(), new byte[20], List.of());
            assertThat(UnixSockets.receive(pair.second(), new byte[10], 0, 0).truncated()).isTrue();
            pair.first().close();
            assertThat(UnixSockets.receive(pair.second(), new byte[10], 0, 0).length()).isZero();
        }
    }

    @Test
    void aClosedPeerIsAnErrorAndNoSignal() throws Exception {
        try (var pair = UnixSockets.pair(Sockets.SOCK_STREAM)) {
            pair.second().close();
            assertThatThrownBy(() -> UnixSockets.send(pair.first(), new byte[1], List.of()))
                    .isInstanceOfSatisfying(
                            Errno.class, e -> assertThat(e.number()).isEqualTo(Errno.EPIPE));
        }
    }

    @Test
    void longPathsAreReached() throws Exception {
        Path deep = directory;
        while (deep.toString().length() < 300) {
            deep = deep.resolve("a-rather-long-name-of-a-directory");
        }
        Files.createDirectories(deep);
        String path = deep.resolve("sock").toString();
        try (Fd server = UnixSockets.listen(path, Sockets.SOCK_STREAM, 0620, 5)) {
            assertThat(FileCalls.lstat(Fd.CWD, path).permissions()).isEqualTo(0620);
            try (Fd client = UnixSockets.connect(path, Sockets.SOCK_STREAM);
                    Fd accepted = Sockets.accept(server)) {
                PeerCredentials peer = UnixSockets.peer(accepted);
                assertThat(peer.pid()).isEqualTo((int) ProcessHandle.current().pid());
                assertThat(peer.uid()).isEqualTo(FileCalls.stat(client).uid());
                Sockets.send(client, new byte[] {5}, 0);
                Sockets.shutdown(client, Sockets.SHUT_WR);
                byte[] buffer = new byte[2];
                assertThat(FileData.read(accepted, buffer, 0, 2)).isEqualTo(1);
                assertThat(FileData.read(accepted, buffer, 0, 2)).isEqualTo(-1);
            }
            assertThatThrownBy(() -> UnixSockets.listen(path, Sockets.SOCK_STREAM, 0600, 5).close())
                    .hasMessageContaining("EADDRINUSE");
        }
    }

    @Test
    void reservedPortsAreTaken() throws Exception {
        byte[] loopback = {127, 0, 0, 1};
        for (var transport : List.of(InetSockets.Transport.TCP, InetSockets.Transport.UDP)) {
            try (Fd first = InetSockets.reserve(transport, loopback, 0)) {
                int port = InetSockets.localPort(first);
                assertThat(port).isPositive();
                assertThatThrownBy(() -> InetSockets.reserve(transport, loopback, port).close())
                        .hasMessageContaining("EADDRINUSE");
                // IPv6 is another matter.
                byte[] loopback6 = new byte[16];
                loopback6[15] = 1;
                InetSockets.reserve(transport, loopback6, port).close();
            }
        }
    }
}
