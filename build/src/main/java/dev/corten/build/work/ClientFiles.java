package dev.corten.build.work;

import dev.corten.kernel.Fd;
import java.io.IOException;

/// Makes files of what a client gives, to be mounted for a step. None of them is ever on a disk.
public interface ClientFiles {
    /// Something to be mounted; gone when it is closed.
    interface Held extends AutoCloseable {
        /// A detached mount of a file.
        Fd source();

        @Override
        void close();
    }

    Held secret(byte[] content, int mode, int uid, int gid) throws IOException;

    /// A socket whose connections lead to an agent of the client.
    ///
    /// @param id of the agent
    Held agent(Session client, String id, int mode, int uid, int gid) throws IOException;
}
