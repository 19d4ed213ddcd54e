package dev.corten.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corten.kernel.Fd;
import dev.corten.kernel.socket.Sockets;
import dev.corten.kernel.socket.UnixSockets;
import dev.corten.model.Conflict;
import dev.corten.model.InvalidParameter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SoleUseTest {
    @TempDir Path directory;

    @Test
    void anExecRootHasOneDaemonAtATime() throws IOException {
        try (Fd first = SoleUse.ofExecRoot(directory)) {
            assertThat(first.isOpen()).isTrue();
            assertThatThrownBy(() -> SoleUse.ofExecRoot(directory)).isInstanceOf(Conflict.class);
        }
        SoleUse.ofExecRoot(directory).close();
    }

    @Test
    void onlyADeadDaemonsSocketIsTaken() throws IOException {
        Path socket = directory.resolve("s");
        SoleUse.ofSocket(socket);
        try (Fd living = UnixSockets.listen(socket.toString(), Sockets.SOCK_STREAM, 0600, 1)) {
            assertThat(living.isOpen()).isTrue();
            assertThatThrownBy(() -> SoleUse.ofSocket(socket)).isInstanceOf(Conflict.class);
            assertThat(socket).exists();
        }
        SoleUse.ofSocket(socket);
        assertThat(socket).doesNotExist();
    }

    @Test
    void aFileThatIsNoSocketIsNobodysToRemove() throws IOException {
        Path file = Files.writeString(directory.resolve("passwd"), "root");
        assertThatThrownBy(() -> SoleUse.ofSocket(file)).isInstanceOf(InvalidParameter.class);
        Path link = Files.createSymbolicLink(directory.resolve("link"), file);
        assertThatThrownBy(() -> SoleUse.ofSocket(link)).isInstanceOf(InvalidParameter.class);
        assertThat(file).hasContent("root");
    }
}
