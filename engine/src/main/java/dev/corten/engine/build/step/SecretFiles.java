package dev.corten.engine.build.step;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.file.FileData;
import dev.corten.kernel.mount.Mounts;
import dev.corten.kernel.namespace.Namespaces;
import dev.corten.model.InvalidParameter;
import java.io.IOException;

/// Secrets as files that a step can mount: in memory only, and gone with the last mount.
public final class SecretFiles {
    /// BuildKit's.
    private static final int SIZE_MAX = 500 * 1024;

    private static final long ATTRIBUTES =
            Mounts.MOUNT_ATTR_NOSUID | Mounts.MOUNT_ATTR_NODEV | Mounts.MOUNT_ATTR_NOEXEC;
    private static final String NAME = "secret";

    private SecretFiles() {}

    /// Makes the file of a secret.
    ///
    /// @param mode of the file, `0400` unless the step says otherwise
    /// @return a detached mount of the file, for a [dev.corten.build.work.StepMount.Bind] that is
    ///     read-only; the caller closes it when the step has ended
    /// @throws InvalidParameter in BuildKit's words if it is too long
    public static Fd mount(byte[] secret, int mode, int uid, int gid) throws IOException {
        if (secret.length > SIZE_MAX) {
            throw new InvalidParameter("invalid secret size " + secret.length);
        }
        // Only what is mounted somewhere can be cloned, before Linux 6.15: it is, for this moment,
        // where nobody else sees it.
        return Namespaces.inNewMountNamespace(() -> {
            try (Fd memory = fileSystem()) {
                Mounts.attach(memory, Fd.CWD, "/proc");
                int flags = FileCalls.O_WRONLY | FileCalls.O_CREAT | FileCalls.O_EXCL;
                try (Fd file = FileCalls.open(memory, NAME, flags, 0)) {
                    FileData.writeFully(file, secret);
                    FileCalls.chown(file, uid, gid);
                    FileCalls.chmod(file, mode);
                }
                return Mounts.openTree(memory, NAME, Mounts.OPEN_TREE_CLONE);
            }
        });
    }

    /// One that is never swapped out, where the kernel has that (Linux 6.4).
    private static Fd fileSystem() throws Errno {
        try {
            return Mounts.tmpfs("source=tmpfs,mode=700,size=1m,noswap", ATTRIBUTES);
        } catch (Errno e) {
            if (e.is(Errno.EINVAL)) {
                return Mounts.tmpfs("source=tmpfs,mode=700,size=1m", ATTRIBUTES);
            }
            throw e;
        }
    }
}
