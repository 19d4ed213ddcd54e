package dev.corten.runtime.command;

import dev.corten.kernel.Fd;
import dev.corten.kernel.socket.Sockets;
import dev.corten.kernel.socket.UnixSockets;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/// Where the other end of a container's terminal goes: to who listens at a console socket, or it is
/// kept here.
final class Terminals {
    private final Optional<String> socket;
    private Optional<Fd> kept = Optional.empty();

    Terminals(Optional<String> socket) {
        this.socket = socket;
    }

    void give(Fd master) throws IOException {
        if (socket.isEmpty()) {
            kept = Optional.of(master.duplicate());
            return;
        }
        try (Fd connection = UnixSockets.connect(socket.get(), Sockets.SOCK_STREAM)) {
            byte[] name = "/dev/ptmx".getBytes(StandardCharsets.US_ASCII);
            UnixSockets.send(connection, name, List.of(master));
        }
    }

    Optional<Fd> kept() {
        return kept;
    }
}
