package dev.corten.kernel.cgroup;

import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileData;
import dev.corten.kernel.file.Poll;
import java.io.IOException;

/// Tells when a control group runs out of memory.
///
/// Wait for [#fd] with [Poll] and [#events], then ask [#kills]: the count also tells what happened
/// before the wait began. On version 1 the descriptor also becomes ready when the group is removed.
public final class OomWatch implements AutoCloseable {
    private final Cgroup cgroup;
    private final Fd fd;
    private final boolean eventfd;

    OomWatch(Cgroup cgroup, Fd fd, boolean eventfd) {
        this.cgroup = cgroup;
        this.fd = fd;
        this.eventfd = eventfd;
    }

    public Fd fd() {
        return fd;
    }

    /// What to wait for.
    public int events() {
        return eventfd ? Poll.IN : Poll.PRI;
    }

    /// How many processes of the group were killed for lack of memory. Makes the descriptor wait
    /// for the next event.
    public long kills() throws IOException {
        if (eventfd) {
            if (Poll.await(fd, Poll.IN, java.time.Duration.ZERO)) {
                FileData.read(fd, new byte[8], 0, 8);
            }
        } else {
            FileData.pread(fd, new byte[4096], 0, 4096, 0);
        }
        return cgroup.oomKills();
    }

    @Override
    public void close() {
        fd.close();
    }
}
