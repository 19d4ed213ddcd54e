package dev.corten.build.context;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.file.FileData;
import dev.corten.model.InvalidParameter;
import dev.corten.model.PathBytes;
import java.io.IOException;
import java.util.Optional;

/// Small files of trees, such as a Dockerfile.
public final class RootedFile {
    private static final int FLAGS = FileCalls.O_RDONLY | FileCalls.O_NONBLOCK | FileCalls.O_NOCTTY;
    private static final int RESOLVE = FileCalls.RESOLVE_IN_ROOT | FileCalls.RESOLVE_NO_MAGICLINKS;

    private RootedFile() {}

    /// Reads a regular file. Links on the way are followed, and none leads out of the root.
    ///
    /// @param limit in bytes
    /// @return empty if it is not there, or no regular file
    /// @throws InvalidParameter if it is larger
    public static Optional<byte[]> read(Fd root, String path, int limit) throws IOException {
        try (Fd fd = FileCalls.open2(root, PathBytes.of(path), FLAGS, 0, RESOLVE)) {
            var stat = FileCalls.stat(fd);
            if (!stat.isRegular()) {
                return Optional.empty();
            }
            if (stat.size() > limit) {
                throw new InvalidParameter(path + " is larger than " + limit + " bytes");
            }
            return Optional.of(FileData.readAll(fd, limit + 1));
        } catch (Errno e) {
            // ENXIO: a socket
            if (e.isAny(Errno.ENOENT, Errno.ENOTDIR, Errno.ENXIO) || e.is(Errno.ELOOP)) {
                return Optional.empty();
            }
            throw e;
        }
    }
}
