package dev.corten.engine.container;

import dev.corten.kernel.Fd;
import java.io.IOException;
import java.net.InetAddress;
import java.util.Optional;

/// The network of a container that runs, for somebody else to join.
///
/// @param namespace empty for the host's; stays this object's
/// @param address on the bridge
/// @param hostname of the container
/// @param giveBack called once
public record LentNetwork(
        Optional<Fd> namespace, Optional<InetAddress> address, String hostname, Runnable giveBack)
        implements AutoCloseable {
    /// Lends networks.
    @FunctionalInterface
    public interface Lender {
        /// @param reference a name or an ID
        /// @return to be closed
        /// @throws dev.corten.model.CortenException in Docker's words if there is none
        LentNetwork lend(String reference) throws IOException;
    }

    @Override
    public void close() {
        giveBack.run();
    }
}
