package dev.corten.daemon;

import dev.corten.kernel.Fd;
import dev.corten.kernel.socket.Sockets;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;

/// Who has started this daemon as a service and wants to be told how it is (sd_notify(3)).
final class ServiceManager {
    private static final Logger LOG = System.getLogger(ServiceManager.class.getName());
    private static final int ADDRESS_MAX = 108;

    private final Optional<String> socket;

    private ServiceManager(Optional<String> socket) {
        this.socket = socket;
    }

    static ServiceManager of(Map<String, String> environment) {
        return new ServiceManager(
                Optional.ofNullable(environment.get("NOTIFY_SOCKET"))
                        .filter(path -> path.startsWith("/") || path.startsWith("@")));
    }

    void ready() {
        tell("READY=1");
    }

    void reloading() {
        // The time of CLOCK_MONOTONIC, which is what Java's is on Linux.
        tell("RELOADING=1\nMONOTONIC_USEC=" + System.nanoTime() / 1000);
    }

    void stopping() {
        tell("STOPPING=1");
    }

    private void tell(String state) {
        if (socket.isEmpty()) {
            return;
        }
        try (Fd from = Sockets.socket(Sockets.AF_UNIX, Sockets.SOCK_DGRAM, 0)) {
            Sockets.connect(from, address(socket.get()));
            Sockets.send(from, state.getBytes(StandardCharsets.US_ASCII), 0);
        } catch (IOException e) {
            LOG.log(Level.WARNING, () -> "the service manager was not told " + state, e);
        }
    }

    /// A `sockaddr_un`; an `@` stands for the NUL of an abstract name.
    private static byte[] address(String path) throws IOException {
        byte[] name = path.getBytes(StandardCharsets.UTF_8);
        if (name.length >= ADDRESS_MAX) {
            throw new IOException("NOTIFY_SOCKET is too long");
        }
        boolean isAbstract = name[0] == '@';
        byte[] address = new byte[2 + name.length + (isAbstract ? 0 : 1)];
        address[0] = Sockets.AF_UNIX;
        System.arraycopy(name, 0, address, 2, name.length);
        if (isAbstract) {
            address[2] = 0;
        }
        return address;
    }
}
