package dev.corten.engine.build.step;

import dev.corten.build.work.Session;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.mount.Mounts;
import dev.corten.kernel.socket.Sockets;
import dev.corten.kernel.socket.UnixSockets;
import dev.corten.model.ContainerId;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/// Makes the sockets by which steps speak to the SSH agents of a build's client.
public final class AgentSockets {
    private static final int BACKLOG = 16;

    private final Path directory;

    public AgentSockets(Path execRoot) {
        this.directory = execRoot.resolve("agents");
    }

    /// Opens a socket; each connection to it becomes one to the client's agent. Until it is closed it
    /// has a name below the exec root, as what has none cannot be mounted.
    ///
    /// @param agent the name that the client offers it by
    /// @param mode of the socket, `0600` unless the step says otherwise
    public AgentSocket open(Session session, String agent, int mode, int uid, int gid)
            throws IOException {
        Files.createDirectories(
                directory,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Path path = directory.resolve(ContainerId.random().shortHex());
        try (Fd listening =
                UnixSockets.listen(path.toString(), Sockets.SOCK_STREAM, mode, BACKLOG)) {
            FileCalls.chown(Fd.CWD, path.toString(), uid, gid);
            Fd source = Mounts.openTree(Fd.CWD, path.toString(), Mounts.OPEN_TREE_CLONE);
            return new AgentSocket(session, agent, listening.transfer(), source, path);
        } catch (IOException e) {
            Files.deleteIfExists(path);
            throw e;
        }
    }

    /// Removes the names that a daemon had no time to remove.
    void clear() throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        try (DirectoryStream<Path> left = Files.newDirectoryStream(directory)) {
            for (Path name : left) {
                Files.delete(name);
            }
        }
    }
}
