package dev.corten.engine.volume;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.mount.Mounts;
import dev.corten.model.Internal;
import dev.corten.model.InvalidParameter;
import dev.corten.model.NotFound;
import java.io.IOException;
import java.nio.file.Path;

/// The detached mount of a volume, or of something in it, that a container gets.
final class VolumeTree {
    private static final int RACES = 100;

    private VolumeTree() {}

    /// @param subpath `""` for all of it
    /// @throws NotFound and [InvalidParameter] if the subpath is not there, or leads out
    static Fd open(Volume volume, String subpath) throws IOException {
        try (Fd data = directory(volume)) {
            if (subpath.isEmpty()) {
                return Mounts.cloneTree(data, true);
            }
            try (Fd inside = within(data, volume.mountpoint(), subpath)) {
                return Mounts.cloneTree(inside, true);
            }
        }
    }

    private static Fd directory(Volume volume) throws Errno {
        return FileCalls.open(
                volume.mountpoint().toString(),
                FileCalls.O_PATH
                        | FileCalls.O_DIRECTORY
                        | FileCalls.O_NOFOLLOW
                        | FileCalls.O_CLOEXEC);
    }

    /// What a container has put there is resolved by the kernel, at once and without leaving the
    /// volume: nothing can be swapped between a check and the mount.
    private static Fd within(Fd data, Path mountpoint, String subpath) throws Errno {
        for (int race = 0; ; race++) {
            try {
                return FileCalls.open2(
                        data,
                        subpath,
                        FileCalls.O_PATH | FileCalls.O_CLOEXEC,
                        0,
                        FileCalls.RESOLVE_BENEATH | FileCalls.RESOLVE_NO_MAGICLINKS);
            } catch (Errno e) {
                // EAGAIN: something was renamed on the way.
                if (!e.is(Errno.EAGAIN) || race >= RACES) {
                    throw refused(e, mountpoint, subpath);
                }
            }
        }
    }

    private static RuntimeException refused(Errno e, Path mountpoint, String subpath) {
        if (e.is(Errno.EXDEV)) {
            return new InvalidParameter(
                    "path concatenation escapes the base directory, base: "
                            + mountpoint
                            + ", subpath: "
                            + subpath,
                    e);
        }
        String path = mountpoint + "/" + subpath;
        String message =
                "cannot access path "
                        + path
                        + ": lstat "
                        + path
                        + ": "
                        + Errno.describe(e.number());
        return e.isAny(Errno.ENOENT, Errno.ENOTDIR)
                ? new NotFound(message, e)
                : new Internal(message, e);
    }
}
