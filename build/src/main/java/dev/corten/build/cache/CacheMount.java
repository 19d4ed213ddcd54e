package dev.corten.build.cache;

import dev.corten.kernel.Fd;
import dev.corten.kernel.mount.Mounts;
import java.io.IOException;

/// A cache directory while a step has it. Closed when nothing of the step writes to it any more.
public final class CacheMount implements AutoCloseable {
    private final Fd directory;
    private final Runnable release;

    CacheMount(Fd directory, Runnable release) {
        this.directory = directory;
        this.release = release;
    }

    /// Belongs to this.
    public Fd directory() {
        return directory;
    }

    /// It as a detached mount, of which the caller is the owner.
    public Fd mount() throws IOException {
        return Mounts.cloneTree(directory, false);
    }

    /// Once.
    @Override
    public void close() {
        if (directory.isOpen()) {
            directory.close();
            release.run();
        }
    }
}
