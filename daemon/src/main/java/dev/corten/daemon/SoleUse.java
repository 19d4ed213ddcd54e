package dev.corten.daemon;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.file.FileData;
import dev.corten.kernel.socket.Sockets;
import dev.corten.kernel.socket.UnixSockets;
import dev.corten.model.Conflict;
import dev.corten.model.InvalidParameter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/// What only one daemon may use: without this, a second one with another data root would take the
/// first one's sockets and the network namespaces of its containers for leftovers.
final class SoleUse {
    private static final int S_IFMT = 0170000;
    private static final int S_IFSOCK = 0140000;

    private SoleUse() {}

    /// Makes the exec root, where no other user of the host has anything to look for, and holds it
    /// until this is closed, or the process ends.
    ///
    /// @throws Conflict if another daemon has it
    static Fd ofExecRoot(Path execRoot) throws IOException {
        Files.createDirectories(
                execRoot,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        try (Fd lock =
                FileCalls.open(
                        Fd.CWD,
                        execRoot.resolve("lock").toString(),
                        FileCalls.O_RDWR | FileCalls.O_CREAT | FileCalls.O_CLOEXEC,
                        0600)) {
            if (!FileData.tryLock(lock, true)) {
                throw new Conflict(
                        "exec root "
                                + execRoot
                                + " is in use by another daemon: give this one its own by"
                                + " --exec-root");
            }
            return lock.transfer();
        }
    }

    /// Removes the socket of a daemon that has ended.
    ///
    /// @throws Conflict if somebody listens there
    /// @throws InvalidParameter if it is no socket
    static void ofSocket(Path socket) throws IOException {
        if (!Files.exists(socket, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        int mode = (Integer) Files.getAttribute(socket, "unix:mode", LinkOption.NOFOLLOW_LINKS);
        if ((mode & S_IFMT) != S_IFSOCK) {
            throw new InvalidParameter(
                    "cannot listen on " + socket + ": it is there, and no socket");
        }
        try {
            UnixSockets.connect(socket.toString(), Sockets.SOCK_STREAM).close();
        } catch (Errno e) {
            if (e.isAny(Errno.ECONNREFUSED, Errno.ENOENT)) {
                Files.deleteIfExists(socket);
                return;
            }
            throw e;
        }
        throw new Conflict("cannot listen on " + socket + ": another daemon does");
    }
}
