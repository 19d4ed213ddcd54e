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

    /// Opens a socket; each connection to it becomes one to the client's agent. It has a name only
    /// for the moment in which it is made.
    ///
    /// @param agent the name that the client offers it by
    /// @param mode of the socket, `0600` unless the step says otherwise
    public AgentSocket open(Session session, String agent, int mode, int uid, int gid)
            throws IOException {
        Files.createDirectories(
                directory,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        String path = directory.resolve(ContainerId.random().shortHex()).toString();
        try (Fd listening = UnixSockets.listen(path, Sockets.SOCK_STREAM, mode, BACKLOG)) {
            try {
                FileCalls.chown(Fd.CWD, path, uid, gid);
                Fd source = Mounts.openTree(Fd.CWD, path, Mounts.OPEN_TREE_CLONE);
                return new AgentSocket(session, agent, listening.transfer(), source);
            } finally {
                FileCalls.unlink(Fd.CWD, path);
            }
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
