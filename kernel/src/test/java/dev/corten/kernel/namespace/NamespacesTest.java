package dev.corten.kernel.namespace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.file.FileData;
import dev.corten.kernel.file.FileSystemStatus;
import dev.corten.kernel.socket.InetSockets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NamespacesTest {
    @TempDir Path temporary;

    @Test
    void socketsStayInTheNamespaceTheyWereOpenedIn() throws Exception {
        byte[] any = new byte[4];
        try (Fd network = Namespaces.newNetwork();
                Fd outside = InetSockets.reserve(InetSockets.Transport.TCP, any, 0)) {
            int port = InetSockets.localPort(outside);
            try (Fd inside =
                    Namespaces.inNetwork(
                            network,
                            () -> InetSockets.reserve(InetSockets.Transport.TCP, any, port))) {
                assertThat(InetSockets.localPort(inside)).isEqualTo(port);
            }
            // This thread has not gone anywhere.
            assertThatThrownBy(
                            () -> InetSockets.reserve(InetSockets.Transport.TCP, any, port).close())
                    .hasMessageContaining("EADDRINUSE");
        }
    }

    @Test
    void pinnedNamespacesOutliveTheirDescriptors() throws Exception {
        String path = temporary.resolve("netns").toString();
        long inode;
        try (Fd network = Namespaces.newNetwork()) {
            inode = FileCalls.stat(network).inode();
            Namespaces.pin(network, path);
        }
        try (Fd again = Namespaces.openPinned(path)) {
            assertThat(FileCalls.stat(again).inode()).isEqualTo(inode);
            assertThat(FileData.statfs(again).type()).isEqualTo(FileSystemStatus.NSFS);
        } finally {
            Namespaces.unpin(path);
            Namespaces.unpin(path);
        }
        assertThat(FileCalls.exists(Fd.CWD, path)).isFalse();
    }

    @Test
    void failuresOfTheWorkArriveAsTheyAre() {
        assertThatThrownBy(() ->
                        Namespaces.onOwnThread(
                                "test",
                                () -> {
                                    throw new Errno(Errno.EBUSY, "x", "");
                                }))
                .isInstanceOf(Errno.class);
        assertThatThrownBy(() ->
                        Namespaces.onOwnThread(
                                "test",
                                () -> {
                                    throw new IllegalStateException("x");
                                }))
                .isInstanceOf(IllegalStateException.class);
    }
}
