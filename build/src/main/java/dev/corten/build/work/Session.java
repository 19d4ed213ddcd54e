package dev.corten.build.work;

import java.io.IOException;
import java.util.Optional;

/// What the client who asked for a build can give while it runs. Thread-safe; every call may wait
/// for the client.
public interface Session {
    /// Nobody: the classic API has no way back to the client.
    Session NONE =
            new Session() {
                @Override
                public Optional<byte[]> secret(String id) {
                    return Optional.empty();
                }

                @Override
                public Optional<Stream> agent(String id) {
                    return Optional.empty();
                }
            };

    /// A secret's bytes.
    ///
    /// @return empty if the client has none of this name
    Optional<byte[]> secret(String id) throws IOException, InterruptedException;

    /// A new connection to an SSH agent.
    ///
    /// @param id `default`, unless the step asks for another
    /// @return empty if the client offers none of this name
    Optional<Stream> agent(String id) throws IOException, InterruptedException;

    /// A connection both ways.
    interface Stream extends AutoCloseable {
        java.io.InputStream input();

        /// Closing it says that no more comes: the agent ends its answers then.
        java.io.OutputStream output();

        @Override
        void close();
    }
}
