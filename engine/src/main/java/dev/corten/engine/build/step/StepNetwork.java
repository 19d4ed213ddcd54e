package dev.corten.engine.build.step;

import dev.corten.kernel.Fd;
import java.net.InetAddress;
import java.util.Optional;

/// The network of a step that runs.
///
/// @param namespace which to join; empty for the host's. It stays this object's
/// @param address on the bridge
/// @param hostname of the container whose network it is, if it is one's
/// @param giveBack called once
record StepNetwork(
        Optional<Fd> namespace,
        Optional<InetAddress> address,
        Optional<String> hostname,
        Runnable giveBack)
        implements AutoCloseable {
    /// One that no container has.
    StepNetwork(Optional<Fd> namespace, Optional<InetAddress> address, Runnable giveBack) {
        this(namespace, address, Optional.empty(), giveBack);
    }

    /// Gives everything back.
    @Override
    public void close() {
        giveBack.run();
    }
}
