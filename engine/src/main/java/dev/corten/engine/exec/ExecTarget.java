package dev.corten.engine.exec;

import dev.corten.model.ContainerId;
import dev.corten.runtime.Attach;
import dev.corten.runtime.ExecRequest;
import dev.corten.runtime.Monitor;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;

/// A running container in the eyes of an exec.
public interface ExecTarget {
    ContainerId id();

    Monitor monitor();

    /// What events about this container say.
    Map<String, String> eventAttributes();

    /// Whether an exec can be made.
    ///
    /// @param user as the client wrote it, `""` for the container's
    /// @throws dev.corten.model.InvalidParameter if the image knows no such user
    /// @throws dev.corten.model.Internal if a container that it has a link to does not run
    void check(String user) throws IOException;

    /// Prepares the machine for the start of an exec that is likely to follow soon.
    void warm();

    /// The process to run, with the container's settings where the client gave none.
    ExecRequest request(ExecConfig config, boolean openStdin, Optional<Attach> client)
            throws IOException;
}
