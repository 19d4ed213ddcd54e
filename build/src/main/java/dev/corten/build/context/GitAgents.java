package dev.corten.build.context;

import dev.corten.build.work.Session;
import java.io.IOException;
import java.util.Optional;

/// Gives programs of this machine a way to the SSH agents of clients.
@FunctionalInterface
public interface GitAgents {
    /// There is none.
    GitAgents NONE = client -> Optional.empty();

    /// A socket that leads to an agent, until it is closed.
    interface Agent extends AutoCloseable {
        /// Where it is.
        String path();

        @Override
        void close();
    }

    /// The agent that a client offers for repositories.
    ///
    /// @return empty if the client has no way to offer any
    /// @throws dev.corten.model.InvalidParameter in BuildKit's words if it could, but does not
    Optional<Agent> open(Session client) throws IOException, InterruptedException;
}
